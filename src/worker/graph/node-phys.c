/* Packages as they lie in node_modules, and which of them a dependency leads
 * to: from the package's own node_modules outwards. */
#include "worker/graph/node-phys.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/version/semver.h"
#include "worker/graph/node-pairs.h"
#include "worker/image/path.h"

#define MODULES  "/node_modules/"
#define MANIFEST "/package.json"

static void
phys_free(struct phys *p)
{
    if (p == NULL)
        return;
    map_free(p->by_key);
    free(p->kids);
    free(p->needs);
    free(p->dir);
    free(p);
}

/* ---- folders ----------------------------------------------------------- */

static bool
is_skipped(struct bytes name)
{
    return name.n == 0 || bytes_is(name, ".bin") ||
           bytes_is(name, ".DS_Store") || bytes_is(name, "~");
}

/* The component that `rest` begins with. */
static struct bytes
take_component(struct bytes *rest)
{
    struct bytes name = bytes_to(*rest, bytes_find(*rest, '/'));

    *rest = bytes_from(*rest, name.n);
    return name;
}

/*
 * "/node_modules/a/node_modules/@s/b/package.json": a package, and in
 * *in_parent the length of what its parent's folder is. False: a file of
 * another kind.
 */
static bool
is_module(struct bytes path, size_t *in_parent)
{
    struct bytes rest = path, name;

    do {
        if (!bytes_starts(rest, MODULES))
            return false;
        *in_parent = path.n - rest.n;
        rest = bytes_from(rest, strlen(MODULES));
        name = take_component(&rest);
        if (is_skipped(name))
            return false;
        if (name.p[0] == '@') {
            if (rest.n == 0)
                return false;
            rest = bytes_from(rest, 1);
            if (take_component(&rest).n == 0)
                return false;
        }
    } while (!bytes_is(rest, MANIFEST));
    return true;
}

/* The end of the path: "x", "@s/x"; of another folder its base name. */
static const char *
install_name(const char *dir)
{
    const char *slash = strrchr(dir, '/'), *scope = slash;

    if (slash == NULL)
        return dir;
    while (scope > dir && scope[-1] != '/')
        scope--;
    return *scope == '@' ? scope : slash + 1;
}

/* Data of installed packages is an array (docs/internals/records.md). */
enum { MOD_NAME, MOD_VERSION, MOD_DEPENDENCIES, MOD_OPTIONAL };

static const char *
text_of(const struct jx *data, const char *member, size_t place)
{
    return jx_is_arr(data) ? jx_str_value(jx_at(data, place))
                           : jx_str(data, member);
}

const char *
phys_file_name(const struct phys_file *f)
{
    return text_of(f->data, "name", MOD_NAME);
}

const char *
phys_file_version(const struct phys_file *f)
{
    return text_of(f->data, "version", MOD_VERSION);
}

static struct phys *
new_phys(struct bytes dir, const struct jx *data, bool compat)
{
    struct phys *p = xnew(struct phys);
    const struct phys_file f = { dir, data };
    const char *name = phys_file_name(&f), *key, *slash;

    p->dir = bytes_dup(dir);
    p->version = phys_file_version(&f);
    if (jx_is_arr(data)) {
        p->deps = jx_str_value(jx_at(data, MOD_DEPENDENCIES));
        p->optional = jx_str_value(jx_at(data, MOD_OPTIONAL));
    }
    key = install_name(p->dir);
    slash = strrchr(key, '/');
    p->name = name;
    if (str_is_empty(name))
        p->name = slash != NULL ? slash + 1 : key;
    p->key = compat ? p->name : key;
    return p;
}

/* ---- the tree ---------------------------------------------------------- */

/* As a folder is listed: component by component, so "/" before all. */
static int
by_dir(const void *a, const void *b)
{
    const char *x = (*(struct phys *const *)a)->dir;
    const char *y = (*(struct phys *const *)b)->dir;
    int c, d;

    do {
        c = *x == '/' ? 1 : (unsigned char)*x;
        d = *y == '/' ? 1 : (unsigned char)*y;
        x++;
        y++;
    } while (c == d && c != 0);
    return c - d;
}

/* Of kids with one key the last one counts. */
static void
key_kids(struct phys *p)
{
    const char **names;
    size_t at = 0, n = 0;
    struct bytes name;

    if (p->n_kids == 0)
        return;
    qsort(p->kids, p->n_kids, sizeof(*p->kids), by_dir);
    p->by_key = map_new();
    for (size_t i = 0; i < p->n_kids; i++)
        map_put_str(p->by_key, p->kids[i]->key, p->kids[i]);
    names = xcalloc(p->n_kids, sizeof(*names));
    while (map_next(p->by_key, &at, &name, NULL))
        names[n++] = ((struct phys *)map_get(p->by_key, name))->key;
    js_order_keys(names, n);
    for (size_t i = 0; i < n; i++)
        p->kids[i] = map_get_str(p->by_key, names[i]);
    p->n_kids = n;
    free(names);
}

static void
add_kid(struct phys *parent, struct phys *kid)
{
    parent->kids = xgrown(parent->kids, parent->n_kids, sizeof(*parent->kids));
    parent->kids[parent->n_kids++] = kid;
    kid->parent = parent;
}

/* Takes the place of who has its name, without what it needs and, unless that
 * name is wanted, too, without what it holds. */
static void
become_leaf(struct phys_tree *t, struct phys *root, struct phys *p)
{
    size_t i = 0;

    p->deps = p->optional = NULL;
    if (!jx_has(jx_obj(t->manifest, "dependencies"), p->key))
        p->n_kids = 0;
    while (i < root->n_kids && strcmp(root->kids[i]->key, p->key) != 0)
        i++;
    t->n_steps += i;
    if (i < root->n_kids)
        root->kids[i] = p;
    map_put_str(root->by_key, p->key, p);
}

/*
 * What the root wants under a name that nothing has: the peer finds the
 * folder of that name, and takes what is there for a package without needs.
 */
static void
find_aliased(struct phys_tree *t, struct phys *root, const struct map *found)
{
    const struct jx *deps = jx_obj(t->manifest, "dependencies");
    const char *name;
    struct jx *range;
    void *at = NULL;

    while (root->by_key != NULL && t->n_steps <= PHYS_MAX_STEPS &&
           jx_next(deps, &at, &name, &range)) {
        auto_free char *dir = xasprintf("%s" MODULES "%s", root->dir, name);
        struct phys *p = map_get_str(found, dir);

        if (p != NULL && map_get_str(root->by_key, name) == NULL)
            become_leaf(t, root, p);
    }
}

/* Those that hang together, the root first; each gets its kids in order. */
static void
gather(struct phys_tree *t, struct phys *root, const struct map *found)
{
    t->all = xgrown(t->all, 0, sizeof(*t->all));
    t->all[t->n++] = t->root = root;
    for (size_t i = 0; i < t->n; i++) {
        struct phys *p = t->all[i];

        key_kids(p);
        if (p == root && t->compat)
            find_aliased(t, root, found);
        for (size_t k = 0; k < p->n_kids; k++) {
            t->all = xgrown(t->all, t->n, sizeof(*t->all));
            t->all[t->n++] = p->kids[k];
        }
    }
}

/* What nothing holds: below a folder without a package, or not the last of
 * its name. */
static void
free_loose(struct phys_tree *t, struct map *by_dir_map)
{
    size_t at = 0;
    void *value;

    for (size_t i = 1; i < t->n; i++)
        map_remove(by_dir_map, bytes_str(t->all[i]->dir));
    while (map_next(by_dir_map, &at, NULL, &value))
        phys_free(value);
}

static void
number_fulls(struct phys_tree *t)
{
    auto_map struct map *seen = map_new();

    for (size_t i = 0; i < t->n; i++) {
        struct phys *p = t->all[i];
        auto_free char *full = xasprintf(
            "%s@%s", p->name, str_is_empty(p->version) ? "0.0.0" : p->version);
        uintptr_t number = (uintptr_t)map_get_str(seen, full);

        if (number == 0) {
            number = map_count(seen) + 1;
            map_put_str(seen, full, (void *)number);
        }
        p->full = number - 1;
        p->number = i;
    }
    t->n_fulls = map_count(seen);
}

/* ---- what dependencies lead to ----------------------------------------- */

/* As the peer sees it. */
static bool
satisfies(struct phys_tree *t, const struct phys *p, const char *range)
{
    t->n_steps += strlen(range) / 16;
    if (str_is_empty(p->version))
        return false;
    if (strcmp(range, "latest") == 0 || strstr(range, "://") != NULL)
        range = "*";
    if (semver_satisfies(bytes_str(p->version), bytes_str(range),
                         SEMVER_STRICT))
        return true;
    return strstr(range, ":/") != NULL &&
           !semver_range_valid(bytes_str(range), SEMVER_STRICT);
}

/* The nearest one is what node loads, whatever its version; the peer looks on
 * for one that fits. */
static struct phys *
find(struct phys_tree *t, struct phys *from, const char *name,
     const char *range)
{
    struct phys *kid;

    for (; from != NULL; from = from->parent) {
        t->n_steps++;
        kid = from->by_key != NULL ? map_get_str(from->by_key, name) : NULL;
        if (kid != NULL && (!t->compat || satisfies(t, kid, range)))
            return kid;
    }
    return NULL;
}

/* What a package wants: name to range, a later member over an earlier one.
 * Texts are borrowed from the manifest or from the copies. */
struct wishes {
    struct map *ranges; /* owns */
    char *deps, *optional; /* own */
};

static void
add_lines(struct wishes *w, char *text)
{
    char *rest = node_lines(text), *name, *range;

    while (node_pair_next(&rest, &name, &range))
        map_put_str(w->ranges, name, range);
}

static void
add_members(struct wishes *w, const struct jx *manifest)
{
    static const char *const members[] = { "dependencies", "devDependencies",
                                           "optionalDependencies" };
    struct jx *range;
    const char *name;

    for (size_t i = 0; i < N_ELEMENTS(members); i++) {
        void *at = NULL;

        while (jx_next(jx_obj(manifest, members[i]), &at, &name, &range)) {
            if (jx_is_str(range))
                map_put_str(w->ranges, name,
                            (void *)(uintptr_t)jx_str_value(range));
        }
    }
}

static struct wishes
wishes_of(const struct phys_tree *t, const struct phys *p)
{
    struct wishes w = { map_new(), xstrdup(p->deps), xstrdup(p->optional) };

    if (p == t->root)
        add_members(&w, t->manifest);
    add_lines(&w, w.deps);
    add_lines(&w, w.optional);
    return w;
}

static void
wishes_clear(struct wishes *w)
{
    map_free(w->ranges);
    free(w->deps);
    free(w->optional);
}

#define auto_wishes __attribute__((cleanup(wishes_clear)))

/*
 * The peer goes to a package by the "name@version" of all it lies in. Where
 * one of those does not say where to go it finds nothing from there, save what
 * has the package's own name. The outermost of them, or NULL.
 */
static struct phys *
lost_at(struct phys *p)
{
    struct phys *lost = NULL;

    for (; p->parent != NULL; p = p->parent) {
        if (strchr(p->name + 1, '@') != NULL || str_is_empty(p->version) ||
            !semver_valid(bytes_str(p->version), SEMVER_STRICT))
            lost = p;
    }
    return lost;
}

static void
resolve(struct phys_tree *t, struct phys *p)
{
    auto_wishes struct wishes w = wishes_of(t, p);
    struct phys *lost = t->compat ? lost_at(p) : NULL;
    struct bytes name;
    size_t at = 0;
    void *range;

    p->needs = xcalloc(map_count(w.ranges) + 1, sizeof(struct phys *));
    while (t->n_steps <= PHYS_MAX_STEPS &&
           map_next(w.ranges, &at, &name, &range)) {
        auto_free char *text = bytes_dup(name);
        struct phys *found = NULL;

        if (lost == NULL || (lost == p && strcmp(text, p->key) == 0))
            found = find(t, lost != NULL ? p->parent : p, text, range);
        if (found != NULL)
            p->needs[p->n_needs++] = found;
    }
}

/* To the peer a range of "" is none here. */
static bool
is_listed(const struct phys_tree *t, const char *member, const char *key)
{
    const struct jx *deps = jx_obj(t->manifest, member);

    return t->compat ? !str_is_empty(jx_str(deps, key)) : jx_has(deps, key);
}

static void
mark_dev(struct phys_tree *t)
{
    for (size_t i = 0; i < t->root->n_kids; i++) {
        struct phys *p = t->root->kids[i];

        p->dev = !is_listed(t, "dependencies", p->key) &&
                 !is_listed(t, "optionalDependencies", p->key) &&
                 is_listed(t, "devDependencies", p->key);
    }
}

/* ---- the door ---------------------------------------------------------- */

struct phys_tree *
phys_tree_new(struct bytes folder, const struct jx *manifest,
              const struct phys_file *files, size_t n, bool compat,
              struct err *err)
{
    struct phys_tree *t = xnew(struct phys_tree);
    struct phys *root = new_phys(folder, manifest, compat), *p, *parent;
    auto_map struct map *found = map_new();
    size_t in_parent, at = 0;
    void *value;

    t->compat = compat;
    t->manifest = manifest;
    for (size_t i = 0; i < n; i++) {
        struct bytes path = bytes_from(files[i].path, folder.n);

        if (!is_module(path, &in_parent) ||
            jx_bool(files[i].data, "bad", false))
            continue;
        p = new_phys(bytes_to(files[i].path,
                              files[i].path.n - strlen(MANIFEST)),
                     files[i].data, compat);
        phys_free(map_put_str(found, p->dir, p)); /* the last one counts */
    }
    while (map_next(found, &at, NULL, &value)) {
        struct bytes dir;

        p = value;
        dir = bytes_str(p->dir);
        for (in_parent = dir.n; in_parent > folder.n; in_parent--) {
            if (bytes_starts(bytes_from(dir, in_parent), MODULES))
                break;
        }
        parent = in_parent == folder.n
                     ? root
                     : map_get(found, bytes_to(dir, in_parent));
        if (parent != NULL)
            add_kid(parent, p);
    }
    gather(t, root, found);
    free_loose(t, found);
    number_fulls(t);
    mark_dev(t);
    for (size_t i = 0; i < t->n; i++)
        resolve(t, t->all[i]);
    if (t->n_steps <= PHYS_MAX_STEPS)
        return t;
    err_set(err, ERR_LIMIT, "dependencies too entangled to be followed");
    phys_tree_free(t);
    return NULL;
}

void
phys_tree_free(struct phys_tree *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n; i++)
        phys_free(t->all[i]);
    free(t->all);
    free(t);
}

static bool
is_offence(const struct phys *p, const char *range)
{
    return !str_is_empty(range) && !str_is_empty(p->version) &&
           semver_range_valid(bytes_str(range), SEMVER_STRICT) &&
           !semver_valid(bytes_str(p->version), SEMVER_STRICT);
}

char *
phys_tree_offence(const struct phys_tree *t)
{
    for (size_t i = 0; i < t->n; i++) {
        auto_wishes struct wishes w = wishes_of(t, t->all[i]);

        for (size_t k = 0; k < t->all[i]->n_kids; k++) {
            const struct phys *kid = t->all[i]->kids[k];

            if (is_offence(kid, map_get_str(w.ranges, kid->key)))
                return xasprintf("%s@%s", kid->name, kid->version);
        }
    }
    return NULL;
}
