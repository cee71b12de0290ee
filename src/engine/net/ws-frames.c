/* From messages to frames and back: wslay reads what comes and makes control
 * frames, our own messages are framed from a queue. How a websocket opens and
 * ends lives in ws.c. */
#include <openssl/rand.h>
#include <string.h>

#include "base/str.h"
#include "engine/net/ws-private.h"

/* Framed and not yet taken by the connection below. */
#define OUT_BYTES  (128u << 10)
/* Kept for the next message; larger ones give their memory back. */
#define KEEP_BYTES (64u << 10)
/* A peer that asks and asks, and never takes an answer. */
#define PINGS_MAX  1000

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

/* Takes the buffer's memory and leaves it empty. */
static void
message_add(struct list *l, struct buf *bytes)
{
    struct message *m = xnew(struct message);

    m->bytes = *bytes;
    buf_init(bytes, bytes->limit);
    list_append(l, &m->link);
}

void
frames_queue(struct ws *ws, struct buf *message)
{
    ws->queued_bytes += message->n;
    message_add(&ws->messages, message);
}

/* CLOSE with this code, then the end with this text. */
static void
refuse(struct ws *ws, uint16_t code, enum err_kind kind, const char *text)
{
    if (ws->failure.kind == ERR_NONE)
        err_set(&ws->failure, kind, "websocket: %s", text);
    wslay_event_queue_close(ws->rx, code, NULL, 0);
    wslay_event_shutdown_read(ws->rx);
    ws_closing(ws);
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
        ws_closing(ws);
    } else if (msg->opcode == WSLAY_TEXT_FRAME) {
        /* wslay may hold a few small ones when we are told to pause. */
        if (ws->paused)
            message_add(&ws->inbox, &ws->text);
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

void
frames_read(struct ws *ws)
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
    ws_closing(ws);
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

void
frames_write(struct ws *ws)
{
    bool idle = false; /* nothing is left to be said */

    while (!idle && evbuffer_get_length(ws->out) < OUT_BYTES) {
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
            idle = !wslay_event_want_write(ws->rx);
        } else {
            idle = true;
        }
    }
    ws->end->flush(ws);
    /* All taken at once: what is next, be it a PONG or a CLOSE behind the last
     * message, but let others have their turn. */
    if (ws->state != WS_CLOSED && evbuffer_get_length(ws->out) == 0 && !idle)
        ws_plan_pump(ws);
}

/* ---- birth and death ---- */

void
frames_open(struct ws *ws)
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

    list_init(&ws->messages);
    list_init(&ws->inbox);
    buf_init(&ws->text, ws->conf.message_limit_bytes);
    if (rc != 0 || wslay_frame_context_init(&ws->tx, &tx, ws) != 0)
        die_no_memory();
    /* It would take memory on the peer's word, and more for each fragment;
     * ws->text grows with what really comes. */
    wslay_event_config_set_no_buffering(ws->rx, 1);
    wslay_event_config_set_max_recv_msg_length(ws->rx, UINT64_MAX);
}

void
frames_drop(struct ws *ws)
{
    messages_clear(&ws->messages);
    messages_clear(&ws->inbox);
    ws->queued_bytes = 0;
}

void
frames_close(struct ws *ws)
{
    frames_drop(ws);
    buf_clear(&ws->text);
    wslay_event_context_free(ws->rx);
    wslay_frame_context_free(ws->tx);
}
