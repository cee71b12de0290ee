#include <criterion/criterion.h>

#include "go-rig.h"
#include "layer-rig.h"
#include "worker/graph/facts.h"
#include "worker/graph/gotext.h"

static struct buf tars[2] = { RIG_BUF, RIG_BUF };
static struct image_options options;
static struct err err;

static void
put(struct buf *tar, const char *path, const struct go_rig *rig)
{
    auto_buf struct buf program = RIG_BUF;

    go_rig_build(rig, &program);
    rig_bytes(tar, path, buf_bytes(&program));
}

static int
collect(struct bytes line, void *arg, struct err *why)
{
    (void)why;
    jx_append(arg, jx_parse(line, SIZE_MAX, NULL));
    return 0;
}

/* "/a root@v1: x@1 y@2\n": what is said of the Go programs in an image of n
 * layers. The caller's. */
static char *
scan(bool compat, size_t n)
{
    auto_jx struct jx *config = jx_parse(bytes_str("{\"rootfs\":{}}"), 99, NULL);
    auto_merge struct merge *files = rig_merge(compat, tars, n);
    struct image image = { .compat = compat, .options = &options,
                           .files = files, .config = config,
                           .target = "reg/app:1" };
    auto_facts struct facts *facts = facts_new(&image, &err);
    auto_jx struct jx *results = jx_new_arr();
    struct buf out = BUF_INIT(1 << 20);

    cr_assert_eq(facts_write(facts, collect, results, &err), 0);
    for (size_t i = 1; i < jx_count(results); i++) {
        const struct jx *r = jx_at(results, i);
        const struct jx *graph = jx_obj(jx_at(jx_arr(r, "facts"), 0), "data");
        const struct jx *nodes = jx_arr(jx_obj(graph, "graph"), "nodes");

        cr_assert_str_eq(jx_str(jx_obj(r, "identity"), "type"), "gomodules");
        buf_addf(&out, "%s %s:", jx_str(jx_obj(r, "identity"), "targetFile"),
                 jx_str(jx_at(jx_arr(graph, "pkgs"), 0), "id"));
        for (size_t k = 1; k < jx_count(nodes); k++)
            buf_addf(&out, " %s", jx_str(jx_at(nodes, k), "nodeId"));
        buf_add_char(&out, '\n');
    }
    return buf_steal(&out);
}

#define expect_scan(compat, n_layers, want) \
    do { \
        auto_free char *text_ = scan(compat, n_layers); \
        cr_expect_str_eq(text_, want); \
    } while (0)
/* rig_merge() ends a tar: one scan for each test or a copy of the layers. */
#define expect_right(want) expect_scan(false, 1, want)
#define expect_compat(want) expect_scan(true, 1, want)

static const char *const trimmed[] = { "example.com/beta@v1.2.3/sub/s.go",
                                       "example.com/gamma@v1.0.0/g.go", NULL };

static const struct go_rig replaced = {
    .files = trimmed,
    .modules = GO_RIG_HEAD "dep\texample.com/beta\tv1.2.3\n"
                           "dep\texample.com/gamma\tv1.0.0\n"
                           "=>\texample.com/fork\tv1.4.1\n"
                           "dep\texample.com/here\tv0.1.0\n"
                           "=>\t./here\t(devel)\n"
};

Test(gomodules, replaced_modules_are_reported_by_the_name_of_their_code)
{
    put(&tars[0], "usr/bin/tool", &replaced);
    expect_right("/usr/bin/tool example.com/tool@: example.com/beta/sub@v1.2.3 "
                 "example.com/fork@v1.4.1 example.com/here@v0.1.0 "
                 "stdlib@1.19.8\n");
}

Test(gomodules, the_peer_loses_replaced_modules_of_trimmed_programs)
{
    put(&tars[0], "usr/bin/tool", &replaced);
    expect_compat("/usr/bin/tool example.com/tool@: "
                  "example.com/beta/sub@v1.2.3 stdlib@1.19.8\n");
}

Test(gomodules, without_a_line_table_the_peer_reports_modules_as_replaced)
{
    struct go_rig rig = replaced;

    rig.files = NULL;
    put(&tars[0], "usr/bin/tool", &rig);
    expect_compat("/usr/bin/tool example.com/tool@: example.com/beta@v1.2.3 "
                  "example.com/fork@v1.4.1 ./here@(devel) stdlib@1.19.8\n");
}

static const char *const places[] = { "usr/bin/tool",  "usr/bin/tool.bin",
                                      "root/tool",     "runtime/tool",
                                      "opt/.hidden",   "opt/trailing." };

static void
put_places(void)
{
    static const struct go_rig rig = { .modules = GO_RIG_HEAD };

    for (size_t i = 0; i < N_ELEMENTS(places); i++)
        put(&tars[0], places[i], &rig);
    rig_hardlink(&tars[0], "usr/bin/other", "usr/bin/tool");
}

Test(gomodules, programs_are_found_anywhere_also_under_a_second_name)
{
#define TOOL " example.com/tool@: stdlib@1.19.8\n"
    put_places();
    expect_right("/usr/bin/tool" TOOL "/usr/bin/tool.bin" TOOL "/root/tool" TOOL
                 "/runtime/tool" TOOL "/opt/.hidden" TOOL "/opt/trailing." TOOL
                 "/usr/bin/other" TOOL);
}

Test(gomodules, the_peer_goes_by_names_and_folders)
{
    put_places();
    expect_compat("/usr/bin/tool" TOOL "/opt/.hidden" TOOL);
}

/* The header of the last entry, a body of less than 512 bytes: executable. */
static void
make_executable(struct buf *tar)
{
    uint8_t *h = tar->p + tar->n - 1024;
    unsigned sum = 0;

    memcpy(h + 100, "0000755", 8);
    memset(h + 148, ' ', 8);
    for (size_t i = 0; i < 512; i++)
        sum += h[i];
    snprintf((char *)h + 148, 8, "%06o", sum);
}

static void
put_replaced_by_script(void)
{
    static const struct go_rig rig = { .modules = GO_RIG_HEAD };

    put(&tars[0], "usr/bin/tool", &rig);
    rig_file(&tars[1], "usr/bin/tool", "#!/bin/sh\n");
    make_executable(&tars[1]);
}

Test(gomodules, a_script_in_an_upper_layer_hides_a_program)
{
    put_replaced_by_script();
    expect_scan(false, 2, "");
}

Test(gomodules, to_the_peer_a_script_hides_nothing)
{
    put_replaced_by_script();
    expect_scan(true, 2, "/usr/bin/tool" TOOL);
}

#define expect_root(text, root) \
    do { \
        const struct go_rig rig_ = { .modules = text }; \
        put(&tars[0], "usr/bin/tool", &rig_); \
        expect_right("/usr/bin/tool " root ": stdlib@1.19.8\n"); \
    } while (0)

Test(gomodules, the_main_module_has_the_version_it_states)
{
    expect_root("path\tex.com/t/cmd/x\nmod\tex.com/t\tv1.5.0\th1:x=\n",
                "ex.com/t@v1.5.0");
}

Test(gomodules, else_the_version_the_linker_was_told)
{
    expect_root("path\tex.com/t\nmod\tex.com/t\t(devel)\t\n"
                "build\t-ldflags=\"-s -X other.Version=9.9.9 "
                "-X ex.com/t/internal.appVersion=v3.4.5-rc1 -w\"\n"
                "build\tvcs.revision=0123456789abcdef0123\n"
                "build\tvcs.time=2023-01-02T15:04:05Z\n",
                "ex.com/t@v3.4.5-rc1");
}

Test(gomodules, else_that_of_its_commit)
{
    expect_root("path\tex.com/t/v2\nmod\tex.com/t/v2\t(devel)\t\n"
                "build\tvcs.revision=0123456789abcdef0123\n"
                "build\tvcs.time=2023-01-02T15:04:05Z\n",
                "ex.com/t/v2@v2.0.0-20230102150405-0123456789ab");
}

Test(gomodules, a_program_without_modules_is_named_by_its_package)
{
    expect_root("path\tcommand-line-arguments\nbuild\t-compiler=gc\n",
                "go-distribution@command-line-arguments@");
}

/* ---- texts ------------------------------------------------------------------- */

Test(gotext, toolchain_versions_in_both_ways)
{
    static const char *const cases[][3] = {
        { "go1.19", "1.19.0", "1.19.0" },
        { "go1.19.8", "1.19.8", "1.19.8" },
        { "go1.21.3 X:boringcrypto", NULL, "1.21.3" },
        { "go1.21.0-fips", NULL, "1.21.0" },
        { "go1.22rc1", NULL, "1.22rc1" },
        { "go1.18.3b7", NULL, "1.18.3" },
        { "devel go1.24-abcdef", NULL, NULL },
        { "go1", NULL, NULL },
        { "gox", NULL, NULL },
        { "", NULL, NULL },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_free char *peer = gotext_plain_version(cases[i][0]);
        auto_free char *right = gotext_version(cases[i][0]);

        cr_expect(str_eq(peer, cases[i][1]), "%s", cases[i][0]);
        cr_expect(str_eq(right, cases[i][2]), "%s", cases[i][0]);
    }
}

Test(gotext, pseudo_versions_need_a_module_a_commit_and_a_time)
{
    static const char hash[] = "0123456789abcdef", time[] =
        "2023-01-02T15:04:05Z";
    auto_free char *plain = gotext_pseudo_version("ex.com/t", hash, time);
    auto_free char *v3 = gotext_pseudo_version("gopkg.in/t.v3", hash, time);

    cr_expect_str_eq(plain, "v0.0.0-20230102150405-0123456789ab");
    cr_expect_str_eq(v3, "v3.0.0-20230102150405-0123456789ab");
    cr_expect_null(gotext_pseudo_version(NULL, hash, time));
    cr_expect_null(gotext_pseudo_version("ex.com/t", "0123", time));
    cr_expect_null(gotext_pseudo_version("ex.com/t", hash, "yesterday"));
}
