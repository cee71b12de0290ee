/*
 * worker/graph/node-npm.h: a package-lock.json of version 2 or 3 in memory
 * (scan-facts.md §11.4), for node-npm*.c.
 */
#ifndef WORKER_GRAPH_NODE_NPM_H
#define WORKER_GRAPH_NODE_NPM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "worker/graph/node-lock.h"

/* A name on the path of a package. */
struct npm_segment {
    const char *name; /* borrows from the record, or from `own` */
    char *own;        /* owns; may be NULL */
};

/* One entry of "packages". Texts are borrowed from the record. */
struct npm_pkg {
    const char *path;     /* "node_modules/a/node_modules/b"; "" is the root */
    const char *base;     /* behind the last "node_modules/": "b" */
    const char *version;  /* NULL: not stated */
    const char *name;     /* NULL: not stated; the base says it */
    const char *resolved; /* of a link */
    const char *deps, *optional; /* node-pairs.h; NULL: none */
    const struct jx *bundle;     /* names */
    struct npm_segment *way;     /* owns: packages it lies in, and itself */
    size_t n_way;                /* 0: not asked yet */
    bool in_bundle, link;
    size_t n_segments;    /* "node_modules/" in the path */
};

/* Entries of one name, in the order of the file. */
struct npm_same {
    struct npm_pkg **at;  /* owns the array */
    size_t n;
};

struct npm_lock;

/* `data`: of kind npmlock; borrowed for the lock's life. */
struct npm_lock *npm_lock_new(const struct jx *data, bool compat);
void npm_lock_free(struct npm_lock *lock);
struct npm_pkg *npm_lock_at(const struct npm_lock *lock, const char *path);
/* Those whose base or stated name it is; NULL: none. */
const struct npm_same *npm_lock_named(const struct npm_lock *lock,
                                      const char *name);
/* What a link stands for (compat: one to a workspace), NULL if that is not
 * there; otherwise the package itself. */
struct npm_pkg *npm_lock_follow(const struct npm_lock *lock,
                                struct npm_pkg *pkg);
/* The next link to a workspace, which npm installs without being asked: start
 * with *at = 0; NULL at the end. */
struct npm_pkg *npm_lock_next_workspace(const struct npm_lock *lock,
                                        size_t *at);
/* The names of the packages it lies in, as their entries state them, and its
 * own; made at the first call. */
void npm_lock_way(const struct npm_lock *lock, struct npm_pkg *pkg);
/* Whether the package states that it brings that one along. */
bool npm_pkg_bundles(const struct npm_pkg *pkg, const char *name);

/* Version 1, a struct node_lock's build (node-npm1.c). */
int npm1_build(const struct node_project *p, struct depgraph **out,
               struct err *err);

AUTO_DEFINE(struct npm_lock, npm_lock, npm_lock_free)
#define auto_npm_lock __attribute__((cleanup(auto_cleanup_npm_lock)))

#endif
