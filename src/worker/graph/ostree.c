/*
 * The tree of a system's packages, built the peer's way: every package is
 * expanded once, where a walk in list order meets it first; everywhere else
 * it is a leaf; what too many paths lead to hangs at the root alone.
 */
#include "worker/graph/ostree-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/frequency.h"

#define NONE SIZE_MAX

/* A full name; two packages may share one. */
struct full_name {
    bool on_path;
};

/* ---- the root ---------------------------------------------------------- */

/* Where the tag begins, or NULL. The peer takes a port for one. */
static const char *
find_tag(const char *target, bool compat)
{
    const char *colon = strrchr(target, ':');
    const char *slash = strrchr(target, '/');

    if (colon == NULL || (!compat && slash != NULL && colon < slash))
        return NULL;
    return colon;
}

static void
name_root(struct ostree *t, const char *target, bool compat)
{
    static const char by_digest[] = "@sha256";
    const char *tag = find_tag(target, compat);
    size_t n = tag != NULL ? (size_t)(tag - target) : strlen(target);
    auto_free char *name = xstrndup(target, n);

    t->root_version = xstrdup(tag != NULL ? tag + 1 : "latest");
    if (str_ends(name, ".tar"))
        *t->root_version = '\0';
    if (str_ends(name, by_digest)) {
        name[strlen(name) - strlen(by_digest)] = '\0';
        *t->root_version = '\0';
    }
    t->root_name = xasprintf("docker-image|%s", name);
    t->root.name = t->root_name;
    t->root.version = *t->root_version != '\0' ? t->root_version : NULL;
}

/* ---- looking up -------------------------------------------------------- */

static size_t
number_of(const struct ostree *t, const struct pkg *p)
{
    return p != NULL ? (size_t)(p - t->pkgs->at) : NONE;
}

static size_t
lookup(const struct ostree *t, const char *name)
{
    const struct pkg *p = map_get_str(t->by_name, name);

    return number_of(t, p != NULL ? p : map_get_str(t->by_provide, name));
}

/*
 * Who is meant by a dependency. Names may carry what is not theirs, which the
 * peer does not cut: an architecture (dpkg's "python3:any"), the constraint of
 * a version (apk's "so:libz.so.1>1.2").
 */
static size_t
lookup_dep(const struct ostree *t, const char *name, bool compat)
{
    size_t found = lookup(t, name);
    size_t n = strcspn(name, "<>~");
    const char *colon = strrchr(name, ':');

    if (found != NONE || compat)
        return found;
    if (name[n] == '\0' && colon != NULL && str_eq(t->pkgs->manager, "deb"))
        n = (size_t)(colon - name);
    auto_free char *bare = xstrndup(name, n);

    return name[n] != '\0' ? lookup(t, bare) : NONE;
}

static void
index_names(struct ostree *t)
{
    for (size_t i = 0; i < t->pkgs->n; i++) {
        struct pkg *p = &t->pkgs->at[i];

        map_put_str(t->by_name, p->name, p);
        for (size_t k = 0; k < p->n_provides; k++)
            map_put_str(t->by_provide, p->provides[k], p);
        if (map_get_str(t->full_names, p->full_name) == NULL)
            map_put_str(t->full_names, p->full_name, xnew(struct full_name));
    }
}

/* Every dependency as a package number, once and for all. */
static void
resolve_edges(struct ostree *t, bool compat)
{
    size_t n_edges = 0;

    for (size_t i = 0; i < t->pkgs->n; i++)
        n_edges += t->pkgs->at[i].n_deps;
    t->resolved = xcalloc(n_edges, sizeof(size_t));
    t->edges_from = xcalloc(t->pkgs->n + 1, sizeof(size_t));
    n_edges = 0;
    for (size_t i = 0; i < t->pkgs->n; i++) {
        const struct pkg *p = &t->pkgs->at[i];

        t->edges_from[i] = n_edges;
        for (size_t k = 0; k < p->n_deps; k++)
            t->resolved[n_edges++] = lookup_dep(t, p->deps[k], compat);
    }
    t->edges_from[t->pkgs->n] = n_edges;
    for (size_t i = 0; i < t->pkgs->n; i++)
        t->same_name[i] = lookup(t, t->pkgs->at[i].name);
}

/* ---- too frequent ------------------------------------------------------ */

static void
count_paths(struct ostree *t)
{
    size_t n = t->pkgs->n, n_edges = 0;
    size_t *from = xcalloc(n + 1, sizeof(size_t));
    size_t *to = xcalloc(t->edges_from[n], sizeof(size_t));
    uint32_t *starts = xcalloc(n, sizeof(*starts));

    for (size_t i = 0; i < n; i++) {
        from[i] = n_edges;
        for (size_t e = t->edges_from[i]; e < t->edges_from[i + 1]; e++) {
            if (t->resolved[e] != NONE)
                to[n_edges++] = t->resolved[e];
        }
        starts[t->same_name[i]]++;
    }
    from[n] = n_edges;
    const struct digraph g = { n, from, to, t->same_name };
    frequency_count(&g, starts, t->counts);
    free(from);
    free(to);
    free(starts);
}

static bool
is_too_frequent(const struct ostree *t, size_t pkg)
{
    return t->counts[t->same_name[pkg]] >= FREQUENCY_CEILING;
}

/* ---- growing ----------------------------------------------------------- */

static struct deptree *
new_node(struct ostree *t, size_t pkg)
{
    struct deptree *node = xnew(struct deptree);
    const struct pkg *p = &t->pkgs->at[pkg];

    node->name = p->full_name;
    node->version = p->version;
    node->purl = p->purl;
    if ((t->n_nodes & (t->n_nodes - 1)) == 0)
        t->nodes = xrealloc(t->nodes, (t->n_nodes > 0 ? t->n_nodes * 2 : 1) *
                                          sizeof(*t->nodes));
    t->nodes[t->n_nodes++] = node;
    return node;
}

static void
attach_to_root(struct ostree *t, struct deptree *node)
{
    size_t place = (size_t)(uintptr_t)map_get_str(t->root_kids, node->name);

    if (place > 0) {
        t->root.kids[place - 1] = node;
        return;
    }
    deptree_add_kid(&t->root, node);
    map_put_str(t->root_kids, node->name, (void *)(uintptr_t)t->root.n_kids);
}

/* Among the children of one parent the first of a name stays. */
static void
attach(struct ostree *t, struct deptree *parent, struct deptree *kid)
{
    uintptr_t key[2] = { (uintptr_t)parent,
                         (uintptr_t)map_get_str(t->full_names, kid->name) };

    if (map_put(t->kids_seen, bytes_of(key, sizeof(key)), t) == NULL)
        deptree_add_kid(parent, kid);
}

struct frame {
    struct deptree *node;
    size_t pkg, edge;
    struct full_name *full;
};

struct walk {
    struct frame *at; /* owns */
    size_t n;
};

/* A node for the package, or NULL. What is met for the first time goes onto
 * the walk, to get its children there. */
static struct deptree *
sprout(struct ostree *t, struct walk *w, size_t pkg)
{
    struct full_name *full;
    struct deptree *node;

    if (pkg == NONE || is_too_frequent(t, pkg))
        return NULL;
    full = map_get_str(t->full_names, t->pkgs->at[pkg].full_name);
    if (full->on_path)
        return NULL;
    node = new_node(t, pkg);
    if (t->visited[pkg])
        return node;
    t->visited[pkg] = true;
    full->on_path = true;
    if ((w->n & (w->n - 1)) == 0)
        w->at = xrealloc(w->at, (w->n > 0 ? w->n * 2 : 1) * sizeof(*w->at));
    w->at[w->n++] = (struct frame){ node, pkg, t->edges_from[pkg], full };
    return node;
}

/* The sub-tree of one record; without recursion, chains may be long. */
static struct deptree *
grow(struct ostree *t, struct walk *w, size_t pkg)
{
    struct deptree *top = sprout(t, w, pkg);

    while (w->n > 0) {
        struct frame *f = &w->at[w->n - 1];
        struct deptree *parent = f->node, *kid;

        if (f->edge == t->edges_from[f->pkg + 1]) {
            f->full->on_path = false;
            w->n--;
            continue;
        }
        kid = sprout(t, w, t->resolved[f->edge++]);
        if (kid != NULL)
            attach(t, parent, kid);
    }
    return top;
}

static void
grow_record(struct ostree *t, struct walk *w, const struct pkg *p)
{
    struct deptree *node = grow(t, w, lookup(t, p->name));

    if (node != NULL)
        attach_to_root(t, node);
}

/* A record that another one of its name stands for grows that one again, now
 * a leaf, over what grew before; only the peer does so. */
static void
grow_all(struct ostree *t, bool compat)
{
    struct walk w = { 0 };
    size_t n = t->pkgs->n, n_left = 0;
    size_t *left = xcalloc(n, sizeof(size_t));

    for (size_t i = 0; i < n; i++) {
        if (!t->pkgs->at[i].auto_installed &&
            (compat || t->same_name[i] == i))
            grow_record(t, &w, &t->pkgs->at[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!t->visited[t->same_name[i]])
            left[n_left++] = i;
    }
    for (size_t i = 0; i < n_left; i++)
        grow_record(t, &w, &t->pkgs->at[left[i]]);
    free(left);
    free(w.at);
}

static void
attach_one_frequent(struct ostree *t, size_t pkg)
{
    struct deptree *node = new_node(t, pkg);

    node->purl = NULL;
    attach_to_root(t, node);
}

/*
 * In the order the counting walk meets their names first: depth first, in
 * list order. `seen` is by package, `named` by what its name stands for.
 */
static void
attach_frequent(struct ostree *t)
{
    size_t n = t->pkgs->n, depth = 0;
    bool *seen = xcalloc(n, sizeof(bool)), *named = xcalloc(n, sizeof(bool));
    struct { size_t pkg, edge; } *stack = xcalloc(n, sizeof(*stack));

    for (size_t i = 0; i < n; i++) {
        size_t next = t->same_name[i];

        while (true) {
            if (next != NONE && !seen[next]) {
                size_t name = t->same_name[next];

                seen[next] = true;
                if (!named[name] && is_too_frequent(t, name))
                    attach_one_frequent(t, name);
                named[name] = true;
                stack[depth].pkg = next;
                stack[depth++].edge = t->edges_from[next];
            }
            while (depth > 0 && stack[depth - 1].edge ==
                                    t->edges_from[stack[depth - 1].pkg + 1])
                depth--;
            if (depth == 0)
                break;
            next = t->resolved[stack[depth - 1].edge++];
        }
    }
    free(seen);
    free(named);
    free(stack);
}

/*
 * Of packages of one name (two kernels) the tree knows the last. The others
 * hang at the root as leaves, each version once; the peer does not see them.
 */
static void
attach_same_named(struct ostree *t)
{
    auto_map struct map *seen = map_new();

    for (size_t i = 0; i < t->pkgs->n; i++) {
        const struct pkg *p = &t->pkgs->at[i];
        const struct pkg *known = &t->pkgs->at[t->same_name[i]];
        auto_free char *id = NULL;

        if (p == known || (str_eq(p->version, known->version) &&
                           str_eq(p->full_name, known->full_name)))
            continue;
        id = xasprintf("%s@%s", p->full_name,
                       p->version != NULL ? p->version : "");
        if (map_put_str(seen, id, t) == NULL)
            deptree_add_kid(&t->root, new_node(t, i));
    }
}

struct ostree *
ostree_new(const char *target, bool compat, const struct ospkgs *pkgs)
{
    struct ostree *t = xnew(struct ostree);

    t->pkgs = pkgs;
    t->by_name = map_new();
    t->by_provide = map_new();
    t->full_names = map_new();
    t->kids_seen = map_new();
    t->root_kids = map_new();
    t->label_of = map_new();
    t->same_name = xcalloc(pkgs->n, sizeof(size_t));
    t->counts = xcalloc(pkgs->n, sizeof(*t->counts));
    t->visited = xcalloc(pkgs->n, sizeof(bool));
    name_root(t, target, compat);
    index_names(t);
    resolve_edges(t, compat);
    /* Every package is expanded once, so nothing needs to be cut. */
    if (compat)
        count_paths(t);
    grow_all(t, compat);
    attach_frequent(t);
    if (!compat)
        attach_same_named(t);
    return t;
}

static void
free_values(struct map *m)
{
    size_t at = 0;
    void *value;

    while (map_next(m, &at, NULL, &value))
        free(value);
    map_free(m);
}

void
ostree_free(struct ostree *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n_nodes; i++) {
        free(t->nodes[i]->kids);
        free(t->nodes[i]);
    }
    free(t->nodes);
    free(t->root.kids);
    free_values(t->full_names);
    free_values(t->label_of);
    map_free(t->by_name);
    map_free(t->by_provide);
    map_free(t->kids_seen);
    map_free(t->root_kids);
    free(t->same_name);
    free(t->counts);
    free(t->visited);
    free(t->resolved);
    free(t->edges_from);
    free(t->root_name);
    free(t->root_version);
    free(t);
}

struct deptree *
ostree_root(struct ostree *t)
{
    return &t->root;
}
