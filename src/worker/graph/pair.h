/*
 * worker/graph/pair.h: projects whose manifest and lock file lie in one
 * folder, in order of the first of the two.
 */
#ifndef WORKER_GRAPH_PAIR_H
#define WORKER_GRAPH_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json/jx.h"
#include "worker/image/merge.h"

struct pair {
    char *manifest_path, *lock_path;  /* own */
    const struct jx *manifest, *lock; /* borrow from the merge */
};

struct pairs {
    struct pair *at; /* owns */
    size_t n;
};

/* Empty files are not there. Only folders with both are in it. */
void pairs_find(struct pairs *out, const struct merge *files,
                const char *manifest_kind, const char *lock_kind);
void pairs_clear(struct pairs *p);
#define auto_pairs __attribute__((cleanup(pairs_clear)))

#endif
