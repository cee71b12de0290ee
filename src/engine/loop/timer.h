/*
 * engine/loop/timer.h: a timer to be embedded in its owner.
 *
 * Reactor only. The callback comes once per timer_after(), never from within
 * it, and never after timer_stop(). Time is clock_now_ms(): a test that froze
 * the clock calls clock_advance() and the next loop_turn() finds what is due.
 */
#ifndef ENGINE_LOOP_TIMER_H
#define ENGINE_LOOP_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/loop/loop.h"

struct timer {
    struct loop *loop; /* borrows, as long as the timer lives */
    void (*fn)(void *arg);
    void *arg;
    uint64_t due_ms;
    uint64_t seq; /* who was armed first goes first */
    size_t slot;  /* place in the loop's heap, from 1; 0: not armed */
};

void timer_init(struct timer *t, struct loop *loop);
/* Arms it, or arms it anew. 0 ms is the next turn. */
void timer_after(struct timer *t, uint64_t ms, void (*fn)(void *arg),
                 void *arg);
void timer_stop(struct timer *t); /* nothing happens when it is not armed */
bool timer_is_armed(const struct timer *t);
void timer_clear(struct timer *t); /* stop and release; may be init-ed again */

#endif
