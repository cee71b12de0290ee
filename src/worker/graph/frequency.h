/*
 * worker/graph/frequency.h: how many simple paths of dependencies end in each
 * package (scan-facts.md §8.4), counted only as far as it matters.
 *
 * The peer walks every path. We condense strongly connected components: a
 * path enters one once, so counts multiply along the condensed graph, and
 * only inside a component paths are walked, and no further than the ceiling.
 */
#ifndef WORKER_GRAPH_FREQUENCY_H
#define WORKER_GRAPH_FREQUENCY_H

#include <stddef.h>
#include <stdint.h>

/* Counts stop here: "too frequent" begins above 100. */
#define FREQUENCY_CEILING 101

/*
 * Edges of node i: to[from[i]] … to[from[i + 1] - 1]; the same target may come
 * twice and then counts twice. Nodes of one group are one thing to a path: it
 * holds at most one of them (two records of one package name).
 */
struct digraph {
    size_t n;
    const size_t *from;  /* n + 1 */
    const size_t *to;
    const size_t *group; /* n, each below n; NULL: every node its own */
};

/*
 * starts[i]: walks that begin at node i. counts[g]: simple paths that end in
 * group g, or FREQUENCY_CEILING when there are as many or more.
 */
void frequency_count(const struct digraph *g, const uint32_t *starts,
                     uint32_t *counts);

#endif
