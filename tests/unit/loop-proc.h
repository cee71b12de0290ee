/* tests/unit/loop-proc.h: shell scripts as workers, and who listens to them. */
#ifndef TESTS_UNIT_LOOP_PROC_H
#define TESTS_UNIT_LOOP_PROC_H

#include "engine.h"

#include <stdlib.h>

#include "base/buf.h"
#include "engine/loop/proc.h"

/* Everything one child did to us. */
struct listener {
    struct proc *proc;
    struct buf out;
    unsigned starts, drains, exits;
    struct err err; /* ERR_NONE after a success */
    struct proc_pool *pool;
    unsigned *order, start_place;
    const char *input; /* written and finished in on_start */
    bool cancel_on_start, cancel_on_output, pause_on_output, free_pool_on_exit;
};

extern const struct proc_events listener_events;

/* A pool whose worker is this script (the lines behind #!/bin/sh). The file
 * is unlinked by script_gone(). */
struct proc_pool *script_pool(struct loop *loop, const char *script,
                              struct proc_pool_conf conf);
void script_gone(void);

struct proc *listen_to(struct listener *l, struct proc_pool *pool,
                       const char *const *args);

#endif
