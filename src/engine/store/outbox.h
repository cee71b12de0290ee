/*
 * engine/store/outbox.h: callbacks not yet accepted.
 *
 * Rows of one job leave in the order they were written; a row is due only
 * when all before it are gone. Rows come from job_add_result() and
 * job_finish(). A job that is done goes with its last row.
 */
#ifndef ENGINE_STORE_OUTBOX_H
#define ENGINE_STORE_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/store/store.h"

enum outbox_kind { OUTBOX_RESULT, OUTBOX_DONE };

/* Copied by whoever takes it. */
struct outbox_new {
    enum outbox_kind kind;
    const char *url;
    const char *request_id; /* snyk-request-id to send; NULL without */
    struct bytes body;
};

struct outbox_item {
    int64_t row; /* names it in the calls below */
    const char *job_id;
    enum outbox_kind kind;
    const char *url;
    const char *request_id; /* NULL without */
    struct bytes body;
    size_t n_results;      /* that this job has in all, sent or not */
    unsigned attempts;     /* this one included */
    int64_t first_wall_ms; /* of the first attempt */
};

/*
 * items are borrowed until it returns, and the caller's to deliver until the
 * lease runs out. next_wall_ms: when to ask again, INT64_MAX for "when
 * something was added"; not after now when more is due than was asked for.
 */
typedef void (*outbox_due_cb)(const struct outbox_item *items, size_t n,
                              int64_t next_wall_ms, const struct err *err,
                              void *arg);

/*
 * What is to be sent now, the longest due first: at most `max` rows, at most
 * limit_bytes of bodies (but at least one row).
 */
void outbox_due(struct store *store, size_t max, size_t limit_bytes,
                uint64_t lease_ms, outbox_due_cb fn, void *arg);

/* Accepted, or given up: the row goes, the next of its job may follow. */
void outbox_remove(struct store *store, int64_t row, store_done_cb fn,
                   void *arg);
/* Not now: not due again before at_wall_ms. */
void outbox_retry_later(struct store *store, int64_t row, int64_t at_wall_ms,
                        store_done_cb fn, void *arg);

#endif
