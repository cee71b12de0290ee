/*
 * worker/graph/ostree-private.h: the tree as it is built, for ostree.c and
 * ostree-history.c only.
 */
#ifndef WORKER_GRAPH_OSTREE_PRIVATE_H
#define WORKER_GRAPH_OSTREE_PRIVATE_H

#include <stdint.h>

#include "base/map.h"
#include "worker/graph/ostree.h"

struct ostree {
    const struct ospkgs *pkgs; /* borrows */
    struct map *by_name;       /* name to struct pkg: the last one wins */
    struct map *by_provide;    /* provided name to struct pkg, likewise */
    struct map *full_names;    /* owns the values */
    size_t *same_name;         /* owns: the package its name stands for */
    uint32_t *counts;          /* owns: paths, by same_name */
    bool *visited;             /* owns, by package */
    size_t *resolved;          /* owns: edges as package numbers, or NONE */
    size_t *edges_from;        /* owns: n + 1 */
    struct map *kids_seen;     /* (parent, full name) pairs */
    struct map *root_kids;     /* full name to its place in root.kids + 1 */
    struct deptree root;
    char *root_name, *root_version; /* own */
    struct deptree **nodes;    /* owns all but the root */
    size_t n_nodes;
    struct map *label_of;      /* owns the values: layer id to label[2] */
};

#endif
