/*
 * Graphs of yarn's later generations (scan-facts.md §11.6). What a key of the
 * lock may be asked for by lives in berry-descriptor.c, what the manifest's
 * `resolutions` put in its place in berry-resolutions.c.
 */
#include "worker/graph/node-yarn.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/graph/berry-descriptor.h"
#include "worker/graph/berry-resolutions.h"
#include "worker/graph/node-walk.h"

/* What stands for the version of a folder in the workspace, or of a link. */
#define LOCAL_VERSION "0.0.0-use.local"

struct berry {
    bool compat;
    struct yarn_pkg *pkgs;           /* own */
    struct map *by_key;              /* owns: way of asking to a package */
    struct resolutions *resolutions; /* owns */
    struct depgraph_pkg root;
};

struct filing {
    struct map *by_key;
    struct yarn_pkg *pkg;
};

static void
file_key(const char *key, void *arg)
{
    struct filing *f = arg;

    map_put_str(f->by_key, key, f->pkg);
}

/* compat: a key that is no descriptor is the end, as for the peer. */
static int
read_lock(struct berry *b, const struct node_project *p, struct err *err)
{
    size_t n = jx_count(jx_arr(p->lock, "pkgs"));

    b->pkgs = xcalloc(n + 1, sizeof(*b->pkgs));
    for (size_t i = 0; i < n; i++) {
        struct filing filing = { b->by_key, &b->pkgs[i] };

        if (!yarn_pkg_at(p->lock, i, &b->pkgs[i]))
            continue;
        for (size_t k = 0; k < jx_count(b->pkgs[i].keys); k++) {
            struct bytes keys = jx_bytes_value(jx_at(b->pkgs[i].keys, k));

            if (berry_descriptors(keys, file_key, &filing, err) < 0 &&
                p->compat)
                return -1;
        }
    }
    return 0;
}

static void
berry_clear(struct berry *b)
{
    map_free(b->by_key);
    resolutions_free(b->resolutions);
    free(b->pkgs);
}

/* The name behind "npm:" when there is one: "npm:^1" is no alias. */
static char *
alias_target(const char *range)
{
    return str_starts(range, "npm:") && strchr(range, '@') != NULL
               ? yarn_alias_target(range)
               : NULL;
}

static const char *
decoded(const char *range, struct buf *to)
{
    if (percent_decode(bytes_str(range), to) < 0 ||
        !utf8_valid(buf_bytes(to)))
        return range;
    return buf_cstr(to);
}

/* The peer goes on calling the package by its other name. */
static void
name_alias(const struct berry *b, const struct node_wanted *wanted,
           const char *target, struct walk_pkg *out)
{
    out->alias = xasprintf("%s=>%s@%s", wanted->name, target,
                           out->version != NULL ? out->version : "undefined");
    if (b->compat)
        return;
    free(out->name);
    out->name = xstrdup(target);
}

static int
resolve(void *arg, const struct walk_pkg *parent,
        const struct node_wanted *wanted, struct walk_pkg *out,
        struct err *err)
{
    struct berry *b = arg;
    auto_buf struct buf plain = BUF_INIT(SIZE_MAX / 4);
    auto_free char *key = NULL, *target = NULL;
    const struct yarn_pkg *pkg;
    const char *range;

    if (resolutions_find(b->resolutions,
                         parent != NULL ? parent->name : b->root.name,
                         parent != NULL ? parent->version : b->root.version,
                         wanted, &range, err) < 0)
        return -1;
    range = range != NULL ? decoded(range, &plain) : wanted->range;
    key = xasprintf("%s@%s", wanted->name, range);
    pkg = map_get_str(b->by_key, key);
    out->name = xstrdup(wanted->name);
    out->version = xstrdup(pkg != NULL ? pkg->version : range);
    out->id = xasprintf("%s@%s", wanted->name,
                        out->version != NULL ? out->version : "undefined");
    out->deps = pkg != NULL ? pkg->deps : NULL;
    out->missing = pkg == NULL;
    if (!b->compat && str_eq(out->version, LOCAL_VERSION)) {
        free(out->version);
        out->version = NULL;
    }
    target = alias_target(wanted->range);
    if (target != NULL)
        name_alias(b, wanted, target, out);
    return 0;
}

int
node_berry_build(const struct node_project *p, struct depgraph **out,
                 struct err *err)
{
    struct berry b = { .compat = p->compat,
                       .root = node_root(p->manifest) };
    auto_depgraph struct depgraph *g = depgraph_new("yarn", NULL, &b.root);
    auto_free struct node_wanted *top = NULL;
    /* The peer forgets the optional ones. */
    size_t n_top = node_wanted_top(p->manifest,
                                   p->compat ? 0 : NODE_OPTIONAL, &top);
    const struct node_walk walk = { .graph = g, .compat = p->compat,
                                    .resolve = resolve, .arg = &b };
    int rc;

    b.by_key = map_new();
    b.resolutions = resolutions_new(jx_obj(p->manifest, "resolutions"));
    rc = read_lock(&b, p, err);
    if (rc == 0)
        rc = node_walk(&walk, top, n_top, err);
    berry_clear(&b);
    if (rc == 0)
        *out = steal(g);
    return rc;
}
