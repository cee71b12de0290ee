/*
 * package-lock.json of version 1: nested entries that name what they require
 * (scan-facts.md §11.3). They become a tree; where they form cycles, each
 * member gets a tree of its own, cut where a package meets itself again.
 */
#include "worker/graph/node-npm.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/graph/node-lock.h"
#include "worker/graph/node-pairs.h"
#include "worker/image/npmlock.h"

/* Trees are shared wherever they are equal. Counted without that, the peer
 * gives up at so many nodes. */
#define MAX_TREE_NODES 6000000
/* Ceilings of ours, for what is made to take for ever. */
#define MAX_COPIES  200000   /* nodes cut out of cycles */
#define MAX_DEPTH   5000     /* of those */
#define MAX_STEPS   50000000 /* looking up and along cycles, and bytes of what
                                copies are known by */

struct node;

struct entry {
    const char *name, *version; /* borrow; version may be NULL */
    struct entry *parent;       /* borrows; NULL: not nested */
    char *requires;             /* owns: names, a line each; NULL: none */
    bool dev;
    struct entry **needs;       /* owns the array: what is there of those */
    size_t n_needs;
    const char **misses;        /* owns the array: names that are not there */
    size_t n_misses;
    struct node *node, *leaf;   /* borrow; NULL: not built yet */
    bool resolved;
    /* Components: place in the order of visits and the lowest one reached,
     * from 1; of a cycle its number, 0: in none. */
    size_t seen, low, cycle;
    bool stacked;
    size_t next;                /* of needs, while being visited */
    bool above;                 /* on the way to the copy at hand */
    size_t mark;                /* of the last search along a cycle */
};

struct node {
    struct deptree tree;
    size_t size;                /* nodes, counted without sharing */
    char *own_name;             /* owns; NULL: the name is borrowed */
};

struct builder {
    struct entry *entries;      /* owns */
    size_t n_entries;
    struct node **nodes;        /* owns all of the tree */
    size_t n_nodes;
    struct map *by_place;       /* (parent, name) to struct entry */
    struct map *missing;        /* (scope, name) to struct node */
    struct map *copies;         /* (entry, what is above) to struct node */
    struct entry **stack, **visits; /* own the arrays */
    size_t n_stack, n_visits, n_seen, n_cycles;
    size_t n_copies, n_steps, mark, depth;
    bool compat;
    bool once;                  /* a package looks the same everywhere */
    bool full;                  /* a ceiling of ours was reached */
};

enum leaf { WHOLE, MISSING, CYCLIC };

/* By scope (prod, dev) and what kind of node it is. */
static const struct label labels[2][3][3] = {
    { { { "scope", "prod" }, { NULL, NULL } },
      { { "scope", "prod" }, { "missingLockFileEntry", "true" } },
      { { "scope", "prod" }, { "pruned", "cyclic" } } },
    { { { "scope", "dev" }, { NULL, NULL } },
      { { "scope", "dev" }, { "missingLockFileEntry", "true" } },
      { { "scope", "dev" }, { "pruned", "cyclic" } } },
};

/* ---- entries ----------------------------------------------------------- */

static void
place_key(struct buf *key, const struct entry *parent, const char *name)
{
    buf_reset(key);
    buf_add(key, &parent, sizeof(parent));
    buf_add_str(key, name);
}

static void
read_entry(struct builder *b, struct entry *e, const struct jx *data,
           struct buf *key)
{
    int64_t parent = jx_int_value(jx_at(data, NPM1_PARENT), -1);

    e->name = jx_str_value(jx_at(data, NPM1_NAME));
    e->version = jx_str_value(jx_at(data, NPM1_VERSION));
    e->requires = xstrdup(jx_str_value(jx_at(data, NPM1_REQUIRES)));
    e->dev = (jx_int_value(jx_at(data, NPM1_FLAGS), 0) & NPM_DEV) != 0;
    /* An entry lies in an earlier one. */
    if (parent >= 0 && parent < e - b->entries)
        e->parent = &b->entries[parent];
    if (e->name == NULL)
        return;
    place_key(key, e->parent, e->name);
    map_put(b->by_place, buf_bytes(key), e);
}

static void
read_entries(struct builder *b, const struct jx *lock)
{
    const struct jx *list = jx_arr(lock, "entries");
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);

    b->n_entries = jx_count(list);
    b->entries = xcalloc(b->n_entries + 1, sizeof(*b->entries));
    for (size_t i = 0; i < b->n_entries; i++)
        read_entry(b, &b->entries[i], jx_at(list, i), &key);
}

/* In the entry itself, then in those around it, outwards. */
static struct entry *
find_required(struct builder *b, struct entry *from, const char *name)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);
    struct entry *found;

    for (struct entry *in = from;; in = in->parent) {
        b->full = b->full || ++b->n_steps > MAX_STEPS;
        place_key(&key, in, name);
        found = map_get(b->by_place, buf_bytes(&key));
        if (found != NULL || in == NULL || b->full)
            return found;
    }
}

static void
resolve(struct builder *b, struct entry *e)
{
    char *rest = node_lines(e->requires), *name;
    struct entry *found;

    e->resolved = true;
    while ((name = node_line_next(&rest)) != NULL && !b->full) {
        found = find_required(b, e, name);
        if (found != NULL) {
            e->needs = xgrown(e->needs, e->n_needs, sizeof(*e->needs));
            e->needs[e->n_needs++] = found;
        } else {
            e->misses = xgrown(e->misses, e->n_misses, sizeof(*e->misses));
            e->misses[e->n_misses++] = name;
        }
    }
}

/* ---- nodes of the tree ------------------------------------------------- */

static struct node *
new_node(struct builder *b, const char *name, const char *version, bool dev,
         enum leaf kind)
{
    struct node *t = xnew(struct node);

    t->tree.name = name;
    t->tree.version = version;
    t->tree.labels = labels[dev][kind];
    t->size = 1;
    b->nodes = xgrown(b->nodes, b->n_nodes, sizeof(*b->nodes));
    b->nodes[b->n_nodes++] = t;
    return t;
}

/* The kid is complete. */
static void
add_kid(struct node *parent, struct node *kid)
{
    deptree_add_kid(&parent->tree, &kid->tree);
    if (!size_add(parent->size, kid->size, &parent->size))
        parent->size = SIZE_MAX;
}

/* The peer takes such a name for "name@version". Without a second "@" it
 * loses its last letter, and all of it is the version. */
static void
split_name(struct node *t, const char *name)
{
    const char *at = strchr(name + 1, '@');
    size_t n = at != NULL ? (size_t)(at - name) : strlen(name) - 1;

    t->own_name = xstrndup(name, n);
    t->tree.name = t->own_name;
    t->tree.version = at != NULL ? at + 1 : name;
}

static struct node *
missing_leaf(struct builder *b, const char *name, bool dev)
{
    auto_free char *key = xasprintf("%d%s", dev, name);
    struct node *t = map_get_str(b->missing, key);

    if (t == NULL) {
        t = new_node(b, name, "unknown", dev, MISSING);
        if (b->compat && strchr(name, '@') != NULL)
            split_name(t, name);
        map_put_str(b->missing, key, t);
    }
    return t;
}

static void
add_misses(struct builder *b, struct node *t, const struct entry *e)
{
    for (size_t i = 0; i < e->n_misses; i++)
        add_kid(t, missing_leaf(b, e->misses[i], e->dev));
}

static struct node *copy_of(struct builder *b, struct entry *e);

/* What stands for the entry outside of its cycle, if it is in one. What it
 * needs has been visited before. */
static struct node *
node_of(struct builder *b, struct entry *e)
{
    if (e->node != NULL)
        return e->node;
    if (e->cycle != 0)
        return e->node = copy_of(b, e);
    e->node = new_node(b, e->name, e->version, e->dev, WHOLE);
    for (size_t i = 0; i < e->n_needs; i++)
        add_kid(e->node, node_of(b, e->needs[i]));
    add_misses(b, e->node, e);
    return e->node;
}

/* ---- cycles ------------------------------------------------------------ */

static int
by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)*(struct entry *const *)a;
    uintptr_t y = (uintptr_t)*(struct entry *const *)b;

    return x < y ? -1 : x > y;
}

/*
 * A copy looks as what is above it makes it look, as far as that can be
 * reached from it along the cycle: that much is the key of copies.
 */
static void
copy_key(struct builder *b, struct entry *e, struct buf *key)
{
    struct entry **todo = xcalloc(1, sizeof(struct entry *)), *c;
    size_t n = 1, at = 0, from;

    buf_add(key, &e, sizeof(e));
    from = key->n;
    todo[0] = e;
    n = b->once ? 0 : 1;
    b->mark++;
    e->mark = e->above ? e->mark : b->mark;
    while (at < n) {
        struct entry *x = todo[at++];

        for (size_t i = 0; i < x->n_needs; i++) {
            c = x->needs[i];
            b->n_steps++;
            if (c->cycle != e->cycle || c->mark == b->mark)
                continue;
            c->mark = b->mark;
            if (c->above) {
                buf_add(key, &c, sizeof(c));
                b->n_steps += 2 * sizeof(c); /* here, and in the map */
                continue;
            }
            todo = xgrown(todo, n, sizeof(*todo));
            todo[n++] = c;
        }
    }
    free(todo);
    if (key->n > from)
        qsort(key->p + from, (key->n - from) / sizeof(c), sizeof(c),
              by_address);
}

static struct node *
cyclic_leaf(struct builder *b, struct entry *e)
{
    if (e->leaf == NULL)
        e->leaf = new_node(b, e->name, e->version, e->dev, CYCLIC);
    return e->leaf;
}

static void
copy_kids(struct builder *b, struct node *t, struct entry *e)
{
    bool was_above = e->above;

    e->above = true;
    b->depth++;
    for (size_t i = 0; i < e->n_needs && !b->full; i++) {
        struct entry *c = e->needs[i];

        if (c->cycle != e->cycle)
            add_kid(t, node_of(b, c));
        else if (c != e ? c->above : was_above)
            add_kid(t, cyclic_leaf(b, c));
        else
            add_kid(t, copy_of(b, c));
    }
    b->depth--;
    e->above = was_above;
    add_misses(b, t, e);
}

static struct node *
copy_of(struct builder *b, struct entry *e)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);
    struct node *t;

    copy_key(b, e, &key);
    b->full = b->full || b->n_steps > MAX_STEPS;
    t = map_get(b->copies, buf_bytes(&key));
    if (t != NULL)
        return t;
    b->full = b->full || ++b->n_copies > MAX_COPIES || b->depth > MAX_DEPTH;
    if (b->full)
        return cyclic_leaf(b, e);
    t = new_node(b, e->name, e->version, e->dev, WHOLE);
    copy_kids(b, t, e);
    map_put(b->copies, buf_bytes(&key), t);
    return t;
}

/* ---- components, after Tarjan ------------------------------------------ */

static void
enter(struct builder *b, struct entry *e)
{
    if (!e->resolved)
        resolve(b, e);
    e->seen = e->low = ++b->n_seen;
    e->stacked = true;
    b->stack = xgrown(b->stack, b->n_stack, sizeof(*b->stack));
    b->stack[b->n_stack++] = e;
    b->visits = xgrown(b->visits, b->n_visits, sizeof(*b->visits));
    b->visits[b->n_visits++] = e;
}

static bool
needs_itself(const struct entry *e)
{
    for (size_t i = 0; i < e->n_needs; i++) {
        if (e->needs[i] == e)
            return true;
    }
    return false;
}

/* All that it needs has been visited: its component ends here, or lives on. */
static void
leave(struct builder *b, struct entry *e)
{
    bool cycle = b->stack[b->n_stack - 1] != e || needs_itself(e);
    struct entry *member;

    if (e->low != e->seen)
        return;
    b->n_cycles += cycle;
    do {
        member = b->stack[--b->n_stack];
        member->stacked = false;
        member->cycle = cycle ? b->n_cycles : 0;
    } while (member != e);
    if (!cycle && !b->full)
        node_of(b, e);
}

static void
visit(struct builder *b, struct entry *start)
{
    if (start->seen != 0)
        return;
    enter(b, start);
    while (b->n_visits > 0) {
        struct entry *e = b->visits[b->n_visits - 1], *c;

        if (e->next < e->n_needs && !b->full) {
            c = e->needs[e->next++];
            if (c->seen == 0)
                enter(b, c);
            else if (c->stacked && c->seen < e->low)
                e->low = c->seen;
            continue;
        }
        leave(b, e);
        b->n_visits--;
        c = b->n_visits > 0 ? b->visits[b->n_visits - 1] : NULL;
        if (c != NULL && e->low < c->low)
            c->low = e->low;
    }
}

/* ---- the project ------------------------------------------------------- */

/* Without peers that may be missing. */
static struct jx *
firm_peers(const struct jx *manifest)
{
    struct jx *copy = jx_copy(manifest);
    struct jx *peers = jx_obj(copy, "peerDependencies");
    const struct jx *meta = jx_obj(copy, "peerDependenciesMeta");
    const char *name;
    struct jx *value;
    void *at = NULL;

    while (peers != NULL && jx_next(meta, &at, &name, &value)) {
        if (jx_bool(value, "optional", false))
            jx_unset(peers, name);
    }
    return copy;
}

static void
add_top(struct builder *b, struct node *root, const struct node_wanted *w)
{
    struct entry *e = NULL;
    bool file = str_starts(w->range, "file:");

    e = find_required(b, NULL, w->name);
    if (e == NULL) {
        add_kid(root, new_node(b, w->name, w->range, false,
                               file ? WHOLE : MISSING));
        return;
    }
    visit(b, e);
    if (!b->full) /* else what it needs may not have been visited */
        add_kid(root, node_of(b, e));
}

static void
add_all_top(struct builder *b, struct node *root, const struct jx *manifest,
            bool peers)
{
    struct node_wanted *wanted;
    size_t n = node_wanted_top(manifest,
                               NODE_OPTIONAL | NODE_DEV_TOO |
                                   (peers ? NODE_PEER : 0), &wanted);

    for (size_t i = 0; i < n && !b->full; i++)
        add_top(b, root, &wanted[i]);
    free(wanted);
}

static void
builder_clear(struct builder *b)
{
    for (size_t i = 0; i < b->n_entries; i++) {
        free(b->entries[i].needs);
        free(b->entries[i].misses);
        free(b->entries[i].requires);
    }
    for (size_t i = 0; i < b->n_nodes; i++) {
        free(b->nodes[i]->tree.kids);
        free(b->nodes[i]->own_name);
        free(b->nodes[i]);
    }
    free(b->entries);
    free(b->nodes);
    free(b->stack);
    free(b->visits);
    map_free(b->by_place);
    map_free(b->missing);
    map_free(b->copies);
}

static int
check(const struct builder *b, const struct node *root, struct err *err)
{
    if (b->full)
        return err_set(err, ERR_LIMIT, "cycles too entangled to be unfolded");
    if (b->compat && root->size > MAX_TREE_NODES)
        return err_set(err, ERR_LIMIT,
                       "a tree of more than %d packages", MAX_TREE_NODES);
    return 0;
}

/* once: as in builder. */
static int
build(const struct node_project *p, const struct jx *manifest, bool once,
      struct depgraph **out, struct err *err)
{
    const struct depgraph_pkg pkg = node_root(manifest);
    struct builder b = { .by_place = map_new(), .missing = map_new(),
                         .copies = map_new(), .compat = p->compat,
                         .once = once };
    struct node *root = new_node(&b, pkg.name, pkg.version, false, WHOLE);
    int rc;

    root->tree.labels = NULL;
    if (jx_count(jx_obj(manifest, "dependencies")) > 0 || !p->compat) {
        read_entries(&b, p->lock);
        add_all_top(&b, root, manifest, jx_int(p->lock, "version", 0) == 0);
    }
    rc = check(&b, root, err);
    if (rc == 0) {
        *out = depgraph_new("npm", NULL, &pkg);
        depgraph_add_tree(*out, &root->tree);
    }
    builder_clear(&b);
    return rc;
}

int
npm1_build(const struct node_project *p, struct depgraph **out,
           struct err *err)
{
    auto_jx struct jx *manifest = firm_peers(p->manifest);

    if (build(p, manifest, false, out, err) == 0)
        return 0;
    return p->compat ? -1 : build(p, manifest, true, out, err);
}
