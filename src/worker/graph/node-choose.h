/*
 * worker/graph/node-choose.h: which package of a lock file a dependency means,
 * seen from where it stands (scan-facts.md §11.4).
 */
#ifndef WORKER_GRAPH_NODE_CHOOSE_H
#define WORKER_GRAPH_NODE_CHOOSE_H

#include "base/map.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/node-lock.h"
#include "worker/graph/node-npm.h"
#include "worker/graph/node-override.h"

/* Candidates looked at in one project, and more for those whose ranges or paths
 * are long; a lock made to take for ever ends here. */
#define NPM_MAX_STEPS 10000000

/* A package whose dependencies are being followed. */
struct npm_frame {
    char *name;                 /* owns */
    const char *version;        /* borrows; may be NULL */
    const struct npm_pkg *pkg;  /* borrows; NULL: the root */
    char *id;                   /* owns: of its node */
    struct node_wanted *wanted; /* owns */
    char *deps, *optional;      /* own: what it borrows from, if a copy */
    size_t n, next;
};

struct npm_walk {
    const struct node_project *project; /* borrows */
    const struct npm_lock *lock;        /* borrows */
    struct depgraph *graph;             /* borrows */
    struct overrides overrides;
    struct npm_frame *frames;               /* owns; the root is first */
    size_t depth;
    struct map *above;  /* owns the values: how many frames have that name */
    size_t n_steps;
};

/* What is looked for, seen from the frame on top. */
struct npm_search {
    const char *name;   /* what it is installed as */
    const char *range;  /* effective */
    const char *target; /* NULL: no alias */
    const char *owner;  /* who brings it along; NULL: nobody */
    bool any_version;   /* the range is none */
};

/* One of `all`, which have the name; NULL: none of them is meant. Counts its
 * work in w->n_steps; beyond NPM_MAX_STEPS it tells nothing. */
struct npm_pkg *npm_choose(struct npm_walk *w, const struct npm_same *all,
                           struct npm_search *s);

#endif
