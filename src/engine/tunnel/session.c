/* One socket of a broker client: its states, heartbeats and returns. */
#include "engine/tunnel/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/loop/timer.h"
#include "engine/tunnel/backoff.h"
#include "engine/tunnel/eio.h"
#include "engine/tunnel/heartbeat.h"
#include "engine/tunnel/primus.h"

#define CONNECT_MS   10000
#define RECONNECT_MS 30000
#define MAX_PENDING  1024

struct session {
    struct loop *loop;   /* borrows */
    struct httpc *httpc; /* borrows */
    const struct session_events *events;
    void *arg;

    char *name, *url;        /* owns */
    struct headers headers;  /* owns */
    struct buf greeting;     /* owns */
    uint64_t ping_interval_ms, pong_timeout_ms, connect_ms, reconnect_ms;

    enum session_state state;
    struct ws *ws;             /* owns; NULL unless CONNECTING or OPEN */
    struct emitter *emitter;   /* owns */
    struct backoff backoff;
    struct timer deadline;     /* of an attempt, or until the next */
    struct timer beat;
    struct heartbeat eio_beat; /* the server asks */
    struct heartbeat primus_beat; /* we ask */
    struct eio_open hello;     /* valid while OPEN */
    unsigned epoch;            /* connections so far */
    bool tried;                /* the first attempt is behind us */
    bool unwelcome;            /* the server said not to come back */
};

static const char *const state_names[] = {
    [SESSION_NEW] = "new",         [SESSION_CONNECTING] = "connecting",
    [SESSION_OPEN] = "open",       [SESSION_WAITING] = "waiting",
    [SESSION_FAILED] = "failed",   [SESSION_CLOSED] = "closed",
};

static void on_ws_text(struct bytes message, void *arg);
static void on_ws_drain(void *arg);
static void on_ws_close(int status, const struct err *err, void *arg);
static void lost(struct session *s, const struct err *err);
static void connect_now(void *arg);

static const struct ws_events ws_events = {
    .on_text = on_ws_text,
    .on_drain = on_ws_drain,
    .on_close = on_ws_close,
};

static void
on_deadline(void *arg)
{
    struct err err;

    err_set(&err, ERR_TIMEOUT, "no connection in time");
    lost(arg, &err);
}

/* The one place where a session changes its state. */
static void
enter(struct session *s, enum session_state next, uint64_t timeout_ms)
{
    log_debug("session state", LOG_STR("connectionRole", s->name),
              LOG_STR("from", state_names[s->state]),
              LOG_STR("to", state_names[next]));
    s->state = next;
    timer_stop(&s->deadline);
    timer_stop(&s->beat);
    if (next == SESSION_CONNECTING)
        timer_after(&s->deadline, timeout_ms, on_deadline, s);
    else if (next == SESSION_WAITING)
        timer_after(&s->deadline, timeout_ms, connect_now, s);
}

static void
drop_socket(struct session *s)
{
    if (s->ws != NULL)
        ws_free(steal(s->ws));
}

/* --- heartbeats --- */

static void beat(void *arg);

static void
arm_beat(struct session *s)
{
    uint64_t now = clock_now_ms(), due = heartbeat_due_ms(&s->eio_beat);

    if (heartbeat_due_ms(&s->primus_beat) < due)
        due = heartbeat_due_ms(&s->primus_beat);
    timer_after(&s->beat, due > now ? due - now : 0, beat, s);
}

static void
send_ping(struct session *s)
{
    auto_buf struct buf frame = BUF_INIT(64);

    primus_add_ping(&frame, clock_wall_ms());
    ws_send_text(s->ws, buf_bytes(&frame));
}

static void
beat(void *arg)
{
    struct session *s = arg;
    uint64_t now = clock_now_ms();
    enum heartbeat_tick primus = heartbeat_tick(&s->primus_beat, now);
    struct err err;

    if (primus == HEARTBEAT_LOST ||
        heartbeat_tick(&s->eio_beat, now) == HEARTBEAT_LOST) {
        err_set(&err, ERR_TIMEOUT, "the broker server does not answer %s",
                primus == HEARTBEAT_LOST ? "pings" : "any more");
        lost(s, &err);
        return;
    }
    if (primus == HEARTBEAT_ASK)
        send_ping(s);
    arm_beat(s);
}

/* --- attempts --- */

static void
connect_now(void *arg)
{
    struct session *s = arg;
    uint64_t limit_ms = s->tried ? s->reconnect_ms : s->connect_ms;
    struct ws_conf conf = { .message_limit_bytes = EIO_MAX_PAYLOAD,
                            .open_timeout_ms = limit_ms };
    char id[UUID_LEN + 1];
    struct err err;

    enter(s, SESSION_CONNECTING, limit_ms);
    s->tried = true;
    s->unwelcome = false;
    uuid_new(id);
    headers_set(&s->headers, "snyk-request-id", id);
    s->ws = ws_connect(s->httpc, s->url, &s->headers, &conf, &ws_events, s,
                       &err);
    if (s->ws == NULL)
        lost(s, &err);
}

static void
give_up(struct session *s, const struct err *err)
{
    struct err why = *err;

    log_error("Reconnect failed.", LOG_STR("connectionRole", s->name),
              LOG_ERR(err));
    enter(s, SESSION_FAILED, 0);
    err_wrap(&why, "broker server, after %d attempts", BACKOFF_MAX_ATTEMPTS);
    s->events->on_failed(&why, s->arg);
}

static void
try_later(struct session *s, const struct err *err)
{
    char text[80];
    uint64_t wait_ms;

    if (!backoff_next(&s->backoff, &wait_ms)) {
        give_up(s, err);
        return;
    }
    snprintf(text, sizeof(text), "Reconnect retry #%u of %d in about %" PRIu64
             "s.", s->backoff.attempt, BACKOFF_MAX_ATTEMPTS, wait_ms / 1000);
    log_warn(text, LOG_STR("connectionRole", s->name));
    enter(s, SESSION_WAITING, wait_ms);
}

/* The socket is of no use any more, or never was. */
static void
lost(struct session *s, const struct err *err)
{
    bool was_open = s->state == SESSION_OPEN;

    drop_socket(s);
    if (was_open) {
        log_warn("Websocket connection to the broker server was closed.",
                 LOG_STR("connectionRole", s->name), LOG_ERR(err));
        /* Who shows us the door keeps us on ever longer waits. */
        if (!s->unwelcome)
            backoff_reset(&s->backoff);
    } else {
        log_warn("Failed to connect to broker server.",
                 LOG_STR("connectionRole", s->name), LOG_URL("url", s->url),
                 LOG_ERR(err));
    }
    try_later(s, err);
    if (!was_open)
        return;
    emitter_fail_all(s->emitter, err);
    if (s->events->on_lost != NULL)
        s->events->on_lost(err, s->arg);
}

static void
on_ws_close(int status, const struct err *err, void *arg)
{
    struct session *s = arg;
    struct err why;

    if (s->state == SESSION_CLOSED) {
        drop_socket(s);
        return;
    }
    if (err != NULL)
        why = *err;
    else
        err_set(&why, ERR_NET, "closed by the server (%d)", status);
    lost(s, &why);
}

/* --- what comes in --- */

static void
on_hello(struct session *s, struct bytes data)
{
    uint64_t now = clock_now_ms();
    struct err err;

    if (s->state != SESSION_CONNECTING)
        return;
    if (eio_read_open(&s->hello, data, &err) < 0) {
        lost(s, &err);
        return;
    }
    enter(s, SESSION_OPEN, 0);
    s->epoch++;
    heartbeat_start_listener(&s->eio_beat, s->hello.ping_interval_ms +
                                               s->hello.ping_timeout_ms, now);
    heartbeat_start_asker(&s->primus_beat, s->ping_interval_ms,
                          s->pong_timeout_ms, now);
    arm_beat(s);
    ws_send_text(s->ws, buf_bytes(&s->greeting));
    log_info("Successfully established a websocket connection to the broker "
             "server.", LOG_STR("connectionRole", s->name),
             LOG_URL("url", s->url));
    if (s->events->on_open != NULL)
        s->events->on_open(s->arg);
}

static void
on_packet(struct session *s, struct bytes text)
{
    struct emitter_packet p;
    struct err err;

    if (emitter_read(&p, text, &err) < 0)
        log_debug("packet dropped", LOG_STR("connectionRole", s->name),
                  LOG_ERR(&err));
    else if (p.type == EMITTER_EVENT)
        s->events->on_event(&p, s->arg);
    else if (!emitter_settle(s->emitter, &p))
        log_debug("ack nobody waits for", LOG_STR("connectionRole", s->name),
                  LOG_INT("id", p.id));
}

static void
on_server_close(struct session *s)
{
    struct err err;

    s->unwelcome = true;
    err_set(&err, ERR_DENIED, "the broker server refuses this client");
    log_error("The broker server closed the connection and asked not to come "
              "back; trying again all the same, ever more slowly.",
              LOG_STR("connectionRole", s->name));
    lost(s, &err);
}

static void
answer_id(struct session *s, const struct primus_message *m)
{
    auto_buf struct buf frame = BUF_INIT(256);

    if (m->id[0] != '\0')
        return;
    primus_add_id(&frame, s->hello.sid);
    ws_send_text(s->ws, buf_bytes(&frame));
}

static void
on_message(struct session *s, struct bytes data)
{
    struct primus_message m;
    struct err err;

    if (s->state != SESSION_OPEN)
        return;
    switch (primus_read(&m, data, &err)) {
    case PRIMUS_PACKET:
        on_packet(s, m.packet);
        break;
    case PRIMUS_PONG:
        log_trace("heartbeat answered", LOG_STR("connectionRole", s->name));
        heartbeat_heard(&s->primus_beat, clock_now_ms());
        break;
    case PRIMUS_SERVER_CLOSE:
        on_server_close(s);
        break;
    case PRIMUS_ID:
        answer_id(s, &m);
        break;
    case PRIMUS_BAD:
        log_warn("message dropped", LOG_STR("connectionRole", s->name),
                 LOG_ERR(&err));
        break;
    default:
        break;
    }
}

static void
answer_ping(struct session *s, struct bytes data)
{
    auto_buf struct buf frame = BUF_INIT(128);

    if (s->state == SESSION_OPEN &&
        eio_add_packet(&frame, EIO_PONG, data) == 0)
        ws_send_text(s->ws, buf_bytes(&frame));
}

static void
on_ws_text(struct bytes message, void *arg)
{
    struct session *s = arg;
    struct eio eio = EIO_INIT;
    enum eio_event event;
    struct bytes data;
    struct err err;

    heartbeat_heard(&s->eio_beat, clock_now_ms());
    eio_feed_frame(&eio, message);
    event = eio_step(&eio, &data, &err); /* a frame is one packet */
    switch (event) {
    case EIO_OPEN:
        on_hello(s, data);
        break;
    case EIO_MESSAGE:
        on_message(s, data);
        break;
    case EIO_PING:
        log_trace("server's heartbeat", LOG_STR("connectionRole", s->name));
        answer_ping(s, data);
        break;
    case EIO_CLOSE:
        err_set(&err, ERR_NET, "the server closed the session");
        lost(s, &err);
        break;
    case EIO_BAD:
        lost(s, &err);
        break;
    default:
        break;
    }
}

static void
on_ws_drain(void *arg)
{
    struct session *s = arg;

    if (s->state == SESSION_OPEN && s->events->on_drain != NULL)
        s->events->on_drain(s->arg);
}

/* --- the door --- */

static uint64_t
or_else(uint64_t v, uint64_t otherwise)
{
    return v > 0 ? v : otherwise;
}

struct session *
session_new(struct loop *loop, struct httpc *httpc,
            const struct session_conf *conf,
            const struct session_events *events, void *arg)
{
    struct session *s = xnew(struct session);

    s->loop = loop;
    s->httpc = httpc;
    s->events = events;
    s->arg = arg;
    s->name = xstrdup(conf->name);
    s->url = xstrdup(conf->url);
    if (conf->headers != NULL)
        headers_copy(&s->headers, conf->headers);
    buf_init(&s->greeting, conf->greeting.n);
    buf_add_bytes(&s->greeting, conf->greeting);
    s->ping_interval_ms = or_else(conf->ping_interval_ms,
                                  PRIMUS_PING_INTERVAL_MS);
    s->pong_timeout_ms = or_else(conf->pong_timeout_ms, PRIMUS_PONG_TIMEOUT_MS);
    s->connect_ms = or_else(conf->connect_ms, CONNECT_MS);
    s->reconnect_ms = or_else(conf->reconnect_ms, RECONNECT_MS);
    s->emitter = emitter_new(conf->max_pending > 0 ? conf->max_pending
                                                   : MAX_PENDING);
    backoff_init(&s->backoff, conf->chance);
    timer_init(&s->deadline, loop);
    timer_init(&s->beat, loop);
    return s;
}

static void
destroy(void *obj)
{
    struct session *s = obj;

    emitter_free(s->emitter);
    headers_clear(&s->headers);
    buf_clear(&s->greeting);
    free(s->name);
    free(s->url);
    free(s);
}

void
session_free(struct session *s)
{
    if (s == NULL)
        return;
    drop_socket(s);
    timer_clear(&s->deadline);
    timer_clear(&s->beat);
    s->state = SESSION_CLOSED;
    loop_bury(s->loop, destroy, s);
}

void
session_start(struct session *s)
{
    if (s->state == SESSION_CONNECTING || s->state == SESSION_OPEN)
        return;
    backoff_reset(&s->backoff);
    enter(s, SESSION_WAITING, 0);
}

void
session_close(struct session *s)
{
    struct err err;

    if (s->state == SESSION_OPEN)
        ws_close(s->ws, 1000);
    else
        drop_socket(s);
    enter(s, SESSION_CLOSED, 0);
    err_set(&err, ERR_CANCELLED, "the tunnel is closing");
    emitter_fail_all(s->emitter, &err);
}

enum session_state
session_state(const struct session *s)
{
    return s->state;
}

bool
session_is_open(const struct session *s)
{
    return s->state == SESSION_OPEN;
}

unsigned
session_epoch(const struct session *s)
{
    return s->epoch;
}

uint64_t
session_max_payload(const struct session *s)
{
    return s->state == SESSION_OPEN ? s->hello.max_payload_bytes
                                    : EIO_MAX_PAYLOAD;
}

enum ws_room
session_send(struct session *s, struct bytes frame)
{
    return s->state == SESSION_OPEN ? ws_send_text(s->ws, frame) : WS_GONE;
}

enum ws_room
session_send_buf(struct session *s, struct buf *frame)
{
    return s->state == SESSION_OPEN ? ws_send_buf(s->ws, frame) : WS_GONE;
}

int64_t
session_expect(struct session *s, emitter_ack_cb fn, void *arg, struct err *err)
{
    if (s->state != SESSION_OPEN)
        return err_set(err, ERR_NET, "no connection to the broker server");
    return emitter_expect(s->emitter, fn, arg, err);
}

void
session_forget(struct session *s, int64_t id)
{
    emitter_forget(s->emitter, id);
}
