/*
 * worker/graph/walk.h: depth first through what packages ask for, without
 * recursion: chains may be long.
 */
#ifndef WORKER_GRAPH_WALK_H
#define WORKER_GRAPH_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json/jx.h"

/* A node on the way down. */
struct walk_frame {
    char *id;                /* owns: the node's */
    const struct jx *wanted; /* borrows: an array; NULL: nothing */
    size_t next;
    const void *of, *because; /* borrow: what the walker wants to know of it */
};

/* All zero: nothing to visit. */
struct walk {
    struct walk_frame *at; /* owns */
    size_t n, cap;
};

/* A node whose wishes come next; the id is copied, `next` is not looked at. */
void walk_enter(struct walk *w, const struct walk_frame *node);
/*
 * The next wish and the node that has it (lent until the next call of this
 * or walk_enter()); false: all are done.
 */
bool walk_next(struct walk *w, struct walk_frame **node, struct jx **wanted);
void walk_clear(struct walk *w);
#define auto_walk __attribute__((cleanup(walk_clear)))

#endif
