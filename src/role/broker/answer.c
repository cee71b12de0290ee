/* The way back: one POST, streamed or in one piece, or one ack. */
#include "role/broker/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/loop/timer.h"
#include "engine/net/httpc.h"
#include "engine/tunnel/frame.h"

/* An answer known to be at most this long is sent in one piece. */
#define HOLD_MAX   (64 * 1024)
/* As long as no more has been sent, a failed connection is tried anew. */
#define REPLAY_MAX (512 * 1024)
#define HEAD_MAX   (FRAME_HEAD_MAX_BYTES + 16)
/* Our own answers: little but the url. */
#define FAULT_MAX  (8 * EXCHANGE_URL_MAX)

#define POST_RETRIES  3
#define POST_RETRY_MS 500

enum medium { BY_ACK, BY_POST };

enum state {
    EMPTY,     /* nothing is known yet */
    HOLDING,   /* a short answer, or an ack: collected first */
    STREAMING, /* a POST is under way, pieces follow */
    SENDING,   /* all of it was handed over */
    RETRYING,  /* of either: waiting to connect again */
    DONE
};

struct answer {
    struct broker *broker; /* borrows */
    struct socket *socket; /* borrows */
    const struct exchange_request *x; /* borrows */
    const struct answer_events *events;
    void *arg;

    enum medium medium;
    enum state state;
    bool ended;     /* all of it was given to us */
    bool too_large;

    /* ack */
    int64_t ack_id;
    unsigned epoch;             /* the connection the event came by */
    struct exchange_answer ack; /* owns; all but the body */
    struct buf body;            /* owns */
    uint64_t n_seen;            /* bytes of body, also those not kept */

    /* POST */
    struct httpc_call *call; /* owns */
    struct buf held;         /* owns; the stream's first bytes, for sending or
                                for another try */
    struct headers echoed;   /* owns; correlation ids of the request */
    bool replayable;         /* held is all there was so far */
    unsigned n_tries;
    struct timer retry;
    struct buf retry_errors; /* owns: "ECONNREFUSED,ECONNREFUSED" */

    struct err outcome; /* kind ERR_NONE: delivered */
};

static enum httpc_flow on_post_body(struct bytes chunk, void *arg);
static void on_post_drain(void *arg);
static void post_now(void *arg);
static void on_post_done(const struct httpc_reply *reply, const struct err *err,
                         void *arg);

static const struct httpc_events post_events = {
    .on_body = on_post_body,
    .on_drain = on_post_drain,
    .on_done = on_post_done,
};

/* Names as they go out; they do not reach the agent, so they are kept here. */
static const char *const echoed_names[] = {
    "Snyk-acting-org-public-id", "Snyk-acting-group-public-id",
    "Snyk-product-line", "Snyk-flow-name",
};

static void
keep_echoed(struct answer *a)
{
    for (size_t i = 0; i < N_ELEMENTS(echoed_names); i++) {
        const char *value = headers_get(&a->x->headers, echoed_names[i]);

        if (value != NULL)
            headers_add(&a->echoed, echoed_names[i], value);
    }
}

struct answer *
answer_new(struct socket *socket, const struct exchange_request *x,
           int64_t ack_id, const struct answer_events *events, void *arg)
{
    struct answer *a = xnew(struct answer);

    a->broker = socket->broker;
    a->socket = socket;
    a->x = x;
    a->events = events;
    a->arg = arg;
    a->medium = ack_id > 0 ? BY_ACK : BY_POST;
    a->ack_id = ack_id;
    a->epoch = session_epoch(socket->session);
    a->replayable = true;
    buf_init(&a->body, a->broker->conf->max_ack_bytes);
    buf_init(&a->held, HEAD_MAX + REPLAY_MAX);
    buf_init(&a->retry_errors, 256);
    timer_init(&a->retry, a->broker->loop);
    keep_echoed(a);
    return a;
}

static void
tell(void *arg)
{
    struct answer *a = arg;

    a->events->on_done(a->outcome.kind != ERR_NONE ? &a->outcome : NULL,
                       a->arg);
}

void
answer_free(struct answer *a)
{
    if (a == NULL)
        return;
    loop_undefer(a->broker->loop, tell, a);
    loop_undefer(a->broker->loop, post_now, a);
    if (a->call != NULL)
        httpc_abort(a->call);
    timer_clear(&a->retry);
    exchange_answer_clear(&a->ack);
    headers_clear(&a->echoed);
    buf_clear(&a->body);
    buf_clear(&a->held);
    buf_clear(&a->retry_errors);
    free(a);
}

static void
finish(struct answer *a, const struct err *err)
{
    if (a->state == DONE)
        return;
    a->state = DONE;
    if (err != NULL)
        a->outcome = *err;
    loop_defer(a->broker->loop, tell, a);
}

bool
answer_has_left(const struct answer *a)
{
    return a->state == STREAMING || a->state == SENDING || a->state == DONE;
}

bool
answer_too_large(const struct answer *a)
{
    return a->too_large;
}

/* --- POST --- */

static char *
post_url(const struct answer *a)
{
    struct buf url = BUF_INIT(16 * 1024);

    buf_addf(&url, "%s/response-data/", a->broker->server_url);
    percent_encode(secret_reveal(a->broker->conf->broker_token), "", &url);
    buf_add_char(&url, '/');
    percent_encode(a->x->streaming_id, "", &url);
    buf_addf(&url, "?connection_role=%s", a->socket->role);
    return buf_steal(&url);
}

static void
post_headers(const struct answer *a, struct headers *h)
{
    const char *version = a->broker->conf->broker_version;

    headers_add(h, "Snyk-Request-Id", a->x->request_id);
    headers_copy(h, &a->echoed);
    headers_add(h, "Content-Type", FRAME_CONTENT_TYPE);
    headers_setf(h, "user-agent", "Snyk Broker client %s", version);
    headers_add(h, "x-broker-client-version", version);
    headers_setf(h, "snyk-broker-retry-count", "%u", a->n_tries);
    if (a->retry_errors.n > 0)
        headers_setf(h, "snyk-broker-retry-errors", "%.*s",
                     BYTES_FMT(buf_bytes(&a->retry_errors)));
}

/* What is held goes out: whole when the answer is, else as the beginning of a
 * stream. */
static void
post_now(void *arg)
{
    struct answer *a = arg;
    auto_headers struct headers h = HEADERS_INIT;
    auto_free char *url = post_url(a);
    struct httpc_request req = {
        .method = "POST", .url = url, .headers = &h,
        .stream_body = !a->ended,
        .idle_timeout_ms = a->broker->conf->post_idle_ms,
    };
    struct err err;

    loop_undefer(a->broker->loop, post_now, a);
    post_headers(a, &h);
    if (a->ended)
        req.body = buf_bytes(&a->held);
    a->state = a->ended ? SENDING : STREAMING;
    a->call = httpc_start(a->broker->httpc, &req, &post_events, a, &err);
    if (a->call == NULL)
        finish(a, &err);
    else if (!a->ended &&
             httpc_send(a->call, buf_bytes(&a->held)) == HTTPC_SEND_MORE &&
             a->n_tries > 0)
        a->events->on_drain(a->arg); /* it had to wait meanwhile */
}

static bool
is_connect_error(const struct err *err)
{
    return str_eq(err->code, "ECONNREFUSED") ||
           str_eq(err->code, "ENOTFOUND") || str_eq(err->code, "ECONNRESET") ||
           str_eq(err->code, "ETIMEDOUT");
}

/* The server says {} or why not; neither is of use to anyone. */
static enum httpc_flow
on_post_body(struct bytes chunk, void *arg)
{
    (void)chunk;
    (void)arg;
    return HTTPC_MORE;
}

static void
on_post_drain(void *arg)
{
    struct answer *a = arg;

    a->events->on_drain(a->arg);
}

static void
on_post_done(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct answer *a = arg;
    struct err why;

    a->call = NULL;
    if (reply != NULL && reply->status / 100 == 2 && a->ended) {
        finish(a, NULL);
        return;
    }
    if (err != NULL && is_connect_error(err) && a->replayable &&
        a->n_tries < POST_RETRIES) {
        a->n_tries++;
        buf_addf(&a->retry_errors, "%s%s", a->retry_errors.n > 0 ? "," : "",
                 err->code);
        a->state = RETRYING;
        timer_after(&a->retry, POST_RETRY_MS, post_now, a);
        return;
    }
    if (err != NULL)
        why = *err;
    else
        err_set(&why, ERR_NET, "status %d", reply->status);
    err_wrap(&why, "POST /response-data");
    finish(a, &why);
}

/* Keep it for another try, as long as it is little. */
static void
remember(struct answer *a, struct bytes chunk)
{
    if (!a->replayable || buf_add_bytes(&a->held, chunk) == 0)
        return;
    a->replayable = false;
    buf_clear(&a->held);
}

static enum answer_room
post_write(struct answer *a, struct bytes chunk)
{
    enum httpc_send room;

    if (a->state == HOLDING && a->held.n + chunk.n > HEAD_MAX + HOLD_MAX)
        post_now(a); /* longer than was announced: no short one */
    switch (a->state) {
    case HOLDING:
        remember(a, chunk);
        return ANSWER_MORE;
    case RETRYING: /* the agent has to wait, too */
        remember(a, chunk);
        return a->replayable ? ANSWER_FULL : ANSWER_GONE;
    case STREAMING:
        room = httpc_send(a->call, chunk);
        remember(a, chunk);
        return room == HTTPC_SEND_MORE   ? ANSWER_MORE
               : room == HTTPC_SEND_FULL ? ANSWER_FULL
                                         : ANSWER_GONE;
    default:
        return ANSWER_GONE;
    }
}

/* Is the body's length known, and small? */
static bool
is_short(const struct headers *headers)
{
    const char *length = headers_get(headers, "content-length");
    uint64_t n;

    return length != NULL && str_to_u64(length, &n) && n <= HOLD_MAX;
}

static enum answer_room
post_head(struct answer *a, int status, const struct headers *headers)
{
    if (frame_add_head(&a->held, status, headers, exchange_label(status)) < 0) {
        struct err err;

        buf_check(&a->held, "headers of the answer", &err);
        finish(a, &err);
        return ANSWER_GONE;
    }
    a->state = HOLDING;
    /* In a turn of its own: the end may be here already, and one piece is
     * cheaper than a stream. */
    if (!is_short(headers))
        loop_defer(a->broker->loop, post_now, a);
    return ANSWER_MORE;
}

static void
post_end(struct answer *a)
{
    a->ended = true;
    if (a->state == HOLDING) {
        post_now(a);
    } else if (a->state == STREAMING) {
        a->state = SENDING;
        httpc_send_end(a->call);
    }
}

/* --- ack --- */

static void
ack_headers(struct answer *a)
{
    headers_set(&a->ack.headers, "snyk-request-id", a->x->request_id);
    headers_set(&a->ack.headers, "x-broker-ws-response", "true");
}

static enum answer_room
ack_head(struct answer *a, int status, const struct headers *headers)
{
    const char *length = headers_get(headers, "content-length");
    uint64_t n = 0;

    a->state = HOLDING;
    a->ack.status = status;
    a->ack.kind = EXCHANGE_TEXT;
    a->ack.error_type = xstrdup(exchange_label(status));
    headers_copy(&a->ack.headers, headers);
    if (!str_eq(a->x->method, "HEAD") && length != NULL &&
        str_to_u64(length, &n) && n > a->body.limit) {
        a->n_seen = n;
        a->too_large = true;
        return ANSWER_GONE;
    }
    return ANSWER_MORE;
}

static enum answer_room
ack_write(struct answer *a, struct bytes chunk)
{
    a->n_seen += chunk.n;
    if (buf_add_bytes(&a->body, chunk) == 0)
        return ANSWER_MORE;
    a->too_large = true;
    return ANSWER_GONE;
}

/* Its socket may have been lost, and another one opened: then nobody waits
 * for this ack, and its number may be another's. */
static void
ack_send(struct answer *a, struct buf *frame)
{
    struct err err;

    if (session_epoch(a->socket->session) == a->epoch &&
        session_send_buf(a->socket->session, frame) != WS_GONE) {
        finish(a, NULL);
        return;
    }
    err_set(&err, ERR_NET, "the socket of the request is gone");
    finish(a, &err);
}

/* Builds the frame; false when the server would not take one of that size. */
static bool
ack_frame(struct answer *a, struct bytes body, struct buf *frame)
{
    struct jw w;

    ack_headers(a);
    emitter_begin_ack(&w, frame, a->ack_id);
    exchange_write_answer(&w, &a->ack, body);
    return emitter_end_ack(&w) == 0;
}

static void
ack_end(struct answer *a)
{
    auto_buf struct buf frame =
        BUF_INIT(session_max_payload(a->socket->session));

    if (!ack_frame(a, buf_bytes(&a->body), &frame)) {
        a->too_large = true;
        answer_fault_too_large(a);
        return;
    }
    buf_clear(&a->body);
    ack_send(a, &frame);
}

static void
ack_fault(struct answer *a, int status, const char *code, struct bytes json,
          uint64_t original_size)
{
    auto_buf struct buf frame = BUF_INIT(FAULT_MAX);

    exchange_answer_clear(&a->ack);
    a->ack = (struct exchange_answer){
        .status = status, .kind = EXCHANGE_JSON,
        .error_type = xstrdup(code), .original_size = (int64_t)original_size,
    };
    ack_frame(a, json, &frame);
    ack_send(a, &frame);
}

/* --- both --- */

enum answer_room
answer_head(struct answer *a, int status, const struct headers *headers)
{
    return a->medium == BY_ACK ? ack_head(a, status, headers)
                               : post_head(a, status, headers);
}

enum answer_room
answer_write(struct answer *a, struct bytes chunk)
{
    return a->medium == BY_ACK ? ack_write(a, chunk) : post_write(a, chunk);
}

void
answer_end(struct answer *a)
{
    if (a->medium == BY_ACK)
        ack_end(a);
    else
        post_end(a);
}

static void
fault(struct answer *a, int status, const char *code, const char *message,
      const char *reason, uint64_t original_size)
{
    auto_buf struct buf json = BUF_INIT(FAULT_MAX);
    struct jw w;

    jw_init(&w, &json);
    exchange_write_fault(&w, code, message, reason,
                         reason != NULL ? a->x->url : NULL);
    if (a->medium == BY_ACK) {
        ack_fault(a, status, code, buf_bytes(&json), original_size);
        return;
    }
    timer_stop(&a->retry);
    loop_undefer(a->broker->loop, post_now, a);
    buf_reset(&a->held);
    a->replayable = true;
    frame_add_head(&a->held, status, NULL, code);
    buf_add_bytes(&a->held, buf_bytes(&json));
    a->ended = true;
    post_now(a);
}

void
answer_fault(struct answer *a, int status, const char *code,
             const char *message, const char *reason)
{
    fault(a, status, code, message, reason, 0);
}

void
answer_fault_too_large(struct answer *a)
{
    char message[128];

    snprintf(message, sizeof(message), "body size of %" PRIu64 " is greater "
             "than max allowed of %zu bytes", a->n_seen, a->body.limit);
    fault(a, 502, "BODY_TOO_LARGE", message, NULL, a->n_seen);
}

void
answer_abort(struct answer *a, const struct err *why)
{
    const struct exchange_fault *f = exchange_fault_of(why);

    if (!answer_has_left(a)) {
        answer_fault(a, f->status, f->code, why->text, NULL);
        return;
    }
    if (a->call != NULL)
        httpc_abort(steal(a->call));
    finish(a, why);
}
