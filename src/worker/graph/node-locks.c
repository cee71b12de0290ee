/* The lock files of node, in the order a folder's is chosen (§11.1). */
#include "worker/graph/node-lock.h"

#include <stddef.h>

static const struct node_lock end = { .base = NULL };

const struct node_lock *const node_locks[] = {
    &end,
};
