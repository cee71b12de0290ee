/* Expected graphs are those of the scanner crab replaces, seen by running it
 * on the same files, unless a test says that crab knows better. */
#include <criterion/criterion.h>

#include "app-rig.h"
#include "worker/graph/node-npm.h"

#define expect_lock1(manifest, lock, compat, want) \
    do { \
        const struct app_file files_[] = { \
            { "a/package.json", "{\"name\":\"r\"," manifest "}" }, \
            { "a/package-lock.json", "{" lock "}" }, \
        }; \
        expect_apps(files_, compat, want); \
    } while (0)

#define P "/a/package.json: root-node"
#define DEPS(text) "\"dependencies\":{" text "}"
#define V1 "\"lockfileVersion\":1,"

Test(npm1, what_is_required_is_found_from_the_inside_outwards)
{
    expect_lock1(DEPS("\"a\":\"1\""),
                 V1 DEPS("\"a\":{\"version\":\"1\",\"requires\":{\"b\":\"1\"},"
                         DEPS("\"b\":{\"version\":\"2\",\"requires\":"
                              "{\"c\":\"1\"}}") "},"
                         "\"b\":{\"version\":\"9\"},\"c\":{\"version\":\"3\"}"),
                 true, P ">a@1 c@3 b@2>c@3 a@1>b@2");
}

Test(npm1, a_cycle_is_cut_where_a_package_meets_itself)
{
    expect_lock1(DEPS("\"a\":\"1\""),
                 V1 DEPS("\"a\":{\"version\":\"1\",\"requires\":{\"b\":\"1\"}},"
                         "\"b\":{\"version\":\"2\",\"requires\":{\"a\":\"1\"}}"),
                 true, P ">a@1|2 a@1|1 a@1|2>b@2 b@2>a@1|1");
}

Test(npm1, a_package_that_needs_itself_is_there_three_times)
{
    expect_lock1(DEPS("\"a\":\"1\""),
                 V1 DEPS("\"a\":{\"version\":\"1\",\"requires\":{\"a\":\"1\"}}"),
                 true, P ">a@1|3 a@1|1 a@1|2>a@1|1 a@1|3>a@1|2");
}

Test(npm1, what_is_missing_is_unknown)
{
    expect_lock1(DEPS("\"a\":\"1\",\"m\":\"^4\""),
                 V1 DEPS("\"a\":{\"version\":\"1\",\"requires\":{\"q\":\"1\"}}"),
                 true, P ">a@1,m@^4 q@unknown a@1>q@unknown m@^4");
}

Test(npm1, the_peer_takes_a_missing_scope_for_a_version)
{
#define SCOPED \
    V1 DEPS("\"a\":{\"version\":\"1\",\"requires\":{\"@s/q\":\"1\"}}")
    expect_lock1(DEPS("\"a\":\"1\""), SCOPED, true,
                 P ">a@1 @s/@@s/q a@1>@s/@@s/q");
    expect_lock1(DEPS("\"a\":\"1\""), SCOPED, false,
                 P ">a@1 @s/q@unknown a@1>@s/q@unknown");
}

Test(npm1, peers_count_where_no_version_is_stated)
{
#define PEERS \
    DEPS("\"a\":\"1\"") ",\"peerDependencies\":{\"p\":\"2\",\"o\":\"3\"}," \
    "\"peerDependenciesMeta\":{\"o\":{\"optional\":true}}"
    expect_lock1(PEERS, DEPS(""), true, P ">a@1,p@2 a@1 p@2");
    expect_lock1(PEERS, V1 DEPS(""), true, P ">a@1 a@1");
}

Test(npm1, without_dependencies_the_peer_does_not_look)
{
#define OPTIONAL "\"optionalDependencies\":{\"o\":\"1\"}"
    expect_lock1(OPTIONAL, V1 DEPS("\"o\":{\"version\":\"1.5\"}"), true, P);
    expect_lock1(OPTIONAL, V1 DEPS("\"o\":{\"version\":\"1.5\"}"), false,
                 P ">o@1.5 o@1.5");
}

/* n packages that all need each other, or each the next two. */
static void
put_lock(struct buf *lock, int n, int each)
{
    buf_add_str(lock, "{\"lockfileVersion\":1,\"dependencies\":{");
    for (int i = 0; i < n; i++) {
        buf_addf(lock, "%s\"p%d\":{\"version\":\"1\",\"requires\":{",
                 i > 0 ? "," : "", i);
        for (int k = 1; k <= each; k++)
            buf_addf(lock, "%s\"p%d\":\"1\"", k > 1 ? "," : "",
                     each == 2 ? i + k : (i + k) % n);
        buf_add_str(lock, "}}");
    }
    buf_add_str(lock, "}}");
}

static size_t
count_nodes(const char *lock, bool compat)
{
    const struct app_file files[] = {
        { "a/package.json", "{\"dependencies\":{\"p0\":\"1\"}}" },
        { "a/package-lock.json", lock },
    };
    struct err err;
    auto_jx struct jx *results = app_results(files, 2, compat, &err);
    const struct jx *graph = app_fact(jx_at(results, 1), "depGraph");

    return jx_count(jx_arr(jx_get(graph, "graph"), "nodes"));
}

Test(npm1, a_knot_of_cycles_is_left_out_by_compat_and_cut_short_otherwise)
{
    auto_buf struct buf lock = BUF_INIT(1 << 20);

    put_lock(&lock, 60, 59);
    cr_expect_eq(count_nodes(buf_cstr(&lock), true), 0);
    cr_expect_gt(count_nodes(buf_cstr(&lock), false), 60);
}

Test(npm1, the_peer_gives_up_at_six_million_nodes_and_diamonds_cost_nothing)
{
    auto_buf struct buf lock = BUF_INIT(1 << 20);

    put_lock(&lock, 200, 2);
    cr_expect_eq(count_nodes(buf_cstr(&lock), true), 0);
    /* The root, the packages, and two missing ones at the end. */
    cr_expect_eq(count_nodes(buf_cstr(&lock), false), 203);
}

/* One after the other, each requires the next one; the last one more, too. */
static void
put_chain(struct buf *out, char name, int n, const char *last)
{
    for (int i = 0; i < n; i++) {
        buf_addf(out, "%s[-1,0,\"%c%d\",\"1\",\"",
                 out->p[out->n - 1] == '[' ? "" : ",", name, i);
        if (i + 1 < n)
            buf_addf(out, "%c%d\"]", name, i + 1);
        else
            buf_addf(out, "%s\"]", last);
    }
}

/* "a" requires each of `name`<from> up to `name`<to - 1>. */
static void
put_wide(struct buf *out, const char *a, char name, int from, int to)
{
    buf_addf(out, ",[-1,0,\"%s\",\"1\",\"", a);
    for (int k = from; k < to; k++)
        buf_addf(out, "%s%c%d", k > from ? "\\n" : "", name, k);
    buf_add_str(out, "\"]");
}

static int
build_entries(struct buf *data, bool compat, struct err *err)
{
    auto_jx struct jx *lock = jx_parse(buf_bytes(data), SIZE_MAX, NULL);
    auto_jx struct jx *manifest = jx_parse(
        bytes_str("{\"dependencies\":{\"x0\":\"1\"}}"), 99, NULL);
    const struct node_project p = { .compat = compat, .lock = lock,
                                    .manifest = manifest };
    auto_depgraph struct depgraph *g = NULL;

    cr_assert(lock != NULL && manifest != NULL);
    return npm1_build(&p, &g, err);
}

Test(npm1, beyond_a_ceiling_nothing_is_built)
{
    auto_buf struct buf data = BUF_INIT(1 << 24);
    struct err err;

    /* At the end of a way that leads back to its begin there is a circle too
     * large to be unfolded. */
    buf_add_str(&data, "{\"version\":1,\"entries\":[");
    put_chain(&data, 'x', 300000, "y0\\nx0");
    put_chain(&data, 'y', 1, "c0");
    put_chain(&data, 'c', 6000, "c0");
    buf_add_str(&data, "]}");
    cr_assert_eq(build_entries(&data, true, &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
}

/* The last one of a chain requires all of them: few steps, but far too many
 * are above the others. */
Test(npm1, what_copies_are_known_by_counts)
{
    auto_buf struct buf data = BUF_INIT(1 << 20);
    struct err err;

    buf_add_str(&data, "{\"version\":1,\"entries\":[");
    put_chain(&data, 'x', 3000, "end");
    put_wide(&data, "end", 'x', 0, 3000);
    buf_add_str(&data, "]}");
    cr_assert_eq(build_entries(&data, true, &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
    cr_expect_eq(build_entries(&data, false, &err), 0);
}

/* y0, y1 and y2 require the same 3000, and each of those a chain of 4000 that
 * leads back: after y0 nothing is new, but has to be looked at. */
Test(npm1, what_is_known_already_counts)
{
    auto_buf struct buf data = BUF_INIT(1 << 20);
    struct err err;

    buf_add_str(&data, "{\"version\":1,\"entries\":[");
    put_chain(&data, 'c', 4000, "x0");
    put_wide(&data, "x0", 'y', 0, 3);
    put_wide(&data, "y0", 'w', 0, 3000);
    put_wide(&data, "y1", 'w', 0, 3000);
    put_wide(&data, "y2", 'w', 0, 3000);
    for (int i = 0; i < 3000; i++)
        buf_addf(&data, ",[-1,0,\"w%d\",\"1\",\"c0\"]", i);
    buf_add_str(&data, "]}");
    cr_assert_eq(build_entries(&data, true, &err), -1);
    cr_expect_str_eq(err.text, "cycles too entangled to be unfolded");
    cr_expect_eq(build_entries(&data, false, &err), 0);
}

Test(npm1, cut_anywhere_the_system_is_reported)
{
    static const struct app_file files[] = {
        { "a/package.json", "{\"name\":\"r\",\"dependencies\":{\"a\":\"1\"}}" },
        { "a/package-lock.json",
          "{\"lockfileVersion\":1,\"dependencies\":{\"a\":{\"version\":\"1\","
          "\"requires\":{\"a\":\"1\"},\"dependencies\":{\"b\":{}}}}}" },
    };

    app_cut_everywhere(files, 2, 1);
}
