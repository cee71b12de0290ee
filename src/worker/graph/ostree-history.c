/* What the image's history says about the tree: which packages came with those
 * that the user named, and with which instruction. */
#include "worker/graph/ostree-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* "glibc/libc6": the part before the slash; else the name. */
static char *
source_part(const char *full_name)
{
    return xstrndup(full_name, strcspn(full_name, "/"));
}

static bool
is_known(const struct instructions *by, const char *full_name)
{
    auto_free char *source = source_part(full_name);

    return instructions_find(by, full_name) != NULL ||
           instructions_find(by, source) != NULL;
}

/* Everything below one direct dependency. */
static void
expand_below(const struct deptree *top, struct instructions *by,
             const char *because)
{
    const struct deptree **todo = xcalloc(1, sizeof(*todo));
    size_t n = 0;

    todo[n++] = top;
    while (n > 0) {
        const struct deptree *node = todo[--n];

        todo = xrealloc(todo, (n + node->n_kids + 1) * sizeof(*todo));
        for (size_t i = 0; i < node->n_kids; i++) {
            auto_free char *source = source_part(node->kids[i]->name);

            instructions_copy(by, source, because);
            todo[n++] = node->kids[i];
        }
    }
    free(todo);
}

/* The leaves of attach_same_named() are not among root_kids: nothing is below
 * them, and their names may be there for another. */
void
ostree_expand(const struct ostree *t, struct instructions *by)
{
    const char **names = xcalloc(map_count(t->root_kids), sizeof(*names));
    size_t n = 0, at = 0;
    void *place;

    while (map_next(t->root_kids, &at, NULL, &place))
        names[n++] = t->root.kids[(uintptr_t)place - 1]->name;
    js_order_keys(names, n);
    for (size_t i = 0; i < n; i++) {
        auto_free char *source = source_part(names[i]);

        place = map_get_str(t->root_kids, names[i]);
        if (instructions_find(by, source) != NULL)
            expand_below(t->root.kids[(uintptr_t)place - 1], by, source);
    }
    free(names);
}

void
ostree_exclude_base(struct ostree *t, const struct instructions *by)
{
    size_t n = 0;

    for (size_t i = 0; i < t->root.n_kids; i++) {
        if (is_known(by, t->root.kids[i]->name))
            t->root.kids[n++] = t->root.kids[i];
    }
    t->root.n_kids = n;
}

static const struct label *
label_for(struct ostree *t, const char *layer_id)
{
    struct label *l = map_get_str(t->label_of, layer_id);

    if (l == NULL) {
        l = xcalloc(2, sizeof(*l));
        l[0] = (struct label){ "dockerLayerId", layer_id };
        map_put_str(t->label_of, layer_id, l);
    }
    return l;
}

void
ostree_label(struct ostree *t, const struct instructions *by)
{
    for (size_t i = 0; i < t->n_nodes; i++) {
        struct deptree *node = t->nodes[i];
        auto_free char *source = source_part(node->name);
        const char *id = instructions_layer_id(by, node->name);

        if (id == NULL)
            id = instructions_layer_id(by, source);
        if (id != NULL)
            node->labels = label_for(t, id);
    }
}
