/*
 * From a tree to a graph (scan-facts.md §5, way T). What makes two
 * occurrences of a package the same node is its content: labels and, in
 * order, its children with theirs. Contents are numbered as they come
 * (hash-consing), so a node costs its own edges and no more.
 */
#include "worker/graph/depgraph.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"

/* A package as registered; its nodes in order of registration. */
struct reg_pkg {
    char *id;                /* owns */
    struct depgraph_pkg pkg; /* borrows; the last seen */
    struct reg_node **nodes; /* owns the array; without the root */
    size_t n_nodes;
    bool of_root;            /* the root's package: its first node */
};

struct reg_node {
    struct reg_pkg *pkg;     /* borrows */
    const struct deptree *tree; /* borrows: one of the equal ones */
    size_t number;           /* from 1; also its name inside contents */
    char *id;                /* owns: the final node id */
};

struct registry {
    struct map *pkgs;     /* owns the values: "name@version" to reg_pkg */
    struct map *nodes;    /* owns the values: package and content to reg_node */
    struct map *contents; /* bytes of a content to its number */
    struct reg_node **by_number; /* owns the array */
    size_t n_nodes, n_contents;
};

static char *
pkg_id(const struct deptree *t)
{
    return xasprintf("%s@%s", t->name, t->version != NULL ? t->version : "");
}

static struct reg_pkg *
put_pkg(struct registry *r, const struct deptree *t)
{
    auto_free char *id = pkg_id(t);
    struct reg_pkg *p = map_get_str(r->pkgs, id);

    if (p == NULL) {
        p = xnew(struct reg_pkg);
        p->id = steal(id);
        map_put_str(r->pkgs, p->id, p);
    }
    p->pkg = (struct depgraph_pkg){ t->name, t->version, t->purl };
    return p;
}

static struct reg_node *
find_node(const struct registry *r, const struct deptree *t)
{
    auto_free char *id = pkg_id(t);
    const struct reg_pkg *p = map_get_str(r->pkgs, id);
    uintptr_t key[2] = { (uintptr_t)p, t->identity };

    return map_get(r->nodes, bytes_of(key, sizeof(key)));
}

/* Registers the node of a tree node that was left, and its package anew each
 * time one is met: the package's purl is the last one seen. */
static void
put_node(struct registry *r, const struct deptree *t)
{
    struct reg_pkg *p = put_pkg(r, t);
    uintptr_t key[2] = { (uintptr_t)p, t->identity };
    struct reg_node *n = map_get(r->nodes, bytes_of(key, sizeof(key)));

    if (n != NULL)
        return;
    n = xnew(struct reg_node);
    n->pkg = p;
    n->tree = t;
    n->number = r->n_nodes + 1;
    map_put(r->nodes, bytes_of(key, sizeof(key)), n);
    r->by_number = xgrown(r->by_number, r->n_nodes, sizeof(*r->by_number));
    r->by_number[r->n_nodes++] = n;
    p->nodes = xgrown(p->nodes, p->n_nodes, sizeof(*p->nodes));
    p->nodes[p->n_nodes++] = n;
}

/* Of one name only where the peer would know but one of them. */
static int
by_key(const void *a, const void *b)
{
    const struct deptree *x = *(struct deptree *const *)a;
    const struct deptree *y = *(struct deptree *const *)b;
    int order = js_cmp(bytes_str(x->name), bytes_str(y->name));

    return order != 0 ? order
                      : js_cmp(bytes_str(x->version), bytes_str(y->version));
}

static void
add_labels(struct buf *content, const struct label *labels)
{
    for (; labels != NULL && labels->key != NULL; labels++) {
        buf_add(content, labels->key, strlen(labels->key) + 1);
        buf_add(content, labels->value, strlen(labels->value) + 1);
    }
    buf_add(content, "", 1);
}

/* All children have been left: number the content of their parent. */
static void
leave(struct registry *r, struct deptree *t)
{
    auto_buf struct buf content = BUF_INIT(SIZE_MAX / 4);
    uintptr_t number;

    add_labels(&content, t->labels);
    for (size_t i = 0; i < t->n_kids; i++) {
        const struct reg_node *kid = find_node(r, t->kids[i]);

        buf_add(&content, &kid->number, sizeof(kid->number));
    }
    number = (uintptr_t)map_get(r->contents, buf_bytes(&content));
    if (number == 0) {
        number = ++r->n_contents;
        map_put(r->contents, buf_bytes(&content), (void *)number);
    }
    t->identity = number;
}

struct frame {
    struct deptree *tree;
    size_t next;
};

static void
enter(struct frame **stack, size_t *depth, struct deptree *t)
{
    if (t->n_kids > 1)
        qsort(t->kids, t->n_kids, sizeof(*t->kids), by_key);
    *stack = xgrown(*stack, *depth, sizeof(**stack));
    (*stack)[(*depth)++] = (struct frame){ t, 0 };
}

/* Post-order, without recursion: chains of dependencies may be long. */
static void
walk(struct registry *r, struct deptree *root)
{
    struct frame *stack = NULL;
    size_t depth = 0;

    enter(&stack, &depth, root);
    while (depth > 0) {
        struct frame *f = &stack[depth - 1];

        if (f->next < f->tree->n_kids) {
            struct deptree *kid = f->tree->kids[f->next++];

            if (kid->identity == 0)
                enter(&stack, &depth, kid);
            else
                put_node(r, kid);
            continue;
        }
        leave(r, f->tree);
        if (f->tree != root)
            put_node(r, f->tree);
        depth--;
    }
    free(stack);
}

static void
name_nodes(struct registry *r)
{
    size_t at = 0;
    void *value;

    while (map_next(r->pkgs, &at, NULL, &value)) {
        struct reg_pkg *p = value;

        for (size_t i = 0; i < p->n_nodes; i++)
            p->nodes[i]->id = p->n_nodes == 1 && !p->of_root
                                  ? xstrdup(p->id)
                                  : xasprintf("%s|%zu", p->id,
                                              i + 1 + p->of_root);
    }
}

static void
connect_kids(struct registry *r, struct depgraph *g, const char *id,
             const struct deptree *t)
{
    for (size_t i = 0; i < t->n_kids; i++)
        depgraph_connect(g, id, find_node(r, t->kids[i])->id);
}

/* Package by package, each with its nodes. */
static void
emit(struct registry *r, struct depgraph *g, const struct deptree *root)
{
    size_t at = 0;
    void *value;

    while (map_next(r->pkgs, &at, NULL, &value)) {
        struct reg_pkg *p = value;

        for (size_t i = 0; i < p->n_nodes; i++)
            depgraph_add(g, &p->pkg, p->nodes[i]->id,
                         p->nodes[i]->tree->labels);
    }
    connect_kids(r, g, DEPGRAPH_ROOT, root);
    for (size_t i = 0; i < r->n_nodes; i++)
        connect_kids(r, g, r->by_number[i]->id, r->by_number[i]->tree);
}

static void
registry_clear(struct registry *r)
{
    size_t at = 0;
    void *value;

    while (map_next(r->pkgs, &at, NULL, &value)) {
        struct reg_pkg *p = value;

        free(p->nodes);
        free(p->id);
        free(p);
    }
    for (size_t i = 0; i < r->n_nodes; i++) {
        free(r->by_number[i]->id);
        free(r->by_number[i]);
    }
    free(r->by_number);
    map_free(r->pkgs);
    map_free(r->nodes);
    map_free(r->contents);
}

void
depgraph_add_tree(struct depgraph *g, struct deptree *root)
{
    struct registry r = { .pkgs = map_new(),
                          .nodes = map_new(),
                          .contents = map_new() };

    put_pkg(&r, root)->of_root = true;
    walk(&r, root);
    name_nodes(&r);
    emit(&r, g, root);
    registry_clear(&r);
}

void
deptree_add_kid(struct deptree *parent, struct deptree *kid)
{
    parent->kids = xgrown(parent->kids, parent->n_kids, sizeof(*parent->kids));
    parent->kids[parent->n_kids++] = kid;
}
