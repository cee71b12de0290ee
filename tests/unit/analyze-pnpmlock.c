#include <criterion/criterion.h>

#include "node-rig.h"

#define expect_data(text, want) \
    do { \
        auto_jx struct jx *line_ = \
            rig_one("app/pnpm-lock.yaml", bytes_str(text), "pnpmlock"); \
        rig_expect_json(jx_get(line_, "d"), want); \
    } while (0)

static void
expect_bad(const char *body, const char *why)
{
    rig_expect_bad("app/pnpm-lock.yaml", bytes_str(body), "pnpmlock", why);
}

Test(pnpmlock, version_5_has_versions_as_text)
{
    expect_data("lockfileVersion: 5.4\nspecifiers:\n  a: ^1\n"
                "dependencies:\n  a: 1.0.0_b@1.0.0\n"
                "devDependencies:\n  d: 1.0.0\n"
                "packages:\n  /a/1.0.0_b@1.0.0:\n    resolution: {integrity: x}\n"
                "    dependencies: {b: 1.0.0}\n    optionalDependencies:\n"
                "      o: 2.0.0\n      b: 1.0.1\n    dev: false\n"
                "  github.com/u/g/abc: {name: g, version: 3.0.0}\n",
                "{\"v\":\"5.4\",\"texts\":true,\"deps\":[\"a\","
                "\"1.0.0_b@1.0.0\"],\"pkgs\":[[\"/a/1.0.0_b@1.0.0\",null,null,"
                "[\"b\",\"1.0.1\",\"o\",\"2.0.0\"]],"
                "[\"github.com/u/g/abc\",\"g\",\"3.0.0\",[]]]}");
}

Test(pnpmlock, version_6_has_versions_beside_specifiers)
{
    expect_data("lockfileVersion: '6.0'\nsettings: {autoInstallPeers: true}\n"
                "dependencies:\n  a:\n    specifier: ^1\n    version: 1.0.0\n"
                "  b:\n    specifier: ^1\n"
                "packages:\n  /a@1.0.0: {}\n",
                "{\"v\":\"6.0\",\"maps\":true,\"deps\":[\"a\",\"1.0.0\",\"b\","
                "null],\"pkgs\":[[\"/a@1.0.0\",null,null,[]]]}");
}

Test(pnpmlock, of_version_9_snapshots_are_kept_with_what_their_packages_state)
{
    expect_data("lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n"
                "      a:\n        specifier: ^1\n        version: 1.0.0(b@1)\n"
                "  w: {}\n"
                "packages:\n  a@1.0.0:\n    engines: {node: '>=1'}\n"
                "  c@https://h/c.tgz: {version: 2.0.0}\n"
                "  unused@1.0.0: {dependencies: {x: '1'}}\n"
                "snapshots:\n  a@1.0.0(b@1):\n    dependencies:\n"
                "      c: https://h/c.tgz\n  c@https://h/c.tgz: {}\n",
                "{\"v\":\"9.0\",\"maps\":true,\"importers\":[[\".\",[\"a\","
                "\"1.0.0(b@1)\"]],[\"w\",[]]],\"deps\":[],\"pkgs\":["
                "[\"a@1.0.0(b@1)\",null,null,[\"c\",\"https://h/c.tgz\"]],"
                "[\"c@https://h/c.tgz\",null,\"2.0.0\",[]]]}");
}

Test(pnpmlock, the_second_document_counts_where_the_file_begins_with_dashes)
{
    expect_data("---\nlockfileVersion: '9.0'\npackages: {a@1: {}}\n"
                "---\nlockfileVersion: '9.0'\n",
                "{\"v\":\"9.0\",\"deps\":[],\"pkgs\":[]}");
    expect_data("---\nlockfileVersion: 5.4\n",
                "{\"v\":\"5.4\",\"deps\":[],\"pkgs\":[]}");
    expect_bad("lockfileVersion: 5.4\n---\nlockfileVersion: 5.4\n",
               "2 documents");
    expect_bad("---\nlockfileVersion: 5.4\n---\n---\n", "3 documents");
}

Test(pnpmlock, a_file_without_its_version_is_of_no_use)
{
    expect_bad("packages: {}\n", "no lockfileVersion");
    expect_bad("- x\n", "no lockfileVersion");
    expect_bad("# nothing\n", "no lockfileVersion");
    expect_bad("lockfileVersion: 5.4\n<<<<<<< HEAD\na: 1\n=======\n", "line ");
}

Test(pnpmlock, a_file_that_breaks_off_is_read_or_named)
{
    rig_expect_truncation_is_survived(
        "app/pnpm-lock.yaml",
        "lockfileVersion: '6.0'\ndependencies:\n  a: {specifier: ^1,\n"
        "    version: 1.0.0}\npackages:\n  /a@1.0.0:\n    dependencies:\n"
        "      '@s/b': &x 1.0.0(c@1)\n", "pnpmlock");
}

/* ---- ceilings ------------------------------------------------------------ */

static void
add_deps(struct buf *text, const char *head, const char *indent, size_t n)
{
    buf_addf(text, "%s%s\n", indent, head);
    for (size_t i = 0; i < n; i++)
        buf_addf(text, "%s  d%zu: '1'\n", indent, i);
}

Test(pnpmlock, what_a_package_states_counts_for_each_of_its_snapshots)
{
    auto_buf struct buf text = RIG_BUF;

    buf_add_str(&text, "lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n");
    add_deps(&text, "dependencies:", "    ", 1300);
    buf_add_str(&text, "snapshots:\n");
    for (size_t i = 0; i < 100; i++)
        buf_addf(&text, "  a@1.0.0(%zu): {}\n", i);
    expect_bad(buf_cstr(&text), "more than 120000 dependencies");
}

Test(pnpmlock, dependencies_of_the_file_count_like_those_of_packages)
{
    auto_buf struct buf text = RIG_BUF;

    buf_add_str(&text, "lockfileVersion: '6.0'\n");
    add_deps(&text, "dependencies: &all", "", 60001);
    buf_add_str(&text, "optionalDependencies: *all\n");
    expect_bad(buf_cstr(&text), "more than 120000 dependencies");
}

Test(pnpmlock, repeated_members_count_as_dependencies)
{
    auto_buf struct buf text = RIG_BUF;

    buf_add_str(&text, "lockfileVersion: '9.0'\npackages:\n  a@1.0.0: {");
    for (size_t i = 0; i < 1300; i++)
        buf_add_str(&text, "version: 1, ");
    buf_add_str(&text, "}\nsnapshots:\n");
    for (size_t i = 0; i < 100; i++)
        buf_addf(&text, "  a@1.0.0(%zu): {}\n", i);
    expect_bad(buf_cstr(&text), "more than 120000 dependencies");
}
