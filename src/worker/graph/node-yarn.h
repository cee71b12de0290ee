/* worker/graph/node-yarn.h: what the two generations of yarn share. */
#ifndef WORKER_GRAPH_NODE_YARN_H
#define WORKER_GRAPH_NODE_YARN_H

#include "base/map.h"
#include "worker/graph/node-lock.h"

/* One package of a record's "pkgs". All borrowed from it. */
struct yarn_pkg {
    const struct jx *keys; /* its descriptors */
    const char *version;   /* NULL: not stated */
    const struct jx *deps; /* [name, range, …] */
};
/* False when it is none. */
bool yarn_pkg_at(const struct jx *lock, size_t i, struct yarn_pkg *out);

/* Name of the package that "npm:@s/name@^1" stands for, owned by the caller;
 * NULL when it stands for none. */
char *yarn_alias_target(const char *range);

/* The second generation (node-berry.c). */
int node_berry_build(const struct node_project *p, struct depgraph **out,
                     struct err *err);

#endif
