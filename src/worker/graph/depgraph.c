/* The graph itself: packages, nodes, edges, and how they are written. Making
 * one from a tree lives in treegraph.c. */
#include "worker/graph/depgraph.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"

const char depgraph_null[] = "";

struct pkg_info {
    char *id;                        /* owns: "name@version" */
    char *name, *version, *purl;     /* own; version and purl may be NULL */
    bool null_version;
};

struct node {
    char *id;                /* owns */
    struct pkg_info *pkg;    /* borrows */
    char **label_keys, **label_values; /* own, with their texts */
    size_t n_labels;
    struct node **deps;      /* owns the array */
    size_t n_deps;
};

struct depgraph {
    char *manager, *alias;  /* own; alias may be NULL */
    struct map *pkgs;       /* owns the values: id to struct pkg_info */
    struct map *nodes;      /* owns the values: id to struct node */
    struct map *edges;      /* pairs of node addresses: which edges exist */
};

static char *
pkg_id(const struct depgraph_pkg *pkg)
{
    return xasprintf("%s@%s", pkg->name, pkg->version ? pkg->version : "");
}

static struct pkg_info *
put_pkg(struct depgraph *g, const struct depgraph_pkg *pkg)
{
    auto_free char *id = pkg_id(pkg);
    struct pkg_info *p = map_get_str(g->pkgs, id);

    if (p == NULL) {
        p = xnew(struct pkg_info);
        p->id = steal(id);
        map_put_str(g->pkgs, p->id, p);
    }
    free(p->name);
    free(p->version);
    free(p->purl);
    p->name = xstrdup(pkg->name);
    p->null_version = pkg->version == depgraph_null;
    p->version = p->null_version ? NULL : xstrdup(pkg->version);
    p->purl = xstrdup(pkg->purl);
    return p;
}

static void
clear_labels(struct node *n)
{
    for (size_t i = 0; i < n->n_labels; i++) {
        free(n->label_keys[i]);
        free(n->label_values[i]);
    }
    free(n->label_keys);
    free(n->label_values);
    n->label_keys = n->label_values = NULL;
    n->n_labels = 0;
}

static void
set_labels(struct node *n, const struct label *labels)
{
    size_t count = 0;

    clear_labels(n);
    while (labels != NULL && labels[count].key != NULL)
        count++;
    if (count == 0)
        return;
    n->label_keys = xcalloc(count, sizeof(char *));
    n->label_values = xcalloc(count, sizeof(char *));
    for (; n->n_labels < count; n->n_labels++) {
        n->label_keys[n->n_labels] = xstrdup(labels[n->n_labels].key);
        n->label_values[n->n_labels] = xstrdup(labels[n->n_labels].value);
    }
}

void
depgraph_add(struct depgraph *g, const struct depgraph_pkg *pkg,
             const char *node_id, const struct label *labels)
{
    struct node *n = map_get_str(g->nodes, node_id);

    if (n == NULL) {
        n = xnew(struct node);
        n->id = xstrdup(node_id);
        map_put_str(g->nodes, node_id, n);
    }
    n->pkg = put_pkg(g, pkg);
    set_labels(n, labels);
}

struct depgraph *
depgraph_new(const char *manager, const char *alias,
             const struct depgraph_pkg *root)
{
    struct depgraph *g = xnew(struct depgraph);

    g->manager = xstrdup(manager);
    g->alias = xstrdup(alias);
    g->pkgs = map_new();
    g->nodes = map_new();
    g->edges = map_new();
    depgraph_add(g, root, DEPGRAPH_ROOT, NULL);
    return g;
}

void
depgraph_free(struct depgraph *g)
{
    size_t at = 0;
    void *value;

    if (g == NULL)
        return;
    while (map_next(g->nodes, &at, NULL, &value)) {
        struct node *n = value;

        clear_labels(n);
        free(n->deps);
        free(n->id);
        free(n);
    }
    at = 0;
    while (map_next(g->pkgs, &at, NULL, &value)) {
        struct pkg_info *p = value;

        free(p->id);
        free(p->name);
        free(p->version);
        free(p->purl);
        free(p);
    }
    map_free(g->nodes);
    map_free(g->pkgs);
    map_free(g->edges);
    free(g->manager);
    free(g->alias);
    free(g);
}

bool
depgraph_has(const struct depgraph *g, const char *node_id)
{
    return map_get_str(g->nodes, node_id) != NULL;
}

size_t
depgraph_count(const struct depgraph *g)
{
    return map_count(g->nodes);
}

void
depgraph_connect(struct depgraph *g, const char *from, const char *to)
{
    struct node *a = map_get_str(g->nodes, from);
    struct node *b = map_get_str(g->nodes, to);
    struct node *edge[2] = { a, b };

    assert(a != NULL && b != NULL);
    if (map_put(g->edges, bytes_of(edge, sizeof(edge)), g) != NULL)
        return;
    a->deps = xgrown(a->deps, a->n_deps, sizeof(*a->deps));
    a->deps[a->n_deps++] = b;
}

/* ---- writing ----------------------------------------------------------- */

static void
write_pkgs(const struct depgraph *g, struct jw *jw)
{
    size_t at = 0;
    void *value;

    jw_key(jw, "pkgs");
    jw_arr(jw);
    while (map_next(g->pkgs, &at, NULL, &value)) {
        const struct pkg_info *p = value;

        jw_obj(jw);
        jw_key_str(jw, "id", p->id);
        jw_key(jw, "info");
        jw_obj(jw);
        jw_key_str(jw, "name", p->name);
        if (p->version != NULL || p->null_version)
            jw_key_str(jw, "version", p->version);
        jw_key_opt(jw, "purl", p->purl);
        jw_end(jw);
        jw_end(jw);
    }
    jw_end(jw);
}

static void
write_labels(const struct node *n, struct jw *jw)
{
    jw_key(jw, "info");
    jw_obj(jw);
    jw_key(jw, "labels");
    jw_obj(jw);
    for (size_t i = 0; i < n->n_labels; i++)
        jw_key_str(jw, n->label_keys[i], n->label_values[i]);
    jw_end(jw);
    jw_end(jw);
}

/* Edges are properties of an object where graphs are read and written: those
 * to a node named like an array's index ("7") come first, ascending. */
static void
write_node(const struct node *n, struct jw *jw)
{
    auto_free const char **ids = xcalloc(n->n_deps, sizeof(*ids));

    jw_obj(jw);
    jw_key_str(jw, "nodeId", n->id);
    jw_key_str(jw, "pkgId", n->pkg->id);
    if (n->n_labels > 0)
        write_labels(n, jw);
    jw_key(jw, "deps");
    jw_arr(jw);
    for (size_t i = 0; i < n->n_deps; i++)
        ids[i] = n->deps[i]->id;
    js_order_keys(ids, n->n_deps);
    for (size_t i = 0; i < n->n_deps; i++) {
        jw_obj(jw);
        jw_key_str(jw, "nodeId", ids[i]);
        jw_end(jw);
    }
    jw_end(jw);
    jw_end(jw);
}

/* As properties of an object, too. */
static void
write_in_order(const struct depgraph *g, struct jw *jw)
{
    const char **ids = xcalloc(map_count(g->nodes), sizeof(*ids));
    size_t at = 0, n = 0;
    void *value;

    while (map_next(g->nodes, &at, NULL, &value))
        ids[n++] = ((const struct node *)value)->id;
    js_order_keys(ids, n);
    for (size_t i = 0; i < n; i++)
        write_node(map_get_str(g->nodes, ids[i]), jw);
    free(ids);
}

static void
write_nodes(const struct depgraph *g, struct jw *jw)
{
    jw_key(jw, "graph");
    jw_obj(jw);
    jw_key_str(jw, "rootNodeId", DEPGRAPH_ROOT);
    jw_key(jw, "nodes");
    jw_arr(jw);
    write_in_order(g, jw);
    jw_end(jw);
    jw_end(jw);
}

void
depgraph_write(const struct depgraph *g, struct jw *jw)
{
    jw_obj(jw);
    jw_key_str(jw, "schemaVersion", "1.3.0");
    jw_key(jw, "pkgManager");
    jw_obj(jw);
    jw_key_str(jw, "name", g->manager);
    if (g->alias != NULL) {
        jw_key(jw, "repositories");
        jw_arr(jw);
        jw_obj(jw);
        jw_key_str(jw, "alias", g->alias);
        jw_end(jw);
        jw_end(jw);
    }
    jw_end(jw);
    write_pkgs(g, jw);
    write_nodes(g, jw);
    jw_end(jw);
}
