/*
 * Graphs of yarn's first generation (scan-facts.md §11.5), and the row of
 * yarn.lock. A package is found by what was asked for: "name@range".
 */
#include "worker/graph/node-yarn.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/graph/node-walk.h"

struct yarn1 {
    struct yarn_pkg *pkgs; /* own */
    struct map *by_key;    /* owns: descriptor to struct yarn_pkg */
    struct map *aliases;   /* owns the values: name and version to the name
                              of what is installed under it */
};

/* ---- the lock file ------------------------------------------------------ */

bool
yarn_pkg_at(const struct jx *lock, size_t i, struct yarn_pkg *out)
{
    const struct jx *pkg = jx_at(jx_arr(lock, "pkgs"), i);

    out->keys = jx_at(pkg, 0);
    out->version = jx_str_value(jx_at(pkg, 1));
    out->deps = jx_at(pkg, 2);
    return jx_is_arr(out->keys);
}

char *
yarn_alias_target(const char *range)
{
    const char *name, *at;

    if (!str_starts(range, "npm:") || range[4] == '\0')
        return NULL;
    name = range + 4;
    at = strchr(name + 1, '@');
    return at != NULL ? xstrndup(name, (size_t)(at - name)) : xstrdup(name);
}

static void
alias_key(struct buf *key, struct bytes name, const char *version)
{
    buf_add_bytes(key, name);
    buf_add(key, "", 1);
    if (version != NULL)
        buf_add_str(key, version);
    else
        buf_add(key, "", 1);
}

/* "name@npm:…": whatever has that name and that version is another package;
 * the first one tells. */
static void
add_alias(struct yarn1 *y, const char *key, const char *version)
{
    auto_buf struct buf name = BUF_INIT(SIZE_MAX / 4);
    const char *at = *key != '\0' ? strstr(key + 1, "@npm:") : NULL;
    auto_free char *target = at != NULL ? yarn_alias_target(at + 1) : NULL;

    if (target == NULL ||
        bytes_is(bytes_of(key, (size_t)(at - key)), target))
        return;
    alias_key(&name, bytes_of(key, (size_t)(at - key)), version);
    if (map_get(y->aliases, buf_bytes(&name)) == NULL)
        map_put(y->aliases, buf_bytes(&name), steal(target));
}

static void
read_lock(struct yarn1 *y, const struct jx *lock)
{
    size_t n = jx_count(jx_arr(lock, "pkgs"));

    y->by_key = map_new();
    y->aliases = map_new();
    y->pkgs = xcalloc(n + 1, sizeof(*y->pkgs));
    for (size_t i = 0; i < n; i++) {
        struct yarn_pkg *pkg = &y->pkgs[i];

        if (!yarn_pkg_at(lock, i, pkg))
            continue;
        for (size_t k = 0; k < jx_count(pkg->keys); k++) {
            const char *key = jx_str_value(jx_at(pkg->keys, k));

            if (key == NULL)
                continue;
            map_put_str(y->by_key, key, pkg);
            add_alias(y, key, pkg->version);
        }
    }
}

static void
yarn1_clear(struct yarn1 *y)
{
    size_t at = 0;
    void *target;

    while (map_next(y->aliases, &at, NULL, &target))
        free(target);
    map_free(y->aliases);
    map_free(y->by_key);
    free(y->pkgs);
}

/* ---- the walk ----------------------------------------------------------- */

static char *
find_target(const struct yarn1 *y, const struct node_wanted *wanted,
            const struct yarn_pkg *pkg)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);

    if (str_starts(wanted->range, "npm:"))
        return yarn_alias_target(wanted->range);
    if (pkg == NULL)
        return NULL;
    alias_key(&key, bytes_str(wanted->name), pkg->version);
    return xstrdup(map_get(y->aliases, buf_bytes(&key)));
}

static int
resolve(void *arg, const struct walk_pkg *parent,
        const struct node_wanted *wanted, struct walk_pkg *out,
        struct err *err)
{
    const struct yarn1 *y = arg;
    auto_free char *key = xasprintf("%s@%s", wanted->name, wanted->range);
    const struct yarn_pkg *pkg = map_get_str(y->by_key, key);
    const char *version = pkg != NULL ? pkg->version : wanted->range;

    (void)parent;
    (void)err;
    out->id = xasprintf("%s@%s", wanted->name,
                        version != NULL ? version : "undefined");
    out->version = xstrdup(version);
    out->deps = pkg != NULL ? pkg->deps : NULL;
    out->missing = pkg == NULL;
    out->name = find_target(y, wanted, pkg);
    if (out->name == NULL)
        out->name = xstrdup(wanted->name);
    else
        out->alias = xasprintf("%s=>%s@%s", wanted->name, out->name,
                               version != NULL ? version : "undefined");
    return 0;
}

static int
build(const struct node_project *p, struct depgraph **out, struct err *err)
{
    const struct depgraph_pkg root = node_root(p->manifest);
    auto_depgraph struct depgraph *g = depgraph_new("yarn", NULL, &root);
    auto_free struct node_wanted *top = NULL;
    size_t n_top = node_wanted_top(p->manifest, NODE_OPTIONAL, &top);
    struct yarn1 y;
    const struct node_walk walk = { .graph = g, .compat = p->compat,
                                    .resolve = resolve, .arg = &y };
    int rc;

    read_lock(&y, p->lock);
    rc = node_walk(&walk, top, n_top, err);
    yarn1_clear(&y);
    if (rc == 0)
        *out = steal(g);
    return rc;
}

static int
yarn_build(const struct node_project *p, struct depgraph **out,
           struct err *err)
{
    if (str_eq(jx_str(p->lock, "form"), "berry"))
        return node_berry_build(p, out, err);
    if (jx_bool(p->lock, "torn", false) && !p->compat)
        return err_set(err, ERR_INPUT, "an unfinished merge of which one side "
                       "cannot be read");
    return build(p, out, err);
}

const struct node_lock node_lock_yarn = {
    .base = "yarn.lock",
    .kind = "yarnlock",
    .type = "yarn",
    .build = yarn_build,
};
