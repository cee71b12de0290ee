/*
 * role/agent/callbacks.h: delivers the outbox (agent-api.md §4.11).
 *
 * In order per job, a few jobs side by side. What was not taken is tried
 * again: 1, 2, 4 ... 60 s later, or when Retry-After says, until it is
 * conf->callback_give_up_ms old. Rows stay in the store until then, so a
 * restart goes on where we were.
 */
#ifndef ROLE_AGENT_CALLBACKS_H
#define ROLE_AGENT_CALLBACKS_H

#include "base/conf/conf.h"
#include "engine/loop/loop.h"
#include "engine/net/httpc.h"
#include "engine/store/store.h"

struct callbacks;

/* All borrowed until callbacks_stop(). Sends nothing before the first kick. */
struct callbacks *callbacks_start(struct loop *loop, const struct conf *conf,
                                  struct store *store, struct httpc *httpc);
/* Something may be due. */
void callbacks_kick(struct callbacks *c);
/* Begin no delivery any more; done(arg) once, not from within, when those
 * under way have ended. */
void callbacks_drain(struct callbacks *c, void (*done)(void *arg), void *arg);
/* Breaks off what is under way; it will be sent again in a later life. */
void callbacks_stop(struct callbacks *c);

#endif
