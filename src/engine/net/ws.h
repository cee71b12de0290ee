/*
 * engine/net/ws.h: a websocket (RFC 6455), either end of it.
 *
 * wslay does the framing; the client end is a CURLOPT_CONNECT_ONLY transfer
 * (so proxies and TLS are httpc's), the server end an upgraded httpd exchange.
 * Text messages only; fragments are joined, PING is answered by itself.
 */
#ifndef ENGINE_NET_WS_H
#define ENGINE_NET_WS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "engine/net/headers.h"
#include "engine/net/httpc.h"
#include "engine/net/httpd.h"

struct ws;

struct ws_conf {
    size_t message_limit_bytes; /* larger ones get CLOSE 1009; 0: 22020096 */
    size_t send_limit_bytes;    /* queued before WS_GONE; 0: 64 MiB */
    size_t send_high_bytes;     /* queued before WS_FULL; 0: 1 MiB */
    uint64_t open_timeout_ms;   /* client: TCP, TLS and upgrade; 0: 10 s */
};

struct ws_events {
    void (*on_open)(void *arg);                        /* client only */
    void (*on_text)(struct bytes message, void *arg);  /* borrowed */
    void (*on_drain)(void *arg);
    /*
     * Exactly once unless freed before. err is NULL after a clean CLOSE from
     * the peer; status is its code (1005: none given) or 0. For a refused
     * upgrade err->peer_status is the HTTP status.
     */
    void (*on_close)(int status, const struct err *err, void *arg);
};

/* url: ws, wss, http or https. Callbacks never come from within. */
struct ws *ws_connect(struct httpc *c, const char *url,
                      const struct headers *headers, const struct ws_conf *conf,
                      const struct ws_events *events, void *arg,
                      struct err *err);

/*
 * Upgrade a request that asks for it (else answers 400 itself and returns
 * NULL). Takes ex.
 */
struct ws *ws_accept(struct loop *loop, struct httpd_ex *ex,
                     const struct ws_conf *conf, const struct ws_events *events,
                     void *arg, struct err *err);

enum ws_room { WS_MORE, WS_FULL, WS_GONE };
/* Valid UTF-8 is the caller's duty; copied. GONE: not taken. */
enum ws_room ws_send_text(struct ws *ws, struct bytes message);
/* The same without a copy: takes the buffer's memory and leaves *message
 * empty with its ceiling. After GONE it is as it was. */
enum ws_room ws_send_buf(struct ws *ws, struct buf *message);
/* Send CLOSE (0: without a code), wait shortly for the answer, end TCP. */
void ws_close(struct ws *ws, int status);
/* Stop reading until ws_resume(). on_close may come nevertheless, after what
 * was read before; a peer's CLOSE waits for that no longer than 5 s. */
void ws_pause(struct ws *ws);
void ws_resume(struct ws *ws);
/* End it now; no callback comes any more. Takes ws. */
void ws_free(struct ws *ws);

#endif
