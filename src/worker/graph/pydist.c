/* Which distributions there are, and which one a requirement means. */
#include "worker/graph/pydist.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/analyze/version/pep440.h"
#include "worker/analyze/version/semver.h"
#include "worker/graph/pymarker.h"
#include "worker/image/path.h"

/* Distributions of one name; sorted, the highest version first. */
struct py_namesakes {
    struct pydist **at; /* owns the array */
    size_t n;
    struct map *chosen; /* owns: constraint to who satisfies it */
};

/* ---- finding them ------------------------------------------------------ */

static bool
in_packages(struct bytes path)
{
    size_t dist, site, n;

    path = bytes_from(path, bytes_find_str(path, "/lib/python") +
                                strlen("/lib/python"));
    dist = bytes_find_str(path, "/dist-packages/");
    site = bytes_find_str(path, "/site-packages/");
    n = dist < site ? dist : site;
    return bytes_ends(bytes_from(path, n + strlen("/dist-packages/")),
                      ".dist-info/METADATA");
}

static char *
lookup_key(const struct pydists *d, const char *name)
{
    return d->compat ? str_lower(xstrdup(name)) : py_normal_name(name);
}

static void
put_in_folder(struct pydists *d, struct pydist *dist, struct bytes path)
{
    struct pyfolder *folder;

    path_up(&path);
    path_up(&path);
    folder = map_get(d->by_folder, path);
    if (folder == NULL) {
        folder = xnew(struct pyfolder);
        folder->path = bytes_dup(path);
        folder->by_name = map_new();
        map_put(d->by_folder, path, folder);
    }
    folder->at = xgrown(folder->at, folder->n, sizeof(*folder->at));
    folder->at[folder->n++] = dist;
    dist->folder = folder;
}

static void
index_by_name(struct pydists *d, struct pydist *dist)
{
    auto_free char *key = lookup_key(d, dist->name);
    struct py_namesakes *same = map_get_str(d->by_name, key);

    if (same == NULL) {
        same = xnew(struct py_namesakes);
        same->chosen = map_new();
        map_put_str(d->by_name, key, same);
    }
    same->at = xgrown(same->at, same->n, sizeof(*same->at));
    same->at[same->n++] = dist;
}

/* NULL: not usable in this mode. */
static struct pydist *
read_dist(const struct pydists *d, const struct merged *m)
{
    const char *name = jx_str(m->data, "n"), *version = jx_str(m->data, "v");
    struct pydist *dist;

    if (d->compat && jx_has(m->data, "pn"))
        name = jx_str(m->data, "pn");
    if (d->compat && jx_has(m->data, "pv"))
        version = jx_str(m->data, "pv");
    if (str_is_empty(version) || (!d->compat && str_is_empty(name)))
        return NULL;
    dist = xnew(struct pydist);
    dist->name = str_lower(xstrdup(name != NULL ? name : ""));
    dist->version = version;
    dist->data = m->data;
    return dist;
}

static int
higher_first(const void *a, const void *b)
{
    const struct pydist *x = *(struct pydist *const *)a;
    const struct pydist *y = *(struct pydist *const *)b;
    int c = pep440_cmp(bytes_str(y->version), bytes_str(x->version));

    return c != 0 ? c : x->place < y->place ? -1 : 1;
}

static void
sort_namesakes(struct pydists *d)
{
    struct bytes key;
    size_t at = 0;
    void *value;

    while (map_next(d->by_name, &at, &key, &value)) {
        struct py_namesakes *same = value;

        qsort(same->at, same->n, sizeof(*same->at), higher_first);
        for (size_t i = 0; i < same->n; i++) {
            struct map *here = same->at[i]->folder->by_name;

            if (map_get(here, key) == NULL)
                map_put(here, key, same->at[i]);
        }
    }
}

void
pydists_find(struct pydists *out, const struct merge *files, bool compat)
{
    struct merged m;
    size_t at = 0;

    *out = (struct pydists){ .compat = compat, .by_name = map_new(),
                              .by_folder = map_new() };
    while (merge_next(files, "pymeta", &at, &m)) {
        struct pydist *dist;

        if (m.data == NULL || (compat && !in_packages(m.path)) ||
            (dist = read_dist(out, &m)) == NULL)
            continue;
        dist->place = out->n;
        out->at = xgrown(out->at, out->n, sizeof(*out->at));
        out->at[out->n++] = dist;
        put_in_folder(out, dist, m.path);
        if (compat || bytes_find_str(m.path, "/_vendor/") == m.path.n)
            index_by_name(out, dist);
    }
    sort_namesakes(out);
}

void
pydists_clear(struct pydists *d)
{
    size_t at = 0;
    void *value;

    while (d->by_name != NULL && map_next(d->by_name, &at, NULL, &value)) {
        free(((struct py_namesakes *)value)->at);
        map_free(((struct py_namesakes *)value)->chosen);
        free(value);
    }
    map_free(d->by_name);
    at = 0;
    while (d->by_folder != NULL && map_next(d->by_folder, &at, NULL, &value)) {
        free(((struct pyfolder *)value)->path);
        free(((struct pyfolder *)value)->at);
        map_free(((struct pyfolder *)value)->by_name);
        free(value);
    }
    map_free(d->by_folder);
    for (size_t i = 0; i < d->n; i++) {
        free(d->at[i]->name);
        free(d->at[i]);
    }
    free(d->at);
    *d = (struct pydists){ 0 };
}

/* ---- choosing one ------------------------------------------------------ */

/* "~=1.4" is "^1.4" for the peer, "~=1.4.2" is "~1.4.2". */
static const char *
semver_operator(const char *specifier, const char *version)
{
    const char *dot = strchr(version, '.');

    if (strcmp(specifier, "==") == 0 || strcmp(specifier, "===") == 0)
        return "=";
    if (strcmp(specifier, "~=") != 0)
        return specifier;
    return dot != NULL && strchr(dot + 1, '.') == NULL ? "^" : "~";
}

/* The text of what must hold; the caller's. NULL: nothing must. */
static char *
constraint_of(const struct pydists *d, const struct jx *req)
{
    const char *specifier = jx_str(req, "s"), *version = jx_str(req, "w");
    const char *whole = jx_str(req, "c");

    if (!d->compat && whole != NULL)
        return *whole != '\0' ? xstrdup(whole) : NULL;
    if (specifier == NULL || version == NULL)
        return NULL;
    return xasprintf("%s%s",
                     d->compat ? semver_operator(specifier, version)
                               : specifier,
                     version);
}

static bool
satisfies(const struct pydists *d, const struct pydist *dist,
          const char *constraint)
{
    struct bytes version = bytes_str(dist->version);
    struct bytes range = bytes_str(constraint);

    return d->compat ? semver_satisfies(version, range, SEMVER_LOOSE)
                     : pep440_satisfies(version, range);
}

/* The highest that satisfies it, else the highest; asked once for each. */
static struct pydist *
choose_any(const struct pydists *d, struct py_namesakes *same,
           const char *constraint)
{
    struct pydist *found;

    if (constraint == NULL || same->n == 1)
        return same->at[0];
    found = map_get_str(same->chosen, constraint);
    for (size_t i = 0; i < same->n && found == NULL; i++) {
        if (satisfies(d, same->at[i], constraint))
            found = same->at[i];
    }
    if (found == NULL)
        found = same->at[0];
    map_put_str(same->chosen, constraint, found);
    return found;
}

struct pydist *
pydists_choose(const struct pydists *d, const struct pydist *from,
               const struct jx *req)
{
    const char *name = jx_str(req, "n");
    auto_free char *key = lookup_key(d, name != NULL ? name : "");
    auto_free char *constraint = constraint_of(d, req);
    struct py_namesakes *same = map_get_str(d->by_name, key);
    struct pydist *near = NULL;

    if (name == NULL || same == NULL)
        return NULL;
    if (from != NULL && !d->compat)
        near = map_get_str(from->folder->by_name, key);
    if (near != NULL &&
        (constraint == NULL || satisfies(d, near, constraint)))
        return near;
    return choose_any(d, same, constraint);
}

/* ---- extras ------------------------------------------------------------ */

const struct jx *
pydist_asked(const struct pydists *d, const struct jx *req)
{
    if (!d->compat && jx_has(req, "rx"))
        return jx_arr(req, "rx");
    return jx_arr(req, "x");
}

static bool
has_text(const struct jx *texts, const char *text)
{
    for (size_t i = 0; i < jx_count(texts); i++) {
        if (str_eq(jx_str_value(jx_at(texts, i)), text))
            return true;
    }
    return false;
}

/* Which of these extras the marker names; true at once if one is asked for. */
static bool
names_asked(const struct jx *extras, struct bytes marker,
            const struct jx *asked, bool *any)
{
    for (size_t i = 0; i < jx_count(extras); i++) {
        const char *extra = jx_str_value(jx_at(extras, i));

        if (extra == NULL || !pymarker_names(marker, extra))
            continue;
        *any = true;
        if (has_text(asked, extra))
            return true;
    }
    return false;
}

bool
pydist_wants(const struct pydists *d, const struct pydist *dist,
             const struct jx *req, const struct jx *asked)
{
    struct bytes marker = jx_bytes_value(jx_get(req, "m"));
    const char *only = jx_str(req, "only");
    bool any = false;

    if (only != NULL && strcmp(only, d->compat ? "right" : "peer") == 0)
        return false;
    if (!d->compat)
        return pymarker_holds(marker, asked);
    if (dist == NULL || marker.n == 0)
        return true;
    return names_asked(jx_arr(dist->data, "x"), marker, asked, &any) ||
           names_asked(jx_arr(dist->data, "bx"), marker, asked, &any) || !any;
}
