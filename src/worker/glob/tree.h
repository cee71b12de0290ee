/*
 * worker/glob/tree.h: one component of a glob, its extended groups
 * ("@(a|b)", "!(x)") taken apart as npm's minimatch 9 takes them apart, its
 * peculiarities included.
 *
 * A tree alternates: the root and every alternative are a sequence (type 0)
 * of texts and groups; a group has alternatives.
 */
#ifndef WORKER_GLOB_TREE_H
#define WORKER_GLOB_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/err.h"
#include "worker/glob/class.h"

struct glob_node;

/* A text, or what is in brackets. */
struct glob_part {
    struct glob_node *node; /* borrows from the tree; NULL: it is a text */
    struct units text;      /* borrows from the component */
};

struct glob_node {
    char type;        /* 0 for a sequence, else one of ! ? * + @ */
    bool ends_empty;  /* "!(a|)": the last alternative ended with nothing */
    struct glob_node *parent; /* NULL for the root */
    size_t index;     /* among the parent's parts when it was made */
    struct glob_part *parts; /* owns the array */
    size_t n;
};

struct glob_tree;

/*
 * `component` (without a slash) is borrowed for the tree's life. ERR_LIMIT
 * for groups so many or so deep that no honest pattern has them.
 */
struct glob_tree *glob_tree_new(struct units component, struct err *err);
void glob_tree_free(struct glob_tree *t);
const struct glob_node *glob_tree_root(const struct glob_tree *t);

/* Nothing but negations stands before it, or after it nothing at all. */
bool glob_node_is_start(const struct glob_node *n);
bool glob_node_is_end(const struct glob_node *n);

AUTO_DEFINE(struct glob_tree, glob_tree, glob_tree_free)
#define auto_glob_tree __attribute__((cleanup(auto_cleanup_glob_tree)))

#endif
