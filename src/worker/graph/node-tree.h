/*
 * worker/graph/node-tree.h: installed packages as a tree of dependencies
 * (scan-facts.md §11.2, "logical tree").
 */
#ifndef WORKER_GRAPH_NODE_TREE_H
#define WORKER_GRAPH_NODE_TREE_H

#include "base/auto.h"
#include "base/err.h"
#include "worker/graph/deptree.h"
#include "worker/graph/node-phys.h"

struct node_tree;

/*
 * ERR_LIMIT for what is made to take for ever: packages in cycles that look
 * different wherever they are. With `once` each looks the same everywhere,
 * and a cycle is cut where it is first closed. `phys` is borrowed for the
 * tree's life; marks in it change.
 */
struct node_tree *node_tree_new(struct phys_tree *phys, bool once,
                                struct err *err);
void node_tree_free(struct node_tree *t);
/* Names and versions of the kids are borrowed from the manifests; name and
 * version of the root are the caller's to set. */
struct deptree *node_tree_root(struct node_tree *t);

AUTO_DEFINE(struct node_tree, node_tree, node_tree_free)
#define auto_node_tree __attribute__((cleanup(auto_cleanup_node_tree)))

#endif
