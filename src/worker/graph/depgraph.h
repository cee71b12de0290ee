/*
 * worker/graph/depgraph.h: dependency graphs in the form consumers know
 * (schema 1.3.0, scan-facts.md §5), built node by node or from a tree.
 *
 * Texts are copied. Sizes are bounded by what the records held.
 */
#ifndef WORKER_GRAPH_DEPGRAPH_H
#define WORKER_GRAPH_DEPGRAPH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/json/jw.h"
#include "worker/graph/deptree.h"

#define DEPGRAPH_ROOT "root-node"

/* The version of a package that has none and says so: written as null. */
extern const char depgraph_null[];

struct depgraph;

struct depgraph_pkg {
    const char *name;
    const char *version; /* NULL: left out; "" stays */
    const char *purl;    /* NULL: none */
};

/* alias: of the repository ("debian:12"), NULL: none. */
struct depgraph *depgraph_new(const char *manager, const char *alias,
                              const struct depgraph_pkg *root);
void depgraph_free(struct depgraph *g);

/*
 * Registers a package and a node of it. What is known already keeps its
 * place and gets the new information. labels end with a NULL key; NULL: none.
 */
void depgraph_add(struct depgraph *g, const struct depgraph_pkg *pkg,
                  const char *node_id, const struct label *labels);
bool depgraph_has(const struct depgraph *g, const char *node_id);
/* Once or more often, it is one edge. Both nodes must be there. */
void depgraph_connect(struct depgraph *g, const char *from, const char *to);

/*
 * The whole tree: equal sub-trees become one node, different ones of the same
 * package get numbers. Takes time in proportion to its edges.
 */
void depgraph_add_tree(struct depgraph *g, struct deptree *root);

void depgraph_write(const struct depgraph *g, struct jw *jw);
size_t depgraph_count(const struct depgraph *g); /* nodes, the root too */

AUTO_DEFINE(struct depgraph, depgraph, depgraph_free)
#define auto_depgraph __attribute__((cleanup(auto_cleanup_depgraph)))

#endif
