/* The entries of a package-lock.json, and who is called what. */
#include "worker/graph/node-npm.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/glob/glob.h"
#include "worker/image/npmlock.h"

#define FOLDER "node_modules/"

struct npm_lock {
    struct map *by_path;  /* owns the values: struct npm_pkg */
    struct map *by_name;  /* owns the values: struct npm_same */
    struct globs *workspaces; /* owns */
    bool compat;
};

static struct npm_pkg *
read_package(const struct jx *entry)
{
    struct npm_pkg *p = xnew(struct npm_pkg);
    int64_t flags = jx_int_value(jx_at(entry, NPM_FLAGS), 0);

    p->path = jx_str_value(jx_at(entry, NPM_PATH));
    p->version = jx_str_value(jx_at(entry, NPM_VERSION));
    p->name = jx_str_value(jx_at(entry, NPM_NAME));
    p->deps = jx_str_value(jx_at(entry, NPM_DEPENDENCIES));
    p->optional = jx_str_value(jx_at(entry, NPM_OPTIONAL));
    p->bundle = jx_at(entry, NPM_BUNDLE);
    p->resolved = jx_str_value(jx_at(entry, NPM_RESOLVED));
    p->in_bundle = (flags & NPM_IN_BUNDLE) != 0;
    p->link = (flags & NPM_LINK) != 0;
    p->path = p->path != NULL ? p->path : "";
    p->base = p->path;
    for (const char *at = p->path; (at = strstr(at, FOLDER)) != NULL;) {
        at += strlen(FOLDER);
        p->base = at;
        p->n_segments++;
    }
    return p;
}

static void
pkg_free(struct npm_pkg *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->n_way; i++)
        free(p->way[i].own);
    free(p->way);
    free(p);
}

static void
add_named(struct npm_lock *lock, const char *name, struct npm_pkg *p)
{
    struct npm_same *same = map_get_str(lock->by_name, name);

    if (same == NULL) {
        same = xnew(struct npm_same);
        map_put_str(lock->by_name, name, same);
    }
    if ((same->n & (same->n - 1)) == 0)
        same->at = xrealloc(same->at, (same->n > 0 ? same->n * 2 : 1) *
                                          sizeof(*same->at));
    same->at[same->n++] = p;
}

static void
index_names(struct npm_lock *lock)
{
    size_t at = 0;
    void *value;

    while (map_next(lock->by_path, &at, NULL, &value)) {
        struct npm_pkg *p = value;

        if (*p->path == '\0')
            continue; /* the root is nobody's dependency */
        add_named(lock, p->base, p);
        if (p->name != NULL && strcmp(p->name, p->base) != 0)
            add_named(lock, p->name, p);
    }
}

/* Globs are about absolute paths, those of workspaces about the project. */
static char *
absolute(const char *path)
{
    bool negated = *path == '!';

    path += negated;
    if (str_starts(path, "./"))
        path += 2;
    return xasprintf("%s/%s", negated ? "!" : "", path);
}

/* Empty where one of them is too much for us. */
static struct globs *
read_globs(const struct jx *workspaces)
{
    struct globs *globs = globs_new();

    for (size_t i = 0; i < jx_count(workspaces); i++) {
        const char *text = jx_str_value(jx_at(workspaces, i));
        auto_free char *glob = text != NULL ? absolute(text) : NULL;

        if (glob == NULL || globs_add(globs, glob, NULL) == 0)
            continue;
        globs_free(globs);
        return globs_new();
    }
    return globs;
}

struct npm_lock *
npm_lock_new(const struct jx *data, bool compat)
{
    struct npm_lock *lock = xnew(struct npm_lock);
    const struct jx *packages = jx_arr(data, "packages");

    lock->by_path = map_new();
    lock->by_name = map_new();
    lock->compat = compat;
    lock->workspaces = read_globs(jx_arr(data, "workspaces"));
    for (size_t i = 0; i < jx_count(packages); i++) {
        struct npm_pkg *p = read_package(jx_at(packages, i));

        pkg_free(map_put_str(lock->by_path, p->path, p));
    }
    index_names(lock);
    return lock;
}

void
npm_lock_free(struct npm_lock *lock)
{
    size_t at = 0;
    void *value;

    if (lock == NULL)
        return;
    while (map_next(lock->by_path, &at, NULL, &value))
        pkg_free(value);
    at = 0;
    while (map_next(lock->by_name, &at, NULL, &value)) {
        free(((struct npm_same *)value)->at);
        free(value);
    }
    map_free(lock->by_path);
    map_free(lock->by_name);
    globs_free(lock->workspaces);
    free(lock);
}

struct npm_pkg *
npm_lock_at(const struct npm_lock *lock, const char *path)
{
    return map_get_str(lock->by_path, path);
}

const struct npm_same *
npm_lock_named(const struct npm_lock *lock, const char *name)
{
    return map_get_str(lock->by_name, name);
}

static bool
is_workspace(const struct npm_lock *lock, const char *path)
{
    auto_free char *target = absolute(path);

    return globs_match(lock->workspaces, bytes_str(target));
}

struct npm_pkg *
npm_lock_next_workspace(const struct npm_lock *lock, size_t *at)
{
    void *value;

    if (globs_count(lock->workspaces) == 0)
        return NULL;
    while (map_next(lock->by_path, at, NULL, &value)) {
        struct npm_pkg *p = value;

        if (p->link && p->n_segments == 1 && p->resolved != NULL &&
            is_workspace(lock, p->resolved))
            return p;
    }
    return NULL;
}

struct npm_pkg *
npm_lock_follow(const struct npm_lock *lock, struct npm_pkg *pkg)
{
    if (!pkg->link || pkg->resolved == NULL ||
        (lock->compat && !is_workspace(lock, pkg->resolved)))
        return pkg;
    return npm_lock_at(lock, pkg->resolved);
}

/* The names on a path: "node_modules/a/node_modules/b" gives "a", "b", and
 * where each ends. */
static bool
next_segment(const char *path, size_t *at, struct bytes *name,
             struct bytes *prefix)
{
    const char *from = path + *at, *end;

    if (*from == '\0')
        return false;
    end = strstr(from, FOLDER);
    if (end == from)
        end = strstr(from += strlen(FOLDER), FOLDER);
    if (end == NULL)
        end = from + strlen(from);
    *name = bytes_of(from, (size_t)(end - from));
    if (name->n > 0 && name->p[name->n - 1] == '/')
        name->n--;
    *prefix = bytes_of(path, (size_t)(from - path) + name->n);
    *at = (size_t)(end - path);
    return true;
}

void
npm_lock_way(const struct npm_lock *lock, struct npm_pkg *pkg)
{
    struct bytes name, prefix;
    size_t at = 0;

    if (pkg->n_way > 0)
        return;
    while (next_segment(pkg->path, &at, &name, &prefix)) {
        const struct npm_pkg *in = map_get(lock->by_path, prefix);
        struct npm_segment *s;

        if ((pkg->n_way & (pkg->n_way - 1)) == 0)
            pkg->way = xrealloc(pkg->way,
                                (pkg->n_way > 0 ? pkg->n_way * 2 : 1) *
                                    sizeof(*pkg->way));
        s = &pkg->way[pkg->n_way++];
        s->own = in != NULL && in->name != NULL ? NULL : bytes_dup(name);
        s->name = s->own != NULL ? s->own : in->name;
    }
}

bool
npm_pkg_bundles(const struct npm_pkg *pkg, const char *name)
{
    for (size_t i = 0; i < jx_count(pkg->bundle); i++) {
        if (str_eq(jx_str_value(jx_at(pkg->bundle, i)), name))
            return true;
    }
    return false;
}
