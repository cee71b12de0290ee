/* What a server received: adding, listing, reading. */
#include "engine/store/inbox.h"

#include "base/log.h"
#include "base/str.h"
#include "engine/store/store-private.h"

static void
answer_add(struct ask *ask)
{
    struct ask_inbox_add *q = (struct ask_inbox_add *)ask;

    if (q->n_dropped > 0)
        log_warn("inbox full: the oldest are dropped",
                 LOG_INT("dropped", q->n_dropped),
                 LOG_BYTES("limit", q->limit_bytes));
    if (q->fn != NULL)
        q->fn(q->id, ask_err(ask), q->arg);
    free(q->path);
    free(q->headers);
    blob_clear(&q->body);
    free(q);
}

void
inbox_add(struct store *store, const char *path, const char *headers,
          struct bytes body, uint64_t limit_bytes, inbox_add_cb fn, void *arg)
{
    struct ask_inbox_add *q =
        ask_new(store, ASK_INBOX_ADD, sizeof(*q), answer_add);

    q->path = xstrdup(path);
    q->headers = xstrdup(headers != NULL ? headers : "{}");
    q->body = blob_copy(body);
    q->limit_bytes = limit_bytes;
    q->fn = fn;
    q->arg = arg;
    ask_send(&q->ask);
}

static void
lend_items(const struct ask_inbox *q)
{
    struct inbox_item *items = xcalloc(q->n + 1, sizeof(*items));

    for (size_t i = 0; i < q->n; i++) {
        const struct inbox_row *r = &q->rows[i];

        items[i] = (struct inbox_item){
            .id = r->id,
            .path = r->path,
            .headers = r->headers,
            .received_wall_ms = r->received_wall_ms,
            .size = r->size,
            .body = blob_bytes(&r->body),
        };
    }
    if (q->on_list != NULL)
        q->on_list(items, q->n, NULL, q->arg);
    else
        q->on_get(&items[0], NULL, q->arg);
    free(items);
}

static void
answer_read(struct ask *ask)
{
    struct ask_inbox *q = (struct ask_inbox *)ask;
    const struct err *err = ask_err(ask);

    if (err == NULL)
        lend_items(q);
    else if (q->on_list != NULL)
        q->on_list(NULL, 0, err, q->arg);
    else
        q->on_get(NULL, err, q->arg);
    for (size_t i = 0; i < q->n; i++) {
        free(q->rows[i].path);
        free(q->rows[i].headers);
        blob_clear(&q->rows[i].body);
    }
    free(q->rows);
    free(q);
}

void
inbox_list(struct store *store, size_t max, int64_t before, inbox_list_cb fn,
           void *arg)
{
    struct ask_inbox *q =
        ask_new(store, ASK_INBOX_LIST, sizeof(*q), answer_read);

    q->max = max;
    q->id = before > 0 ? before : INT64_MAX;
    q->rows = xcalloc(max + 1, sizeof(*q->rows));
    q->on_list = fn;
    q->arg = arg;
    ask_send(&q->ask);
}

void
inbox_get(struct store *store, int64_t id, inbox_get_cb fn, void *arg)
{
    struct ask_inbox *q =
        ask_new(store, ASK_INBOX_GET, sizeof(*q), answer_read);

    q->id = id;
    q->rows = xcalloc(1, sizeof(*q->rows));
    q->on_get = fn;
    q->arg = arg;
    ask_send(&q->ask);
}
