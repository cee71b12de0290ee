/* The inbox as callers see it: GET /results and GET /results/ID. */
#include "role/server/server-private.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/store/inbox.h"

#define LIST_MAX       100
#define LIST_LIMIT     1000
#define LIST_MAX_BYTES (8u << 20)

/* A caller that waits for the store. */
struct reader {
    struct httpd_ex *ex; /* NULL once the caller is gone */
};

static void
on_gone(void *arg)
{
    struct reader *r = arg;

    r->ex = NULL;
}

static struct reader *
reader_new(struct httpd_ex *ex)
{
    struct reader *r = xnew(struct reader);

    r->ex = ex;
    httpd_on_gone(ex, on_gone, r);
    return r;
}

static void
answer_err(struct httpd_ex *ex, const struct err *err)
{
    reply_fault(ex, err_fate(err->kind)->status, NULL, err_code(err), err->text,
                NULL);
}

static void
write_item(struct jw *w, const struct inbox_item *item)
{
    char when[32], id[24];

    snprintf(id, sizeof(id), "%lld", (long long)item->id);
    clock_format(item->received_wall_ms, when);
    jw_obj(w);
    jw_key_str(w, "id", id);
    jw_key_str(w, "path", item->path);
    jw_key_str(w, "received", when);
    jw_key_int(w, "sizeBytes", (int64_t)item->size);
    jw_end(w);
}

static void
on_list(const struct inbox_item *items, size_t n, const struct err *err,
        void *arg)
{
    auto_buf struct buf out = BUF_INIT(LIST_MAX_BYTES);
    auto_free struct reader *r = arg;
    struct jw w;

    if (r->ex == NULL)
        return;
    if (err != NULL) {
        answer_err(r->ex, err);
        return;
    }
    jw_init(&w, &out);
    jw_obj(&w);
    jw_key(&w, "results");
    jw_arr(&w);
    for (size_t i = 0; i < n; i++)
        write_item(&w, &items[i]);
    jw_end(&w);
    jw_end(&w);
    reply_json(r->ex, out.full ? 500 : 200, NULL, NULL, buf_bytes(&out));
}

/* "limit=50&before=1234": false on anything else. */
static bool
parse_query(const char *query, uint64_t *limit, uint64_t *before)
{
    struct bytes rest = bytes_str(query), pair;

    while (bytes_next(&rest, '&', &pair)) {
        size_t at = bytes_find(pair, '=');
        struct bytes name = bytes_to(pair, at);
        uint64_t *out = bytes_is(name, "limit")    ? limit
                        : bytes_is(name, "before") ? before
                                                   : NULL;

        if (out == NULL || !bytes_to_u64(bytes_from(pair, at + 1), out))
            return false;
    }
    return *limit >= 1 && *limit <= LIST_LIMIT && *before <= INT64_MAX;
}

void
results_list(struct server *s, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    uint64_t limit = LIST_MAX, before = 0;

    if (!parse_query(req->query, &limit, &before)) {
        reply_fault(ex, 400, NULL, "BAD_REQUEST",
                    "parameters are limit (1 to 1000) and before (an id)",
                    NULL);
        return;
    }
    inbox_list(s->store, (size_t)limit, (int64_t)before, on_list,
               reader_new(ex));
}

static void
on_item(const struct inbox_item *item, const struct err *err, void *arg)
{
    auto_free struct reader *r = arg;

    if (r->ex == NULL)
        return;
    if (err != NULL)
        answer_err(r->ex, err);
    else
        reply_json(r->ex, 200, NULL, NULL, item->body);
}

void
results_show(struct server *s, struct httpd_ex *ex, const char *id)
{
    uint64_t number;

    if (!str_to_u64(id, &number) || number == 0 || number > INT64_MAX) {
        reply_fault(ex, 404, NULL, "NOT_FOUND", "no such result", NULL);
        return;
    }
    inbox_get(s->store, (int64_t)number, on_item, reader_new(ex));
}
