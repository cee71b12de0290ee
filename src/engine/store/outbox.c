/* Callbacks not yet accepted: asking what is due, and settling it. */
#include "engine/store/outbox.h"

#include "base/str.h"
#include "engine/store/store-private.h"

void
outbox_row_set(struct outbox_row *row, const struct outbox_new *from)
{
    row->kind = from->kind;
    row->url = xstrdup(from->url);
    row->request_id = xstrdup(from->request_id);
    row->body = blob_copy(from->body);
}

void
outbox_row_clear(struct outbox_row *row)
{
    free(row->url);
    free(row->request_id);
    blob_clear(&row->body);
}

static void
lend_items(const struct ask_outbox_due *q)
{
    struct outbox_item *items = xcalloc(q->n + 1, sizeof(*items));

    for (size_t i = 0; i < q->n; i++) {
        const struct due_row *r = &q->rows[i];

        items[i] = (struct outbox_item){
            .row = r->row,
            .job_id = r->job_id,
            .kind = r->out.kind,
            .url = r->out.url,
            .request_id = r->out.request_id,
            .body = blob_bytes(&r->out.body),
            .n_results = r->n_results,
            .attempts = r->attempts,
            .first_wall_ms = r->first_wall_ms,
        };
    }
    q->fn(items, q->n, q->next_wall_ms, NULL, q->arg);
    free(items);
}

static void
answer_due(struct ask *ask)
{
    struct ask_outbox_due *q = (struct ask_outbox_due *)ask;
    const struct err *err = ask_err(ask);

    if (err != NULL)
        q->fn(NULL, 0, INT64_MAX, err, q->arg);
    else
        lend_items(q);
    for (size_t i = 0; i < q->n; i++) {
        free(q->rows[i].job_id);
        outbox_row_clear(&q->rows[i].out);
    }
    free(q->rows);
    free(q);
}

void
outbox_due(struct store *store, size_t max, size_t limit_bytes,
           uint64_t lease_ms, outbox_due_cb fn, void *arg)
{
    struct ask_outbox_due *q =
        ask_new(store, ASK_OUTBOX_DUE, sizeof(*q), answer_due);

    q->max = max;
    q->limit_bytes = limit_bytes;
    q->lease_until = q->ask.now_wall_ms + (int64_t)lease_ms;
    q->rows = xcalloc(max, sizeof(*q->rows));
    q->fn = fn;
    q->arg = arg;
    ask_send(&q->ask);
}

static void
answer_settled(struct ask *ask)
{
    struct ask_outbox *q = (struct ask_outbox *)ask;

    if (q->fn != NULL)
        q->fn(ask_err(ask), q->arg);
    free(q);
}

static void
settle(struct store *store, enum ask_op op, int64_t row, int64_t at_wall_ms,
       store_done_cb fn, void *arg)
{
    struct ask_outbox *q = ask_new(store, op, sizeof(*q), answer_settled);

    q->row = row;
    q->at_wall_ms = at_wall_ms;
    q->fn = fn;
    q->arg = arg;
    ask_send(&q->ask);
}

void
outbox_remove(struct store *store, int64_t row, store_done_cb fn, void *arg)
{
    settle(store, ASK_OUTBOX_REMOVE, row, 0, fn, arg);
}

void
outbox_retry_later(struct store *store, int64_t row, int64_t at_wall_ms,
                   store_done_cb fn, void *arg)
{
    settle(store, ASK_OUTBOX_LATER, row, at_wall_ms, fn, arg);
}
