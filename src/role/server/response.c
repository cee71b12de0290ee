/*
 * POST /response-data/TOKEN/ID: a client's answer as a stream. Poured into the
 * waiting caller's answer as it comes; when the caller is slow, we stop
 * reading, and the client stops.
 */
#include "role/server/server-private.h"

#include <string.h>

#include "base/log.h"
#include "engine/tunnel/frame.h"

struct response {
    struct httpd_ex *ex; /* the client's POST; NULL once answered or gone */
    struct ask *ask;     /* NULL once the caller is gone or answered */
    struct frame frame;
    struct loop *loop;   /* borrows */
};

static void
response_free(void *obj)
{
    struct response *r = obj;

    frame_clear(&r->frame);
    free(r);
}

/* The POST's own end; the ask may live on no longer than this. */
static void
finish(struct response *r, int status, struct bytes json)
{
    struct httpd_ex *ex = steal(r->ex);

    if (ex != NULL)
        httpd_reply_json(ex, status, json);
    loop_bury(r->loop, response_free, r);
}

/* The caller left: swallow the rest. */
static void
on_caller_lost(void *arg)
{
    struct response *r = arg;

    r->ask = NULL;
    if (r->ex != NULL)
        httpd_resume_body(r->ex);
}

static void
on_caller_drain(void *arg)
{
    struct response *r = arg;

    if (r->ex != NULL)
        httpd_resume_body(r->ex);
}

static void
abort_ask(struct response *r, const char *why)
{
    struct ask *ask = steal(r->ask);

    if (ask != NULL)
        ask_abort(ask, why);
}

static void
on_post_gone(void *arg)
{
    struct response *r = arg;

    r->ex = NULL;
    abort_ask(r, "the client broke its answer off");
    loop_bury(r->loop, response_free, r);
}

static bool
on_chunk(struct bytes chunk, void *arg)
{
    struct response *r = arg;
    enum frame_event event;
    bool more = true;
    struct bytes data;
    struct err err;

    frame_feed(&r->frame, chunk);
    while ((event = frame_step(&r->frame, &data, &err)) != FRAME_NEED_MORE) {
        if (event == FRAME_BAD) {
            log_warn("answer of the client not understood", LOG_ERR(&err));
            abort_ask(r, err.text);
            return true;
        }
        if (r->ask == NULL)
            continue;
        if (event == FRAME_HEAD)
            ask_head(r->ask, r->frame.status, &r->frame.headers);
        else if (ask_write(r->ask, data) == HTTPD_FULL)
            more = false;
    }
    return more;
}

static void
on_end(void *arg)
{
    struct response *r = arg;
    struct ask *ask = steal(r->ask);

    if (ask != NULL && frame_has_head(&r->frame))
        ask_end(ask);
    else if (ask != NULL)
        ask_abort(ask, "the client's answer ended before its head");
    finish(r, 200, bytes_str("{}"));
}

static const struct httpd_body_events body_events = {
    .on_chunk = on_chunk,
    .on_end = on_end,
};

void
response_start(struct server *s, struct httpd_ex *ex,
               const struct httpd_request *req)
{
    const char *id = strrchr(req->path, '/') + 1;
    struct ask *ask = ask_of_stream(s, id);
    struct response *r;

    if (ask == NULL) {
        reply_json(ex, 500, NULL, NULL,
                   bytes_str("{\"message\":\"Unable to find request "
                             "matching streaming id.\"}"));
        return;
    }
    r = xnew(struct response);
    r->ex = ex;
    r->ask = ask;
    r->loop = s->loop;
    frame_init(&r->frame);
    ask_claim(ask, on_caller_lost, on_caller_drain, r);
    httpd_on_gone(ex, on_post_gone, r);
    httpd_stream_body(ex, &body_events, r);
}
