/*
 * worker/graph/node-lock.h: a node project with a lock file becomes a graph
 * (scan-facts.md §11.1). One file for each kind of lock file, one row each.
 */
#ifndef WORKER_GRAPH_NODE_LOCK_H
#define WORKER_GRAPH_NODE_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "worker/graph/depgraph.h"

/* A folder with package.json and a lock file. All borrowed. */
struct node_project {
    bool compat;
    const char *manifest_path;  /* "/app/package.json" */
    const struct jx *manifest;  /* data of kind `nodepkg` (records.md) */
    const struct jx *lock;      /* data of the lock's kind */
};

struct node_lock {
    const char *base; /* "yarn.lock" */
    const char *kind; /* of its record lines: "yarnlock" */
    const char *type; /* identity and package manager: "yarn" */
    bool right_only;  /* the peer does not know this one */
    /* -1: the project is dropped, err says why. */
    int (*build)(const struct node_project *p, struct depgraph **out,
                 struct err *err);
};

/* In the order in which a folder's lock is chosen; ends with a NULL base. */
extern const struct node_lock *const node_locks[];

/* Whether a file of that kind and base name is a lock (compat: to the peer). */
bool node_is_lock(const char *kind, struct bytes base, bool compat);

/* ---- what their builders share (node-manifest.c) ------------------------ */

struct node_wanted {
    const char *name, *range; /* borrow from the manifest */
    bool optional;
};

enum { NODE_OPTIONAL = 1, NODE_PEER = 2, NODE_DEV_TOO = 4 };

/*
 * Top-level dependencies: `dependencies`, then those asked for in `which`; a
 * later range replaces an earlier one at its place; names that are also in
 * devDependencies (unless NODE_DEV_TOO), or are no names (empty, blank,
 * "@scope/"), are left out.
 * The caller frees *out; the count is returned.
 */
size_t node_wanted_top(const struct jx *manifest, unsigned which,
                       struct node_wanted **out);

/* Whether something can have that name: not "", " ", "@scope/". */
bool node_is_name(const char *name);

/* Name and version of the root: "package.json" without a name; version NULL
 * when absent or empty. */
struct depgraph_pkg node_root(const struct jx *manifest);

#endif
