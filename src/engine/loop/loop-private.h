/* engine/loop/loop-private.h: what loop.c and timer.c share. */
#ifndef ENGINE_LOOP_LOOP_PRIVATE_H
#define ENGINE_LOOP_LOOP_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/loop/loop.h"

struct timer;

/* Armed timers, the next one first: a heap by due time, then by arming. */
struct timers {
    struct timer **at; /* owns the array, borrows the timers */
    size_t n, cap;
    uint64_t seq; /* counts armings */
};

struct timers *loop_timers(struct loop *loop);

/* Call what was due when the call began; what is armed meanwhile waits. */
void timers_run(struct timers *timers);
/* Milliseconds until the next one is due; false without any. */
bool timers_wait_ms(const struct timers *timers, uint64_t *out_ms);

#endif
