/* Expected graphs are those of the scanner crab replaces, seen by running it
 * on the same files, unless a test says that crab knows better. */
#include <criterion/criterion.h>
#include <limits.h>

#include "app-rig.h"
#include "worker/graph/node-phys.h"

#define MODULE(path, text) \
    { "a/node_modules/" path "/package.json", "{" text "}" }
#define NAMED(name, version) "\"name\":\"" name "\",\"version\":\"" version "\""
#define DEPS(text) ",\"dependencies\":{" text "}"
#define ROOT(text) { "a/package.json", "{\"name\":\"r\"" text "}" }
#define P "/a/package.json: root-node"

#define expect_both(files, want) \
    do { \
        expect_apps(files, true, want); \
        expect_apps(files, false, want); \
    } while (0)

Test(node_modules, a_dependency_is_found_from_the_inside_outwards)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"^1\",\"b\":\"*\"")),
        MODULE("a", NAMED("a", "1.0.0") DEPS("\"b\":\"*\"")),
        MODULE("a/node_modules/b", NAMED("b", "2.0.0") DEPS("\"c\":\"1\"")),
        MODULE("b", NAMED("b", "1.0.0")),
        MODULE("c", NAMED("c", "1.0.0")),
    };

    expect_both(files, P ">a@1.0.0,b@1.0.0 c@1.0.0 b@2.0.0>c@1.0.0 "
                         "a@1.0.0>b@2.0.0 b@1.0.0");
}

Test(node_modules, the_peer_looks_on_for_a_version_that_fits)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"1\",\"b\":\"1\"")),
        MODULE("a", NAMED("a", "1.0.0") DEPS("\"b\":\"^1\"")),
        MODULE("a/node_modules/b", NAMED("b", "2.0.0")),
        MODULE("b", NAMED("b", "1.0.0")),
    };

    /* What nobody asked for stands where it lies, in the other's place. */
    expect_both(files, P ">a@1.0.0,b@1.0.0 b@2.0.0 a@1.0.0>b@2.0.0 b@1.0.0");
}

Test(node_modules, cycles_are_cut)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"*\"")),
        MODULE("a", NAMED("a", "1.0.0") DEPS("\"b\":\"*\"")),
        MODULE("b", NAMED("b", "1.0.0") DEPS("\"a\":\"*\",\"c\":\"*\"")),
        MODULE("c", NAMED("c", "1.0.0") DEPS("\"b\":\"*\"")),
    };

    expect_both(files, P ">a@1.0.0 c@1.0.0 b@1.0.0>c@1.0.0 a@1.0.0>b@1.0.0");
}

Test(node_modules, what_nobody_asked_for_is_there_with_what_it_needs)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"^1\"")),
        MODULE("a", NAMED("a", "1.0.0")),
        MODULE("a/node_modules/q", NAMED("q", "1.0.0")),
        MODULE("x", NAMED("x", "1.0.0") DEPS("\"y\":\"1\",\"a\":\"1\"")),
        MODULE("y", NAMED("y", "1.0.0")),
    };

    expect_both(files, P ">a@1.0.0|1,x@1.0.0 q@1.0.0 a@1.0.0|1>q@1.0.0 "
                         "a@1.0.0|2 y@1.0.0 x@1.0.0>a@1.0.0|2,y@1.0.0");
}

Test(node_modules, what_is_for_development_is_gone_with_all_of_its_own)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"1\"") ",\"devDependencies\":{\"d\":\"*\"}"),
        MODULE("a", NAMED("a", "1.0.0") DEPS("\"e\":\"*\"")),
        MODULE("d", NAMED("d", "1.0.0") DEPS("\"e\":\"*\",\"f\":\"1\"")),
        MODULE("d/node_modules/k", NAMED("k", "1.0.0")),
        MODULE("e", NAMED("e", "1.0.0")),
        MODULE("f", NAMED("f", "1.0.0")),
    };

    expect_both(files, P ">a@1.0.0 e@1.0.0 a@1.0.0>e@1.0.0");
}

Test(node_modules, without_a_manifest_the_folder_names_the_root)
{
    static const struct app_file files[] = {
        MODULE("@s/a", NAMED("@s/a", "1.0.0")),
        MODULE(".bin", NAMED("bin", "1.0.0")),
        MODULE("a/lib", NAMED("inner", "1.0.0")),
    };
    struct err err;
    auto_jx struct jx *results = app_results(files, 3, true, &err);
    const struct jx *result = jx_at(results, 1);

    expect_both(files, "/a/node_modules: root-node>@s/a@1.0.0 @s/a@1.0.0");
    rig_expect_json(app_fact(result, "testedFiles"), "\"/a/node_modules\"");
    cr_expect_str_eq(
        jx_str(jx_at(jx_arr(app_fact(result, "depGraph"), "pkgs"), 0), "id"),
        "a@");
}

Test(node_modules, of_packages_with_one_name_the_peer_knows_the_last)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"lodash\":\"^3\",\"new\":\"npm:lodash@^4\"")),
        MODULE("lodash", NAMED("lodash", "3.0.0")),
        MODULE("new", NAMED("lodash", "4.0.0") DEPS("\"k\":\"*\"")),
        MODULE("k", NAMED("k", "1.0.0")),
    };

    expect_apps(files, true, P ">k@1.0.0,lodash@4.0.0 k@1.0.0 lodash@4.0.0");
    /* Both are installed, and node finds them by their folders. */
    expect_apps(files, false, P ">lodash@3.0.0,lodash@4.0.0 lodash@3.0.0 "
                                "k@1.0.0 lodash@4.0.0>k@1.0.0");
}

Test(node_modules, a_name_may_be_a_slash_or_begin_with_one)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"/\":\"1\",\"/x\":\"1\"")),
        MODULE("a", NAMED("/", "1.0.0") DEPS("\"b\":\"1\"")),
        MODULE("b", NAMED("b", "1.0.0")),
        MODULE("c", NAMED("/x", "1.0.0")),
    };

    expect_apps(files, true, P ">/@1.0.0,/x@1.0.0 b@1.0.0 /@1.0.0>b@1.0.0 "
                               "/x@1.0.0");
}

Test(node_modules, without_a_name_the_folder_has_it_but_not_its_scope)
{
    static const struct app_file files[] = {
        ROOT(""),
        MODULE("a", "\"version\":\"1.0.0\""),
        MODULE("@s/b", "\"name\":\"\",\"version\":\"1.0.0\""),
    };

    expect_both(files, P ">a@1.0.0,b@1.0.0 a@1.0.0 b@1.0.0");
}

Test(node_modules, a_dependency_from_elsewhere_is_found_by_its_folder)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"z\":\"*\"")),
        MODULE("a", NAMED("a", "1.0.0")),
        MODULE("z", NAMED("z", "1.0.0") DEPS("\"a\":\"github:x/a\"")),
    };

    expect_apps(files, true, P ">a@1.0.0,z@1.0.0 a@1.0.0 z@1.0.0");
    expect_apps(files, false, P ">z@1.0.0 a@1.0.0 z@1.0.0>a@1.0.0");
}

Test(node_modules, a_version_that_is_none_ends_the_peers_project)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"*\"")),
        MODULE("a", NAMED("a", "1.0")),
    };

    expect_apps(files, true, "");
    expect_apps(files, false, P ">a@1.0 a@1.0");
}

Test(node_modules, a_missing_version_is_null_to_the_peer)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"*\"")), MODULE("a", "\"name\":\"a\""),
    };

    for (int compat = 0; compat < 2; compat++) {
        struct err err;
        auto_jx struct jx *results = app_results(files, 2, compat, &err);
        const struct jx *pkgs =
            jx_arr(app_fact(jx_at(results, 1), "depGraph"), "pkgs");

        rig_expect_json(jx_get(jx_at(pkgs, 1), "info"),
                        compat ? "{\"name\":\"a\",\"version\":null}"
                               : "{\"name\":\"a\"}");
    }
}

Test(node_modules, what_package_managers_keep_is_not_installed)
{
    static const struct app_file files[] = {
        { "root/.npm/x/node_modules/a/package.json",
          "{" NAMED("a", "1.0.0") "}" },
        { "b/.yarn/cache/node_modules/a/package.json",
          "{" NAMED("a", "1.0.0") "}" },
    };

    expect_both(files, "");
}

Test(node_modules, a_store_of_pnpm_is_a_flat_list)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"*\"")),
        MODULE(".pnpm/a@1.0.0/node_modules/a",
               NAMED("a", "1.0.0") DEPS("\"b\":\"*\"")),
        MODULE(".pnpm/b@2.0.0/node_modules/b", NAMED("b", "2.0.0")),
        MODULE(".pnpm/b@2.0.0_x/node_modules/b", NAMED("b", "2.0.0")),
        MODULE(".pnpm/c@1.0.0/node_modules/c", "\"name\":\"c\""),
    };

    expect_both(files, P ">a@1.0.0,b@2.0.0 a@1.0.0 b@2.0.0");
}

Test(node_modules, a_lock_beside_it_tells_more)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"*\"")),
        { "a/package-lock.json", "{\"lockfileVersion\":3,\"packages\":{}}" },
        MODULE("a", NAMED("a", "1.0.0")),
    };

    expect_both(files, P ">a@* a@*");
}

Test(node_phys, of_a_path_that_comes_twice_the_last_one_counts)
{
    auto_jx struct jx *old = jx_parse(bytes_str("[\"a\",\"1\"]"), 99, NULL);
    auto_jx struct jx *data = jx_parse(bytes_str("[\"a\",\"2\"]"), 99, NULL);
    const struct bytes path = bytes_str("/a/node_modules/a/package.json");
    const struct phys_file files[] = { { path, old }, { path, data } };
    auto_phys_tree struct phys_tree *t =
        phys_tree_new(bytes_str("/a"), NULL, files, 2, false, NULL);

    cr_assert_eq(t->n, 2);
    cr_expect_str_eq(t->all[1]->version, "2");
}

/* How many packages are found where so many all want "b" in a range of n
 * bytes; 0: that is too much. */
#define MANY 400

static size_t
count_with_range(size_t n, bool compat)
{
    auto_buf struct buf text = BUF_INIT(1 << 21);
    struct phys_file files[MANY + 1];
    char *paths[MANY];
    struct err err;

    buf_add_str(&text, "[null,\"1.0.0\",\"b\\n");
    for (size_t i = 0; i < n; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "\"]");
    auto_jx struct jx *data = jx_parse(buf_bytes(&text), SIZE_MAX, NULL);
    auto_jx struct jx *b = jx_parse(bytes_str("[\"b\",\"1.0.0\"]"), 99, NULL);
    for (size_t i = 0; i < MANY; i++) {
        paths[i] = xasprintf("/node_modules/p%zu/package.json", i);
        files[i] = (struct phys_file){ bytes_str(paths[i]), data };
    }
    files[MANY] = (struct phys_file){
        bytes_str("/node_modules/b/package.json"), b
    };
    auto_phys_tree struct phys_tree *t =
        phys_tree_new(bytes_str(""), NULL, files, MANY + 1, compat, &err);

    for (size_t i = 0; i < MANY; i++)
        free(paths[i]);
    cr_expect(t != NULL || err.kind == ERR_LIMIT);
    return t != NULL ? t->n : 0;
}

Test(node_phys, looking_for_dependencies_has_a_ceiling)
{
    cr_expect_eq(count_with_range(1000, true), MANY + 2);
    cr_expect_eq(count_with_range(1000000, true), 0);
    /* Ranges do not count where node looks for names alone. */
    cr_expect_eq(count_with_range(1000000, false), MANY + 2);
}

/* Files made as they are needed. */
struct heap {
    struct app_file at[20001];
    size_t n;
};

/* Takes both. */
static void
heap_put(struct heap *h, char *path, char *text)
{
    cr_assert_lt(h->n, N_ELEMENTS(h->at));
    h->at[h->n++] = (struct app_file){ path, text };
}

/* a/node_modules/<name><i>: needs p<from> up to p<to - 1>, those above `wrap`
 * from 0 again, and `more`. */
static void
heap_module(struct heap *h, const char *name, int i, const char *more,
            int from, int to, int wrap)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);

    buf_addf(&text, "{\"name\":\"%s%d\",\"version\":\"1.0.0\","
             "\"dependencies\":{%s", name, i, more);
    for (int k = from; k < to; k++)
        buf_addf(&text, "%s\"p%d\":\"*\"",
                 k > from || *more != '\0' ? "," : "", k % wrap);
    buf_add_str(&text, "}}");
    heap_put(h, xasprintf("a/node_modules/%s%d/package.json", name, i),
             buf_steal(&text));
}

static struct heap *
heap_new(const char *deps)
{
    struct heap *h = xnew(struct heap);

    heap_put(h, xstrdup("a/package.json"),
             xasprintf("{\"dependencies\":{%s}}", deps));
    return h;
}

static size_t
heap_nodes(const struct heap *h, bool compat)
{
    struct err err;
    auto_jx struct jx *results = app_results(h->at, h->n, compat, &err);
    const struct jx *graph = app_fact(jx_at(results, 1), "depGraph");

    return jx_count(jx_arr(jx_get(graph, "graph"), "nodes"));
}

static void
heap_free(struct heap *h)
{
    for (size_t i = 0; i < h->n; i++) {
        free((void *)(uintptr_t)h->at[i].path);
        free((void *)(uintptr_t)h->at[i].text);
    }
    free(h);
}

static size_t
count_nodes(int n, int each, bool compat)
{
    struct heap *h = heap_new("\"p0\":\"*\"");
    size_t count;

    for (int i = 0; i < n; i++)
        heap_module(h, "p", i, "", i + 1, i + 1 + each,
                    each < n - 1 ? INT_MAX : n);
    count = heap_nodes(h, compat);
    heap_free(h);
    return count;
}

Test(node_modules, diamonds_cost_what_they_are)
{
    cr_expect_eq(count_nodes(300, 3, true), 301);
}

Test(node_modules, a_long_chain_costs_no_stack)
{
    cr_expect_eq(count_nodes(20000, 1, true), 20001);
}

Test(node_modules, a_knot_of_cycles_is_left_out_by_compat_and_cut_otherwise)
{
    cr_expect_eq(count_nodes(60, 59, true), 0);
    cr_expect_gt(count_nodes(60, 59, false), 60);
}

/* Of n in a chain the last one needs all: few steps, but far too many are
 * above the others. */
Test(node_modules, what_nodes_are_known_by_counts)
{
    const int n = 2500;
    struct heap *h = heap_new("\"p0\":\"*\"");

    for (int i = 0; i < n; i++)
        heap_module(h, "p", i, "", i < n - 1 ? i + 1 : 0,
                    i < n - 1 ? i + 2 : n, INT_MAX);
    cr_expect_eq(heap_nodes(h, true), 0);
    cr_expect_gt(heap_nodes(h, false), n);
    heap_free(h);
}

/* x0, x1 and x2 need the same 2500, and each of those a chain of 2000 that
 * leads back: after x0 nothing is new, but has to be looked at. */
Test(node_modules, what_is_known_already_counts)
{
    const int n = 2000, wide = 2500;
    struct heap *h = heap_new("\"r0\":\"*\"");

    heap_module(h, "r", 0, "\"x0\":\"*\",\"x1\":\"*\",\"x2\":\"*\"", 0, 0, 1);
    for (int i = 0; i < 3; i++)
        heap_module(h, "x", i, "", n, n + wide, INT_MAX);
    for (int i = n; i < n + wide; i++)
        heap_module(h, "p", i, "\"p0\":\"*\"", 0, 0, 1);
    for (int i = 0; i < n; i++)
        heap_module(h, "p", i, i < n - 1 ? "" : "\"r0\":\"*\"", i + 1,
                    i < n - 1 ? i + 2 : 0, INT_MAX);
    cr_expect_eq(heap_nodes(h, true), 0);
    cr_expect_gt(heap_nodes(h, false), n + wide);
    heap_free(h);
}

static void
heap_in(struct heap *h, int i, const char *below, const char *manifest)
{
    heap_put(h, xasprintf("a/node_modules/p%d/%spackage.json", i, below),
             xstrdup(manifest));
}

/* Each of 200 finds the big package outside, and holds another version of it
 * with something that nobody asked for: this lands below the first, which must
 * be one of its own then, with all of its 4000 kids. */
Test(node_modules, what_becomes_one_of_its_own_counts)
{
    auto_buf struct buf deps = BUF_INIT(1 << 16);
    struct heap *h;

    for (int i = 4000; i < 4200; i++)
        buf_addf(&deps, "%s\"p%d\":\"*\"", i > 4000 ? "," : "", i);
    h = heap_new(buf_cstr(&deps));
    heap_module(h, "big", 1, "", 0, 4000, INT_MAX);
    for (int i = 0; i < 4000; i++)
        heap_module(h, "p", i, "", 0, 0, 1);
    for (int i = 4000; i < 4200; i++) {
        heap_in(h, i, "", "{\"version\":\"1.0.0\""
                DEPS("\"big1\":\"^1\",\"z\":\"1\"") "}");
        heap_in(h, i, "node_modules/z/", "{" NAMED("z", "1.0.0")
                DEPS("\"big1\":\"^9\"") "}");
        heap_in(h, i, "node_modules/big1/", "{" NAMED("big1", "9.0.0") "}");
        heap_in(h, i, "node_modules/big1/node_modules/x/",
                "{" NAMED("x", "1.0.0") "}");
    }
    cr_expect_eq(heap_nodes(h, true), 0);
    cr_expect_gt(heap_nodes(h, false), 4000);
    heap_free(h);
}

Test(node_modules, cut_anywhere_the_system_is_reported)
{
    static const struct app_file files[] = {
        ROOT(DEPS("\"a\":\"1\"")),
        MODULE("a", NAMED("a", "1.0.0") DEPS("\"a\":\"^1\"")),
    };

    app_cut_everywhere(files, 2, 0);
    app_cut_everywhere(files, 2, 1);
}
