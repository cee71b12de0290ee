/*
 * worker/analyze/texttree.h: nested text from strangers (YAML, yarn's own
 * grammar) as a tree, of which only what is wanted is kept.
 *
 * A parser drives it: open, key, text, close, in the order of the document.
 * Depth and number of values are capped, and long texts count as several; a
 * node that is named again (YAML's aliases) is shared, and counts each time as
 * if it were written out. All nodes and their bytes live as long as the tree.
 */
#ifndef WORKER_ANALYZE_TEXTTREE_H
#define WORKER_ANALYZE_TEXTTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"

#define TREE_MAX_DEPTH 100
#define TREE_MAX_NODES 1000000
#define TREE_VALUE_BYTES 16 /* of a text or a key: so many weigh a value more */

enum tree_kind {
    TREE_NULL,  /* nothing is written where a value could be */
    TREE_TEXT,
    TREE_VALUE, /* a number or a truth value where the grammar has them */
    TREE_LIST,
    TREE_MAP
};

struct tree_node {
    enum tree_kind kind;
    uint32_t n;      /* bytes, items or members */
    uint32_t weight; /* values in it, itself and its bytes too, as if written
                        out */
    union {
        const uint8_t *text;
        const struct tree_node *const *items;
        const struct tree_member *members; /* a later one of a name counts */
    };
};

struct tree_member {
    struct bytes key;
    const struct tree_node *value;
};

struct tree;

/*
 * Whether the member `key` of a map is kept; depth counts the maps and lists
 * around that map: 0 for the outermost. What is not kept is still parsed.
 */
typedef bool (*tree_wants)(size_t depth, struct bytes key);

struct tree *tree_new(tree_wants wants);
void tree_free(struct tree *t);

/* ---- building; -1 with ERR_LIMIT or ERR_INPUT --------------------------- */

int tree_open(struct tree *t, enum tree_kind list_or_map, struct err *err);
/* *node (may be NULL) is what was closed, NULL if it is not kept. */
int tree_close(struct tree *t, const struct tree_node **node, struct err *err);
/* In a map: is a key expected next? */
bool tree_at_key(const struct tree *t);
int tree_key(struct tree *t, struct bytes key, struct err *err);
/* NULL, TEXT or VALUE; the bytes are copied if they are kept. */
int tree_add(struct tree *t, enum tree_kind kind, struct bytes text,
             const struct tree_node **node, struct err *err);
/* A node of this tree once more. */
int tree_share(struct tree *t, const struct tree_node *node, struct err *err);

/* ---- reading ------------------------------------------------------------ */

/* Documents; a value outside of everything begins one. */
size_t tree_count(const struct tree *t);
const struct tree_node *tree_root(const struct tree *t, size_t i);

/* A member of a map; NULL when there is none, or `map` is no map (or NULL). */
const struct tree_node *tree_get(const struct tree_node *map, const char *key);
/* A member that is text or a value; p NULL when there is none. */
struct bytes tree_text(const struct tree_node *map, const char *key);
/* The bytes of a text or a value; p NULL: it is neither. */
struct bytes tree_bytes(const struct tree_node *node);

AUTO_DEFINE(struct tree, tree, tree_free)
#define auto_tree __attribute__((cleanup(auto_cleanup_tree)))

#endif
