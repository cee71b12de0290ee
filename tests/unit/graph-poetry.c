#include <criterion/criterion.h>

#include "app-rig.h"

#define MANIFEST "a/pyproject.toml"
#define LOCK     "a/poetry.lock"
#define PKG(name, version) \
    "[[package]]\nname = \"" name "\"\nversion = \"" version "\"\n"
#define POETRY(deps) \
    "[tool.poetry]\nname = \"m\"\nversion = \"0.1\"\n" \
    "[tool.poetry.dependencies]\n" deps

static void
expect_project(const char *manifest, const char *lock, bool compat,
               const char *want)
{
    const struct app_file files[] = { { MANIFEST, manifest }, { LOCK, lock } };

    expect_apps(files, compat, want);
}

Test(poetry, a_node_has_the_name_of_its_package)
{
    expect_project(POETRY("python = \"^3\"\nFlask = \"*\"\nabsent = \"1\"\n"),
                   PKG("flask", "2.2") "[package.dependencies]\nB_c = \"*\"\n"
                   "setuptools = \"*\"\n" PKG("b-c", "1")
                   "[package.dependencies]\nflask = \"*\"\n"
                   PKG("setuptools", "3"),
                   true,
                   "/a/pyproject.toml: root-node>flask flask>b-c b-c>flask");
}

Test(poetry, another_spelling_is_the_first_ones_label)
{
    const struct app_file files[] = {
        { MANIFEST, POETRY("Flask = \"*\"\nflask = \"*\"\n") },
        { LOCK, PKG("flask", "2.2") },
    };
    struct err err;
    auto_jx struct jx *results = app_results(files, 2, true, &err);
    const struct jx *graph = app_fact(jx_at(results, 1), "depGraph");
    const struct jx *nodes = jx_arr(jx_get(graph, "graph"), "nodes");

    rig_expect_json(jx_get(jx_at(nodes, 1), "info"),
                    "{\"labels\":{\"scope\":\"prod\",\"pkgIdProvenance\":"
                    "\"Flask@2.2\"}}");
}

Test(poetry, the_standard_table_is_used_before_the_tools_own)
{
    expect_project("[project]\nname = \"p\"\nversion = \"3\"\ndependencies = "
                   "[\"b>=1\", \"1x\"]\n" POETRY("a = \"1\"\n"),
                   PKG("a", "1") PKG("b", "2"), true,
                   "/a/pyproject.toml: root-node>b,a b a");
}

Test(poetry, the_peer_cuts_names_at_a_dot_and_we_do_not)
{
    const char *manifest = "[project]\ndependencies = [\"zope.interface\"]\n";

    expect_project(manifest, PKG("zope.interface", "5"), true,
                   "/a/pyproject.toml: root-node");
    expect_project(manifest, PKG("zope.interface", "5"), false,
                   "/a/pyproject.toml: root-node>zope.interface "
                   "zope.interface");
}

Test(poetry, packages_named_like_numbers_come_first)
{
    expect_project(POETRY("b = \"1\"\n10 = \"1\"\n9 = \"1\"\n"),
                   PKG("b", "1") PKG("10", "1") PKG("9", "1"), true,
                   "/a/pyproject.toml: 9 10 root-node>9,10,b b");
}

Test(poetry, of_packages_with_one_name_the_first_counts)
{
    const struct app_file files[] = { { MANIFEST, POETRY("a = \"1\"\n") },
                                      { LOCK, PKG("A", "1") PKG("a", "2") } };

    expect_apps(files, true, "/a/pyproject.toml: root-node>A A");
}

Test(poetry, a_foreign_manifest_ends_the_peers_scan_and_costs_us_a_project)
{
    const struct app_file foreign[] = {
        { MANIFEST, "[build-system]\nrequires = []\n" },
        { LOCK, PKG("a", "1") },
        { "p/pyproject.toml", POETRY("a = \"1\"\n") },
        { "p/poetry.lock", PKG("a", "1") },
    };

    expect_scan_fails(foreign, "UnparseableManifestError",
                      "Unable to parse manifest file");
    expect_apps(foreign, false, "/p/pyproject.toml: root-node>a a");
}

Test(poetry, a_foreign_manifest_without_a_lock_is_nobodys_concern)
{
    const struct app_file files[] = { { MANIFEST, "[tool.black]\n" } };
    struct err err;
    auto_jx struct jx *results = app_results(files, 1, false, &err);

    cr_assert_not_null(results);
    cr_expect_null(app_fact(jx_at(results, 0), "pluginWarnings"));
    expect_apps(files, true, "");
}

Test(poetry, damage_ends_the_peers_scan_in_its_words)
{
    const struct app_file lock[] = { { MANIFEST, POETRY("") }, { LOCK, "?" } };
    const struct app_file empty[] = { { MANIFEST, POETRY("") },
                                      { LOCK, "[metadata]\n" } };
    const struct app_file mixed[] = {
        { MANIFEST, "[tool.poetry]\ninclude = [\"a\", {path = \"b\"}]\n" },
        { LOCK, PKG("a", "1") },
    };
    const struct app_file nameless[] = { { MANIFEST, POETRY("a = \"1\"\n") },
                                         { LOCK, "[[package]]\n" } };
    const struct app_file root[] = {
        { MANIFEST, POETRY("root-node = \"1\"\nb = \"1\"\n") },
        { LOCK, PKG("root-node", "1") PKG("b", "1") },
    };

    expect_scan_fails(lock, "UnparseableLockFileError",
                      "Unable to parse lock file");
    expect_scan_fails(empty, "UnparseableLockFileError",
                      "Unable to parse lock file");
    expect_scan_fails(mixed, "UnparseableManifestError",
                      "Unable to parse manifest file");
    expect_scan_fails(nameless, "TypeError", "Cannot read properties of "
                                             "undefined (reading 'toLowerCase')");
    expect_scan_fails(root, "Error", "DepGraphBuilder.addPkgNode() cant "
                                     "override root node");
    expect_apps(root, false, "/a/pyproject.toml: root-node>b b");
    expect_apps(mixed, false, "/a/pyproject.toml: root-node");
    expect_apps(lock, false, "");
}

Test(poetry, truncated_anywhere_nothing_breaks)
{
    const struct app_file files[] = {
        { MANIFEST, POETRY("a = {version = \"1\", extras = [\"x\"]}\n") },
        { LOCK, PKG("a", "1") "d = '''x'''\n[package.dependencies]\nb.c = 1\n" },
    };

    app_cut_everywhere(files, 2, 0);
    app_cut_everywhere(files, 2, 1);
}

Test(poetry, a_lock_of_too_many_packages_is_left_out_with_a_warning)
{
    auto_buf struct buf lock = RIG_BUF, tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    for (int i = 0; i <= 30000; i++)
        buf_add_str(&lock, "[[package]]\n");
    rig_bytes(&tar, LOCK, buf_bytes(&lock));
    rig_end(&tar);
    rig_record_with(&tar, 0, 64 << 20, &record);
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "poetrylock: more than 30000 packages");
    const struct app_file files[] = { { MANIFEST, POETRY("") },
                                      { LOCK, buf_cstr(&lock) } };
    expect_apps(files, true, "");
}
