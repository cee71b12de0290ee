/*
 * One websocket of a broker client: engine.io, Primus and the emitter from the
 * server's side. Straight to websocket only; a transport that is not there is
 * refused in engine.io's own words.
 */
#include "role/server/server-private.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/tunnel/identify.h"
#include "engine/tunnel/primus.h"

#define PING_INTERVAL_MS  25000
#define PING_TIMEOUT_MS   20000
#define PRIMUS_SILENCE_MS 35000
/* A socket that does not say who it is takes another one's place. */
#define IDENTIFY_MS       30000
#define ACKS_MAX          1024
#define FRAME_MAX         4096

/* ---- its end ---------------------------------------------------------- */

static void
tunnel_free(void *obj)
{
    struct tunnel *t = obj;

    ws_free(t->ws);
    timer_clear(&t->timer);
    emitter_free(t->emitter);
    free(t->token_name);
    free(t->version);
    free(t->client_id);
    free(t->role);
    jx_free(t->filters);
    free(t);
}

/* Out of the directory first: nobody may be routed to a dying tunnel. */
static void
bury(struct tunnel *t, const struct err *why)
{
    struct server *s = t->server;

    if (!list_linked(&t->all))
        return;
    list_remove(&t->all);
    s->n_tunnels--;
    directory_remove(t);
    timer_stop(&t->timer);
    emitter_fail_all(t->emitter, why);
    ask_tunnel_lost(t);
    callback_tunnel_lost(t);
    loop_bury(s->loop, tunnel_free, t);
}

static void
lose(struct tunnel *t, const struct err *why)
{
    char mask[16];

    token_mask(t->token_name, mask);
    log_info("client connection closed", LOG_STR("maskedToken", mask),
             LOG_STR("role", t->role), LOG_STR("error", why->text));
    bury(t, why);
}

static void
on_ws_close(int status, const struct err *err, void *arg)
{
    struct err why;

    if (err != NULL)
        why = *err;
    else
        err_set(&why, ERR_NET, "the client closed the tunnel (%d)", status);
    lose(arg, &why);
}

void
tunnel_close(struct tunnel *t)
{
    struct err why;

    t->closing = true;
    err_set(&why, ERR_NET, "the server closed the tunnel");
    ws_close(t->ws, 0);
    directory_remove(t);
    emitter_fail_all(t->emitter, &why);
    ask_tunnel_lost(t);
}

void
tunnel_free_all(struct server *s)
{
    list_each(struct tunnel, t, all, &s->tunnels)
    {
        list_remove(&t->all);
        directory_remove(t);
        ask_forget_tunnel(t);
        callback_tunnel_lost(t);
        tunnel_free(t);
    }
}

/* ---- sending ---------------------------------------------------------- */

enum ws_room
tunnel_send(struct tunnel *t, struct buf *frame)
{
    if (!list_linked(&t->all))
        return WS_GONE;
    return ws_send_buf(t->ws, frame);
}

static void
send_small(struct tunnel *t, const struct buf *frame)
{
    if (!frame->full)
        ws_send_text(t->ws, buf_bytes(frame));
}

static void
notify(struct tunnel *t, const char *level, const char *message)
{
    auto_buf struct buf frame = BUF_INIT(FRAME_MAX);
    struct jw w;

    emitter_begin_event(&w, &frame, "notification");
    jw_obj(&w);
    jw_key_str(&w, "level", level);
    jw_key_str(&w, "message", message);
    jw_end(&w);
    if (emitter_end_event(&w, 0) == 0)
        send_small(t, &frame);
}

/* ---- heartbeats ------------------------------------------------------- */

static void on_timer(void *arg);

static uint64_t
identify_due_ms(const struct tunnel *t)
{
    if (t->identified || t->closing)
        return UINT64_MAX;
    return t->opened_ms + IDENTIFY_MS;
}

static void
arm(struct tunnel *t)
{
    uint64_t now = clock_now_ms();
    uint64_t due = identify_due_ms(t);

    if (due > heartbeat_due_ms(&t->eio_beat))
        due = heartbeat_due_ms(&t->eio_beat);
    if (due > heartbeat_due_ms(&t->primus_beat))
        due = heartbeat_due_ms(&t->primus_beat);
    timer_after(&t->timer, due > now ? due - now : 0, on_timer, t);
}

static void
on_timer(void *arg)
{
    auto_buf struct buf frame = BUF_INIT(FRAME_MAX);
    struct tunnel *t = arg;
    uint64_t now = clock_now_ms();
    enum heartbeat_tick eio = heartbeat_tick(&t->eio_beat, now);
    enum heartbeat_tick primus = heartbeat_tick(&t->primus_beat, now);
    struct err why;

    if (eio == HEARTBEAT_LOST || primus == HEARTBEAT_LOST) {
        err_set(&why, ERR_TIMEOUT, "no %s from the client in time",
                eio == HEARTBEAT_LOST ? "engine.io pong" : "message");
        lose(t, &why);
        return;
    }
    if (identify_due_ms(t) <= now) {
        err_set(&why, ERR_TIMEOUT, "no identify from the client in time");
        lose(t, &why);
        return;
    }
    if (eio == HEARTBEAT_ASK &&
        eio_add_packet(&frame, EIO_PING, BYTES_NONE) == 0)
        send_small(t, &frame);
    arm(t);
}

/* ---- what the client says --------------------------------------------- */

static void
refuse_version(struct tunnel *t)
{
    auto_buf struct buf frame = BUF_INIT(FRAME_MAX);

    notify(t, "error",
           "Broker client version is outdated. "
           "Minimal version: " VERSION_SUPPORTED
           ". Please upgrade to latest version.");
    if (primus_add_server_close(&frame) == 0)
        send_small(t, &frame);
    tunnel_close(t);
}

static void
keep_identity(struct tunnel *t, struct identify *id)
{
    t->version = steal(id->version);
    t->client_id = steal(id->client_id);
    t->role = steal(id->role);
    t->filters = steal(id->filters);
    t->has_capabilities = id->has_capabilities;
    t->post_streams = id->post_streams;
}

static void
on_identify(struct tunnel *t, struct bytes arg)
{
    struct identify id;
    struct err err;
    char mask[16];

    if (t->identified) {
        log_debug("identify repeated, ignored");
        return;
    }
    if (identify_read(&id, arg, &err) < 0) {
        log_warn("identify not understood", LOG_ERR(&err));
    } else if (!str_ieq(id.token, t->token_name)) {
        log_warn("identify names another token than the path");
        tunnel_close(t);
    } else if (version_judge(id.version) == VERSION_OUTDATED) {
        log_warn("client version is outdated", LOG_STR("version", id.version));
        refuse_version(t);
    } else if (directory_add(t, &err) < 0) {
        log_warn("client not taken", LOG_ERR(&err));
        tunnel_close(t);
    } else {
        t->identified = true;
        keep_identity(t, &id);
        token_mask(t->token_name, mask);
        log_info("New client connection identified.",
                 LOG_STR("maskedToken", mask), LOG_STR("version", t->version),
                 LOG_STR("role", t->role));
        if (version_judge(t->version) == VERSION_DEPRECATED)
            notify(t, "warning",
                   "Broker client version is deprecated. "
                   "Minimal version: " VERSION_RECOMMENDED
                   ". Please upgrade to latest version.");
    }
    identify_clear(&id);
}

static void
on_packet(struct tunnel *t, struct bytes packet)
{
    struct emitter_packet p;
    struct err err;

    if (emitter_read(&p, packet, &err) < 0) {
        log_debug("packet dropped", LOG_ERR(&err));
    } else if (p.type == EMITTER_ACK) {
        if (!emitter_settle(t->emitter, &p))
            log_debug("ack that nobody waits for", LOG_INT("id", p.id));
    } else if (str_eq(p.name, "identify")) {
        on_identify(t, emitter_arg(&p, 0));
    } else if (str_eq(p.name, "request")) {
        if (t->token != NULL)
            callback_start(t, &p);
    } else {
        log_debug("event ignored", LOG_STR("event", p.name));
    }
}

static void
on_message(struct tunnel *t, struct bytes message)
{
    auto_buf struct buf frame = BUF_INIT(FRAME_MAX);
    struct primus_message m;
    struct err err;

    heartbeat_heard(&t->primus_beat, clock_now_ms());
    switch (primus_read(&m, message, &err)) {
    case PRIMUS_PACKET:
        on_packet(t, m.packet);
        break;
    case PRIMUS_PING:
        if (primus_add_pong(&frame, m.stamp) == 0)
            send_small(t, &frame);
        break;
    case PRIMUS_ID:
        if (primus_add_id(&frame, t->sid) == 0)
            send_small(t, &frame);
        break;
    case PRIMUS_BAD:
        log_debug("message not understood", LOG_ERR(&err));
        break;
    default:
        break;
    }
}

static void
on_ws_text(struct bytes text, void *arg)
{
    struct tunnel *t = arg;
    enum eio_event event;
    struct bytes data;
    struct err err;

    if (t->closing)
        return;
    eio_feed_frame(&t->eio, text);
    while ((event = eio_step(&t->eio, &data, &err)) != EIO_NEED_MORE) {
        if (event == EIO_MESSAGE)
            on_message(t, data);
        else if (event == EIO_PONG)
            heartbeat_heard(&t->eio_beat, clock_now_ms());
        else if (event == EIO_CLOSE)
            tunnel_close(t);
        else if (event == EIO_BAD)
            log_debug("frame not understood", LOG_ERR(&err));
        if (t->closing || !list_linked(&t->all))
            return;
    }
    arm(t);
}

static const struct ws_events ws_events = {
    .on_text = on_ws_text,
    .on_close = on_ws_close,
};

/* ---- its beginning ---------------------------------------------------- */

static void
greet(struct tunnel *t)
{
    auto_buf struct buf open_frame = BUF_INIT(FRAME_MAX);
    auto_buf struct buf identify = BUF_INIT(FRAME_MAX);
    struct eio_open open = {
        .ping_interval_ms = PING_INTERVAL_MS,
        .ping_timeout_ms = PING_TIMEOUT_MS,
        .max_payload_bytes = MESSAGE_MAX,
    };

    eio_new_sid(t->sid);
    memcpy(open.sid, t->sid, sizeof(t->sid));
    if (eio_add_open(&open_frame, &open) == 0)
        send_small(t, &open_frame);
    if (identify_add_server(&identify) == 0)
        send_small(t, &identify);
}

/* The value of `name` in a query, borrowed; no bytes without. */
static struct bytes
query_get(const char *query, const char *name)
{
    struct bytes rest = bytes_str(query), pair;
    size_t n = strlen(name);

    while (bytes_next(&rest, '&', &pair)) {
        if (pair.n > n && pair.p[n] == '=' && bytes_starts(pair, name))
            return bytes_from(pair, n + 1);
    }
    return BYTES_NONE;
}

static void
refuse(struct httpd_ex *ex, enum eio_refusal why)
{
    httpd_reply_json(ex, eio_refusal_status(why),
                     bytes_str(eio_refusal_json(why)));
}

/* "/primus/TOKEN[/]" -> the token, lower case; NULL when there is none. */
static char *
token_of_path(const char *path)
{
    struct bytes rest = bytes_from(bytes_str(path), strlen("/primus/"));
    struct bytes name = bytes_to(rest, bytes_find(rest, '/'));

    if (name.n == 0 || name.n > TOKEN_MAX_BYTES)
        return NULL;
    return str_lower(bytes_dup(name));
}

static struct tunnel *
tunnel_new(struct server *s, char *token_name)
{
    struct tunnel *t = xnew(struct tunnel);
    uint64_t now = clock_now_ms();

    t->server = s;
    t->token_name = token_name;
    t->opened_ms = now;
    t->emitter = emitter_new(ACKS_MAX);
    list_init(&t->asks);
    list_init(&t->callbacks);
    timer_init(&t->timer, s->loop);
    heartbeat_start_asker(&t->eio_beat, PING_INTERVAL_MS, PING_TIMEOUT_MS, now);
    heartbeat_start_listener(&t->primus_beat, PRIMUS_SILENCE_MS, now);
    return t;
}

void
tunnel_accept(struct server *s, struct httpd_ex *ex,
              const struct httpd_request *req)
{
    auto_free char *token_name = token_of_path(req->path);
    struct ws_conf conf = { .message_limit_bytes = MESSAGE_MAX };
    struct tunnel *t;
    struct err err;

    if (!bytes_is(query_get(req->query, "transport"), "websocket")) {
        refuse(ex, EIO_UNKNOWN_TRANSPORT);
    } else if (query_get(req->query, "sid").n > 0) {
        refuse(ex, EIO_UNKNOWN_SID);
    } else if (!bytes_is(query_get(req->query, "EIO"), "4")) {
        refuse(ex, EIO_BAD_REVISION);
    } else if (token_name == NULL) {
        refuse(ex, EIO_BAD_REQUEST);
    } else if (s->draining || s->n_tunnels >= TUNNELS_MAX) {
        httpd_reply_json(ex, 503, bytes_str("{\"ok\":false}"));
    } else {
        t = tunnel_new(s, steal(token_name));
        t->ws = ws_accept(s->loop, ex, &conf, &ws_events, t, &err);
        if (t->ws == NULL) {
            log_debug("upgrade refused", LOG_ERR(&err));
            tunnel_free(t);
            return;
        }
        list_append(&s->tunnels, &t->all);
        s->n_tunnels++;
        greet(t);
        arm(t);
    }
}
