#include <criterion/criterion.h>

#include "app-rig.h"

#define MANIFEST "w/composer.json"
#define LOCK     "w/composer.lock"

static void
expect_project(const char *manifest, const char *lock, bool compat,
               const char *want)
{
    const struct app_file files[] = { { MANIFEST, manifest }, { LOCK, lock } };

    expect_apps(files, compat, want);
}

Test(composer, versions_are_the_locked_ones_else_the_range)
{
    expect_project("{\"name\":\"a/b\",\"require\":{\"x/y\":\"^1\",\"php\":"
                   "\">=8\"},\"require-dev\":{\"d/d\":\"1\"}}",
                   "{\"packages\":[{\"name\":\"x/y\",\"version\":\"v1.2\","
                   "\"require\":{\"php\":\">=7\"}}],\"packages-dev\":[{"
                   "\"name\":\"php\",\"version\":\"9\"}]}",
                   true,
                   "/w/composer.lock: root-node>php@>=8,x/y@1.2 php@>=8 "
                   "php@>=7 x/y@1.2>php@>=7");
}

Test(composer, a_branch_has_the_version_of_its_alias)
{
    static const struct {
        const char *version, *aliases, *want;
    } cases[] = {
        { "\"dev-main\"", "{\"dev-main\":\"2.x-dev\"}", "2.x-dev" },
        { "\"dev-foo\"", "{\"dev-main\":\"2\",\"q\":\"foo\"}", "foo" },
        { "\"dev-bar\"", "{\"dev-main\":\"2\"}", "dev-bar" },
        { "\"\"", "{\"a\":\"six\",\"b\":\"7\",\"c\":\"5\"}", "5" },
        { "\"1.0\"", "null", "1.0" },
        { "\"dev-v2\"", "{\"dev-v2\":\"v3\"}", "3" },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_free char *lock = xasprintf(
            "{\"packages\":[{\"name\":\"x\",\"version\":%s,\"extra\":{"
            "\"branch-alias\":%s}}]}",
            cases[i].version, cases[i].aliases);
        auto_free char *want =
            xasprintf("/w/composer.lock: root-node>x@%s x@%s", cases[i].want,
                      cases[i].want);

        expect_project("{\"require\":{\"x\":\"1\"}}", lock, true, want);
    }
}

Test(composer, what_is_above_itself_has_nothing_below_it)
{
    expect_project("{\"name\":\"n\",\"require\":{\"a\":\"1\"}}",
                   "{\"packages\":[{\"name\":\"a\",\"version\":\"1\","
                   "\"require\":{\"b\":\"1\"}},{\"name\":\"b\",\"version\":"
                   "\"1\",\"require\":{\"a\":\"1\",\"n\":\"1\"}},{\"name\":"
                   "\"n\",\"version\":\"2\",\"require\":{\"b\":\"1\"}}]}",
                   false,
                   "/w/composer.lock: root-node>a@1|2 a@1|1 a@1|2>b@1 "
                   "n@2 b@1>a@1|1,n@2");
}

Test(composer, a_dependency_like_the_root_is_the_second_of_its_name)
{
    expect_project("{\"name\":\"n\",\"version\":\"1\",\"require\":{\"m\":"
                   "\"1\",\"n\":\"1\"}}",
                   "{\"packages\":[]}", true,
                   "/w/composer.lock: root-node>m@1,n@1|2 n@1|2 m@1");
}

/* "p0" to "p(n-1)" are required and each require c, which requires d. */
static void
add_fan(struct buf *manifest, struct buf *lock, size_t n)
{
    buf_add_str(manifest, "{\"require\":{");
    buf_add_str(lock, "{\"packages\":[");
    for (size_t i = 0; i < n; i++) {
        buf_addf(manifest, "%s\"p%zu\":\"1\"", i > 0 ? "," : "", i);
        buf_addf(lock, "{\"name\":\"p%zu\",\"version\":\"1\","
                       "\"require\":{\"c\":\"1\"}},", i);
    }
    buf_add_str(manifest, "}}");
    buf_add_str(lock, "{\"name\":\"c\",\"version\":\"1\",\"require\":{"
                      "\"d\":\"1\"}}]}");
}

Test(composer, from_the_hundred_and_fiftieth_visit_on_nothing_is_expanded)
{
    for (size_t n = 149; n <= 150; n++) {
        auto_buf struct buf manifest = RIG_BUF, lock = RIG_BUF, text = RIG_BUF;
        auto_jx struct jx *results = NULL;
        struct err err;

        add_fan(&manifest, &lock, n);
        const struct app_file files[] = { { MANIFEST, buf_cstr(&manifest) },
                                          { LOCK, buf_cstr(&lock) } };
        results = app_results(files, 2, true, &err);
        cr_assert_not_null(results);
        app_graphs(results, &text);
        cr_expect_eq(strstr(buf_cstr(&text), " c@1|2 ") != NULL, n == 150,
                     "%zu", n);
    }
}

/* Twenty layers of five, each requiring all of the next: 5^20 paths. */
Test(composer, a_lattice_costs_no_more_than_its_edges)
{
    auto_buf struct buf lock = RIG_BUF;

    buf_add_str(&lock, "{\"packages\":[");
    for (int i = 0; i < 100; i++) {
        buf_addf(&lock, "%s{\"name\":\"p%d\",\"version\":\"1\","
                        "\"require\":{", i > 0 ? "," : "", i);
        for (int k = 0; k < 5; k++)
            buf_addf(&lock, "%s\"p%d\":\"1\"", k > 0 ? "," : "",
                     (i / 5 + 1) * 5 + k);
        buf_add_str(&lock, "}}");
    }
    buf_add_str(&lock, "]}");
    const struct app_file files[] = {
        { MANIFEST, "{\"require\":{\"p0\":\"1\"}}" },
        { LOCK, buf_cstr(&lock) },
    };
    struct err err;
    auto_jx struct jx *results = app_results(files, 2, true, &err);

    cr_assert_not_null(results);
    cr_expect_eq(jx_count(results), 2);
}

Test(composer, a_lock_without_packages_is_none)
{
    expect_project("{}", "{}", true, "");
    expect_project("{}", "{\"packages\":null}", false, "");
}

#define FAULT "Expected property name or '}' in JSON at position 1"

Test(composer, malformed_files_end_the_peers_scan_and_are_a_warning_for_us)
{
    const struct app_file lock[] = { { MANIFEST, "{" }, { LOCK, "{" } };
    const struct app_file manifest[] = { { MANIFEST, "{" }, { LOCK, "{}" } };

    expect_scan_fails(lock, "ParseError",
                      "Failed to parse lock file. Error: " FAULT);
    expect_scan_fails(manifest, "ParseError",
                      "Failed to parse manifest file. Error: " FAULT);
    expect_apps(manifest, false, "");
}

Test(composer, a_malformed_file_alone_is_nobodys_concern)
{
    const struct app_file files[] = { { MANIFEST, "{" } };

    expect_apps(files, true, "");
}

Test(composer, a_package_without_version_ends_the_peers_scan_if_it_is_met)
{
    const char *lock = "{\"packages\":[{\"name\":\"x\"}]}";
    const struct app_file met[] = { { MANIFEST, "{\"require\":{\"x\":\"1\"}}" },
                                    { LOCK, lock } };

    expect_scan_fails(met, "TypeError", "Cannot read properties of undefined "
                                        "(reading 'replace')");
    expect_apps(met, false, "/w/composer.lock: root-node>x@ x@");
    expect_project("{}", lock, true, "/w/composer.lock: root-node");
}

Test(composer, truncated_anywhere_nothing_breaks)
{
    const struct app_file files[] = {
        { MANIFEST, "{\"name\":\"n\",\"require\":{\"x\":\"1\"}}" },
        { LOCK, "{\"packages\":[{\"name\":\"x\",\"version\":\"1\","
                "\"extra\":{\"branch-alias\":{\"a\":\"b\"}}}]}" },
    };

    app_cut_everywhere(files, 2, 0);
    app_cut_everywhere(files, 2, 1);
}

Test(composer, a_project_of_too_many_requirements_is_left_out_with_a_warning)
{
    auto_buf struct buf lock = RIG_BUF, tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    buf_add_str(&lock, "{\"packages\":[{\"name\":\"x\",\"require\":{");
    for (int i = 0; i <= 60000; i++)
        buf_addf(&lock, "%s\"p%d\":\"1\"", i > 0 ? "," : "", i);
    buf_add_str(&lock, "}}]}");
    rig_bytes(&tar, LOCK, buf_bytes(&lock));
    rig_end(&tar);
    rig_record_with(&tar, 0, 64 << 20, &record);
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "composerlock: more than 60000 requirements");
}

Test(composer, the_peers_search_stumbles_over_a_null_in_front_of_its_aim)
{
    const char *lock = "{\"packages\":[{\"name\":\"a\",\"version\":\"1\"},"
                       "null,{\"name\":\"b\",\"version\":\"1\"}]}";
    const struct app_file files[] = { { MANIFEST, "{\"require\":{\"b\":\"1\"}}" },
                                      { LOCK, lock } };

    expect_scan_fails(files, "TypeError", "Cannot read properties of null "
                                          "(reading 'name')");
    expect_apps(files, false, "/w/composer.lock: root-node>b@1 b@1");
    expect_project("{\"require\":{\"a\":\"1\"}}", lock, true,
                   "/w/composer.lock: root-node>a@1 a@1");
}
