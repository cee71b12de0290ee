/* worker/graph/deptree.h: a nested tree of dependencies, the input of
 * depgraph_add_tree(). A node may have several parents. */
#ifndef WORKER_GRAPH_DEPTREE_H
#define WORKER_GRAPH_DEPTREE_H

#include <stddef.h>

struct label {
    const char *key, *value; /* borrow */
};

struct deptree {
    const char *name;    /* borrows */
    const char *version; /* borrows; NULL: not stated */
    const char *purl;    /* borrows; NULL without */
    const struct label *labels; /* borrows; ends with a NULL key; NULL: none */
    struct deptree **kids; /* owns the array, not what is in it */
    size_t n_kids;
    size_t identity; /* depgraph_add_tree()'s; 0 before */
};

/* Appends; grows by doubling. */
void deptree_add_kid(struct deptree *parent, struct deptree *kid);

#endif
