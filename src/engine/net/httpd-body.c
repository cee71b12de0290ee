/* The body of a request: collected, or handed on as it comes. */
#include "engine/net/httpd-private.h"

#include <event2/buffer.h>

#include "base/str.h"

static const char *
coding_of(const struct httpd_ex *ex)
{
    return headers_get(&ex->headers, "Content-Encoding");
}

/* The peer waits for our word before it sends the body. */
static void
send_continue(struct httpd_ex *ex)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (!ex->expects_continue || ex->reply != REPLY_NONE)
        return;
    ex->expects_continue = false;
    evbuffer_add(conn_output(ex->conn), text, sizeof(text) - 1);
}

/* In collect mode nobody else can end a request that never becomes whole. */
static void
begin(struct httpd_ex *ex, enum body_mode mode)
{
    ex->mode = mode;
    if (ex->conn == NULL) {
        if (mode == BODY_COLLECT)
            ex_bury(ex);
        return;
    }
    send_continue(ex);
    conn_resume(ex->conn);
}

/* A request without a body is complete from the start; say so, but never
 * from within the asking call. */
static void
end_later(void *arg)
{
    ex_end_body(arg);
}

void
httpd_read_body(struct httpd_ex *ex, size_t limit_bytes, bool raw,
                void (*fn)(struct bytes body, void *arg), void *arg)
{
    struct err err;

    ex->on_body = fn;
    ex->body_arg = arg;
    if (ex->conn != NULL && limit_bytes == 0)
        limit_bytes = ex->conn->httpd->conf.body_limit_bytes;
    buf_init(&ex->body, limit_bytes);
    if (ex->conn != NULL && ex->length_bytes > limit_bytes) {
        ex->mode = BODY_COLLECT;
        ex_fail_later(ex, 413, "the body is too large");
    } else if (!raw && inflater_new(&ex->inflater, coding_of(ex), &err) < 0) {
        ex->mode = BODY_COLLECT;
        ex_fail_later(ex, 415, err.text);
    } else if (ex->request_done) {
        ex->mode = BODY_COLLECT;
        loop_defer(ex->loop, end_later, ex);
    } else {
        begin(ex, BODY_COLLECT);
    }
}

void
httpd_stream_body(struct httpd_ex *ex, const struct httpd_body_events *events,
                  void *arg)
{
    ex->body_events = events;
    ex->body_arg = arg;
    if (ex->request_done) {
        ex->mode = BODY_STREAM;
        loop_defer(ex->loop, end_later, ex);
    } else {
        begin(ex, BODY_STREAM);
    }
}

void
httpd_resume_body(struct httpd_ex *ex)
{
    if (!ex->paused)
        return;
    ex->paused = false;
    if (ex->conn != NULL && !ex->request_done)
        conn_resume(ex->conn);
}

bool
ex_wants_body(const struct httpd_ex *ex)
{
    return ex->mode != BODY_UNASKED && !ex->paused;
}

static void
collect(struct httpd_ex *ex, struct bytes chunk)
{
    struct err err;
    int rc;

    /* Compressed bytes count as well: some of them stand for nothing. */
    ex->raw_bytes += chunk.n;
    if (ex->raw_bytes > ex->body.limit)
        rc = err_set(&err, ERR_LIMIT, "the body is too large");
    else if (ex->inflater != NULL)
        rc = inflater_feed(ex->inflater, chunk, &ex->body, &err);
    else
        rc = buf_add_bytes(&ex->body, chunk);
    if (rc < 0)
        ex_fail(ex, err_fate(err.kind)->status, err.text);
}

void
ex_take_body(struct httpd_ex *ex, struct bytes chunk)
{
    if (ex->mode == BODY_COLLECT) {
        collect(ex, chunk);
        return;
    }
    /* A stream may last; what must not is silence. */
    conn_await(ex->conn);
    if (!ex->body_events->on_chunk(chunk, ex->body_arg) &&
        ex->conn != NULL && ex->conn->ex == ex) {
        ex->paused = true;
        conn_pause(ex->conn);
    }
}

static void
end_collect(struct httpd_ex *ex)
{
    struct err err;

    ex->delivered = true;
    if (ex->inflater != NULL && inflater_end(ex->inflater, &err) < 0) {
        ex_fail(ex, 400, err.text);
        return;
    }
    ex->on_body(buf_bytes(&ex->body), ex->body_arg);
    /* The handler has seen it; a slow answer need not hold it. */
    ex_clear_body(ex);
}

void
ex_end_body(struct httpd_ex *ex)
{
    ex->request_done = true;
    if (ex->mode == BODY_COLLECT)
        end_collect(ex);
    else if (ex->mode == BODY_STREAM && ex->body_events->on_end != NULL)
        ex->body_events->on_end(ex->body_arg);
}

void
ex_clear_body(struct httpd_ex *ex)
{
    loop_undefer(ex->loop, end_later, ex);
    buf_clear(&ex->body);
    inflater_free(ex->inflater);
    ex->inflater = NULL;
}
