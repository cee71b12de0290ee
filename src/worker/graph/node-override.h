/*
 * worker/graph/node-override.h: what a manifest's `overrides` make of a range
 * (scan-facts.md §11.4).
 */
#ifndef WORKER_GRAPH_NODE_OVERRIDE_H
#define WORKER_GRAPH_NODE_OVERRIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json/jx.h"

/* Rules looked at in one project: more than that is no honest manifest. */
#define OVERRIDE_MAX_STEPS 10000000

struct overrides {
    const struct jx *rules;    /* borrows; NULL: there are none */
    const struct jx *manifest; /* borrows: what "$name" is about */
    bool compat;  /* "$name" is taken as it stands, and what cannot be
                     compared ends the project */
    bool failed;  /* it just did */
    size_t n_steps; /* counts the work */
};

/* A package on the way from the root (which is none of them) to the one
 * wanted: the version that was found, for the last one the range. */
struct override_step {
    const char *name, *range; /* borrow; range may be NULL */
};

/* What counts as the range of the last step: its own, or another one; borrows
 * from either. */
const char *override_range(struct overrides *o,
                           const struct override_step *steps, size_t n);

#endif
