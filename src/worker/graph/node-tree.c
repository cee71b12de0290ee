/*
 * Dependencies of installed packages. The peer writes the whole tree out,
 * without sharing; we share every part that must look the same: a package's
 * subtree depends on what is above it only as far as that can be met again
 * below, which takes a cycle.
 */
#include "worker/graph/node-tree.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"

/* Ceilings for what is made to take for ever. */
#define MAX_NODES 500000
#define MAX_STEPS PHYS_MAX_STEPS /* and bytes of what nodes are known by */
#define KID_STEPS 32             /* a kid copied and found by its key */

struct node {
    struct deptree tree;  /* first: kids are nodes, too */
    struct phys *phys;    /* borrows */
    struct map *by_key;   /* owns: key to place in kids + 1; NULL: not asked */
    bool own;             /* in one place only: may be changed */
    bool counted;         /* what is in there is marked as used */
};

/* A node whose kids are being made, and what it will be known by. */
struct frame {
    struct node *node;
    char *key;            /* owns */
    size_t n_key;
    size_t next;          /* of the package's needs */
};

struct node_tree {
    struct phys_tree *phys; /* borrows */
    struct node **nodes;    /* owns all */
    size_t n_nodes;
    struct node *root;
    struct map *known;      /* (package, what is above) to struct node */
    size_t *cycle;          /* owns: by full, its component; 0: in none */
    unsigned *above;        /* owns: by full, how often it is above */
    size_t *mark;           /* owns: by full or package, the last search */
    size_t last_mark, n_steps;
    struct phys **todo;     /* owns: scratch of a search, t->phys->n */
    struct frame *frames;   /* owns */
    size_t n_frames;
    struct node **walk;     /* owns: scratch of counting */
    bool once;              /* a package looks the same everywhere */
    bool full;
};

static struct node *
new_node(struct node_tree *t, struct phys *p)
{
    struct node *n = xnew(struct node);

    n->phys = p;
    n->tree.name = p->name;
    n->tree.version = p->version;
    if (str_is_empty(p->version))
        n->tree.version = t->phys->compat ? depgraph_null : NULL;
    if ((t->n_nodes & (t->n_nodes - 1)) == 0)
        t->nodes = xrealloc(t->nodes, (t->n_nodes > 0 ? t->n_nodes * 2 : 1) *
                                          sizeof(*t->nodes));
    t->nodes[t->n_nodes++] = n;
    t->full = t->full || t->n_nodes > MAX_NODES;
    return n;
}

/* ---- what a subtree depends on ----------------------------------------- */

static void
spend(struct node_tree *t, size_t n_steps)
{
    t->n_steps += n_steps;
    t->full = t->full || t->n_steps > MAX_STEPS;
}

static int
by_number(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return x < y ? -1 : x > y;
}

/*
 * The package, and the fulls above it that can be met below it. Where there
 * is no cycle there is nothing to be met. A package is marked in the first
 * half of `mark`, a full in the second.
 */
static void
subtree_key(struct node_tree *t, struct phys *p, struct buf *key)
{
    size_t n = 0, at = 0, from, *full_mark = t->mark + t->phys->n;

    buf_add(key, &p, sizeof(p));
    from = key->n;
    if (t->cycle[p->full] == 0 || t->once)
        return;
    t->last_mark++;
    t->todo[n++] = p;
    t->mark[p->number] = t->last_mark;
    while (at < n && !t->full) {
        struct phys *x = t->todo[at++];

        for (size_t i = 0; i < x->n_needs; i++) {
            struct phys *y = x->needs[i];

            spend(t, 1);
            if (t->cycle[y->full] != t->cycle[p->full])
                continue;
            if (t->above[y->full] > 0) {
                if (full_mark[y->full] == t->last_mark)
                    continue;
                full_mark[y->full] = t->last_mark;
                buf_add(key, &y->full, sizeof(y->full));
                spend(t, sizeof(y->full));
            } else if (t->mark[y->number] != t->last_mark) {
                t->mark[y->number] = t->last_mark;
                t->todo[n++] = y;
            }
        }
    }
    if (key->n > from)
        qsort(key->p + from, (key->n - from) / sizeof(size_t), sizeof(size_t),
              by_number);
}

/* ---- expanding --------------------------------------------------------- */

static void
push(struct node_tree *t, struct node *n, struct buf *key)
{
    t->frames = xgrown(t->frames, t->n_frames, sizeof(*t->frames));
    t->frames[t->n_frames] = (struct frame){ .node = n, .n_key = key->n };
    t->frames[t->n_frames++].key = buf_steal(key);
}

/*
 * The package as it looks below what is marked; marks it, too. If that is not
 * known yet its kids are still to be made, by run().
 */
static struct node *
enter(struct node_tree *t, struct phys *p)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);
    struct node *n;

    t->above[p->full]++;
    subtree_key(t, p, &key);
    n = map_get(t->known, buf_bytes(&key));
    if (n != NULL) {
        t->above[p->full]--;
        return n;
    }
    n = new_node(t, p);
    push(t, n, &key);
    return n;
}

static void
leave(struct node_tree *t)
{
    struct frame *f = &t->frames[--t->n_frames];

    t->above[f->node->phys->full]--;
    map_put(t->known, bytes_of(f->key, f->n_key), f->node);
    free(f->key);
}

/* Until all kids are made; chains may be long, so without recursion. */
static void
run(struct node_tree *t)
{
    while (t->n_frames > 0) {
        struct frame *f = &t->frames[t->n_frames - 1];
        struct node *n = f->node;
        struct phys *need;

        if (f->next == n->phys->n_needs || t->full) {
            leave(t);
            continue;
        }
        need = n->phys->needs[f->next++];
        if (t->above[need->full] == 0)
            deptree_add_kid(&n->tree, &enter(t, need)->tree);
    }
}

static struct node *
subtree(struct node_tree *t, struct phys *p)
{
    struct node *n = enter(t, p);

    run(t);
    return n;
}

/* All that is in there is used; each node is looked at once. */
static void
count_used(struct node_tree *t, struct node *top)
{
    size_t n = 0;

    t->walk = xgrown(t->walk, n, sizeof(struct node *));
    t->walk[n++] = top;
    while (n > 0) {
        struct node *at = t->walk[--n];

        if (at->counted)
            continue;
        at->counted = at->phys->used = true;
        for (size_t i = 0; i < at->tree.n_kids; i++) {
            t->walk = xgrown(t->walk, n, sizeof(struct node *));
            t->walk[n++] = (struct node *)at->tree.kids[i];
        }
    }
}

/* ---- places of their own ----------------------------------------------- */

static struct map *
keys_of(struct node_tree *t, struct node *n)
{
    if (n->by_key != NULL)
        return n->by_key;
    spend(t, KID_STEPS * n->tree.n_kids);
    n->by_key = map_new();
    for (size_t i = 0; i < n->tree.n_kids; i++)
        map_put_str(n->by_key, ((struct node *)n->tree.kids[i])->phys->key,
                    (void *)(i + 1));
    return n->by_key;
}

static size_t
kid_at(struct node_tree *t, struct node *n, const char *key)
{
    return (size_t)(uintptr_t)map_get_str(keys_of(t, n), key);
}

/* The kid of that key, made the parent's alone; NULL: there is none. */
static struct node *
own_kid(struct node_tree *t, struct node *parent, const char *key)
{
    size_t at = kid_at(t, parent, key);
    struct node *shared, *n;

    if (at == 0)
        return NULL;
    shared = (struct node *)parent->tree.kids[at - 1];
    if (shared->own)
        return shared;
    n = new_node(t, shared->phys);
    n->own = true;
    for (size_t i = 0; i < shared->tree.n_kids; i++)
        deptree_add_kid(&n->tree, shared->tree.kids[i]);
    parent->tree.kids[at - 1] = &n->tree;
    return n;
}

static void
put_kid(struct node_tree *t, struct node *parent, struct node *kid)
{
    size_t at = kid_at(t, parent, kid->phys->key);

    if (at > 0) {
        parent->tree.kids[at - 1] = &kid->tree;
        return;
    }
    deptree_add_kid(&parent->tree, &kid->tree);
    map_put_str(keys_of(t, parent), kid->phys->key,
                (void *)(uintptr_t)parent->tree.n_kids);
}

/* ---- what nobody asked for --------------------------------------------- */

/* The place of the packages that `p` lies in, as far as the tree has them. */
static struct node *
place_of(struct node_tree *t, const struct phys *p)
{
    struct node *parent, *kid;

    if (p->parent == NULL)
        return t->root;
    parent = place_of(t, p->parent);
    kid = own_kid(t, parent, p->key);
    return kid != NULL ? kid : parent;
}

static void
count_above(struct node_tree *t, const struct phys *p, int by)
{
    for (; p != NULL; p = p->parent)
        t->above[p->full] += (unsigned)by;
}

static void
add_extraneous(struct node_tree *t, struct phys *p)
{
    struct node *n;

    count_above(t, p->parent, 1);
    n = subtree(t, p);
    count_above(t, p->parent, -1);
    count_used(t, n);
    put_kid(t, place_of(t, p->parent), n);
}

/* Top-down, in the order of folders; the depth is that of a path. */
static void
add_unused(struct node_tree *t, struct phys *in)
{
    for (size_t i = 0; i < in->n_kids && !t->full; i++) {
        struct phys *p = in->kids[i];

        if (!p->used)
            add_extraneous(t, p);
        if (!p->dev) /* what lies in there is nothing to run */
            add_unused(t, p);
    }
}

/* ---- the tree ---------------------------------------------------------- */

static void
drop_dev(struct node *root)
{
    size_t n = 0;

    for (size_t i = 0; i < root->tree.n_kids; i++) {
        if (!((struct node *)root->tree.kids[i])->phys->dev)
            root->tree.kids[n++] = root->tree.kids[i];
    }
    root->tree.n_kids = n;
}

static void
build(struct node_tree *t)
{
    struct phys *root = t->phys->root;

    for (size_t i = 0; i < t->phys->n; i++)
        t->phys->all[i]->used = false;
    t->root = subtree(t, root);
    t->root->own = true;
    count_used(t, t->root);
    drop_dev(t->root);
    add_unused(t, root);
}

struct deptree *
node_tree_root(struct node_tree *t)
{
    return &t->root->tree;
}

void
node_tree_free(struct node_tree *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n_nodes; i++) {
        map_free(t->nodes[i]->by_key);
        free(t->nodes[i]->tree.kids);
        free(t->nodes[i]);
    }
    free(t->nodes);
    map_free(t->known);
    free(t->cycle);
    free(t->above);
    free(t->mark);
    free(t->todo);
    free(t->frames);
    free(t->walk);
    free(t);
}

struct node_tree *
node_tree_new(struct phys_tree *phys, bool once, struct err *err)
{
    struct node_tree *t = xnew(struct node_tree);

    t->phys = phys;
    t->once = once;
    t->known = map_new();
    t->cycle = xcalloc(phys->n_fulls, sizeof(*t->cycle));
    t->above = xcalloc(phys->n_fulls, sizeof(*t->above));
    t->mark = xcalloc(phys->n + phys->n_fulls, sizeof(*t->mark));
    t->todo = xcalloc(phys->n, sizeof(struct phys *));
    phys_tree_cycles(phys, t->cycle);
    build(t);
    if (!t->full)
        return t;
    err_set(err, ERR_LIMIT, "dependencies too entangled to be followed");
    node_tree_free(t);
    return NULL;
}
