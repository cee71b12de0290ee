#include "net-call.h"

static enum httpc_flow
on_headers(const struct httpc_reply *reply, void *arg)
{
    struct story *s = arg;

    cr_expect_eq(s->n_bodies, 0, "headers come before the body");
    s->n_headers++;
    s->headers_status = reply->status;
    headers_copy(&s->headers, reply->headers);
    if (s->cancel_in_headers)
        httpc_cancel(s->call);
    return s->on_headers;
}

static enum httpc_flow
on_body(struct bytes chunk, void *arg)
{
    struct story *s = arg;

    s->n_bodies++;
    cr_assert_eq(buf_add_bytes(&s->body, chunk), 0);
    if (s->cancel_in_body)
        httpc_cancel(s->call);
    if (s->free_in_body != NULL)
        httpc_free(s->free_in_body);
    return s->on_body;
}

static void
on_drain(void *arg)
{
    ((struct story *)arg)->n_drains++;
}

static void
on_done(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct story *s = arg;

    cr_assert_not_null(s->call, "on_done from within httpc_start");
    cr_expect((reply == NULL) != (err == NULL));
    s->n_dones++;
    if (err != NULL)
        s->err = *err;
    if (reply != NULL) {
        s->status = reply->status;
        cr_assert_eq(buf_add_bytes(&s->body, reply->body), 0);
    }
    if (s->cancel_in_done)
        httpc_cancel(s->call);
}

const struct httpc_events story_collects = { .on_headers = on_headers,
                                             .on_drain = on_drain,
                                             .on_done = on_done };
const struct httpc_events story_streams = { .on_headers = on_headers,
                                            .on_body = on_body,
                                            .on_drain = on_drain,
                                            .on_done = on_done };

void
story_init(struct story *s)
{
    *s = (struct story){ .on_headers = HTTPC_MORE, .on_body = HTTPC_MORE };
    buf_init(&s->body, SIZE_MAX);
    headers_init(&s->headers);
}

void
story_clear(struct story *s)
{
    buf_clear(&s->body);
    headers_clear(&s->headers);
}

struct httpc *
client(struct loop *loop, struct httpc_conf conf)
{
    struct err err = { 0 };
    struct httpc *c = httpc_new(loop, &conf, &err);

    cr_assert_not_null(c, "%s", err.text);
    return c;
}

void
start(struct story *s, struct httpc *c, const struct httpc_events *events,
      struct httpc_request req)
{
    struct err err = { 0 };
    struct httpc_call *call = httpc_start(c, &req, events, s, &err);

    cr_assert_not_null(call, "%s", err.text);
    s->call = call;
}

void
get(struct story *s, struct httpc *c, const char *url)
{
    start(s, c, &story_collects, (struct httpc_request){ .url = url });
}
