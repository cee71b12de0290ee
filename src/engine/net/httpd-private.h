/*
 * engine/net/httpd-private.h: how httpd is divided.
 *
 *   httpd.c           listeners, the ceiling on connections, drain
 *   httpd-conn.c      one connection: bytes in, requests out, timers, its end
 *   httpd-exchange.c  one exchange: the answer
 *   httpd-body.c      one exchange: the request's body
 *   h1.c              the parser; http-status.c; inflate.c
 *
 * A connection has at most one exchange. Both are freed at the end of the
 * loop's turn, so whoever called back may look at them once more.
 */
#ifndef ENGINE_NET_HTTPD_PRIVATE_H
#define ENGINE_NET_HTTPD_PRIVATE_H

#include "base/buf.h"
#include "base/list.h"
#include "engine/loop/timer.h"
#include "engine/net/h1.h"
#include "engine/net/httpd.h"
#include "engine/net/inflate.h"
#include "engine/net/tls-server.h"

struct bufferevent;
struct evbuffer;
struct evbuffer_cb_entry;
struct evconnlistener;

struct httpd {
    struct loop *loop; /* borrows */
    struct httpd_conf conf;
    httpd_handler handler;
    void *arg;
    SSL_CTX *tls;                    /* owns; NULL: plain */
    struct evconnlistener *listener; /* owns; NULL once draining */
    uint16_t port;
    struct list conns;
    unsigned n_conns;
    struct timer accept_again;
    void (*on_drained)(void *arg);
    void *drained_arg;
    bool draining;
};

enum conn_state {
    CONN_IDLE,     /* between requests */
    CONN_HEAD,     /* a request line and headers are coming */
    CONN_EXCHANGE, /* the handler has it; ex is set */
    CONN_DISCARD,  /* answered; the rest of the body is for nobody */
    CONN_FLUSH,    /* the last answer is on its way, then the end */
    CONN_LINGER,   /* said goodbye, waits for the peer to do the same */
    CONN_GONE
};

struct conn {
    struct link link;
    struct httpd *httpd;              /* borrows */
    struct bufferevent *bev;          /* owns; NULL once gone or handed over */
    struct evbuffer_cb_entry *out_cb; /* of bev's output */
    enum conn_state state;
    struct h1 h1;
    struct httpd_ex *ex;   /* owns while CONN_EXCHANGE */
    struct timer deadline; /* of the peer's turn to send */
    struct timer stall;    /* of the peer's turn to read */
    char peer[64];
    size_t discarded_bytes;
    bool processing; /* conn_process() is at work */
    bool eof;        /* the peer has said all it had to say */
    bool close;      /* after the present answer */
    bool abrupt;     /* end by a reset: the answer was cut off */
};

enum body_mode { BODY_UNASKED, BODY_COLLECT, BODY_STREAM };
enum reply_state { REPLY_NONE, REPLY_STARTED };

struct httpd_ex {
    struct loop *loop; /* borrows */
    struct conn *conn; /* borrows; NULL: the caller has gone */
    struct httpd_request req;
    char *target, *path; /* own */
    struct headers headers;
    char peer[64];
    bool http11, keep_alive, expects_continue;
    uint64_t length_bytes; /* announced; 0 when chunked */
    bool chunked;
    bool request_done; /* the request was received to its end */

    void (*on_gone)(void *arg);
    void *gone_arg;
    int fail_status; /* of ex_fail_later() */
    char fail_text[128];

    enum body_mode mode;
    bool paused;
    struct buf body;         /* BODY_COLLECT */
    size_t raw_bytes;        /* of it, as they came */
    bool delivered;          /* on_body was called */
    struct inflater *inflater; /* owns; NULL: not compressed, or raw */
    void (*on_body)(struct bytes body, void *arg);
    const struct httpd_body_events *body_events; /* borrows */
    void *body_arg;

    enum reply_state reply;
    bool reply_chunked, reply_sized, no_reply_body;
    uint64_t reply_left_bytes; /* when sized */
    bool full;                 /* we owe an on_drain */
    void (*on_drain)(void *arg);
    void *drain_arg;
};

/* httpd.c */
void httpd_conn_ended(struct httpd *d); /* after n_conns went down */

/* httpd-conn.c */
void conn_accept(struct httpd *d, int fd, const char *peer);
struct evbuffer *conn_output(struct conn *c);
/* Parse what is there, as far as somebody wants it. */
void conn_process(struct conn *c);
/* The answer is complete; go on or end. */
void conn_answered(struct conn *c);
/* Flush, then close; the peer may still be sending. */
void conn_finish(struct conn *c);
/* The peer is gone or has to go: tell the exchange, then close. */
void conn_lose(struct conn *c);
/* No exchange runs: end it, but not before its last answer is out. */
void conn_dismiss(struct conn *c);
/* Give the socket away and forget the connection. */
struct bufferevent *conn_release(struct conn *c);
/* No more of the request for now, and time does not count against the peer. */
void conn_pause(struct conn *c);
void conn_resume(struct conn *c);
/* It is the peer's turn to send, and its time begins now. */
void conn_await(struct conn *c);

/* httpd-exchange.c */
struct httpd_ex *ex_new(struct conn *c);
void ex_bury(struct httpd_ex *ex);
/* The connection is gone: tell the handler if it wants to know. */
void ex_lose(struct httpd_ex *ex);
/* Answer instead of the handler, which hears on_gone. */
void ex_fail(struct httpd_ex *ex, int status, const char *text);
/* The same, on the next turn. */
void ex_fail_later(struct httpd_ex *ex, int status, const char *text);
/* One line of text, for a request that never became an exchange. */
void reply_plain(struct conn *c, int status, const char *text);

/* httpd-body.c */
bool ex_wants_body(const struct httpd_ex *ex);
void ex_take_body(struct httpd_ex *ex, struct bytes chunk);
void ex_end_body(struct httpd_ex *ex);
void ex_clear_body(struct httpd_ex *ex);

#endif
