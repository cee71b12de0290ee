/*
 * engine/loop/loop.h: the reactor: one thread, nothing on it ever blocks.
 */
#ifndef ENGINE_LOOP_LOOP_H
#define ENGINE_LOOP_LOOP_H

#include "base/err.h"

struct loop;
struct event_base;

struct loop *loop_new(struct err *err);
/* Runs what is buried or deferred, then frees. */
void loop_free(struct loop *loop);

/* Until loop_stop(), or until nothing is left that could wake it. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* One turn: wait for at most one batch of events and handle it. For tests. */
void loop_turn(struct loop *loop);

/* Call fn(arg) on the next turn, never from within this call. */
void loop_defer(struct loop *loop, void (*fn)(void *arg), void *arg);
/* Take back every deferred call of fn with this arg. */
void loop_undefer(struct loop *loop, void (*fn)(void *arg), void *arg);

/*
 * Free `obj` with `free_fn` at the end of this turn, so that no callback in
 * flight meets a ghost. Takes obj.
 */
void loop_bury(struct loop *loop, void (*free_fn)(void *obj), void *obj);

/* fn(signo, arg) on the reactor, as often as the signal comes. */
int loop_on_signal(struct loop *loop, int signo,
                   void (*fn)(int signo, void *arg), void *arg,
                   struct err *err);

/* libevent's base: for the rooms loop and net only. Borrowed. */
struct event_base *loop_base(struct loop *loop);

#endif
