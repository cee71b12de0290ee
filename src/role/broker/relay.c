/*
 * Callbacks: from a local caller, through the tunnel, and the server's ack
 * back as the answer. A body is turned into base64 as it comes, so it is in
 * memory once. All of them together have a budget: beyond it callers are not
 * read from, but for the oldest, and while the tunnel is full no event leaves.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/tunnel/ejson.h"
#include "role/broker/broker-private.h"

/* Everything of the event but its body. */
#define EVENT_EXTRA_BYTES (2 * 1024 * 1024)

enum state {
    READING,
    READY, /* all is here; the tunnel has no room yet */
    ASKED  /* the event is sent, its ack awaited */
};

struct relay {
    struct link link;
    struct broker *broker;    /* borrows */
    struct httpd_ex *ex;      /* borrows until it is answered or gone */
    const struct httpd_request *req; /* borrows as long as ex */
    char request_id[UUID_LEN + 1];
    enum state state;
    bool paused;              /* READING: the budget is spent */
    bool whole;               /* the body is collected before we see it */

    struct buf event;         /* owns; the frame being written */
    struct jw w;
    struct ejson_binary_writer binary;
    size_t n_body;            /* bytes of body so far */
    size_t held;              /* bytes of event, as counted in the budget */
    bool inflated;            /* the body is not as the headers say */

    struct session *asked;    /* borrows; ASKED: whom, and under which id */
    int64_t ack_id;
    uint64_t start_ms;
};

static bool on_chunk(struct bytes chunk, void *arg);
static void on_end(void *arg);

static const struct httpd_body_events body_events = {
    .on_chunk = on_chunk,
    .on_end = on_end,
};

static void
bury_relay(void *obj)
{
    struct relay *r = obj;

    buf_clear(&r->event);
    free(r);
}

static void
pump(void *arg)
{
    relay_pump(arg);
}

/* The event needs no memory any more: others may go on, in a turn of their
 * own. */
static void
release(struct relay *r)
{
    struct broker *b = r->broker;

    b->held_bytes -= r->held;
    r->held = 0;
    buf_clear(&r->event);
    loop_defer(b->loop, pump, b);
}

/* Take it out of everything. The exchange has been answered, or is gone. */
static void
relay_end(struct relay *r)
{
    struct broker *b = r->broker;

    if (r->asked != NULL)
        session_forget(r->asked, r->ack_id);
    list_remove(&r->link);
    b->n_relays--;
    b->n_whole -= r->whole;
    release(r);
    loop_bury(b->loop, bury_relay, r);
    broker_check_drained(b);
}

static void
on_gone(void *arg)
{
    struct relay *r = arg;

    log_debug("caller gone", LOG_STR("requestId", r->request_id));
    relay_end(r);
}

/* Answer, and be done with it. */
static void
reply(struct relay *r, int status, struct headers *h, struct bytes body)
{
    struct httpd_ex *ex = r->ex;

    headers_set(h, "snyk-request-id", r->request_id);
    httpd_on_gone(ex, NULL, NULL);
    httpd_reply(ex, status, h, body);
    log_info("callback relayed", LOG_URL("url", r->req->target),
             LOG_STR("requestId", r->request_id),
             LOG_INT("responseStatus", status), LOG_BYTES("body", r->n_body),
             LOG_MS("duration", clock_now_ms() - r->start_ms));
    relay_end(r);
}

static void
reply_fault(struct relay *r, int status, const char *code, const char *message,
            const char *reason)
{
    auto_buf struct buf json = BUF_INIT(8 * EXCHANGE_URL_MAX);
    auto_headers struct headers h = HEADERS_INIT;
    struct jw w;

    jw_init(&w, &json);
    exchange_write_fault(&w, code, message, reason,
                         reason != NULL ? r->req->target : NULL);
    headers_add(&h, "content-type", HEADER_TYPE_JSON);
    if (status == 503)
        headers_add(&h, "retry-after", "1");
    reply(r, status, &h, buf_bytes(&json));
}

/* --- the ack --- */

static void
reply_with(struct relay *r, struct exchange_answer *a)
{
    headers_drop_hop_by_hop(&a->headers);
    headers_remove(&a->headers, "content-length");
    headers_remove(&a->headers, "x-broker-ws-response");
    if (a->kind == EXCHANGE_JSON && !headers_has(&a->headers, "content-type"))
        headers_add(&a->headers, "content-type", HEADER_TYPE_JSON);
    reply(r, a->status, &a->headers, buf_bytes(&a->body));
}

static void
on_ack(const struct emitter_packet *ack, const struct err *err, void *arg)
{
    struct relay *r = arg;
    auto_exchange_answer struct exchange_answer a = { 0 };
    struct err why;

    r->asked = NULL;
    if (err != NULL)
        reply_fault(r, 502, "CONNECTION_LOST", err->text, NULL);
    else if (exchange_read_answer(&a, emitter_arg(ack, 0), RELAY_BODY_MAX,
                                  &why) < 0)
        reply_fault(r, 502, "BAD_ANSWER", why.text, NULL);
    else
        reply_with(r, &a);
}

/* --- the event --- */

static void
begin_event(struct relay *r)
{
    buf_init(&r->event, RELAY_BODY_MAX / 3 * 4 + EVENT_EXTRA_BYTES);
    emitter_begin_event(&r->w, &r->event, "request");
    exchange_begin_request(&r->w, r->req->target, r->req->method);
}

static void
add_body(struct relay *r, struct bytes chunk)
{
    if (chunk.n == 0)
        return;
    if (r->n_body == 0) {
        jw_key(&r->w, "body");
        ejson_binary_begin(&r->binary, &r->w);
    }
    r->n_body += chunk.n;
    ejson_binary_add(&r->binary, chunk);
    r->broker->held_bytes += r->event.n - r->held;
    r->held = r->event.n;
}

static void
end_event(struct relay *r, int64_t ack_id)
{
    auto_headers struct headers h = HEADERS_INIT;

    if (r->n_body > 0)
        ejson_binary_end(&r->binary);
    headers_copy(&h, r->req->headers);
    headers_set(&h, "snyk-request-id", r->request_id);
    if (r->inflated) {
        headers_remove(&h, "content-encoding");
        headers_setf(&h, "content-length", "%zu", r->n_body);
    }
    exchange_end_request(&r->w, &h, NULL, r->request_id);
    emitter_end_event(&r->w, ack_id);
}

/* The event is complete but for its id: the socket that takes it is known
 * only now. */
static void
send_event(struct relay *r, struct socket *socket)
{
    struct err err;

    r->ack_id = session_expect(socket->session, on_ack, r, &err);
    if (r->ack_id < 0) {
        reply_fault(r, 503, "CLIENT_BUSY", err.text, NULL);
        return;
    }
    r->asked = socket->session;
    end_event(r, r->ack_id);
    if (r->event.full || r->event.n > session_max_payload(r->asked)) {
        reply_fault(r, 413, "BODY_TOO_LARGE",
                    "the broker server takes no message of this size", NULL);
        return;
    }
    r->state = ASKED;
    /* WS_GONE: the end of the socket is on its way, and tells on_ack(). */
    socket->full = session_send_buf(r->asked, &r->event) == WS_FULL;
    release(r);
}

static void
try_sending(struct relay *r)
{
    struct socket *socket = broker_open_socket(r->broker);

    r->state = READY;
    if (socket == NULL)
        reply_fault(r, 503, "NO_CONNECTION",
                    "no connection to the broker server", NULL);
    else if (!socket->full)
        send_event(r, socket);
}

static bool
is_oldest_reader(const struct relay *r)
{
    list_each(struct relay, first, link, &r->broker->relays) {
        if (first->state == READING)
            return first == r;
    }
    return false;
}

static bool
may_read(const struct relay *r)
{
    return r->broker->held_bytes < RELAYS_HELD_MAX || is_oldest_reader(r);
}

static bool
on_chunk(struct bytes chunk, void *arg)
{
    struct relay *r = arg;

    if (chunk.n > RELAY_BODY_MAX - r->n_body) {
        reply_fault(r, 413, "BODY_TOO_LARGE", "more than 20 MiB", NULL);
        return false;
    }
    add_body(r, chunk);
    r->paused = !may_read(r);
    return !r->paused;
}

static void
on_end(void *arg)
{
    try_sending(arg);
}

/* --- rules and turns --- */

static bool
is_allowed(const struct relay *r, struct bytes body)
{
    struct filter_query q = {
        .method = r->req->method, .target = r->req->target,
        .headers = r->req->headers, .body = body,
    };
    const char *why;

    if (filter_match(r->broker->filter, FILTER_PUBLIC, &q, &why) != NULL)
        return true;
    log_warn("callback blocked", LOG_URL("url", r->req->target),
             LOG_STR("requestMethod", r->req->method),
             LOG_STR("requestId", r->request_id), LOG_STR("reason", why));
    return false;
}

static void
block(struct relay *r)
{
    reply_fault(r, 401, "FILTER_BLOCKED", "blocked", EXCHANGE_BLOCKED);
}

/* The whole body is here: it was compressed, or rules look into it. */
static void
on_whole_body(struct bytes body, void *arg)
{
    struct relay *r = arg;

    if (!is_allowed(r, body)) {
        block(r);
        return;
    }
    begin_event(r);
    add_body(r, body);
    try_sending(r);
}

static void
read_whole(struct relay *r)
{
    if (r->broker->n_whole >= RELAYS_WHOLE_MAX) {
        reply_fault(r, 503, "CLIENT_BUSY", "too many callbacks at once", NULL);
        return;
    }
    r->whole = true;
    r->broker->n_whole++;
    httpd_read_body(r->ex, RELAY_BODY_MAX, false, on_whole_body, r);
}

static void
start_reading(struct relay *r)
{
    r->inflated = headers_has(r->req->headers, "content-encoding");
    if (r->inflated || filter_reads_bodies(r->broker->filter, FILTER_PUBLIC)) {
        read_whole(r);
    } else if (!is_allowed(r, BYTES_NONE)) {
        block(r);
    } else if (broker_open_socket(r->broker) == NULL) {
        reply_fault(r, 503, "NO_CONNECTION",
                    "no connection to the broker server", NULL);
    } else {
        begin_event(r);
        httpd_stream_body(r->ex, &body_events, r);
    }
}

void
relay_pump(struct broker *b)
{
    list_each(struct relay, ready, link, &b->relays) {
        if (ready->state == READY)
            try_sending(ready);
    }
    list_each(struct relay, r, link, &b->relays) {
        if (r->state != READING || !r->paused || !may_read(r))
            continue;
        r->paused = false;
        httpd_resume_body(r->ex);
    }
}

void
relay_start(struct broker *b, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    struct relay *r = xnew(struct relay);

    r->broker = b;
    r->ex = ex;
    r->req = req;
    r->start_ms = clock_now_ms();
    exchange_request_id(req->headers, r->request_id);
    list_append(&b->relays, &r->link);
    b->n_relays++;
    httpd_on_gone(ex, on_gone, r);
    if (b->n_relays > RELAYS_MAX)
        reply_fault(r, 503, "CLIENT_BUSY", "too many callbacks at once", NULL);
    else
        start_reading(r);
}

void
relay_free_all(struct broker *b)
{
    list_each(struct relay, r, link, &b->relays) {
        httpd_on_gone(r->ex, NULL, NULL);
        httpd_reply_abort(r->ex);
        if (r->asked != NULL)
            session_forget(r->asked, r->ack_id);
        list_remove(&r->link);
        bury_relay(r);
    }
    b->n_relays = b->n_whole = b->held_bytes = 0;
    loop_undefer(b->loop, pump, b);
}
