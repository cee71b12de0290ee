/*
 * engine/loop/lane.h: a thread that alone may block, and answers on the loop.
 *
 * For the embedded database. Requests run in order, one at a time.
 */
#ifndef ENGINE_LOOP_LANE_H
#define ENGINE_LOOP_LANE_H

#include "base/err.h"
#include "engine/loop/loop.h"

struct lane;

struct lane *lane_new(struct loop *loop, const char *name, struct err *err);

/*
 * Run work(arg) on the lane, then done(arg) on the reactor. done may be NULL.
 * The ceiling on waiting requests is the caller's business.
 */
void lane_ask(struct lane *lane, void (*work)(void *arg),
              void (*done)(void *arg), void *arg);

/*
 * Run what was asked to its end, stop the thread, call the remaining done
 * callbacks, free. Blocks for as long as the work takes: at shutdown only.
 */
void lane_free(struct lane *lane);

#endif
