#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json/jx.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"

static struct jx *
written(const struct depgraph *g)
{
    auto_buf struct buf text = BUF_INIT(64 << 20);
    struct jx *doc;
    struct jw jw;

    jw_init(&jw, &text);
    depgraph_write(g, &jw);
    doc = jx_parse(buf_bytes(&text), SIZE_MAX, NULL);
    cr_assert_not_null(doc);
    return doc;
}

/* "id>dep,dep id2>..." of a graph's nodes. */
static char *
nodes_text(const struct depgraph *g)
{
    auto_jx struct jx *doc = written(g);
    const struct jx *nodes = jx_arr(jx_get(doc, "graph"), "nodes");
    struct buf out = BUF_INIT(1 << 20);

    for (size_t i = 0; i < jx_count(nodes); i++) {
        const struct jx *deps = jx_arr(jx_at(nodes, i), "deps");

        buf_addf(&out, "%s%s", i > 0 ? " " : "",
                 jx_str(jx_at(nodes, i), "nodeId"));
        for (size_t k = 0; k < jx_count(deps); k++)
            buf_addf(&out, "%c%s", k > 0 ? ',' : '>',
                     jx_str(jx_at(deps, k), "nodeId"));
    }
    return buf_steal(&out);
}

static const struct depgraph_pkg root = { "app", "1.0", NULL };

Test(depgraph, known_packages_keep_their_place_and_get_new_information)
{
    auto_depgraph struct depgraph *g = depgraph_new("npm", NULL, &root);
    const struct depgraph_pkg a = { "a", "1", NULL }, b = { "b", NULL, NULL };
    const struct depgraph_pkg again = { "a", "1", "pkg:x" };
    auto_jx struct jx *doc = NULL;

    depgraph_add(g, &a, "a@1", NULL);
    depgraph_add(g, &b, "b@", NULL);
    depgraph_add(g, &again, "a@1", NULL);
    depgraph_connect(g, DEPGRAPH_ROOT, "b@");
    depgraph_connect(g, DEPGRAPH_ROOT, "a@1");
    depgraph_connect(g, DEPGRAPH_ROOT, "b@");
    depgraph_connect(g, "b@", "a@1");
    doc = written(g);
    auto_buf struct buf pkgs = BUF_INIT(1 << 20);
    jx_write(jx_get(doc, "pkgs"), &pkgs);
    cr_expect_str_eq(buf_cstr(&pkgs),
                     "[{\"id\":\"app@1.0\",\"info\":{\"name\":\"app\","
                     "\"version\":\"1.0\"}},{\"id\":\"a@1\",\"info\":{"
                     "\"name\":\"a\",\"version\":\"1\",\"purl\":\"pkg:x\"}},"
                     "{\"id\":\"b@\",\"info\":{\"name\":\"b\"}}]");
    auto_free char *nodes = nodes_text(g);
    cr_expect_str_eq(nodes, "root-node>b@,a@1 a@1 b@>a@1");
    cr_expect_null(jx_get(jx_get(doc, "pkgManager"), "repositories"));
}

Test(depgraph, labels_stand_in_the_nodes_info)
{
    static const struct label labels[] = { { "scope", "prod" },
                                           { NULL, NULL } };
    auto_depgraph struct depgraph *g = depgraph_new("deb", "debian:12", &root);
    const struct depgraph_pkg a = { "a", "", NULL };
    auto_buf struct buf text = BUF_INIT(1 << 20);
    auto_jx struct jx *doc = NULL;

    depgraph_add(g, &a, "a@", labels);
    doc = written(g);
    jx_write(jx_at(jx_arr(jx_get(doc, "graph"), "nodes"), 1), &text);
    cr_expect_str_eq(buf_cstr(&text),
                     "{\"nodeId\":\"a@\",\"pkgId\":\"a@\",\"info\":{\"labels\":"
                     "{\"scope\":\"prod\"}},\"deps\":[]}");
}

/* ---- trees ------------------------------------------------------------- */

static struct deptree **made; /* owns all nodes of a test */
static size_t n_made;

static struct deptree *
node(const char *name)
{
    struct deptree *t = xnew(struct deptree);

    t->name = name;
    t->version = "1";
    if ((n_made & (n_made - 1)) == 0)
        made = xrealloc(made, (n_made * 2 + 1) * sizeof(*made));
    made[n_made++] = t;
    return t;
}

static void
free_nodes(void)
{
    for (size_t i = 0; i < n_made; i++) {
        free(made[i]->kids);
        free(made[i]);
    }
    free(made);
}

TestSuite(treegraph, .fini = free_nodes);

static char *
nodes_of_tree(struct deptree *top)
{
    auto_depgraph struct depgraph *g = depgraph_new("deb", NULL, &root);

    depgraph_add_tree(g, top);
    return nodes_text(g);
}

Test(treegraph, equal_subtrees_become_one_node_and_different_ones_are_numbered)
{
    struct deptree *top = node("app"), *a = node("a"), *b = node("b");
    struct deptree *leaf1 = node("c"), *leaf2 = node("c"), *full = node("c");

    deptree_add_kid(a, leaf1);
    deptree_add_kid(b, leaf2);
    deptree_add_kid(full, node("d"));
    deptree_add_kid(top, full);
    deptree_add_kid(top, b);
    deptree_add_kid(top, a);
    auto_free char *got = nodes_of_tree(top);
    /* Post-order over sorted children: the leaf is met before the full one. */
    cr_expect_str_eq(got, "root-node>a@1,b@1,c@1|2 c@1|1 c@1|2>d@1 a@1>c@1|1 "
                          "b@1>c@1|1 d@1");
}

Test(treegraph, a_label_makes_another_node)
{
    static const struct label labels[] = { { "k", "v" }, { NULL, NULL } };
    struct deptree *top = node("app"), *a = node("a"), *c = node("c");

    c->labels = labels;
    deptree_add_kid(a, node("c"));
    deptree_add_kid(top, a);
    deptree_add_kid(top, c);
    auto_free char *got = nodes_of_tree(top);
    cr_expect_str_eq(got, "root-node>a@1,c@1|2 c@1|1 c@1|2 a@1>c@1|1");
}

Test(treegraph, children_are_sorted_by_utf16_units)
{
    struct deptree *top = node("app");

    deptree_add_kid(top, node("\xef\xbf\xbd"));     /* U+FFFD */
    deptree_add_kid(top, node("\xf0\x9f\x98\x80")); /* U+1F600: D83D DE00 */
    deptree_add_kid(top, node("b"));
    deptree_add_kid(top, node("B"));
    auto_free char *got = nodes_of_tree(top);
    cr_expect_str_eq(got, "root-node>B@1,b@1,\xf0\x9f\x98\x80@1,\xef\xbf\xbd@1 "
                          "B@1 b@1 \xf0\x9f\x98\x80@1 \xef\xbf\xbd@1");
}

Test(treegraph, the_last_purl_seen_is_the_packages)
{
    struct deptree *top = node("app"), *a = node("a"), *bare = node("a");
    auto_depgraph struct depgraph *g = depgraph_new("deb", NULL, &root);
    auto_jx struct jx *doc = NULL;

    a->purl = "pkg:x/a";
    struct deptree *b = node("b");
    deptree_add_kid(b, bare);
    deptree_add_kid(top, a);
    deptree_add_kid(top, b);
    depgraph_add_tree(g, top);
    doc = written(g);
    cr_expect_null(jx_str(jx_get(jx_at(jx_arr(doc, "pkgs"), 1), "info"),
                          "purl"));
}

Test(treegraph, shared_nodes_cost_their_own_edges_only)
{
    enum { DEPTH = 200 };
    struct deptree *below = node("end"), *top;
    char names[DEPTH][2][32];

    /* 2^200 paths, 401 nodes. */
    for (int i = 0; i < DEPTH; i++) {
        struct deptree *pair[2];

        for (int k = 0; k < 2; k++) {
            snprintf(names[i][k], sizeof(names[i][k]), "n%d-%d", i, k);
            pair[k] = node(names[i][k]);
            deptree_add_kid(pair[k], below);
        }
        top = node("join");
        deptree_add_kid(top, pair[0]);
        deptree_add_kid(top, pair[1]);
        below = top;
    }
    auto_depgraph struct depgraph *g = depgraph_new("deb", NULL, &root);
    depgraph_add_tree(g, below);
    /* The root stands for the last join. */
    cr_expect_eq(depgraph_count(g), 3 * DEPTH + 1);
}

Test(treegraph, a_long_chain_needs_no_stack)
{
    enum { N = 200000 };
    struct deptree *top = node("x"), *at = top;

    for (int i = 0; i < N; i++) {
        struct deptree *kid = node("x");

        deptree_add_kid(at, kid);
        at = kid;
    }
    auto_depgraph struct depgraph *g = depgraph_new("deb", NULL, &root);
    depgraph_add_tree(g, top);
    cr_expect_eq(depgraph_count(g), N + 1);
}
