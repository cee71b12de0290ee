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
