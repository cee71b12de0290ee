/* Members and dependencies of lock files, and how they are written down. */
#include "worker/analyze/locktree.h"

#include "base/jstext.h"
#include "base/str.h"

/* Indexes come first in JavaScript, whenever they were put. */
static struct map *
in_order(struct map *m)
{
    auto_free const char **keys = xcalloc(map_count(m) + 1, sizeof(*keys));
    struct map *ordered = map_new();
    struct bytes key;
    size_t at = 0, n = 0;

    while (map_next(m, &at, &key, NULL))
        keys[n++] = (const char *)key.p;
    js_order_keys(keys, n);
    for (size_t i = 0; i < n; i++)
        map_put_str(ordered, keys[i], map_get_str(m, keys[i]));
    map_free(m);
    return ordered;
}

struct map *
lock_members(const struct tree_node *const *lists, size_t n)
{
    struct map *m = map_new();
    bool any_index = false;
    uint32_t index;

    for (size_t i = 0; i < n; i++) {
        if (lists[i] == NULL || lists[i]->kind != TREE_MAP)
            continue;
        for (size_t k = 0; k < lists[i]->n; k++) {
            const struct tree_member *member = &lists[i]->members[k];

            /* Names are C strings from here on. Nothing is written of a
             * TREE_NULL, not even that it is there. */
            if (bytes_find(member->key, '\0') < member->key.n ||
                (member->value->kind == TREE_NULL))
                continue;
            any_index = any_index || js_is_index(member->key, &index);
            map_put(m, member->key, (void *)(uintptr_t)member->value);
        }
    }
    return any_index ? in_order(m) : m;
}

static size_t
length(const struct tree_node *map)
{
    return map != NULL && map->kind == TREE_MAP ? map->n : 0;
}

int
lock_count_pkg(struct lock_count *count, const struct tree_node *pkg,
               struct err *err)
{
    if (++count->pkgs > LOCK_MAX_PKGS)
        return err_set(err, ERR_LIMIT, "more than %d packages", LOCK_MAX_PKGS);
    return lock_count_deps(count, pkg, err);
}

int
lock_count_deps(struct lock_count *count, const struct tree_node *of,
                struct err *err)
{
    /* Members that are repeated are looked through as often as any is. */
    count->deps += length(of) > LOCK_MEMBERS ? length(of) : 0;
    count->deps += length(tree_get(of, "dependencies")) +
                   length(tree_get(of, "optionalDependencies"));
    if (count->deps > LOCK_MAX_DEPS)
        return err_set(err, ERR_LIMIT, "more than %d dependencies",
                       LOCK_MAX_DEPS);
    return 0;
}

void
lock_write_text(struct jw *jw, struct bytes text)
{
    if (text.p == NULL)
        jw_null(jw);
    else
        jw_bytes(jw, text);
}

void
lock_write_deps(struct jw *jw, const struct tree_node *deps,
                const struct tree_node *optional)
{
    const struct tree_node *const lists[] = { deps, optional };
    auto_map struct map *all = lock_members(lists, 2);
    struct bytes name;
    size_t at = 0;
    void *value;

    jw_arr(jw);
    while (map_next(all, &at, &name, &value)) {
        const struct tree_node *node = value;

        jw_bytes(jw, name);
        lock_write_text(jw, node->kind == TREE_MAP ? tree_text(node, "version")
                            : node->kind == TREE_TEXT ? tree_bytes(node)
                                                      : BYTES_NONE);
    }
    jw_end(jw);
}

bool
lock_is_of_a_project(struct bytes path)
{
    return bytes_find_str(path, "/node_modules/") == path.n;
}
