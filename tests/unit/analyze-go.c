#include <criterion/criterion.h>

#include <unistd.h>

#include "base/log.h"
#include "go-rig.h"
#include "layer-rig.h"

static const char *const files[] = {
    "/go/pkg/mod/example.com/beta@v1.2.3/b.go",
    "/go/pkg/mod/example.com/beta@v1.2.3/sub/s.go",
    "/src/tool/main.go", NULL
};

#define MODULES GO_RIG_HEAD "dep\texample.com/beta\tv1.2.3\th1:x=\n"
#define MODS \
    "[{\"n\":\"example.com/beta\",\"v\":\"v1.2.3\",\"pk\":[\"\",\"/sub\"]}]"

/* The record line's data of a program; the caller's. */
static struct jx *
read_bytes(const char *path, struct bytes program)
{
    auto_jx struct jx *line = rig_one(path, program, "gobinary");

    return jx_copy(jx_get(line, "d"));
}

static struct jx *
read_program(const struct go_rig *rig)
{
    auto_buf struct buf program = RIG_BUF;

    go_rig_build(rig, &program);
    return read_bytes("usr/bin/tool", buf_bytes(&program));
}

#define expect_mods(rig, want) \
    do { \
        auto_jx struct jx *d_ = read_program(rig); \
        cr_expect_str_eq(jx_str(d_, "go"), "go1.19.8"); \
        rig_expect_json(jx_get(d_, "mods"), want); \
    } while (0)

Test(go, build_information_and_table_are_read_in_all_word_sizes_and_orders)
{
    for (unsigned i = 0; i < 32; i++) {
        const struct go_rig rig = { .is_32 = i & 1, .is_big = i & 2,
                                    .has_pointers = i & 4,
                                    .form = (enum go_rig_form)(i >> 3),
                                    .modules = MODULES, .files = files };

        expect_mods(&rig, MODS);
    }
}

Test(go, a_note_alone_tells_a_go_program)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct go_rig rig = { .has_note = true, .is_big = i == 1,
                                    .modules = MODULES, .files = files };
        auto_jx struct jx *d = read_program(&rig);

        rig_expect_json(jx_get(d, "mods"), MODS);
        /* The peer reads notes in one byte order only. */
        cr_expect_eq(jx_bool(d, "peer", true), i == 0);
    }
}

Test(go, without_sections_the_data_segment_is_searched)
{
    const struct go_rig rig = { .no_sections = true, .modules = MODULES,
                                .files = files, .extra_bytes = 200000 };
    auto_jx struct jx *d = read_program(&rig);

    cr_expect_not(jx_bool(d, "peer", true));
    rig_expect_json(jx_get(d, "mods"),
                    "[{\"n\":\"example.com/beta\",\"v\":\"v1.2.3\"}]");
}

Test(go, a_mark_across_two_pieces_is_found)
{
    /* Pieces of 64 KiB overlap; the mark comes right at their edges. */
    for (size_t extra = 65536 - 192; extra <= 65536; extra += 16) {
        const struct go_rig rig = { .has_note = true, .modules = MODULES,
                                    .extra_bytes = extra };
        auto_jx struct jx *d = read_program(&rig);

        cr_expect_eq(jx_count(jx_arr(d, "mods")), 1, "%zu", extra);
    }
}

Test(go, tables_of_position_independent_programs_are_read_and_marked)
{
    const struct go_rig rig = { .modules = MODULES, .files = files,
                                .table_name = ".data.rel.ro.gopclntab" };
    const struct go_rig plain = { .modules = MODULES, .files = files };
    auto_jx struct jx *d = read_program(&rig);
    auto_jx struct jx *with_table = read_program(&plain);

    rig_expect_json(jx_get(d, "mods"), MODS);
    cr_expect_not(jx_has(d, "table"));
    cr_expect(jx_bool(with_table, "table", false));
}

Test(go, more_modules_than_the_peer_has_room_for_are_read)
{
    auto_buf struct buf text = RIG_BUF;
    struct go_rig rig = { 0 };

    buf_add_str(&text, GO_RIG_HEAD);
    for (unsigned i = 0; i < 1500; i++)
        buf_addf(&text, "dep\texample.com/module%u\tv1.%u.0\th1:%040u=\n", i, i,
                 i);
    rig.modules = buf_cstr(&text);
    auto_jx struct jx *d = read_program(&rig);

    cr_expect_eq(jx_count(jx_arr(d, "mods")), 1500);
    cr_expect_not(jx_bool(d, "peer", true));
}

Test(go, what_the_peer_finds_is_said_where_it_differs)
{
    static const char *const trimmed[] = {
        "example.com/beta@v1.2.3-rc1/x.go", "example.com/gamma@v1.0.0/g.go",
        NULL
    };
    const struct go_rig rig = {
        .files = trimmed,
        .modules = GO_RIG_HEAD "dep\texample.com/beta\tv1.2.3\n"
                               "dep\texample.com/gamma\tv1.0.0\n"
                               "=>\texample.com/fork\tv1.4.1\n"
    };

    expect_mods(&rig,
                "[{\"n\":\"example.com/beta\",\"v\":\"v1.2.3\","
                "\"peerPk\":[\"-rc1\"]},"
                "{\"n\":\"example.com/gamma\",\"v\":\"v1.0.0\","
                "\"rn\":\"example.com/fork\",\"rv\":\"v1.4.1\","
                "\"pk\":[\"\"],\"peerPk\":[]}]");
}

Test(go, a_file_that_is_no_program_leaves_no_line_unless_it_may_hide_one)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL;

    rig_file(&tar, "usr/bin/data", "\x7f" "ELF but no more");
    rig_file(&tar, "usr/bin/script", "#!/bin/sh\n");
    memcpy(tar.p + 1024 + 100, "0000755\0", 8);
    memset(tar.p + 1024 + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < 512; i++)
        sum += tar.p[1024 + i];
    snprintf((char *)tar.p + 1024 + 148, 8, "%06o", sum);
    rig_record(&tar, &record);
    lines = rig_lines(&record, "gobinary");
    cr_assert_eq(jx_count(lines), 1);
    cr_expect_str_eq(jx_str(jx_at(lines, 0), "p"), "/usr/bin/script");
    cr_expect_not(jx_has(jx_at(lines, 0), "d"));
}

Test(go, a_packed_program_is_a_warning)
{
    static const char packed[] = "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0"
                                 "\2\0>\0\1\0\0\0\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                 "....UPX!....";
    auto_jx struct jx *line = NULL;
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_bytes(&tar, "usr/bin/packed", bytes_of(packed, sizeof(packed)));
    rig_record(&tar, &record);
    line = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(line), 1);
    cr_expect(strstr(jx_str(jx_at(line, 0), "warning"), "UPX") != NULL);
}

/* ---- damage ---------------------------------------------------------------- */

/* Thousands of warnings are expected. */
static void
hush(void)
{
    log_setup("test", STDERR_FILENO, LOG_LEVEL_NONE, LOG_FORM_JSON);
}

/* The layer of that one file has a record, and at most one line of it. */
static void
survives(struct bytes program)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL;

    rig_bytes(&tar, "usr/bin/tool", program);
    rig_record(&tar, &record);
    lines = rig_lines(&record, "gobinary");
    cr_expect_leq(jx_count(lines), 1);
}

Test(go, a_program_cut_at_any_byte_is_survived, .init = hush)
{
    for (unsigned i = 0; i < 4; i++) {
        const struct go_rig rig = { .is_32 = i & 1, .has_pointers = i & 2,
                                    .form = i & 1 ? GO_RIG_1_2 : GO_RIG_1_20,
                                    .modules = MODULES, .files = files };
        auto_buf struct buf program = RIG_BUF;

        go_rig_build(&rig, &program);
        for (size_t n = 0; n < program.n; n++)
            survives(bytes_of(program.p, n));
    }
}

Test(go, absurd_numbers_anywhere_are_survived, .init = hush)
{
    for (unsigned i = 0; i < 4; i++) {
        const struct go_rig rig = { .is_32 = i & 1, .has_pointers = i & 2,
                                    .form = i & 1 ? GO_RIG_1_2 : GO_RIG_1_20,
                                    .modules = MODULES, .files = files };
        auto_buf struct buf program = RIG_BUF;

        go_rig_build(&rig, &program);
        for (size_t at = 4; at + 8 <= program.n; at += 4) {
            uint8_t old[8];

            memcpy(old, program.p + at, 8);
            memset(program.p + at, 0xff, 4);
            survives(buf_bytes(&program));
            memset(program.p + at, 0xff, 8);
            survives(buf_bytes(&program));
            memset(program.p + at, 0x7f, 8);
            survives(buf_bytes(&program));
            memcpy(program.p + at, old, 8);
        }
    }
}
