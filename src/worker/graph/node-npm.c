/* package-lock.json of versions 2 and 3: packages are followed from the root,
 * each once; cycles stay (scan-facts.md §11.4). */
#include "worker/graph/node-npm.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/node-choose.h"
#include "worker/graph/node-pairs.h"

/* ---- what a package wants ---------------------------------------------- */

/* `rest` is taken apart. */
static void
merge_pairs(struct map *at, struct npm_frame *f, char *rest, bool optional)
{
    char *name, *range;

    while (node_pair_next(&rest, &name, &range)) {
        struct node_wanted *w = map_get_str(at, name);

        if (!node_is_name(name))
            continue;
        if (w == NULL) {
            w = &f->wanted[f->n++];
            map_put_str(at, name, w);
        }
        *w = (struct node_wanted){ name, range, optional };
    }
}

static int
by_number(const void *a, const void *b)
{
    uint32_t x = 0, y = 0;

    js_is_index(bytes_str(((const struct node_wanted *)a)->name), &x);
    js_is_index(bytes_str(((const struct node_wanted *)b)->name), &y);
    return x < y ? -1 : x > y;
}

/* Names that are numbers come first, in their order. */
static void
order_wanted(struct node_wanted *list, size_t n)
{
    auto_free struct node_wanted *numbers = xcalloc(n + 1, sizeof(*numbers));
    size_t n_numbers = 0, n_rest = 0;
    uint32_t number;

    for (size_t i = 0; i < n; i++) {
        if (js_is_index(bytes_str(list[i].name), &number))
            numbers[n_numbers++] = list[i];
        else
            list[n_rest++] = list[i];
    }
    qsort(numbers, n_numbers, sizeof(*numbers), by_number);
    memmove(list + n_numbers, list, n_rest * sizeof(*list));
    memcpy(list, numbers, n_numbers * sizeof(*list));
}

static size_t
count_pairs(const char *text)
{
    size_t n = text != NULL;

    for (; text != NULL && *text != '\0'; text++)
        n += *text == '\n';
    return (n + 1) / 2;
}

static void
set_wanted(struct npm_frame *f, const struct npm_pkg *pkg)
{
    auto_map struct map *at = map_new();

    f->deps = xstrdup(pkg->deps);
    f->optional = xstrdup(pkg->optional);
    f->wanted = xcalloc(count_pairs(f->deps) + count_pairs(f->optional) + 1,
                        sizeof(*f->wanted));
    merge_pairs(at, f, node_lines(f->deps), false);
    merge_pairs(at, f, node_lines(f->optional), true);
    order_wanted(f->wanted, f->n);
}

/* ---- what is meant ------------------------------------------------------ */

/* What it is called in the graph. */
static const char *
name_of(const struct npm_pkg *pkg, const struct npm_search *s)
{
    if (pkg->name != NULL)
        return pkg->name;
    return s->target != NULL ? s->target : s->name;
}

/* Inside of what another package brings along: that package's name. */
static const char *
find_owner(struct npm_walk *w)
{
    const struct npm_frame *top = &w->frames[w->depth - 1];

    if (top->pkg == NULL || !top->pkg->in_bundle)
        return NULL;
    for (size_t i = 1; i < w->depth; i++, w->n_steps++) {
        const struct npm_pkg *before = w->frames[i - 1].pkg;

        if (w->frames[i].pkg->in_bundle)
            return before != NULL && before->bundle != NULL
                       ? w->frames[i - 1].name
                       : NULL;
    }
    return NULL;
}

/* "npm:target@range" */
struct alias {
    char *target; /* owns */
    const char *range; /* borrows from the text; "" without one */
};

static bool
read_alias(const char *range, struct alias *alias)
{
    const char *target, *at;

    if (!str_starts(range, "npm:"))
        return false;
    target = range + strlen("npm:");
    at = *target != '\0' ? strrchr(target + 1, '@') : NULL;
    alias->target = at != NULL ? xstrndup(target, (size_t)(at - target))
                               : xstrdup(target);
    alias->range = at != NULL ? at + 1 : "";
    return true;
}

/* The range that counts: the manifest may override it. */
static const char *
effective_range(struct npm_walk *w, const struct node_wanted *wanted)
{
    struct override_step *steps;
    const char *range;

    if (w->overrides.rules == NULL)
        return wanted->range;
    w->n_steps += w->depth;
    steps = xcalloc(w->depth, sizeof(*steps));
    for (size_t i = 1; i < w->depth; i++)
        steps[i - 1] = (struct override_step){ w->frames[i].name,
                                               w->frames[i].version };
    steps[w->depth - 1] = (struct override_step){ wanted->name,
                                                  wanted->range };
    range = override_range(&w->overrides, steps, w->depth);
    free(steps);
    return range;
}

/* ---- the walk ---------------------------------------------------------- */

static const struct label prod[] = { { "scope", "prod" }, { NULL, NULL } };
static const struct label missing[] = { { "scope", "prod" },
                                        { "missingLockFileEntry", "true" },
                                        { NULL, NULL } };

/* Whether the package on top states that it brings that one along. */
static bool
is_bundled(struct npm_walk *w, const char *name)
{
    const struct npm_pkg *pkg = w->frames[w->depth - 1].pkg;

    if (pkg == NULL)
        return false;
    w->n_steps += jx_count(pkg->bundle);
    return npm_pkg_bundles(pkg, name);
}

/* A node of what is not in the lock. unknown: nothing has that name. */
static void
add_missing(struct npm_walk *w, const struct node_wanted *wanted, bool unknown)
{
    const struct npm_frame *top = &w->frames[w->depth - 1];
    auto_free char *id = xasprintf("%s@%s", wanted->name, wanted->range);
    bool bundled = unknown && !wanted->optional && is_bundled(w, wanted->name);
    const struct depgraph_pkg pkg = { wanted->name,
                                      bundled ? "" : wanted->range, NULL };

    if (!depgraph_has(w->graph, id))
        depgraph_add(w->graph, &pkg, id, bundled ? prod : missing);
    depgraph_connect(w->graph, top->id, id);
}

static void
push(struct npm_walk *w, const struct npm_frame *f)
{
    void *count = map_get_str(w->above, f->name);

    if ((w->depth & (w->depth - 1)) == 0)
        w->frames = xrealloc(w->frames, (w->depth > 0 ? w->depth * 2 : 1) *
                                            sizeof(*w->frames));
    w->frames[w->depth++] = *f;
    if (f->pkg != NULL)
        map_put_str(w->above, f->name, (void *)((uintptr_t)count + 1));
}

static void
pop(struct npm_walk *w)
{
    struct npm_frame *f = &w->frames[--w->depth];
    uintptr_t count = (uintptr_t)map_get_str(w->above, f->name);

    if (f->pkg != NULL && count > 1)
        map_put_str(w->above, f->name, (void *)(count - 1));
    else if (f->pkg != NULL)
        map_remove(w->above, bytes_str(f->name));
    free(f->name);
    free(f->id);
    free(f->wanted);
    free(f->deps);
    free(f->optional);
}

/* A package of the lock: a node and its dependencies, the first time. */
static void
add_found(struct npm_walk *w, const struct npm_pkg *pkg, const char *name,
          const struct npm_search *s)
{
    const char *version = pkg->version != NULL ? pkg->version : "undefined";
    auto_free char *id = xasprintf("%s@%s", name, version);
    auto_free char *alias = s->target == NULL
                                ? NULL
                                : xasprintf("%s=>%s@%s", s->name, s->target,
                                            version);
    const struct label labels[] = { { "scope", "prod" },
                                    { alias != NULL ? "alias" : NULL, alias },
                                    { NULL, NULL } };
    const struct depgraph_pkg info = { name, pkg->version, NULL };
    const char *parent = w->frames[w->depth - 1].id;
    bool known = depgraph_has(w->graph, id);
    struct npm_frame f = { .version = pkg->version, .pkg = pkg };

    if (!known)
        depgraph_add(w->graph, &info, id, labels);
    depgraph_connect(w->graph, parent, id);
    if (known)
        return;
    f.name = xstrdup(name);
    f.id = steal(id);
    set_wanted(&f, pkg);
    push(w, &f);
}

static int
follow(struct npm_walk *w, const struct node_wanted *wanted, struct err *err)
{
    struct alias alias = { NULL, NULL };
    struct npm_search s = { .name = wanted->name, .owner = find_owner(w) };
    const struct npm_same *all = npm_lock_named(w->lock, s.name);
    struct npm_pkg *pkg = NULL, *found = NULL;

    s.range = effective_range(w, wanted);
    if (read_alias(s.range, &alias)) {
        s.target = alias.target;
        s.range = alias.range;
    }
    if (all != NULL)
        found = npm_choose(w, all, &s);
    if (found != NULL)
        pkg = npm_lock_follow(w->lock, found);
    if (pkg != NULL)
        add_found(w, pkg, name_of(pkg, &s), &s);
    else
        add_missing(w, wanted, all == NULL);
    free(alias.target);
    if (found != NULL && pkg == NULL && w->project->compat)
        return err_set(err, ERR_INPUT, "%s links to nothing", found->path);
    return 0;
}

static int
check_walk(const struct npm_walk *w, struct err *err)
{
    if (w->overrides.failed)
        return err_set(err, ERR_INPUT, "overrides that cannot be told");
    if (w->n_steps + w->overrides.n_steps > NPM_MAX_STEPS)
        return err_set(err, ERR_LIMIT,
                       "dependencies too entangled to be followed");
    return 0;
}

static int
walk_all(struct npm_walk *w, struct err *err)
{
    while (w->depth > 0) {
        struct npm_frame *top = &w->frames[w->depth - 1];

        if (top->next == top->n) {
            pop(w);
            continue;
        }
        if (follow(w, &top->wanted[top->next++], err) < 0 ||
            check_walk(w, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the project ------------------------------------------------------- */

/* A builder's root keeps a version that is empty. */
static struct depgraph_pkg
root_of(const struct jx *manifest)
{
    struct depgraph_pkg root = node_root(manifest);

    root.version = jx_str(manifest, "version");
    return root;
}

/* The project's own workspaces are installed like dependencies. The peer sees
 * those only that it depends on by name. */
static void
add_workspaces(struct npm_frame *f, const struct npm_lock *lock)
{
    auto_map struct map *names = map_new();
    const struct npm_pkg *w;
    size_t at = 0, cap = f->n;

    for (size_t i = 0; i < f->n; i++)
        map_put_str(names, f->wanted[i].name, f);
    while ((w = npm_lock_next_workspace(lock, &at)) != NULL) {
        if (map_put_str(names, w->base, f) != NULL)
            continue;
        if (f->n == cap) {
            cap = cap > 0 ? cap * 2 : 16;
            f->wanted = xrealloc(f->wanted, cap * sizeof(*f->wanted));
        }
        f->wanted[f->n++] = (struct node_wanted){ w->base, "*", false };
    }
}

static int
npm3_build(const struct node_project *p, struct depgraph **out,
           struct err *err)
{
    const struct depgraph_pkg root = root_of(p->manifest);
    auto_depgraph struct depgraph *g = depgraph_new("npm", NULL, &root);
    auto_npm_lock struct npm_lock *lock = npm_lock_new(p->lock, p->compat);
    struct npm_walk w = { .project = p, .lock = lock, .graph = g,
                      .above = map_new() };
    struct npm_frame f = { .name = xstrdup(root.name),
                       .id = xstrdup(DEPGRAPH_ROOT) };
    int rc;

    w.overrides = (struct overrides){ .rules = jx_get(p->manifest, "overrides"),
                                      .manifest = p->manifest,
                                      .compat = p->compat };
    f.n = node_wanted_top(p->manifest, NODE_OPTIONAL | NODE_PEER, &f.wanted);
    if (!p->compat)
        add_workspaces(&f, lock);
    push(&w, &f);
    rc = walk_all(&w, err);
    while (w.depth > 0)
        pop(&w);
    free(w.frames);
    map_free(w.above);
    if (rc == 0)
        *out = steal(g);
    return rc;
}

static int
npm_build(const struct node_project *p, struct depgraph **out,
          struct err *err)
{
    return jx_int(p->lock, "version", 0) == 3 ? npm3_build(p, out, err)
                                              : npm1_build(p, out, err);
}

const struct node_lock node_lock_npm = {
    .base = "package-lock.json",
    .kind = "npmlock",
    .type = "npm",
    .build = npm_build,
};

const struct node_lock node_lock_shrinkwrap = {
    .base = "npm-shrinkwrap.json",
    .kind = "npmlock",
    .type = "npm",
    .right_only = true,
    .build = npm_build,
};
