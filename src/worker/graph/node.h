/*
 * worker/graph/node.h: the applications of node in an image: projects with a
 * lock file, and what is installed below node_modules (scan-facts.md §11).
 */
#ifndef WORKER_GRAPH_NODE_H
#define WORKER_GRAPH_NODE_H

#include "base/map.h"
#include "worker/graph/report.h"

/*
 * Results of projects with a lock file. Their folders are put into `locked`
 * (with any value), save, in right mode, those whose lock is of no use: what
 * is installed there may still tell.
 */
int node_lock_report(const struct image *image, struct report *out,
                     struct map *locked, struct err *err);

/* Results of installed packages in all folders that are not in `locked`. */
int node_modules_report(const struct image *image, struct report *out,
                        const struct map *locked, struct err *err);

#endif
