/*
 * engine/store/store.h: what survives us: jobs, layer records, callbacks.
 *
 * Asynchronous: ask on the reactor, get called back on the reactor, in the
 * order of asking, never from within the asking call. The backend is one
 * SQLite file (WAL) behind a lane; others are a file in backends/ and a row.
 * Jobs live in job.h, callbacks not yet accepted in outbox.h, results a
 * server received in inbox.h, layer records in layer.h.
 */
#ifndef ENGINE_STORE_STORE_H
#define ENGINE_STORE_STORE_H

#include "base/err.h"
#include "engine/loop/loop.h"

struct store;

/* where: a directory for the embedded default ("crab.db" inside, made 0700
 * when missing), or ":memory:" for a store that forgets (crab scan). */
struct store *store_open(struct loop *loop, const char *where, struct err *err);
/* Finishes what was asked; blocks for as long as that takes. */
void store_close(struct store *store);

/* Called when something is done that has no other answer. err NULL: done. */
typedef void (*store_done_cb)(const struct err *err, void *arg);

#endif
