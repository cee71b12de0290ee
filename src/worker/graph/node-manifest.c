/* What a project's package.json asks for, as all lock files need it. */
#include "worker/graph/node-lock.h"

#include <stdlib.h>

#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"

bool
node_is_name(const char *name)
{
    const char *slash = strchr(name, '/');

    if (js_trim(bytes_str(name)).n == 0)
        return false;
    return *name != '@' || slash == NULL ||
           js_trim(bytes_str(slash + 1)).n > 0;
}

static struct node_wanted *
put_wanted(struct map *wanted, const char *name)
{
    struct node_wanted *w = map_get_str(wanted, name);

    if (w == NULL) {
        w = xnew(struct node_wanted);
        map_put_str(wanted, name, w);
    }
    return w;
}

static void
merge_member(struct map *wanted, const struct jx *manifest, const char *member,
             bool optional)
{
    const struct jx *deps = jx_obj(manifest, member);
    struct jx *range;
    const char *name;
    void *at = NULL;

    while (jx_next(deps, &at, &name, &range)) {
        if (node_is_name(name) && jx_is_str(range))
            *put_wanted(wanted, name) = (struct node_wanted){
                name, jx_str_value(range), optional
            };
    }
}

static void
drop_development(struct map *wanted, const struct jx *manifest)
{
    const struct jx *deps = jx_obj(manifest, "devDependencies");
    const char *name;
    struct jx *range;
    void *at = NULL;

    while (jx_next(deps, &at, &name, &range))
        free(map_remove(wanted, bytes_str(name)));
}

static size_t
list_wanted(struct map *wanted, struct node_wanted **out)
{
    size_t n = map_count(wanted), at = 0, i = 0;
    const char **names = xcalloc(n + 1, sizeof(*names));
    void *w;

    *out = xcalloc(n + 1, sizeof(**out));
    while (map_next(wanted, &at, NULL, &w))
        names[i++] = ((struct node_wanted *)w)->name;
    js_order_keys(names, n);
    for (i = 0; i < n; i++) {
        w = map_get_str(wanted, names[i]);
        (*out)[i] = *(struct node_wanted *)w;
        free(w);
    }
    free(names);
    return n;
}

size_t
node_wanted_top(const struct jx *manifest, unsigned which,
                struct node_wanted **out)
{
    auto_map struct map *wanted = map_new();

    merge_member(wanted, manifest, "dependencies", false);
    if ((which & NODE_OPTIONAL) != 0)
        merge_member(wanted, manifest, "optionalDependencies", true);
    if ((which & NODE_PEER) != 0)
        merge_member(wanted, manifest, "peerDependencies", false);
    if ((which & NODE_DEV_TOO) == 0)
        drop_development(wanted, manifest);
    return list_wanted(wanted, out);
}

struct depgraph_pkg
node_root(const struct jx *manifest)
{
    const char *name = jx_str(manifest, "name");
    const char *version = jx_str(manifest, "version");

    return (struct depgraph_pkg){
        .name = str_is_empty(name) ? "package.json" : name,
        .version = str_is_empty(version) ? NULL : version,
    };
}
