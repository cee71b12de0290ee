/* A stack of nodes, each with what it asks for. */
#include "worker/graph/walk.h"

#include <stdlib.h>

#include "base/str.h"

void
walk_enter(struct walk *w, const struct walk_frame *node)
{
    if (w->n == w->cap) {
        w->cap = w->cap > 0 ? w->cap * 2 : 16;
        w->at = xrealloc(w->at, w->cap * sizeof(*w->at));
    }
    w->at[w->n] = *node;
    w->at[w->n].id = xstrdup(node->id);
    w->at[w->n++].next = 0;
}

bool
walk_next(struct walk *w, struct walk_frame **node, struct jx **wanted)
{
    while (w->n > 0) {
        struct walk_frame *f = &w->at[w->n - 1];

        if (f->next < jx_count(f->wanted)) {
            *node = f;
            *wanted = jx_at(f->wanted, f->next++);
            return true;
        }
        free(f->id);
        w->n--;
    }
    return false;
}

void
walk_clear(struct walk *w)
{
    while (w->n > 0)
        free(w->at[--w->n].id);
    free(w->at);
    *w = (struct walk){ 0 };
}
