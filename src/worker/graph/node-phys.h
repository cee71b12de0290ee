/*
 * worker/graph/node-phys.h: what lies in a folder's node_modules, package in
 * package, as npm lays it out (scan-facts.md §11.2, "physical tree").
 */
#ifndef WORKER_GRAPH_NODE_PHYS_H
#define WORKER_GRAPH_NODE_PHYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "base/map.h"

/* Steps for what is made to take for ever: from package to package, and by 16
 * bytes of a range. */
#define PHYS_MAX_STEPS 20000000

struct phys {
    const char *name;          /* the manifest's, or the folder's; borrows */
    const char *key;           /* what its parent knows it by: the peer goes
                                  by the name, we by the folder; borrows */
    const char *version;       /* borrows; NULL: none, or no text */
    const char *deps, *optional; /* borrow; node-pairs.h; NULL: none */
    struct phys *parent;       /* borrows; NULL: the root */
    struct phys **kids;        /* owns the array; in order */
    size_t n_kids;
    struct map *by_key;        /* owns; of kids, NULL without */
    struct phys **needs;       /* owns the array: what its wishes lead to */
    size_t n_needs;
    size_t number;             /* its place in `all` */
    size_t full;               /* number of its "name@version", from 0 */
    bool dev;                  /* top level, and only wanted to develop */
    bool used;                 /* somebody's dependency led here */
    char *dir;                 /* owns */
};

struct phys_tree {
    const struct jx *manifest; /* borrows: the root's, an object; or NULL */
    struct phys *root; /* owns the tree through `all` */
    struct phys **all; /* owns; those that count, the root first */
    size_t n;
    size_t n_fulls;
    size_t n_steps;    /* made to find what dependencies lead to */
    bool compat;
};

/* A package.json; a name or version that is no text is none. */
struct phys_file {
    struct bytes path;     /* borrows */
    const struct jx *data; /* borrows: of kind nodepkg, or nodemod */
};

const char *phys_file_name(const struct phys_file *f);
const char *phys_file_version(const struct phys_file *f);

/*
 * `folder`: without a slash at its end ("" is the root of the image). The
 * root's manifest may be NULL: then the folder names it. NULL: it takes more
 * than PHYS_MAX_STEPS (ERR_LIMIT).
 */
struct phys_tree *phys_tree_new(struct bytes folder, const struct jx *manifest,
                                const struct phys_file *files, size_t n,
                                bool compat, struct err *err);
void phys_tree_free(struct phys_tree *t);

/* A package with a version that is none where a range asks for it: the peer
 * gives up. "name@version", or NULL; the caller owns it. */
char *phys_tree_offence(const struct phys_tree *t);

/*
 * Which "name@version" can be met again below itself, where both needing and
 * holding a package lead downwards: cycle[full] becomes the number of its
 * component, from 1; 0: it is in none. n_fulls numbers, node-cycles.c.
 */
void phys_tree_cycles(const struct phys_tree *t, size_t *cycle);

AUTO_DEFINE(struct phys_tree, phys_tree, phys_tree_free)
#define auto_phys_tree __attribute__((cleanup(auto_cleanup_phys_tree)))

#endif
