#include "httpd-site.h"

#include "base/str.h"

static void
on_gone(void *arg)
{
    struct site *s = arg;

    s->n_gone++;
    s->ex = NULL;
}

static void
reply(struct site *s, struct bytes body)
{
    struct httpd_ex *ex = s->ex;

    s->ex = NULL;
    httpd_reply(ex, 200, NULL, body);
}

static void
on_body(struct bytes body, void *arg)
{
    struct site *s = arg;

    s->n_bodies++;
    buf_reset(&s->body);
    buf_add_bytes(&s->body, body);
    reply(s, body);
}

static bool
on_chunk(struct bytes chunk, void *arg)
{
    struct site *s = arg;

    buf_add_bytes(&s->body, chunk);
    return !s->pause;
}

static void
on_end(void *arg)
{
    struct site *s = arg;

    s->n_bodies++;
    reply(s, buf_bytes(&s->body));
}

static const struct httpd_body_events stream_events = {
    .on_chunk = on_chunk,
    .on_end = on_end,
};

static void
on_request(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    struct site *s = arg;
    auto_free char *line = xasprintf("%s %s\n", req->method, req->target);

    s->n_requests++;
    s->ex = ex;
    buf_add_str(&s->log, line);
    if (!s->no_gone)
        httpd_on_gone(ex, on_gone, s);
    switch (s->what) {
    case DO_REPLY:
        reply(s, bytes_str(line));
        break;
    case DO_COLLECT:
        httpd_read_body(ex, s->limit_bytes, s->raw, on_body, s);
        break;
    case DO_STREAM:
        buf_reset(&s->body);
        httpd_stream_body(ex, &stream_events, s);
        break;
    case DO_HOLD:
        break;
    }
}

void
site_open(struct site *s, struct httpd_conf conf)
{
    struct err err;

    if (conf.address == NULL)
        conf.address = "127.0.0.1";
    buf_init(&s->body, 64 * 1024 * 1024);
    buf_init(&s->log, 1024 * 1024);
    s->loop = loop_new(NULL);
    s->httpd = httpd_new(s->loop, &conf, on_request, s, &err);
    cr_assert_not_null(s->httpd, "%s", err.text);
}

void
site_close(struct site *s)
{
    httpd_free(s->httpd);
    loop_free(s->loop);
    buf_clear(&s->body);
    buf_clear(&s->log);
}

struct raw *
site_visit(struct site *s)
{
    return raw_new(s->loop, httpd_port(s->httpd), NULL);
}

static void
nothing(void *arg)
{
    (void)arg;
}

void
site_turn(struct site *s)
{
    loop_defer(s->loop, nothing, NULL);
    loop_turn(s->loop);
}

char *
site_ask(struct site *s, const char *request)
{
    struct raw *r = site_visit(s);
    char *text;

    raw_send(r, request);
    raw_until_eof(r);
    text = xstrdup(raw_text(r));
    raw_free(r);
    return text;
}

int
site_status(struct site *s, const char *request)
{
    auto_free char *text = site_ask(s, request);

    return str_starts(text, "HTTP/1.1 ") ? atoi(text + 9) : -1;
}
