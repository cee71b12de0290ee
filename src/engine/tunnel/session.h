/*
 * engine/tunnel/session.h: one socket of a broker client, kept up.
 *
 * ws → engine.io → Primus → emitter, straight to websocket, heartbeats on both
 * levels (broker-protocol.md §b.3, §b.4). It introduces itself as soon as it
 * is open, and comes back by itself when it is lost, ever more slowly (§m.1).
 * Reactor only.
 */
#ifndef ENGINE_TUNNEL_SESSION_H
#define ENGINE_TUNNEL_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/net/headers.h"
#include "engine/net/httpc.h"
#include "engine/net/ws.h"
#include "engine/tunnel/emitter.h"

struct session;

enum session_state {
    SESSION_NEW,        /* not started */
    SESSION_CONNECTING, /* TCP, TLS, upgrade, engine.io's handshake */
    SESSION_OPEN,
    SESSION_WAITING,    /* for the next attempt */
    SESSION_FAILED,     /* attempts are used up; session_start() tries anew */
    SESSION_CLOSED      /* by us */
};

/* All copied. */
struct session_conf {
    const char *name; /* for logs: the role */
    const char *url;  /* with EIO=4&transport=websocket */
    const struct headers *headers; /* of the upgrade; each attempt adds its own
                                      snyk-request-id */
    struct bytes greeting;         /* the identify frame */
    uint64_t ping_interval_ms, pong_timeout_ms; /* Primus; 0: the usual */
    uint64_t connect_ms;     /* limit of the first attempt; 0: 10 s */
    uint64_t reconnect_ms;   /* of later ones; 0: 30 s */
    size_t max_pending;      /* acks waited for; 0: 1024 */
    double (*chance)(void);  /* for backoff.h; NULL: random */
};

struct session_events {
    /* Open, and the greeting is on its way. May be NULL. */
    void (*on_open)(void *arg);
    /* An event (acks never come here). The packet is borrowed. */
    void (*on_event)(const struct emitter_packet *p, void *arg);
    /* Room again after WS_FULL. May be NULL. */
    void (*on_drain)(void *arg);
    /* It was open and is not any more; who waited for an ack was told. The
     * next attempt is under way. May be NULL. */
    void (*on_lost)(const struct err *err, void *arg);
    /* Attempts are used up. */
    void (*on_failed)(const struct err *err, void *arg);
};

/* The events are borrowed for ever, httpc as long as the session lives. */
struct session *session_new(struct loop *loop, struct httpc *httpc,
                            const struct session_conf *conf,
                            const struct session_events *events, void *arg);
/* Buried: fine within any callback. Nobody is called any more. */
void session_free(struct session *s);
/* Connect, now. Callbacks never come from within. */
void session_start(struct session *s);
/* Say goodbye and stay away; who waits for an ack is told. */
void session_close(struct session *s);

enum session_state session_state(const struct session *s);
bool session_is_open(const struct session *s);
/* Another number for each connection: an ack belongs to the one its event
 * came by. */
unsigned session_epoch(const struct session *s);
/* What the server takes in one message, in bytes. */
uint64_t session_max_payload(const struct session *s);

/* A whole frame as emitter.h writes it. WS_GONE: not open, nothing is sent. */
enum ws_room session_send(struct session *s, struct bytes frame);
/* The same for large ones: takes the buffer's memory; it is empty then. */
enum ws_room session_send_buf(struct session *s, struct buf *frame);
/* An id for an event that wants an ack; see emitter_expect(). */
int64_t session_expect(struct session *s, emitter_ack_cb fn, void *arg,
                       struct err *err);
void session_forget(struct session *s, int64_t id);

#endif
