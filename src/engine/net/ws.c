/* How a websocket opens, is asked and ends, the same at both ends. Frames live
 * in ws-frames.c, the connections below in ws-client.c and ws-server.c, the
 * upgrade in ws-handshake.c. */
#include "engine/net/ws.h"

#include "base/str.h"
#include "engine/net/ws-private.h"

#define MESSAGE_LIMIT_BYTES 22020096u
#define SEND_LIMIT_BYTES    (64u << 20)
#define SEND_HIGH_BYTES     (1u << 20)
#define OPEN_TIMEOUT_MS     10000
#define CLOSE_TIMEOUT_MS    5000

static void on_deadline(void *arg);

static void
enter(struct ws *ws, enum ws_state next)
{
    ws->state = next;
    timer_stop(&ws->deadline);
    if (next == WS_OPENING)
        timer_after(&ws->deadline, ws->conf.open_timeout_ms, on_deadline, ws);
    else if (next == WS_CLOSING)
        timer_after(&ws->deadline, CLOSE_TIMEOUT_MS, on_deadline, ws);
}

void
ws_closing(struct ws *ws)
{
    if (ws->state == WS_OPEN || ws->state == WS_CLOSING)
        enter(ws, WS_CLOSING);
}

/* ---- the end ---- */

static void
shut(struct ws *ws)
{
    enter(ws, WS_CLOSED);
    ws->end->shut(ws);
    ws->in = ws->out = NULL;
    frames_drop(ws);
}

void
ws_end(struct ws *ws, int status, const struct err *err)
{
    if (ws->state == WS_CLOSED)
        return;
    shut(ws);
    if (ws->events.on_close != NULL)
        ws->events.on_close(status, err, ws->arg);
}

static void
on_deadline(void *arg)
{
    struct ws *ws = arg;

    if (ws->loss.kind == ERR_NONE)
        err_set(&ws->loss, ERR_TIMEOUT, "websocket: %s",
                ws->state == WS_OPENING ? "not open in time"
                                        : "no answer to CLOSE");
    ws_lost(ws);
}

static void
tell_room(struct ws *ws)
{
    if (!ws->full || ws->queued_bytes > ws->conf.send_high_bytes / 2)
        return;
    ws->full = false;
    if (ws->state == WS_OPEN && !ws->closing && ws->events.on_drain != NULL)
        ws->events.on_drain(ws->arg);
}

/* ---- turning the wheel ---- */

/* Both CLOSEs have passed, or ours after an offence: hang up. */
static void
end_if_closed(struct ws *ws)
{
    bool sent = wslay_event_get_close_sent(ws->rx) &&
                evbuffer_get_length(ws->out) == 0;

    if (!list_is_empty(&ws->inbox))
        return; /* what came before the end is heard first, if in time */
    if (sent && (ws->peer_closed || ws->failure.kind != ERR_NONE))
        ws_lost(ws);
    else if (ws->eof && !ws->paused)
        ws_lost(ws);
}

void
ws_pump(struct ws *ws)
{
    if (ws->state == WS_CLOSED || ws->state == WS_OPENING)
        return;
    frames_read(ws);
    if (ws->state != WS_CLOSED)
        frames_write(ws);
    if (ws->state != WS_CLOSED)
        tell_room(ws);
    if (ws->state != WS_CLOSED)
        end_if_closed(ws);
}

static void
pump_now(void *arg)
{
    struct ws *ws = arg;

    ws->pump_planned = false;
    ws_pump(ws);
}

void
ws_plan_pump(struct ws *ws)
{
    if (ws->pump_planned)
        return;
    ws->pump_planned = true;
    loop_defer(ws->loop, pump_now, ws);
}

void
ws_lost(struct ws *ws)
{
    if (ws->failure.kind != ERR_NONE) {
        ws_end(ws, 0, &ws->failure);
    } else if (ws->peer_closed) {
        ws_end(ws, ws->close_status, NULL);
    } else {
        if (ws->loss.kind == ERR_NONE)
            err_set_code(&ws->loss, ERR_NET, "ECONNRESET",
                         "websocket: connection closed without CLOSE");
        ws_end(ws, 0, &ws->loss);
    }
}

void
ws_opened(struct ws *ws)
{
    enter(ws, WS_OPEN);
    ws_plan_pump(ws);
    if (ws->events.on_open != NULL)
        ws->events.on_open(ws->arg);
}

/* ---- birth and death ---- */

static void
set_defaults(struct ws_conf *conf)
{
    if (conf->message_limit_bytes == 0)
        conf->message_limit_bytes = MESSAGE_LIMIT_BYTES;
    if (conf->send_limit_bytes == 0)
        conf->send_limit_bytes = SEND_LIMIT_BYTES;
    if (conf->send_high_bytes == 0)
        conf->send_high_bytes = SEND_HIGH_BYTES;
    if (conf->open_timeout_ms == 0)
        conf->open_timeout_ms = OPEN_TIMEOUT_MS;
}

void
ws_init(struct ws *ws, const struct ws_end *end, struct loop *loop,
        const struct ws_conf *conf, const struct ws_events *events, void *arg,
        bool masks)
{
    *ws = (struct ws){ .end = end, .loop = loop, .events = *events,
                       .arg = arg, .masks = masks };
    if (conf != NULL)
        ws->conf = *conf;
    set_defaults(&ws->conf);
    timer_init(&ws->deadline, loop);
    frames_open(ws);
    enter(ws, WS_OPENING);
}

void
ws_clear(struct ws *ws)
{
    timer_clear(&ws->deadline);
    frames_close(ws);
}

/* ---- the door ---- */

enum ws_room
ws_send_buf(struct ws *ws, struct buf *message)
{
    size_t sum;

    if (ws->state > WS_OPEN || ws->closing ||
        !size_add(ws->queued_bytes, message->n, &sum) ||
        sum > ws->conf.send_limit_bytes)
        return WS_GONE;
    frames_queue(ws, message);
    if (ws->state == WS_OPEN)
        ws_plan_pump(ws);
    ws->full = sum > ws->conf.send_high_bytes;
    return ws->full ? WS_FULL : WS_MORE;
}

enum ws_room
ws_send_text(struct ws *ws, struct bytes message)
{
    struct buf copy = BUF_INIT(SIZE_MAX);
    enum ws_room room;

    if (message.n > ws->conf.send_limit_bytes)
        return WS_GONE;
    buf_add_bytes(&copy, message);
    room = ws_send_buf(ws, &copy);
    buf_clear(&copy);
    return room;
}

static void
give_up_opening(void *arg)
{
    struct ws *ws = arg;
    struct err err;

    err_set(&err, ERR_CANCELLED, "websocket: closed before it was open");
    ws_end(ws, 0, &err);
}

void
ws_close(struct ws *ws, int status)
{
    if (ws->closing || ws->state > WS_OPEN)
        return;
    ws->closing = true;
    ws->close_status = status;
    if (ws->state == WS_OPENING) {
        loop_defer(ws->loop, give_up_opening, ws);
        return;
    }
    enter(ws, WS_CLOSING);
    ws_plan_pump(ws);
}

void
ws_pause(struct ws *ws)
{
    if (ws->paused)
        return;
    ws->paused = true;
    if (ws->in != NULL)
        ws->end->listen(ws, false);
}

void
ws_resume(struct ws *ws)
{
    if (!ws->paused)
        return;
    ws->paused = false;
    if (ws->in == NULL)
        return;
    ws->end->listen(ws, true);
    ws_plan_pump(ws);
}

void
ws_free(struct ws *ws)
{
    if (ws == NULL)
        return;
    if (ws->state != WS_CLOSED)
        shut(ws);
    loop_undefer(ws->loop, pump_now, ws);
    loop_undefer(ws->loop, give_up_opening, ws);
    loop_bury(ws->loop, ws->end->destroy, ws);
}
