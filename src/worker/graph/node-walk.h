/*
 * worker/graph/node-walk.h: the walk that graphs of yarn and pnpm are made by
 * (scan-facts.md §11.5).
 *
 * Depth first from each top-level dependency, with a memory of its own each
 * time: what was met below this one already hangs there as a leaf of its own,
 * "name@version:pruned". Which package a range means is the lock's business.
 */
#ifndef WORKER_GRAPH_NODE_WALK_H
#define WORKER_GRAPH_NODE_WALK_H

#include <stddef.h>

#include "base/err.h"
#include "base/json/jx.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/node-lock.h"

/* Edges gone along, at most: each top-level dependency may see all of them. */
#define NODE_WALK_MAX_STEPS 20000000

/* What a name at a range is. Zeroed, then filled in by whoever resolves. */
struct walk_pkg {
    char *id;              /* owns: of its node */
    char *name, *version;  /* own; version NULL: not known */
    char *alias;           /* owns: label "alias"; NULL: none */
    bool missing;          /* the lock file does not know it */
    const struct jx *deps; /* borrows: [name, range, …]; NULL: none */
    size_t at;             /* of use to the resolver only, and part of what it
                              is: two that differ in it are two packages */
};

struct node_walk {
    struct depgraph *graph; /* borrows */
    bool compat;
    const char *root_id;    /* counts as met before; NULL: nothing does */
    /* parent NULL: the project itself. -1 ends the walk. */
    int (*resolve)(void *arg, const struct walk_pkg *parent,
                   const struct node_wanted *wanted, struct walk_pkg *out,
                   struct err *err);
    void *arg;
};

/*
 * compat: a dependency without a range ends the walk, as for the peer, and
 * what is missing looks like what is there. Otherwise such a dependency is
 * left out, and what is missing has the label that npm's has.
 */
int node_walk(const struct node_walk *walk, const struct node_wanted *top,
              size_t n_top, struct err *err);

#endif
