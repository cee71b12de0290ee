/*
 * worker/graph/ostree.h: the tree of a system's packages (scan-facts.md §8),
 * and what the image's history says about them (§10 steps 6, 10.3, 10.4).
 */
#ifndef WORKER_GRAPH_OSTREE_H
#define WORKER_GRAPH_OSTREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/jstext.h"
#include "worker/graph/deptree.h"
#include "worker/graph/instructions.h"
#include "worker/graph/ospkgs.h"

struct ostree;

/*
 * `target` names the image: "reg:5000/app:1.4" becomes the root
 * "docker-image|reg:5000/app" of version "1.4". The packages are borrowed.
 * compat, as the peer does: a port without a tag is taken for a tag, of
 * packages of one name only the last is there, too frequent ones are cut.
 */
struct ostree *ostree_new(const char *target, bool compat,
                          const struct ospkgs *pkgs);
void ostree_free(struct ostree *t);

/* Borrowed; its children are in the order they were attached, until
 * depgraph_add_tree() sorts them. */
struct deptree *ostree_root(struct ostree *t);

/*
 * Step 6: what is below a package that the user installed was installed with
 * it. Adds to `by`; the order of direct dependencies matters.
 */
void ostree_expand(const struct ostree *t, struct instructions *by);
/* Keeps only direct dependencies that `by` knows. */
void ostree_exclude_base(struct ostree *t, const struct instructions *by);
/* Labels every node that `by` knows with the instruction that brought it;
 * `by` is borrowed from then on. */
void ostree_label(struct ostree *t, const struct instructions *by);

AUTO_DEFINE(struct ostree, ostree, ostree_free)
#define auto_ostree __attribute__((cleanup(auto_cleanup_ostree)))

#endif
