/* The answer to a request: status line, headers, framing, and what becomes of
 * it when the caller has gone. */
#include "engine/net/httpd-private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <event2/buffer.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define HEAD_BYTES (1024 * 1024)

/* Bytes we would rather throw away than lose the connection for. */
#define UNREAD_BYTES (256 * 1024)

struct httpd_ex *
ex_new(struct conn *c)
{
    struct httpd_ex *ex = xnew(struct httpd_ex);
    struct h1 *h = &c->h1;
    size_t path_n;

    ex->loop = c->httpd->loop;
    ex->conn = c;
    ex->target = buf_steal(&h->target);
    ex->headers = h->headers;
    headers_init(&h->headers);
    ex->http11 = h->http11;
    ex->keep_alive = h->keep_alive;
    ex->expects_continue = h->expects_continue;
    ex->length_bytes = h->length;
    ex->chunked = h->chunked;
    ex->request_done = h->complete;
    path_n = strcspn(ex->target, "?");
    ex->path = xstrndup(ex->target, path_n);
    snprintf(ex->peer, sizeof(ex->peer), "%s", c->peer);
    ex->req = (struct httpd_request){
        .method = h->method,
        .target = ex->target,
        .path = ex->path,
        .query = ex->target + path_n + (ex->target[path_n] == '?'),
        .headers = &ex->headers,
        .peer = ex->peer,
    };
    return ex;
}

static void
ex_free(void *obj)
{
    struct httpd_ex *ex = obj;

    free(ex->target);
    free(ex->path);
    headers_clear(&ex->headers);
    free(ex);
}

static void
fail_now(void *arg)
{
    struct httpd_ex *ex = arg;

    ex_fail(ex, ex->fail_status, ex->fail_text);
}

void
ex_bury(struct httpd_ex *ex)
{
    ex_clear_body(ex);
    loop_undefer(ex->loop, fail_now, ex);
    ex->conn = NULL;
    loop_bury(ex->loop, ex_free, ex);
}

void
ex_fail_later(struct httpd_ex *ex, int status, const char *text)
{
    ex->paused = true;
    ex->fail_status = status;
    snprintf(ex->fail_text, sizeof(ex->fail_text), "%s", text);
    loop_defer(ex->loop, fail_now, ex);
}

/*
 * Who asked to hear of it is told, and done with. Otherwise the handler still
 * believes that it has to answer, and its answer will be swallowed; unless it
 * waits for a body that will never be whole.
 */
void
ex_lose(struct httpd_ex *ex)
{
    void (*fn)(void *arg) = ex->on_gone;
    bool ours = ex->mode == BODY_COLLECT && !ex->delivered;

    ex->conn = NULL;
    ex->on_gone = NULL;
    if (fn != NULL || ours)
        ex_bury(ex);
    if (fn != NULL)
        fn(ex->gone_arg);
}

const struct httpd_request *
httpd_request_of(const struct httpd_ex *ex)
{
    return &ex->req;
}

void
httpd_on_gone(struct httpd_ex *ex, void (*fn)(void *arg), void *arg)
{
    ex->on_gone = fn;
    ex->gone_arg = arg;
}

/* Made here, or said by the framing; a handler's own would contradict. */
static bool
is_framing(const char *name)
{
    static const char *const names[] = {
        "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive",
        "Proxy-Connection", "Upgrade", "Trailer",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        if (str_ieq(name, names[i]))
            return true;
    }
    return false;
}

static void
add_field(struct buf *out, const struct header *f)
{
    if (header_name_valid(f->name) && header_value_valid(f->value))
        buf_addf(out, "%s: %s\r\n", f->name, f->value);
    else
        log_warn("http header left out", LOG_STR("header", f->name));
}

static void
add_date(struct buf *out)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    char text[64];
    struct tm tm;

    if (gmtime_r(&now, &tm) != NULL &&
        strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0)
        buf_addf(out, "Date: %s\r\n", text);
}

static void
add_head(struct buf *out, int status, const struct headers *headers)
{
    buf_addf(out, "HTTP/1.1 %d %s\r\n", status, http_status_text(status));
    for (size_t i = 0; headers != NULL && i < headers->n; i++) {
        if (!is_framing(headers->at[i].name))
            add_field(out, &headers->at[i]);
    }
    if (headers == NULL || !headers_has(headers, "Date"))
        add_date(out);
}

/* The request's body is not read to its end, and will not be: either it is
 * short and coming anyway, or the connection ends with this answer. */
static void
settle_rest(struct httpd_ex *ex)
{
    if (ex->request_done)
        return;
    if (ex->chunked || ex->length_bytes > UNREAD_BYTES || ex->expects_continue)
        ex->conn->close = true;
}

static void
add_connection(struct buf *out, struct httpd_ex *ex)
{
    if (ex->conn->httpd->draining)
        ex->conn->close = true;
    settle_rest(ex);
    buf_add_str(out, ex->conn->close ? "Connection: close\r\n"
                                     : "Connection: keep-alive\r\n");
}

static bool
status_has_body(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void
add_length(struct buf *out, const struct httpd_ex *ex, int status,
           const struct headers *headers, size_t body_n)
{
    const char *given =
        headers != NULL ? headers_get(headers, "Content-Length") : NULL;
    uint64_t n = body_n;

    if (!status_has_body(status))
        return;
    /* What GET would say, in answer to a HEAD. */
    if (str_eq(ex->req.method, "HEAD") && given != NULL)
        str_to_u64(given, &n);
    buf_addf(out, "Content-Length: %llu\r\n", (unsigned long long)n);
}

/* A status that no answer may have is our fault, or that of a peer whose
 * answer we pass on. */
static int
final_status(int status)
{
    return status >= 200 && status <= 999 ? status : 502;
}

/* False when the head did not fit: the connection is broken off instead. */
static bool
send_head(struct httpd_ex *ex, struct buf *head)
{
    struct conn *c = ex->conn;

    buf_add_str(head, "\r\n");
    if (head->full) {
        log_error("http answer with too large headers");
        c->ex = NULL;
        ex->conn = NULL;
        conn_lose(c);
        return false;
    }
    evbuffer_add(conn_output(c), head->p, head->n);
    return true;
}

void
httpd_reply(struct httpd_ex *ex, int status, const struct headers *headers,
            struct bytes body)
{
    auto_buf struct buf head = BUF_INIT(HEAD_BYTES);

    ex->on_gone = NULL;
    if (ex->conn == NULL) {
        ex_bury(ex);
        return;
    }
    status = final_status(status);
    add_head(&head, status, headers);
    add_length(&head, ex, status, headers, body.n);
    add_connection(&head, ex);
    if (!send_head(ex, &head)) {
        ex_bury(ex);
        return;
    }
    if (!str_eq(ex->req.method, "HEAD") && status_has_body(status))
        evbuffer_add(conn_output(ex->conn), body.p, body.n);
    conn_answered(ex->conn);
}

void
httpd_reply_json(struct httpd_ex *ex, int status, struct bytes json)
{
    auto_headers struct headers headers = HEADERS_INIT;

    headers_add(&headers, "Content-Type", HEADER_TYPE_JSON);
    httpd_reply(ex, status, &headers, json);
}

void
reply_plain(struct conn *c, int status, const char *text)
{
    auto_buf struct buf head = BUF_INIT(HEAD_BYTES);

    add_head(&head, status, NULL);
    buf_addf(&head,
             "Content-Type: text/plain; charset=utf-8\r\n"
             "Content-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
             strlen(text) + 1, text);
    evbuffer_add(conn_output(c), head.p, head.n);
    c->close = true;
    conn_finish(c);
}

void
ex_fail(struct httpd_ex *ex, int status, const char *text)
{
    void (*fn)(void *arg) = ex->on_gone;
    void *arg = ex->gone_arg;
    struct conn *c = ex->conn;

    if (ex->reply == REPLY_NONE) {
        c->ex = NULL;
        reply_plain(c, status, text);
        ex_bury(ex);
    } else {
        ex->on_gone = NULL;
        httpd_reply_abort(ex);
    }
    if (fn != NULL)
        fn(arg);
}

/* Decide how the end of the body will be known. */
static void
add_framing(struct buf *out, struct httpd_ex *ex, int status,
            const struct headers *headers)
{
    const char *given =
        headers != NULL ? headers_get(headers, "Content-Length") : NULL;

    ex->no_reply_body =
        str_eq(ex->req.method, "HEAD") || !status_has_body(status);
    if (!status_has_body(status))
        return;
    if (given != NULL && str_to_u64(given, &ex->reply_left_bytes)) {
        ex->reply_sized = true;
        buf_addf(out, "Content-Length: %s\r\n", given);
    } else if (ex->http11) {
        ex->reply_chunked = true;
        buf_add_str(out, "Transfer-Encoding: chunked\r\n");
    } else {
        ex->conn->close = true; /* its end is the body's end */
    }
}

void
httpd_reply_start(struct httpd_ex *ex, int status,
                  const struct headers *headers)
{
    auto_buf struct buf head = BUF_INIT(HEAD_BYTES);

    ex->reply = REPLY_STARTED;
    if (ex->conn == NULL)
        return;
    status = final_status(status);
    add_head(&head, status, headers);
    add_framing(&head, ex, status, headers);
    add_connection(&head, ex);
    send_head(ex, &head);
}

enum httpd_room
httpd_reply_write(struct httpd_ex *ex, struct bytes chunk)
{
    struct evbuffer *out;
    size_t high;

    if (ex->conn == NULL)
        return HTTPD_GONE;
    if (ex->no_reply_body || chunk.n == 0)
        return HTTPD_MORE;
    if (ex->reply_sized && chunk.n > ex->reply_left_bytes) {
        log_warn("http answer longer than announced");
        chunk.n = (size_t)ex->reply_left_bytes;
    }
    ex->reply_left_bytes -= ex->reply_sized ? chunk.n : 0;
    out = conn_output(ex->conn);
    if (ex->reply_chunked)
        evbuffer_add_printf(out, "%zx\r\n", chunk.n);
    evbuffer_add(out, chunk.p, chunk.n);
    if (ex->reply_chunked)
        evbuffer_add(out, "\r\n", 2);
    high = ex->conn->httpd->conf.write_high_bytes;
    ex->full = evbuffer_get_length(out) > high;
    return ex->full ? HTTPD_FULL : HTTPD_MORE;
}

void
httpd_on_drain(struct httpd_ex *ex, void (*fn)(void *arg), void *arg)
{
    ex->on_drain = fn;
    ex->drain_arg = arg;
}

void
httpd_reply_end(struct httpd_ex *ex)
{
    if (ex->conn == NULL) {
        ex_bury(ex);
        return;
    }
    if (ex->reply_sized && ex->reply_left_bytes > 0 && !ex->no_reply_body) {
        log_warn("http answer shorter than announced");
        httpd_reply_abort(ex);
        return;
    }
    if (ex->reply_chunked && !ex->no_reply_body)
        evbuffer_add(conn_output(ex->conn), "0\r\n\r\n", 5);
    conn_answered(ex->conn);
}

void
httpd_reply_abort(struct httpd_ex *ex)
{
    struct conn *c = ex->conn;

    if (c != NULL) {
        c->ex = NULL;
        c->close = true;
        c->abrupt = ex->reply == REPLY_STARTED && !ex->reply_chunked &&
                    !ex->reply_sized;
        conn_finish(c);
    }
    ex_bury(ex);
}

struct bufferevent *
httpd_upgrade(struct httpd_ex *ex, const struct headers *headers)
{
    auto_buf struct buf head = BUF_INIT(HEAD_BYTES);
    struct bufferevent *bev = NULL;
    struct conn *c = ex->conn;

    buf_add_str(&head, "HTTP/1.1 101 Switching Protocols\r\n");
    for (size_t i = 0; headers != NULL && i < headers->n; i++)
        add_field(&head, &headers->at[i]);
    buf_add_str(&head, "\r\n");
    if (c != NULL && !head.full) {
        evbuffer_add(conn_output(c), head.p, head.n);
        bev = conn_release(c);
    } else if (c != NULL) {
        c->ex = NULL;
        conn_lose(c);
    }
    ex_bury(ex);
    return bev;
}
