/* The lock files of node, in the order a folder's is chosen (§11.1). */
#include "worker/graph/node-lock.h"

#include <stddef.h>

extern const struct node_lock node_lock_npm;
extern const struct node_lock node_lock_pnpm;
extern const struct node_lock node_lock_shrinkwrap;
extern const struct node_lock node_lock_yarn;

static const struct node_lock end = { .base = NULL };

const struct node_lock *const node_locks[] = {
    &node_lock_shrinkwrap,
    &node_lock_npm,
    &node_lock_yarn,
    &node_lock_pnpm,
    &end,
};
