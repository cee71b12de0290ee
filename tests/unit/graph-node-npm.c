/* Expected graphs are those of the scanner crab replaces, seen by running it
 * on the same files, unless a test says that crab knows better. */
#include <criterion/criterion.h>

#include "app-rig.h"

#define expect_lock(manifest, packages, compat, want) \
    do { \
        const struct app_file files_[] = { \
            { "a/package.json", "{\"name\":\"r\"," manifest "}" }, \
            { "a/package-lock.json", "{\"lockfileVersion\":3,\"packages\":{" \
                                     packages "}}" }, \
        }; \
        expect_apps(files_, compat, want); \
    } while (0)

#define P "/a/package.json: root-node"
#define N "\"node_modules/"
#define DEPS(text) "\"dependencies\":{" text "}"

Test(npm3, cycles_stay_and_a_package_is_followed_once)
{
    expect_lock(DEPS("\"a\":\"1\",\"b\":\"1\""),
                N "a\":{\"version\":\"1.0.0\"," DEPS("\"b\":\"1\"") "},"
                N "b\":{\"version\":\"1.0.0\"," DEPS("\"a\":\"1\"") "}",
                true, P ">a@1.0.0,b@1.0.0 a@1.0.0>b@1.0.0 b@1.0.0>a@1.0.0");
}

Test(npm3, names_that_are_numbers_come_first_in_their_order)
{
    expect_lock(DEPS("\"a\":\"1\""),
                N "a\":{\"version\":\"1.0.0\","
                DEPS("\"z\":\"1\",\"10\":\"1\",\"c\":\"1\",\"2\":\"1\","
                     "\"01\":\"1\",\"b\":\"1\"") "}", true,
                P ">a@1.0.0 a@1.0.0>2@1,10@1,z@1,c@1,01@1,b@1 "
                "2@1 10@1 z@1 c@1 01@1 b@1");
}

Test(npm3, what_has_no_entry_has_its_range_for_a_version)
{
    expect_lock(DEPS("\"a\":\"^1\"") ",\"optionalDependencies\":{\"o\":\"2\"},"
                "\"peerDependencies\":{\"p\":\"3\"}", "\"\":{}", true,
                P ">a@^1,o@2,p@3 a@^1 o@2 p@3");
}

Test(npm3, the_only_one_of_a_name_is_meant_whatever_its_version)
{
    expect_lock(DEPS("\"a\":\"^1\""), N "q/node_modules/a\":{\"version\":\"9.0.0\"}",
                true, P ">a@9.0.0 a@9.0.0");
}

/* c lies in several places on the way over a and b. */
#define CHAIN \
    N "a\":{\"version\":\"1.0.0\"," DEPS("\"b\":\"^1\"") "}," \
    N "b\":{\"version\":\"1.0.0\"," DEPS("\"c\":\"^1\"") "},"

Test(npm3, the_longest_way_over_the_packages_above_wins)
{
    expect_lock(DEPS("\"a\":\"1\""),
                CHAIN N "c\":{\"version\":\"1.0.0\"},"
                N "b/node_modules/c\":{\"version\":\"1.2.0\"},"
                N "a/node_modules/b/node_modules/c\":{\"version\":\"1.3.0\"}",
                true, P ">a@1.0.0 a@1.0.0>b@1.0.0 b@1.0.0>c@1.3.0 c@1.3.0");
}

Test(npm3, of_several_the_range_and_the_names_above_leave_one)
{
    expect_lock(DEPS("\"a\":\"1\""),
                CHAIN N "c\":{\"version\":\"2.0.0\"},"
                N "a/node_modules/c\":{\"version\":\"1.1.0\"},"
                N "z/node_modules/c\":{\"version\":\"1.2.0\"}",
                true, P ">a@1.0.0 a@1.0.0>b@1.0.0 b@1.0.0>c@1.1.0 c@1.1.0");
}

Test(npm3, none_left_is_missing)
{
    expect_lock(DEPS("\"a\":\"1\""),
                CHAIN N "c\":{\"version\":\"2.0.0\"},"
                N "a/node_modules/c\":{\"version\":\"3.1.0\"}",
                true, P ">a@1.0.0 a@1.0.0>b@1.0.0 b@1.0.0>c@^1 c@^1");
}

Test(npm3, an_alias_has_the_name_of_its_target)
{
    expect_lock(DEPS("\"al\":\"npm:@s/c@^1\""),
                N "al\":{\"version\":\"1.2.0\"}", true,
                P ">@s/c@1.2.0 @s/c@1.2.0");
}

Test(npm3, in_a_bundle_only_what_its_owner_holds_is_meant)
{
    expect_lock(DEPS("\"a\":\"1\""),
                N "a\":{\"version\":\"1.0.0\"," DEPS("\"b\":\"1\"") ","
                "\"bundleDependencies\":[\"b\",\"c\"]},"
                N "a/node_modules/b\":{\"version\":\"1.0.0\",\"inBundle\":true,"
                DEPS("\"c\":\"*\"") "},"
                N "a/node_modules/c\":{\"version\":\"1.5.0\",\"inBundle\":true},"
                N "c\":{\"version\":\"1.4.0\"}", true,
                P ">a@1.0.0 a@1.0.0>b@1.0.0 b@1.0.0>c@1.5.0 c@1.5.0");
}

/* ---- overrides --------------------------------------------------------- */

#define MANY_C \
    N "c\":{\"version\":\"1.0.0\"}," \
    N "a/node_modules/c\":{\"version\":\"9.0.0\"}," \
    N "b/node_modules/c\":{\"version\":\"8.0.0\"}," \
    N "a/node_modules/b/node_modules/c\":{\"version\":\"7.0.0\"}"

#define expect_override(rules, compat, version) \
    expect_lock(DEPS("\"a\":\"^1\"") ",\"overrides\":{" rules "}", \
                CHAIN MANY_C, compat, \
                P ">a@1.0.0 a@1.0.0>b@1.0.0 b@1.0.0>c@" version " c@" version)

Test(npm3, an_override_replaces_the_range)
{
    expect_override("\"c\":\"9\"", true, "9.0.0");
    expect_override("\"c\":{\".\":\"9\"}", true, "9.0.0");
    expect_override("\"c\":\"\"", true, "1.0.0");
    expect_override("\"a\":{\"b\":{\"c\":\"8\"}}", true, "8.0.0");
    expect_override("\"b\":{\"a\":{\"c\":\"8\"}}", true, "1.0.0");
}

Test(npm3, nested_rules_come_before_those_beside_them)
{
    expect_override("\"c\":\"9\",\"a\":{\"c\":\"8\"}", true, "8.0.0");
    expect_override("\"b\":{\"c\":\"7\"},\"a\":{\"c\":\"8\"}", true, "8.0.0");
    expect_override("\"c\":{\"c\":\"8\"}", true, "8.0.0");
}

Test(npm3, a_rule_may_be_for_some_ranges_or_versions_only)
{
    expect_override("\"c@^1\":\"9\"", true, "9.0.0");
    expect_override("\"c@2\":\"9\"", true, "1.0.0");
    expect_override("\"b@1.0.0\":{\"c\":\"9\"}", true, "9.0.0");
    expect_override("\"b@2\":{\"c\":\"9\"}", true, "1.0.0");
}

Test(npm3, a_rule_that_cannot_be_compared_ends_the_project_or_says_nothing)
{
    static const struct app_file files[] = {
        { "a/package.json", "{\"name\":\"r\",\"dependencies\":{\"a\":\"^1\"},"
                            "\"overrides\":{\"a@latest\":\"2\"}}" },
        { "a/package-lock.json", "{\"lockfileVersion\":3,\"packages\":{"
                                 N "a\":{\"version\":\"1.0.0\"}}}" },
    };

    expect_apps(files, true, "");
    expect_apps(files, false, P ">a@1.0.0 a@1.0.0");
}

Test(npm3, a_reference_is_what_the_project_wants_but_not_to_the_peer)
{
    expect_lock(DEPS("\"a\":\"^1\",\"x\":\"^8\"") ",\"overrides\":{\"c\":\"$x\"}",
                CHAIN MANY_C, false,
                P ">a@1.0.0,x@^8 a@1.0.0>b@1.0.0 b@1.0.0>c@8.0.0 c@8.0.0 x@^8");
    expect_override("\"c\":\"$a\"", true, "7.0.0");
}

Test(npm3, rules_without_end_end)
{
    auto_buf struct buf manifest = BUF_INIT(1 << 20), lock = BUF_INIT(1 << 22);
    struct app_file files[2] = { { "a/package.json", NULL },
                                 { "a/package-lock.json", NULL } };

    buf_add_str(&manifest, "{\"dependencies\":{\"x0\":\"1\"},\"overrides\":");
    for (int i = 0; i < 30; i++)
        buf_add_str(&manifest, "{\"a\":");
    buf_add_str(&manifest, "\"1\"");
    for (int i = 0; i < 30; i++)
        buf_add_str(&manifest, "}");
    buf_add_str(&manifest, "}");
    buf_add_str(&lock, "{\"lockfileVersion\":3,\"packages\":{\"\":{}");
    for (int i = 0; i < 3000; i++)
        buf_addf(&lock, ",\"node_modules/x%d\":{\"name\":\"a\",\"version\":"
                 "\"1.0.%d\",\"dependencies\":{\"x%d\":\"1\"}}", i, i, i + 1);
    buf_add_str(&lock, "}}");
    files[0].text = buf_cstr(&manifest);
    files[1].text = buf_cstr(&lock);
    expect_apps(files, true, "");
}

/* ---- ceilings ---------------------------------------------------------- */

static void
put_times(struct buf *out, const char *text, int n)
{
    for (int i = 0; i < n; i++)
        buf_add_str(out, text);
}

/* Whether a project with these packages is reported, by both. */
static bool
is_reported(const char *manifest, struct buf *packages)
{
    auto_free char *root = xasprintf("{%s}", manifest);
    auto_free char *lock = xasprintf("{\"lockfileVersion\":3,\"packages\":"
                                     "{\"\":{}%s}}", buf_cstr(packages));
    const struct app_file files[] = { { "a/package.json", root },
                                      { "a/package-lock.json", lock } };
    size_t n = 0;

    for (int compat = 0; compat < 2; compat++) {
        struct err err;
        auto_jx struct jx *results = app_results(files, 2, compat, &err);

        n += jx_count(results) - 1;
    }
    cr_expect(n == 0 || n == 2, "%zu", n);
    return n == 2;
}

/* 210 packages want one of 210 that have the same name. */
static bool
is_reported_with_range(int n_blanks)
{
    auto_buf struct buf packages = BUF_INIT(1 << 20);

    for (int i = 0; i < 210; i++) {
        buf_addf(&packages, ",\"p/d%d\":{\"name\":\"d\",\"version\":\"1.0.%d\"}"
                 ",\"node_modules/x%d\":{\"version\":\"1.0.0\","
                 "\"dependencies\":{\"x%d\":\"1\",\"d\":\"^1", i, i, i, i + 1);
        put_times(&packages, " ", n_blanks);
        buf_add_str(&packages, "\"}}");
    }
    return is_reported(DEPS("\"x0\":\"1\""), &packages);
}

Test(npm3, a_long_range_costs_more)
{
    cr_expect(is_reported_with_range(20));
    cr_expect(!is_reported_with_range(4000));
}

static bool
is_reported_with_path(int n)
{
    auto_buf struct buf packages = BUF_INIT(1 << 20);

    buf_add_str(&packages, ",\"node_modules/d\":{\"version\":\"1.0.0\"},\"");
    put_times(&packages, "node_modules/d/", n);
    buf_add_str(&packages, "node_modules/d\":{\"version\":\"1.0.0\"}");
    return is_reported(DEPS("\"d\":\"1\""), &packages);
}

Test(npm3, a_long_path_costs_more)
{
    cr_expect(is_reported_with_path(300));
    cr_expect(!is_reported_with_path(10000));
}

/* What is missing is looked for among what "a" brings along. */
static bool
is_reported_with_bundle(int n)
{
    auto_buf struct buf packages = BUF_INIT(1 << 20);

    buf_add_str(&packages, ",\"node_modules/a\":{\"version\":\"1.0.0\","
                "\"bundleDependencies\":[\"x\"");
    put_times(&packages, ",\"x\"", n);
    buf_add_str(&packages, "],\"dependencies\":{\"n\":\"1\"");
    for (int i = 0; i < 2000; i++)
        buf_addf(&packages, ",\"n%d\":\"1\"", i);
    buf_add_str(&packages, "}}");
    return is_reported(DEPS("\"a\":\"1\""), &packages);
}

Test(npm3, a_long_list_of_what_is_brought_along_costs_more)
{
    cr_expect(is_reported_with_bundle(1000));
    cr_expect(!is_reported_with_bundle(6000));
}

/* 170 rules about ranges as long as what is asked for. */
static bool
is_reported_with_rules(int n_blanks)
{
    auto_buf struct buf manifest = BUF_INIT(1 << 20), range = BUF_INIT(1 << 13);
    auto_buf struct buf packages = BUF_INIT(1 << 20);

    put_times(&range, " ", n_blanks);
    buf_addf(&manifest, DEPS("\"a\":\"1%s\"") ",\"overrides\":{\"b\":\"1\"",
             buf_cstr(&range));
    for (int i = 0; i < 170; i++)
        buf_addf(&manifest, ",\"a@2%s || %d\":\"3\"", buf_cstr(&range), i + 2);
    buf_add_str(&manifest, "}");
    buf_add_str(&packages, ",\"node_modules/a\":{\"version\":\"1.0.0\"}");
    return is_reported(buf_cstr(&manifest), &packages);
}

Test(npm3, a_rule_about_a_long_range_costs_more)
{
    cr_expect(is_reported_with_rules(20));
    cr_expect(!is_reported_with_rules(4000));
}

/* ---- links ------------------------------------------------------------- */

#define LINKED(globs) \
    "\"\":{\"workspaces\":[" globs "]}," \
    N "w\":{\"resolved\":\"p/w\",\"link\":true}," \
    "\"p/w\":{\"version\":\"3.0.0\"}"

Test(npm3, a_link_is_the_workspace_it_leads_to)
{
    expect_lock(DEPS("\"w\":\"*\""), LINKED("\"p/*\""), true,
                P ">w@3.0.0 w@3.0.0");
}

Test(npm3, other_links_have_no_version_to_the_peer)
{
    expect_lock(DEPS("\"w\":\"*\""), LINKED("\"q/*\""), true,
                P ">w@undefined w@undefined");
    expect_lock(DEPS("\"w\":\"*\""), LINKED("\"q/*\""), false,
                P ">w@3.0.0 w@3.0.0");
}

Test(npm3, workspaces_are_installed_without_being_asked_for)
{
    expect_lock(DEPS(""), LINKED("\"p/*\""), true, P);
    expect_lock(DEPS(""), LINKED("\"p/*\""), false, P ">w@3.0.0 w@3.0.0");
    expect_lock(DEPS("\"w\":\"*\""), LINKED("\"./p/*\""), false,
                P ">w@3.0.0 w@3.0.0");
}

Test(npm3, a_link_to_nothing_ends_the_project_or_is_missing)
{
    expect_lock(DEPS("\"w\":\"*\""),
                "\"\":{\"workspaces\":[\"p/*\"]},"
                N "w\":{\"resolved\":\"p/w\",\"link\":true}", true, "");
    expect_lock(DEPS("\"w\":\"*\""),
                N "w\":{\"resolved\":\"p/w\",\"link\":true}", false,
                P ">w@* w@*");
}

/* ---- projects ---------------------------------------------------------- */

Test(node_lock, what_is_wanted_to_run_and_to_develop_is_wanted_to_run)
{
#define BOTH DEPS("\"a\":\"1\"") ",\"devDependencies\":{\"a\":\"1\"}"
    expect_lock(BOTH, N "a\":{\"version\":\"1.0.0\"}", true, P);
    expect_lock(BOTH, N "a\":{\"version\":\"1.0.0\"}", false,
                P ">a@1.0.0 a@1.0.0");
}

Test(node_lock, a_byte_order_mark_does_no_harm_but_to_the_peer)
{
    static const struct app_file files[] = {
        { "a/package.json", "\xef\xbb\xbf{\"name\":\"r\"}" },
        { "a/package-lock.json", "{\"lockfileVersion\":3,\"packages\":{}}" },
    };

    expect_apps(files, true, "");
    expect_apps(files, false, P);
}

Test(node_lock, a_shrinkwrap_comes_before_the_lock_but_not_to_the_peer)
{
    static const struct app_file files[] = {
        { "a/package.json", "{\"dependencies\":{\"a\":\"1\"}}" },
        { "a/package-lock.json", "{\"lockfileVersion\":3,\"packages\":{"
                                 N "a\":{\"version\":\"1.0.0\"}}}" },
        { "a/npm-shrinkwrap.json", "{\"lockfileVersion\":3,\"packages\":{"
                                   N "a\":{\"version\":\"1.5.0\"}}}" },
    };

    expect_apps(files, true, P ">a@1.0.0 a@1.0.0");
    expect_apps(files, false, P ">a@1.5.0 a@1.5.0");
}

Test(node_lock, folders_inside_of_node_modules_are_no_projects)
{
    static const struct app_file files[] = {
        { "a/node_modules/b/package.json", "{\"name\":\"b\"}" },
        { "a/node_modules/b/package-lock.json", "{}" },
        { "a/package.json", "{\"name\":\"r\"}" },
        { "a/package-lock.json", "{}" },
    };

    expect_apps(files, true, P);
}

Test(node_lock, the_result_names_both_files)
{
    static const struct app_file files[] = {
        { "a/package.json", "{\"name\":\"r\"}" },
        { "a/package-lock.json", "{}" },
    };
    struct err err;
    auto_jx struct jx *results = app_results(files, 2, true, &err);
    const struct jx *result = jx_at(results, 1);

    cr_expect_str_eq(jx_str(jx_get(result, "identity"), "type"), "npm");
    rig_expect_json(app_fact(result, "testedFiles"),
                    "[\"package.json\",\"package-lock.json\"]");
}

Test(node_lock, a_lock_of_no_use_is_told_and_hides_nothing)
{
    static const struct app_file files[] = {
        { "a/package.json", "{\"name\":\"r\",\"dependencies\":{\"a\":\"1\"}}" },
        { "a/package-lock.json", "{" },
        { "a/node_modules/a/package.json",
          "{\"name\":\"a\",\"version\":\"1.0.0\"}" },
    };
    struct err err;
    auto_jx struct jx *results = app_results(files, 3, false, &err);
    const struct jx *warnings =
        jx_arr(app_fact(jx_at(results, 0), "pluginWarnings"), "fileWarnings");

    cr_expect_str_eq(jx_str_value(jx_at(warnings, 0)),
                     "/a/package.json: package-lock.json was not understood");
    expect_apps(files, false, P ">a@1.0.0 a@1.0.0");
    expect_apps(files, true, "");
}

Test(node_lock, cut_anywhere_the_system_is_reported)
{
    static const struct app_file files[] = {
        { "a/package.json",
          "{\"name\":\"r\",\"dependencies\":{\"a\":\"npm:b@1\"}}" },
        { "a/package-lock.json",
          "{\"lockfileVersion\":3,\"packages\":{\"\":{\"workspaces\":[\"p\"]},"
          N "a\":{\"version\":\"1.0.0\",\"dependencies\":{\"c\":\"^1\"}}}}" },
    };

    app_cut_everywhere(files, 2, 0);
    app_cut_everywhere(files, 2, 1);
}
