/* What both ends of a websocket share; for ws*.c only. */
#ifndef ENGINE_NET_WS_PRIVATE_H
#define ENGINE_NET_WS_PRIVATE_H

#include <event2/buffer.h>
#include <stdbool.h>
#include <wslay/wslay.h>

#include "base/list.h"
#include "engine/loop/timer.h"
#include "engine/net/ws.h"

enum ws_state {
    WS_OPENING, /* client only: connecting, upgrading */
    WS_OPEN,
    WS_CLOSING, /* a CLOSE is on its way, one way or the other */
    WS_CLOSED   /* the connection is gone; on_close has come, or will not */
};

/* One end: the connection below the frames. */
struct ws_end {
    /* Bytes are in ws->out: get them going. Calls ws_pump() when more fit. */
    void (*flush)(struct ws *ws);
    /* Read into ws->in, or leave it to the kernel. */
    void (*listen)(struct ws *ws, bool on);
    /* Let go of the connection now. Comes once. */
    void (*shut)(struct ws *ws);
    /* Free the whole object, ws_clear() included. */
    void (*destroy)(void *obj);
};

/* First member of struct ws_client and struct ws_server. */
struct ws {
    const struct ws_end *end;
    struct loop *loop; /* borrows */
    struct ws_conf conf;
    struct ws_events events;
    void *arg;
    enum ws_state state;
    struct evbuffer *in, *out; /* the end's; NULL once it is shut */

    wslay_event_context_ptr rx; /* owns; what comes, and control frames */
    wslay_frame_context_ptr tx; /* owns; our messages */
    bool masks;                 /* client */

    struct list messages;  /* of struct message, to be sent */
    size_t queued_bytes;   /* of them, not framed yet */
    bool full;             /* the caller waits for on_drain */

    struct buf text;       /* the message that is arriving */
    bool in_control;       /* the frame that is arriving is no part of it */
    unsigned pings;        /* since all our answers went out */
    bool paused;
    struct list inbox;     /* of struct message, arrived while paused */

    bool closing;          /* ws_close() */
    int close_status;      /* its argument, later the peer's */
    bool peer_closed;      /* its CLOSE is in */
    bool eof;              /* no more bytes will come in */
    struct err loss;       /* what broke the connection; kind ERR_NONE: a FIN */
    struct err failure;    /* why it ends badly; kind ERR_NONE without */
    struct timer deadline;
    bool pump_planned;
};

/* conf may be NULL. `out` and `in` are set by the end before the first pump. */
void ws_init(struct ws *ws, const struct ws_end *end, struct loop *loop,
             const struct ws_conf *conf, const struct ws_events *events,
             void *arg, bool masks);
void ws_clear(struct ws *ws);
/* The connection is there and upgraded. */
void ws_opened(struct ws *ws);
/* Work on what came in and what is to go out. Not from a user's callback. */
void ws_pump(struct ws *ws);
/* The same, a moment later. */
void ws_plan_pump(struct ws *ws);
/* The connection ended below us, see ws->loss. Clean if a CLOSE was in. */
void ws_lost(struct ws *ws);
/* End it: shut, then on_close. Not from a user's callback. */
void ws_end(struct ws *ws, int status, const struct err *err);

/* ws.c, for ws-frames.c: a CLOSE is on its way. */
void ws_closing(struct ws *ws);

/* ws-frames.c: between ws->in and ws->out, and the caller. */
void frames_open(struct ws *ws); /* ws->conf must be set */
void frames_close(struct ws *ws);
/* Take the buffer's memory, leave it empty. */
void frames_queue(struct ws *ws, struct buf *message);
/* Forget what is queued, either way. */
void frames_drop(struct ws *ws);
/* Both may end in WS_CLOSED. */
void frames_read(struct ws *ws);
void frames_write(struct ws *ws);

/* ws-handshake.c */
#define WS_KEY_CHARS 24
void handshake_new_key(char out[WS_KEY_CHARS + 1]);
bool handshake_key_valid(const char *key);
/* What the server answers to `key`; `out` takes 29 chars. */
void handshake_accept(const char *key, char out[29]);
/* The client's request, as text. ERR_INPUT for headers that cannot be sent. */
struct url;
int handshake_request(const struct url *u, const struct headers *headers,
                      const char *user_agent, const char *key,
                      struct buf *out, struct err *err);
/*
 * The server's answer, if it is whole: its length, 0 when more is needed, -1
 * when it is not the one that `key` calls for.
 */
ssize_t handshake_check(struct bytes in, const char *key,
                        const struct headers *asked, struct err *err);

#endif
