/*
 * worker/graph/walk.h: depth first through what packages ask for, without
 * recursion: chains may be long.
 */
#ifndef WORKER_GRAPH_WALK_H
#define WORKER_GRAPH_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json/jx.h"

struct walk_frame {
    char *id;                /* owns: the node's */
    const struct jx *wanted; /* borrows: an array */
    size_t next;
};

/* All zero: nothing to visit. */
struct walk {
    struct walk_frame *at; /* owns */
    size_t n, cap;
};

/* A node whose wishes (an array; NULL: none) come next. */
void walk_enter(struct walk *w, const char *id, const struct jx *wanted);
/*
 * The next wish and the node that has it (lent until the next call); false:
 * all are done.
 */
bool walk_next(struct walk *w, const char **id, struct jx **wanted);
void walk_clear(struct walk *w);
#define auto_walk __attribute__((cleanup(walk_clear)))

#endif
