/* Layer records: asking for one, putting one. */
#include "engine/store/layer.h"

#include "base/str.h"
#include "engine/store/store-private.h"

static void
answer_layer(struct ask *ask)
{
    struct ask_layer *q = (struct ask_layer *)ask;
    const struct err *err = ask_err(ask);

    if (q->on_get != NULL)
        q->on_get(err != NULL ? BYTES_NONE : blob_bytes(&q->record), err,
                  q->arg);
    else if (q->on_put != NULL)
        q->on_put(err, q->arg);
    free(q->digest);
    free(q->analyzer);
    blob_clear(&q->record);
    free(q);
}

static struct ask_layer *
layer_ask(struct store *store, enum ask_op op, const char *digest,
          const char *analyzer_version, void *arg)
{
    struct ask_layer *q = ask_new(store, op, sizeof(*q), answer_layer);

    q->digest = xstrdup(digest);
    q->analyzer = xstrdup(analyzer_version);
    q->arg = arg;
    return q;
}

void
layer_get(struct store *store, const char *digest,
          const char *analyzer_version, layer_get_cb fn, void *arg)
{
    struct ask_layer *q =
        layer_ask(store, ASK_LAYER_GET, digest, analyzer_version, arg);

    q->on_get = fn;
    ask_send(&q->ask);
}

void
layer_put(struct store *store, const char *digest,
          const char *analyzer_version, struct bytes record,
          uint64_t limit_bytes, store_done_cb fn, void *arg)
{
    struct ask_layer *q =
        layer_ask(store, ASK_LAYER_PUT, digest, analyzer_version, arg);

    q->record = blob_copy(record);
    q->limit_bytes = limit_bytes;
    q->on_put = fn;
    ask_send(&q->ask);
}
