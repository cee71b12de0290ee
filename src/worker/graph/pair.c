/* Folders with two files of a project. */
#include "worker/graph/pair.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/image/path.h"

static struct pair *
pair_of(struct pairs *p, struct map *by_folder, struct bytes path)
{
    struct bytes folder = bytes_to(path, path.n - path_base(path).n);
    uintptr_t place = (uintptr_t)map_get(by_folder, folder);

    if (place != 0)
        return &p->at[place - 1];
    p->at = xgrown(p->at, p->n, sizeof(*p->at));
    p->at[p->n++] = (struct pair){ 0 };
    map_put(by_folder, folder, (void *)(uintptr_t)p->n);
    return &p->at[p->n - 1];
}

static void
pair_clear(struct pair *pair)
{
    free(pair->manifest_path);
    free(pair->lock_path);
}

void
pairs_find(struct pairs *out, const struct merge *files,
           const char *manifest_kind, const char *lock_kind)
{
    auto_map struct map *by_folder = map_new();
    struct merged m;
    size_t at = 0, n = 0;

    *out = (struct pairs){ 0 };
    while (merge_next(files, NULL, &at, &m)) {
        bool manifest = strcmp(m.kind, manifest_kind) == 0;

        if (m.data == NULL || (!manifest && strcmp(m.kind, lock_kind) != 0))
            continue;
        struct pair *pair = pair_of(out, by_folder, m.path);
        char **path = manifest ? &pair->manifest_path : &pair->lock_path;

        *(manifest ? &pair->manifest : &pair->lock) = m.data;
        free(*path);
        *path = bytes_dup(m.path);
    }
    for (size_t i = 0; i < out->n; i++) {
        if (out->at[i].manifest != NULL && out->at[i].lock != NULL)
            out->at[n++] = out->at[i];
        else
            pair_clear(&out->at[i]);
    }
    out->n = n;
}

void
pairs_clear(struct pairs *p)
{
    for (size_t i = 0; i < p->n; i++)
        pair_clear(&p->at[i]);
    free(p->at);
    *p = (struct pairs){ 0 };
}
