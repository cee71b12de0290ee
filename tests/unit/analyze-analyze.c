#include <criterion/criterion.h>

#include "base/digest.h"
#include "layer-rig.h"

static void
add_specimen(struct buf *tar)
{
    rig_folder(tar, "etc/");
    rig_file(tar, "etc/os-release", "ID=debian\nVERSION_ID=12\n");
    rig_file(tar, "./var/lib/dpkg/status", "Package: a\nVersion: 1\n");
    rig_file(tar, "usr/bin/node", "not really");
    rig_symlink(tar, "usr/bin/nodejs", "node");
    rig_file(tar, "var/.wh.cache", "");
    rig_file(tar, "usr/bin/which", "#!");
    rig_file(tar, "etc/motd", "nobody wants this");
}

Test(analyze, only_what_somebody_wants_becomes_a_line)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    add_specimen(&tar);
    rig_record(&tar, &record);
    cr_expect_eq(bytes_find_str(buf_bytes(&record), "motd"), record.n);
    cr_expect_lt(bytes_find_str(buf_bytes(&record), "/etc/os-release"),
                 record.n);
}

Test(analyze, any_split_of_the_bytes_gives_the_same_record)
{
    auto_buf struct buf tar = RIG_BUF, whole = RIG_BUF;

    add_specimen(&tar);
    rig_record(&tar, &whole);
    for (size_t piece = 1; piece < 1500; piece += piece < 20 ? 1 : 97) {
        auto_buf struct buf record = RIG_BUF;

        rig_record_with(&tar, piece, 1 << 20, &record);
        cr_expect(bytes_equal(buf_bytes(&whole), buf_bytes(&record)), "%zu",
                  piece);
    }
}

Test(analyze, a_key_binary_is_hashed_whatever_its_size)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF, body = RIG_BUF;
    auto_jx struct jx *lines = NULL;
    char want[SHA256_HEX + 1];

    for (int i = 0; i < 100000; i++)
        buf_addf(&body, "%d,", i);
    rig_bytes(&tar, "opt/jre/bin/java", buf_bytes(&body));
    rig_end(&tar);
    rig_record_with(&tar, 0, 1000, &record);
    lines = rig_lines(&record, "keybinary");
    sha256_hex(buf_bytes(&body), want);
    cr_assert_eq(jx_count(lines), 1);
    cr_expect_str_eq(jx_str(jx_get(jx_at(lines, 0), "d"), "sha256"), want);
}

Test(analyze, a_key_binary_that_is_a_program_says_so)
{
    static const struct {
        const char *body;
        bool elf;
    } cases[] = { { "\177ELF\2", true }, { "\177EL", false },
                  { "#!/bin/sh\n", false } };

    for (size_t i = 0; i < 3; i++) {
        auto_jx struct jx *line =
            rig_one("bin/node", bytes_str(cases[i].body), "keybinary");

        cr_expect_eq(jx_bool(jx_get(line, "d"), "elf", false), cases[i].elf,
                     "%s", cases[i].body);
    }
}

Test(analyze, an_empty_key_binary_has_the_hash_of_nothing)
{
    auto_jx struct jx *line = rig_one("bin/node", BYTES_NONE, "keybinary");
    char want[SHA256_HEX + 1];

    sha256_hex(BYTES_NONE, want);
    cr_expect_str_eq(jx_str(jx_get(line, "d"), "sha256"), want);
}

Test(analyze, a_body_beyond_the_ceiling_is_a_warning_and_the_rest_goes_on)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL, *lines = NULL;

    rig_file(&tar, "var/lib/dpkg/status", "Package: abcdefgh\n");
    rig_file(&tar, "etc/debian_version", "12.1\n");
    rig_end(&tar);
    rig_record_with(&tar, 0, 10, &record);
    warnings = rig_lines(&record, NULL);
    lines = rig_lines(&record, "osrelease");
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "p"), "/var/lib/dpkg/status");
    cr_expect_eq(jx_count(lines), 1);
    jx_free(lines);
    lines = rig_lines(&record, "dpkg");
    cr_assert_eq(jx_count(lines), 1, "it hides what lower layers have");
    cr_expect_not(jx_has(jx_at(lines, 0), "d"));
}

Test(analyze, what_hides_lower_layers_is_written_down)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *links = NULL, *whiteouts = NULL, *folders = NULL;

    rig_symlink(&tar, "srv/app", "/opt/app");
    rig_hardlink(&tar, "opt/node", "usr/bin/../bin/node");
    rig_folder(&tar, "var/lib/dpkg/status/");
    rig_folder(&tar, "var/lib/dpkg/");
    rig_file(&tar, "a/.wh..wh..opq", "");
    rig_file(&tar, "node_modules/whatwg/x", "");
    rig_record(&tar, &record);
    links = rig_lines(&record, "link");
    whiteouts = rig_lines(&record, "whiteout");
    folders = rig_lines(&record, "dir");
    cr_assert_eq(jx_count(links), 2);
    cr_expect_not(jx_has(jx_at(links, 0), "d"));
    cr_expect_str_eq(jx_str(jx_get(jx_at(links, 1), "d"), "to"),
                     "/usr/bin/node");
    cr_expect_eq(jx_count(whiteouts), 2);
    cr_assert_eq(jx_count(folders), 1);
    cr_expect_str_eq(jx_str(jx_at(folders, 0), "p"), "/var/lib/dpkg/status");
}

/* ---- known by content --------------------------------------------------- */

/* Warnings about one file when nothing of it can be put aside. */
static size_t
warnings_without_scratch(struct bytes body, size_t piece)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    struct ar_scratch scratch = { .fd = -1, .hold_bytes = 4096 };
    const struct analyze_limits limits = { .product_bytes = 1 << 20,
                                           .scratch = &scratch };
    const struct ar_limits ar_limits = { 0 };
    auto_record_writer struct record_writer *w = record_writer_new(rig_sink,
                                                                   &record);
    auto_analyze struct analyze *a = analyze_new(w, &limits);
    auto_jx struct jx *warnings = NULL;
    struct rig_source source;
    struct ar_entry entry;
    struct err err;

    rig_bytes(&tar, "srv/large", body);
    rig_end(&tar);
    source = (struct rig_source){ buf_bytes(&tar), piece };
    auto_ar struct ar *ar = ar_new(rig_pull, &source, &ar_limits, &err);
    cr_assert_eq(record_begin(w, "1", &err), 0);
    while (ar_next(ar, &entry, &err) > 0)
        cr_assert_eq(analyze_entry(a, ar, &entry, &err), 0);
    cr_assert_eq(record_end(w, 1, tar.n, NULL, "plain", &err), 0);
    warnings = rig_lines(&record, NULL);
    return jx_count(warnings);
}

Test(analyze, a_large_file_is_only_refused_when_it_is_somebodys)
{
    static uint8_t body[20000];

    for (size_t piece = 1; piece <= 4096; piece *= 2) {
        memcpy(body, "text", 4);
        cr_expect_eq(warnings_without_scratch(bytes_of(body, sizeof(body)),
                                              piece), 0);
        memcpy(body, "\x7f" "ELF", 4);
        cr_expect_eq(warnings_without_scratch(bytes_of(body, sizeof(body)),
                                              piece), 1);
    }
}

Test(analyze, folders_are_no_lines_for_who_wants_everything)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *dirs = NULL;

    rig_header(&tar, "srv/", 0, '5', "");
    rig_record(&tar, &record);
    dirs = rig_lines(&record, "dir");
    cr_expect_eq(jx_count(dirs), 0);
}
