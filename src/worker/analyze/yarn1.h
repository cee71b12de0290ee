/*
 * worker/analyze/yarn1.h: the text form of yarn's first generation ("yarn
 * lockfile v1"): looks like YAML and is not.
 */
#ifndef WORKER_ANALYZE_YARN1_H
#define WORKER_ANALYZE_YARN1_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "worker/analyze/texttree.h"

/*
 * A tree of one map; of two, our side first, when the text has the marks of
 * an unfinished merge. *torn: the sides cannot be read (no map then; yarn
 * itself goes on with an empty lock file). Texts are valid UTF-8. The caller
 * owns the tree; NULL with ERR_INPUT or ERR_LIMIT and the place.
 */
struct tree *yarn1_read(struct bytes text, tree_wants wants, bool *torn,
                        struct err *err);

#endif
