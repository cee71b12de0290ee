/*
 * package-lock.json of versions 2 and 3: which of the packages of a name is
 * meant is found as the peer finds it (scan-facts.md §11.4), by the names on
 * the way from the root; node's own rule would need the place in the tree of
 * folders, which the peer does not follow.
 */
#include "worker/graph/node-npm.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/analyze/version/semver.h"
#include "worker/graph/node-override.h"
#include "worker/graph/node-pairs.h"

#define FOLDER "node_modules/"
/* Candidates looked at in one project; a lock made to take for ever ends
 * here. */
#define MAX_STEPS 10000000

/* A package whose dependencies are being followed. */
struct frame {
    char *name;                 /* owns */
    const char *version;        /* borrows; may be NULL */
    const struct npm_pkg *pkg;  /* borrows; NULL: the root */
    char *id;                   /* owns: of its node */
    struct node_wanted *wanted; /* owns */
    char *deps, *optional;      /* own: what it borrows from, if a copy */
    size_t n, next;
};

struct walk {
    const struct node_project *project; /* borrows */
    const struct npm_lock *lock;        /* borrows */
    struct depgraph *graph;             /* borrows */
    struct overrides overrides;
    struct frame *frames;               /* owns; the root is first */
    size_t depth;
    struct map *above;  /* owns the values: how many frames have that name */
    size_t n_steps;
};

/* ---- what a package wants ---------------------------------------------- */

/* `rest` is taken apart. */
static void
merge_pairs(struct map *at, struct frame *f, char *rest, bool optional)
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
    struct node_wanted moved;
    size_t n_numbers = 0;
    uint32_t number;

    for (size_t i = 0; i < n; i++) {
        if (!js_is_index(bytes_str(list[i].name), &number))
            continue;
        moved = list[i];
        memmove(&list[n_numbers + 1], &list[n_numbers],
                (i - n_numbers) * sizeof(*list));
        list[n_numbers++] = moved;
    }
    qsort(list, n_numbers, sizeof(*list), by_number);
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
set_wanted(struct frame *f, const struct npm_pkg *pkg)
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

/* ---- candidates -------------------------------------------------------- */

/* What is looked for, seen from the frame on top. */
struct search {
    const char *name;   /* what it is installed as */
    const char *range;  /* effective */
    const char *target; /* NULL: no alias */
    const char *owner;  /* who brings it along; NULL: nobody */
    bool any_version;   /* the range is none */
};

/* What a package is called where the peer compares names. */
static const char *
installed_name(const struct npm_pkg *pkg, const struct search *s)
{
    return pkg->name != NULL ? pkg->name : s->name;
}

/* What it is called in the graph. */
static const char *
name_of(const struct npm_pkg *pkg, const struct search *s)
{
    if (pkg->name != NULL)
        return pkg->name;
    return s->target != NULL ? s->target : s->name;
}

static bool
is_above(const struct walk *w, const char *name)
{
    return map_get_str(w->above, name) != NULL;
}

/* Every package it lies in is on our way, and so is its owner. */
static bool
is_on_way(struct walk *w, struct npm_pkg *c, const struct search *s)
{
    const char *own = installed_name(c, s);
    bool owned = s->owner == NULL;

    npm_lock_way(w->lock, c);
    for (size_t i = 0; i < c->n_way; i++) {
        const char *name = c->way[i].name;

        w->n_steps++;
        owned = owned || strcmp(name, s->owner) == 0;
        if (strcmp(name, own) != 0 && !is_above(w, name))
            return false;
    }
    return owned;
}

static bool
fits(const struct npm_pkg *c, const struct search *s)
{
    return s->any_version ||
           semver_satisfies(bytes_str(c->version), bytes_str(s->range),
                            SEMVER_STRICT);
}

/* Those that may be meant; the caller frees the array. */
static struct npm_same
filter(struct walk *w, const struct npm_same *all, const struct search *s)
{
    struct npm_same left = { xcalloc(all->n, sizeof(*left.at)), 0 };

    for (size_t i = 0; i < all->n; i++) {
        w->n_steps++;
        if (is_on_way(w, all->at[i], s) && fits(all->at[i], s))
            left.at[left.n++] = all->at[i];
    }
    return left;
}

/* ---- one of several ---------------------------------------------------- */

/* Behind "node_modules/NAME"; NULL: it does not begin so. */
static const char *
behind_folder(const char *path, const char *name)
{
    size_t n = strlen(FOLDER), n_name = strlen(name);

    if (strncmp(path, FOLDER, n) != 0 || strncmp(path + n, name, n_name) != 0)
        return NULL;
    return path + n + n_name;
}

/* Whether each package above has the next one in its folder, as far as the
 * path is long. */
static bool
is_whole_path(const struct walk *w, const struct npm_pkg *c, const char *name)
{
    const char *rest = c->path;

    if (c->n_segments == 0 || c->n_segments > w->depth + 1)
        return false;
    for (size_t i = w->depth + 1 - c->n_segments; i < w->depth; i++) {
        rest = behind_folder(rest, w->frames[i].name);
        if (rest == NULL || *rest++ != '/')
            return false;
    }
    rest = behind_folder(rest, name);
    return rest != NULL && *rest == '\0';
}

/* The longest such path. */
static struct npm_pkg *
by_whole_path(struct walk *w, const struct npm_same *left, const char *name)
{
    struct npm_pkg *found = NULL;

    for (size_t i = 0; i < left->n; i++) {
        struct npm_pkg *c = left->at[i];

        w->n_steps += c->n_segments;
        if (is_whole_path(w, c, name) &&
            (found == NULL || c->n_segments > found->n_segments))
            found = c;
    }
    return found;
}

/* Only those whose path contains the name. */
static struct npm_same
containing(const struct npm_same *left, const char *name)
{
    struct npm_same some = { xcalloc(left->n + 1, sizeof(*some.at)), 0 };

    for (size_t i = 0; i < left->n; i++) {
        if (strstr(left->at[i]->path, name) != NULL)
            some.at[some.n++] = left->at[i];
    }
    return some;
}

static struct npm_pkg *
deepest(const struct npm_same *left)
{
    struct npm_pkg *best = left->at[0];

    for (size_t i = 1; i < left->n; i++) {
        if (left->at[i]->n_segments > best->n_segments)
            best = left->at[i];
    }
    return best;
}

/* By the nearest package above whose name singles one out. Takes `left`. */
static struct npm_pkg *
by_names_above(struct walk *w, struct npm_same left)
{
    struct npm_pkg *found = NULL;

    for (size_t i = w->depth; found == NULL && i-- > 0;) {
        struct npm_same some = containing(&left, w->frames[i].name);

        w->n_steps += left.n + 1;
        if (some.n == 0) {
            free(some.at);
            continue;
        }
        free(left.at);
        left = some;
        if (left.n == 1)
            found = left.at[0];
    }
    if (found == NULL)
        found = deepest(&left);
    free(left.at);
    return found;
}

static struct npm_pkg *
choose(struct walk *w, const struct npm_same *all, struct search *s)
{
    struct npm_same left;
    struct npm_pkg *found;

    if (all->n == 1)
        return all->at[0];
    s->any_version = !semver_range_valid(bytes_str(s->range), SEMVER_STRICT);
    left = filter(w, all, s);
    if (left.n <= 1) {
        found = left.n == 1 ? left.at[0] : NULL;
        free(left.at);
        return found;
    }
    found = by_whole_path(w, &left, s->name);
    if (found == NULL)
        return by_names_above(w, left);
    free(left.at);
    return found;
}

/* ---- what is meant ----------------------------------------------------- */

/* Inside of what another package brings along: that package's name. */
static const char *
find_owner(struct walk *w)
{
    const struct frame *top = &w->frames[w->depth - 1];

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
effective_range(struct walk *w, const struct node_wanted *wanted)
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

/* A node of what is not in the lock. unknown: nothing has that name. */
static void
add_missing(struct walk *w, const struct node_wanted *wanted, bool unknown)
{
    const struct frame *top = &w->frames[w->depth - 1];
    auto_free char *id = xasprintf("%s@%s", wanted->name, wanted->range);
    bool bundled = unknown && !wanted->optional && top->pkg != NULL &&
                   npm_pkg_bundles(top->pkg, wanted->name);
    const struct depgraph_pkg pkg = { wanted->name,
                                      bundled ? "" : wanted->range, NULL };

    if (!depgraph_has(w->graph, id))
        depgraph_add(w->graph, &pkg, id, bundled ? prod : missing);
    depgraph_connect(w->graph, top->id, id);
}

static void
push(struct walk *w, const struct frame *f)
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
pop(struct walk *w)
{
    struct frame *f = &w->frames[--w->depth];
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
add_found(struct walk *w, const struct npm_pkg *pkg, const char *name,
          const struct search *s)
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
    struct frame f = { .version = pkg->version, .pkg = pkg };

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
follow(struct walk *w, const struct node_wanted *wanted, struct err *err)
{
    struct alias alias = { NULL, NULL };
    struct search s = { .name = wanted->name, .owner = find_owner(w) };
    const struct npm_same *all = npm_lock_named(w->lock, s.name);
    struct npm_pkg *pkg = NULL, *found = NULL;

    s.range = effective_range(w, wanted);
    if (read_alias(s.range, &alias)) {
        s.target = alias.target;
        s.range = alias.range;
    }
    if (all != NULL)
        found = choose(w, all, &s);
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
check_walk(const struct walk *w, struct err *err)
{
    if (w->overrides.failed)
        return err_set(err, ERR_INPUT, "overrides that cannot be told");
    if (w->n_steps + w->overrides.n_steps > MAX_STEPS)
        return err_set(err, ERR_LIMIT,
                       "dependencies too entangled to be followed");
    return 0;
}

static int
walk_all(struct walk *w, struct err *err)
{
    while (w->depth > 0) {
        struct frame *top = &w->frames[w->depth - 1];

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

static int
npm3_build(const struct node_project *p, struct depgraph **out,
           struct err *err)
{
    const struct depgraph_pkg root = root_of(p->manifest);
    auto_depgraph struct depgraph *g = depgraph_new("npm", NULL, &root);
    auto_npm_lock struct npm_lock *lock = npm_lock_new(p->lock, p->compat);
    struct walk w = { .project = p, .lock = lock, .graph = g,
                      .above = map_new() };
    struct frame f = { .name = xstrdup(root.name),
                       .id = xstrdup(DEPGRAPH_ROOT) };
    int rc;

    w.overrides = (struct overrides){ .rules = jx_get(p->manifest, "overrides"),
                                      .manifest = p->manifest,
                                      .compat = p->compat };
    f.n = node_wanted_top(p->manifest, NODE_OPTIONAL | NODE_PEER, &f.wanted);
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
