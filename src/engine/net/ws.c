/* Frames, messages and closing, the same at both ends. The connections below
 * live in ws-client.c and ws-server.c, the upgrade in ws-handshake.c. */
#include "engine/net/ws.h"

#include <openssl/rand.h>
#include <string.h>

#include "base/str.h"
#include "engine/net/ws-private.h"

#define MESSAGE_LIMIT_BYTES 22020096u
#define SEND_LIMIT_BYTES    (64u << 20)
#define SEND_HIGH_BYTES     (1u << 20)
#define OPEN_TIMEOUT_MS     10000
#define CLOSE_TIMEOUT_MS    5000
/* Framed and not yet taken by the connection below. */
#define OUT_BYTES           (128u << 10)
/* Kept for the next message; larger ones give their memory back. */
#define KEEP_BYTES          (64u << 10)
/* A peer that asks and asks, and never takes an answer. */
#define PINGS_MAX           1000

struct message {
    struct link link;
    struct buf bytes; /* owns */
    size_t at;        /* framed so far */
    bool begun;       /* its header is out: it must be finished now */
};

static void
message_free(struct message *m)
{
    list_remove(&m->link);
    buf_clear(&m->bytes);
    free(m);
}

static void
messages_clear(struct list *l)
{
    list_each(struct message, m, link, l)
        message_free(m);
}

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

/* ---- the end ---- */

static void
shut(struct ws *ws)
{
    enter(ws, WS_CLOSED);
    ws->end->shut(ws);
    ws->in = ws->out = NULL;
    messages_clear(&ws->messages);
    messages_clear(&ws->inbox);
    ws->queued_bytes = 0;
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
    struct err err = ws->failure;

    if (err.kind == ERR_NONE)
        err_set(&err, ERR_TIMEOUT, "websocket: %s",
                ws->state == WS_OPENING ? "not open in time"
                                        : "no answer to CLOSE");
    ws_end(ws, 0, &err);
}

/* CLOSE with this code, then the end with this text. */
static void
refuse(struct ws *ws, uint16_t code, enum err_kind kind, const char *text)
{
    if (ws->failure.kind == ERR_NONE)
        err_set(&ws->failure, kind, "websocket: %s", text);
    wslay_event_queue_close(ws->rx, code, NULL, 0);
    wslay_event_shutdown_read(ws->rx);
    if (ws->state == WS_OPEN)
        enter(ws, WS_CLOSING);
}

/* ---- what wslay asks for ---- */

static ssize_t
rx_recv(wslay_event_context_ptr rx, uint8_t *to, size_t n, int flags,
        void *arg)
{
    struct ws *ws = arg;
    int got = 0;

    (void)flags;
    if (ws->in != NULL && !ws->paused)
        got = evbuffer_remove(ws->in, to, n);
    if (got > 0)
        return got;
    wslay_event_set_error(rx, WSLAY_ERR_WOULDBLOCK);
    return -1;
}

/* Control frames are small, and few at a time: they always fit. */
static ssize_t
rx_send(wslay_event_context_ptr rx, const uint8_t *p, size_t n, int flags,
        void *arg)
{
    struct ws *ws = arg;

    (void)flags;
    if (ws->out != NULL && evbuffer_add(ws->out, p, n) == 0)
        return (ssize_t)n;
    wslay_event_set_error(rx, WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static int
tx_mask(uint8_t *to, size_t n, void *arg)
{
    (void)arg;
    return RAND_bytes(to, (int)n) == 1 ? 0 : -1;
}

static int
rx_mask(wslay_event_context_ptr rx, uint8_t *to, size_t n, void *arg)
{
    (void)rx;
    return tx_mask(to, n, arg);
}

static ssize_t
tx_send(const uint8_t *p, size_t n, int flags, void *arg)
{
    struct ws *ws = arg;
    size_t have = evbuffer_get_length(ws->out);

    (void)flags;
    if (have >= OUT_BYTES)
        return -1;
    if (n > OUT_BYTES)
        n = OUT_BYTES;
    return evbuffer_add(ws->out, p, n) == 0 ? (ssize_t)n : -1;
}

static void
on_frame(wslay_event_context_ptr rx,
         const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
    struct ws *ws = arg;

    (void)rx;
    ws->in_control = wslay_is_ctrl_frame(frame->opcode);
    if (frame->opcode == WSLAY_PING && ++ws->pings > PINGS_MAX)
        refuse(ws, WSLAY_CODE_POLICY_VIOLATION, ERR_LIMIT, "too many PINGs");
    else if (frame->opcode == WSLAY_BINARY_FRAME)
        refuse(ws, WSLAY_CODE_UNSUPPORTED_DATA, ERR_NET,
               "the peer sends what is not text");
    else if (!ws->in_control &&
             frame->payload_length > ws->text.limit - ws->text.n)
        refuse(ws, WSLAY_CODE_MESSAGE_TOO_BIG, ERR_LIMIT,
               "message of the peer too large");
}

static void
on_chunk(wslay_event_context_ptr rx,
         const struct wslay_event_on_frame_recv_chunk_arg *chunk, void *arg)
{
    struct ws *ws = arg;

    (void)rx;
    if (!ws->in_control && ws->failure.kind == ERR_NONE)
        buf_add(&ws->text, chunk->data, chunk->data_length);
}

static void
deliver(struct ws *ws, struct buf *text)
{
    if (ws->state == WS_OPEN || ws->state == WS_CLOSING)
        ws->events.on_text(buf_bytes(text), ws->arg);
    if (text->cap > KEEP_BYTES)
        buf_clear(text);
    else
        buf_reset(text);
}

/* wslay may hold a few small messages when we are told to pause. */
static void
keep(struct ws *ws)
{
    struct message *m = xnew(struct message);

    m->bytes = ws->text;
    buf_init(&ws->text, ws->text.limit);
    list_append(&ws->inbox, &m->link);
}

static void
on_message(wslay_event_context_ptr rx,
           const struct wslay_event_on_msg_recv_arg *msg, void *arg)
{
    struct ws *ws = arg;

    (void)rx;
    if (ws->failure.kind != ERR_NONE || ws->state == WS_CLOSED)
        return;
    if (msg->opcode == WSLAY_CONNECTION_CLOSE) {
        ws->peer_closed = true;
        ws->close_status = msg->status_code != 0 ? msg->status_code
                                                 : WSLAY_CODE_NO_STATUS_RCVD;
        enter(ws, WS_CLOSING);
    } else if (msg->opcode == WSLAY_TEXT_FRAME) {
        if (ws->paused)
            keep(ws);
        else
            deliver(ws, &ws->text);
    }
}

/* ---- in ---- */

static void
empty_inbox(struct ws *ws)
{
    struct message *m;

    while (!ws->paused && ws->state != WS_CLOSED &&
           (m = list_first(struct message, link, &ws->inbox)) != NULL) {
        list_remove(&m->link);
        deliver(ws, &m->bytes);
        message_free(m);
    }
}

static void
read_frames(struct ws *ws)
{
    empty_inbox(ws);
    if (ws->paused || ws->state == WS_CLOSED)
        return;
    wslay_event_recv(ws->rx);
    if (ws->state == WS_CLOSED || wslay_event_get_read_enabled(ws->rx) ||
        wslay_event_get_close_received(ws->rx))
        return;
    /* wslay has queued the CLOSE that fits (1002, 1007). */
    if (ws->failure.kind == ERR_NONE)
        err_set(&ws->failure, ERR_NET,
                "websocket: the peer breaks the protocol");
    if (ws->state == WS_OPEN)
        enter(ws, WS_CLOSING);
}

/* ---- out ---- */

/* Frame a piece of the first message. False: no more fits for now. */
static bool
frame_some(struct ws *ws, struct message *m)
{
    struct wslay_frame_iocb io = {
        .fin = 1,
        .opcode = WSLAY_TEXT_FRAME,
        .mask = ws->masks,
        .payload_length = m->bytes.n,
        .data = bytes_from(buf_bytes(&m->bytes), m->at).p,
        .data_length = m->bytes.n - m->at,
    };
    ssize_t n = wslay_frame_send(ws->tx, &io);

    m->begun = true;
    if (n < 0)
        return false;
    m->at += (size_t)n;
    ws->queued_bytes -= (size_t)n;
    if (m->at == m->bytes.n)
        message_free(m);
    return true;
}

/* A control frame may go between messages, not into one. */
static bool
may_send_control(const struct ws *ws)
{
    struct message *m = list_first(struct message, link, &ws->messages);

    return m == NULL || !m->begun;
}

/* After our own CLOSE nothing else may be said. */
static bool
has_said_all(const struct ws *ws)
{
    return wslay_event_get_close_sent(ws->rx) ||
           list_is_empty(&ws->messages);
}

static void
write_frames(struct ws *ws)
{
    while (evbuffer_get_length(ws->out) < OUT_BYTES) {
        struct message *m = list_first(struct message, link, &ws->messages);

        if (wslay_event_want_write(ws->rx) && may_send_control(ws)) {
            wslay_event_send(ws->rx);
            ws->pings = 0;
        } else if (!has_said_all(ws)) {
            if (!frame_some(ws, m))
                break; /* the rest when there is room */
        } else if (ws->closing && wslay_event_get_write_enabled(ws->rx)) {
            wslay_event_queue_close(ws->rx, (uint16_t)ws->close_status, NULL,
                                    0);
            if (!wslay_event_want_write(ws->rx))
                break;
        } else {
            break;
        }
    }
    ws->end->flush(ws);
    /* All taken at once: the next piece, but let others have their turn. */
    if (ws->state != WS_CLOSED && evbuffer_get_length(ws->out) == 0 &&
        !has_said_all(ws))
        ws_plan_pump(ws);
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
    read_frames(ws);
    if (ws->state != WS_CLOSED)
        write_frames(ws);
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

static void
open_frames(struct ws *ws)
{
    static const struct wslay_event_callbacks rx = {
        .recv_callback = rx_recv,
        .send_callback = rx_send,
        .genmask_callback = rx_mask,
        .on_frame_recv_start_callback = on_frame,
        .on_frame_recv_chunk_callback = on_chunk,
        .on_msg_recv_callback = on_message,
    };
    static const struct wslay_frame_callbacks tx = {
        .send_callback = tx_send,
        .genmask_callback = tx_mask,
    };
    int rc = ws->masks ? wslay_event_context_client_init(&ws->rx, &rx, ws)
                       : wslay_event_context_server_init(&ws->rx, &rx, ws);

    if (rc != 0 || wslay_frame_context_init(&ws->tx, &tx, ws) != 0)
        die_no_memory();
    /* It would take memory on the peer's word, and more for each fragment;
     * ws->text grows with what really comes. */
    wslay_event_config_set_no_buffering(ws->rx, 1);
    wslay_event_config_set_max_recv_msg_length(ws->rx, UINT64_MAX);
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
    list_init(&ws->messages);
    list_init(&ws->inbox);
    buf_init(&ws->text, ws->conf.message_limit_bytes);
    timer_init(&ws->deadline, loop);
    open_frames(ws);
    enter(ws, WS_OPENING);
}

void
ws_clear(struct ws *ws)
{
    timer_clear(&ws->deadline);
    messages_clear(&ws->messages);
    messages_clear(&ws->inbox);
    buf_clear(&ws->text);
    wslay_event_context_free(ws->rx);
    wslay_frame_context_free(ws->tx);
}

/* ---- the door ---- */

enum ws_room
ws_send_buf(struct ws *ws, struct buf *message)
{
    struct message *m;
    size_t sum;

    if (ws->state > WS_OPEN || ws->closing ||
        !size_add(ws->queued_bytes, message->n, &sum) ||
        sum > ws->conf.send_limit_bytes)
        return WS_GONE;
    m = xnew(struct message);
    m->bytes = *message;
    buf_init(message, message->limit);
    list_append(&ws->messages, &m->link);
    ws->queued_bytes = sum;
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
