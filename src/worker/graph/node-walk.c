/*
 * The walk. Packages met are kept with their edges, so that going along an
 * edge again costs a look at a stamp: the graph hears of each thing once.
 */
#include "worker/graph/node-walk.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"

struct met;

struct edge {
    struct met *to; /* borrows */
    uint32_t id;    /* of its node */
    bool linked;    /* the graph has it */
    bool pruned;    /* and this one to the leaf */
};

/* All packages of one node id: a path meets one of them at most. */
struct id {
    uint32_t n_met;
    const struct met *shown;  /* whose information the node has; borrows */
    const struct met *pruned; /* the same of the leaf; NULL: there is none */
};

struct met {
    struct walk_pkg pkg; /* owns its texts */
    uint32_t id;
    bool known;          /* its edges are */
    struct edge *edges;  /* own */
    size_t n_edges;
};

struct frame {
    struct met *at;
    size_t next; /* edge */
};

struct walking {
    const struct node_walk *walk;
    struct map *met;     /* owns the values: all of a package to struct met */
    struct map *id_of;   /* node id to its number + 1 */
    struct id *ids;      /* own */
    uint32_t *stamps;    /* own: the last walk that met an id; apart from it,
                            since a step looks at nothing else */
    uint32_t n_ids, cap_ids;
    bool several;        /* some id has several packages */
    struct frame *stack; /* owns */
    size_t depth, cap;
    uint32_t stamp;
    size_t n_steps;
};

#define STAMP_ALWAYS UINT32_MAX

static void
walk_pkg_clear(struct walk_pkg *p)
{
    free(p->id);
    free(p->name);
    free(p->version);
    free(p->alias);
}

static uint32_t
number_of(struct walking *w, const char *text)
{
    void *known = map_get_str(w->id_of, text);

    if (known != NULL)
        return (uint32_t)((uintptr_t)known - 1);
    if (w->n_ids == w->cap_ids) {
        w->cap_ids = w->cap_ids > 0 ? w->cap_ids * 2 : 64;
        w->ids = xrealloc(w->ids, w->cap_ids * sizeof(*w->ids));
        w->stamps = xrealloc(w->stamps, w->cap_ids * sizeof(*w->stamps));
    }
    w->ids[w->n_ids] = (struct id){ 0 };
    w->stamps[w->n_ids] = 0;
    map_put_str(w->id_of, text, (void *)(uintptr_t)(w->n_ids + 1u));
    return w->n_ids++;
}

/* ---- packages ----------------------------------------------------------- */

static void
add_part(struct buf *key, const char *part)
{
    if (part != NULL)
        buf_add_str(key, part);
    buf_add_char(key, '\0');
}

/* The same package met again, or a new one. Takes what pkg owns. */
static struct met *
meet(struct walking *w, struct walk_pkg *pkg)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);
    struct met *m;

    add_part(&key, pkg->id);
    add_part(&key, pkg->name);
    add_part(&key, pkg->version);
    add_part(&key, pkg->alias);
    buf_add(&key, &pkg->deps, sizeof(pkg->deps));
    buf_add(&key, &pkg->at, sizeof(pkg->at));
    buf_add(&key, &pkg->missing, sizeof(pkg->missing));
    m = map_get(w->met, buf_bytes(&key));
    if (m != NULL) {
        walk_pkg_clear(pkg);
        return m;
    }
    m = xnew(struct met);
    m->pkg = *pkg;
    m->id = number_of(w, pkg->id);
    w->several = ++w->ids[m->id].n_met > 1 || w->several;
    map_put(w->met, buf_bytes(&key), m);
    return m;
}

static struct met *
resolve(struct walking *w, const struct met *parent,
        const struct node_wanted *wanted, struct err *err)
{
    struct walk_pkg pkg = { 0 };

    if (w->walk->resolve(w->walk->arg, parent != NULL ? &parent->pkg : NULL,
                         wanted, &pkg, err) == 0)
        return meet(w, &pkg);
    walk_pkg_clear(&pkg);
    return NULL;
}

/* Its dependencies, once. */
static int
find_edges(struct walking *w, struct met *m, struct err *err)
{
    size_t n = jx_count(m->pkg.deps) / 2;

    if (m->known)
        return 0;
    m->known = true;
    m->edges = xcalloc(n + 1, sizeof(*m->edges));
    for (size_t i = 0; i < n; i++) {
        struct node_wanted wanted = {
            .name = jx_str_value(jx_at(m->pkg.deps, 2 * i)),
            .range = jx_str_value(jx_at(m->pkg.deps, 2 * i + 1)),
        };
        struct met *to;

        if (wanted.name == NULL || !node_is_name(wanted.name))
            continue;
        if (wanted.range == NULL && !w->walk->compat)
            continue;
        if (wanted.range == NULL)
            return err_set(err, ERR_INPUT, "%s: %s has no version", m->pkg.id,
                           wanted.name);
        to = resolve(w, m, &wanted, err);
        if (to == NULL)
            return -1;
        m->edges[m->n_edges++] = (struct edge){ .to = to, .id = to->id };
    }
    return 0;
}

/* ---- the graph ---------------------------------------------------------- */

static void
add_node(const struct walking *w, const struct met *m, const char *node_id,
         bool pruned)
{
    const struct depgraph_pkg pkg = { m->pkg.name, m->pkg.version, NULL };
    struct label labels[5] = { { "scope", "prod" } };
    size_t n = 1;

    if (pruned)
        labels[n++] = (struct label){ "pruned", "true" };
    if (m->pkg.alias != NULL)
        labels[n++] = (struct label){ "alias", m->pkg.alias };
    if (m->pkg.missing && !w->walk->compat)
        labels[n++] = (struct label){ "missingLockFileEntry", "true" };
    labels[n] = (struct label){ NULL, NULL };
    depgraph_add(w->walk->graph, &pkg, node_id, labels);
}

/* A leaf in the place of what was met already. */
static void
link_leaf(struct walking *w, const char *from, struct edge *e)
{
    auto_free char *leaf = NULL;

    if (e->pruned && (!w->several || w->ids[e->id].pruned == e->to))
        return;
    leaf = xasprintf("%s:pruned", e->to->pkg.id);
    add_node(w, e->to, leaf, true);
    depgraph_connect(w->walk->graph, from, leaf);
    w->ids[e->id].pruned = e->to;
    e->pruned = true;
}

static void
link_node(struct walking *w, const char *from, struct edge *e)
{
    if (e->linked && (!w->several || w->ids[e->id].shown == e->to))
        return;
    add_node(w, e->to, e->to->pkg.id, false);
    depgraph_connect(w->walk->graph, from, e->to->pkg.id);
    w->ids[e->id].shown = e->to;
    e->linked = true;
}

/* ---- walking ------------------------------------------------------------ */

static void
push(struct walking *w, struct met *m)
{
    if (w->depth == w->cap) {
        w->cap = w->cap > 0 ? w->cap * 2 : 64;
        w->stack = xrealloc(w->stack, w->cap * sizeof(*w->stack));
    }
    w->stack[w->depth++] = (struct frame){ m, 0 };
}

/* Along one edge, and down behind it unless that was met. */
static int
follow(struct walking *w, const char *from, struct edge *e, struct err *err)
{
    uint32_t *stamp = &w->stamps[e->id]; /* until find_edges() */

    if (++w->n_steps > NODE_WALK_MAX_STEPS)
        return err_set(err, ERR_LIMIT, "more than %d steps from package to "
                       "package", NODE_WALK_MAX_STEPS);
    if (*stamp == w->stamp || *stamp == STAMP_ALWAYS) {
        link_leaf(w, from, e);
        return 0;
    }
    *stamp = w->stamp;
    link_node(w, from, e);
    if (find_edges(w, e->to, err) < 0)
        return -1;
    push(w, e->to);
    return 0;
}

static int
walk_one(struct walking *w, const struct node_wanted *wanted, struct err *err)
{
    struct edge start = { .to = resolve(w, NULL, wanted, err) };

    if (start.to == NULL)
        return -1;
    start.id = start.to->id;
    w->stamp++;
    if (follow(w, DEPGRAPH_ROOT, &start, err) < 0)
        return -1;
    while (w->depth > 0) {
        struct frame *f = &w->stack[w->depth - 1];
        struct met *at = f->at;

        if (f->next == at->n_edges)
            w->depth--;
        else if (follow(w, at->pkg.id, &at->edges[f->next++], err) < 0)
            return -1;
    }
    return 0;
}

static void
walking_clear(struct walking *w)
{
    size_t at = 0;
    void *value;

    while (map_next(w->met, &at, NULL, &value)) {
        struct met *m = value;

        walk_pkg_clear(&m->pkg);
        free(m->edges);
        free(m);
    }
    map_free(w->met);
    map_free(w->id_of);
    free(w->ids);
    free(w->stamps);
    free(w->stack);
}

int
node_walk(const struct node_walk *walk, const struct node_wanted *top,
          size_t n_top, struct err *err)
{
    struct walking w = { .walk = walk, .met = map_new(), .id_of = map_new() };
    int rc = 0;

    if (walk->root_id != NULL) {
        uint32_t id = number_of(&w, walk->root_id);

        w.stamps[id] = STAMP_ALWAYS;
    }
    for (size_t i = 0; rc == 0 && i < n_top; i++)
        rc = walk_one(&w, &top[i], err);
    walking_clear(&w);
    return rc;
}
