/*
 * worker/analyze/yaml.h: YAML (1.1 and 1.2 as far as libyaml goes) as a tree
 * in which every scalar is text. Hides libyaml.
 *
 * A value that is not written is TREE_NULL, a key that is not written "null".
 * Tags other than those of plain text, lists and maps are refused, and so is
 * an alias inside of what it names, or to what is not kept.
 */
#ifndef WORKER_ANALYZE_YAML_H
#define WORKER_ANALYZE_YAML_H

#include "base/bytes.h"
#include "base/err.h"
#include "worker/analyze/texttree.h"

/* All documents; invalid UTF-8 counts as U+FFFD. The caller owns the tree;
 * NULL with ERR_INPUT, ERR_LIMIT, or ERR_UNSUPPORTED (an alias to what is not
 * kept), and the place. */
struct tree *yaml_read(struct bytes text, tree_wants wants, struct err *err);

#endif
