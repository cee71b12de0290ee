/*
 * engine/net/httpc.h: HTTP/1.1 client over libcurl's multi interface.
 *
 * One struct httpc per trust and proxy setting; it keeps connections alive.
 * Redirects are never followed and bodies never decoded: callers that want to
 * follow (registry/blob) look at each hop themselves. Status codes are not
 * errors here; `err` is for what kept a whole answer from arriving.
 */
#ifndef ENGINE_NET_HTTPC_H
#define ENGINE_NET_HTTPC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/net/headers.h"

struct httpc;
struct httpc_call;

struct httpc_conf {
    const char *ca_file;    /* PEM, added to the system's roots; NULL: none */
    bool insecure;          /* do not verify certificates */
    const char *user_agent; /* NULL: "crab/<version>" */
    /* Proxies as agent-api.md §6; NULL: none. Never for loopback unless the
     * proxy itself is named for it: NO_PROXY decides. */
    const char *http_proxy, *https_proxy, *no_proxy;
    uint64_t connect_timeout_ms;  /* 0: 10 s */
    unsigned max_per_host;        /* connections at once; 0: 8 */
};

struct httpc *httpc_new(struct loop *loop, const struct httpc_conf *conf,
                        struct err *err);
void httpc_free(struct httpc *c); /* cancels what runs */

/* What is known of an answer; all borrowed until the callback returns. */
struct httpc_reply {
    int status;
    const struct headers *headers;
    struct bytes body; /* only without on_body: the whole body */
};

enum httpc_flow {
    HTTPC_MORE,
    HTTPC_PAUSE, /* taken; httpc_resume() goes on */
    HTTPC_STOP   /* enough: on_done comes with err NULL and what was read */
};

struct httpc_events {
    /* Status and headers are in (1xx are skipped). May be NULL. */
    enum httpc_flow (*on_headers)(const struct httpc_reply *reply, void *arg);
    /* Body as it comes, borrowed; NULL: collected up to body_limit_bytes. */
    enum httpc_flow (*on_body)(struct bytes chunk, void *arg);
    /* Room for more request body after HTTPC_SEND_FULL. May be NULL. */
    void (*on_drain)(void *arg);
    /*
     * Exactly once unless cancelled; exactly one of reply and err is set. A
     * good end waits for httpc_resume(), an error does not. An answer of 400
     * or above that breaks off is delivered with what came.
     * err->kind: NET (refused, reset, cut short), TLS, TIMEOUT, LIMIT (body
     * too large), INPUT (bad URL). err->code: "ECONNREFUSED", "ENOTFOUND",
     * "ETIMEDOUT", "ECONNRESET" where it is one of these, else NULL.
     * err->peer_status: the status, when the headers were in already.
     */
    void (*on_done)(const struct httpc_reply *reply, const struct err *err,
                    void *arg);
};

struct httpc_request {
    const char *method;            /* NULL: GET */
    const char *url;               /* absolute; user-info is not used */
    const struct headers *headers; /* copied; may be NULL. Host, Content-Length
                                      are made here unless given; Expect and
                                      Transfer-Encoding always */
    struct bytes body;             /* copied, sent with Content-Length */
    bool stream_body;              /* body comes by httpc_send(): chunked, or
                                      with the given Content-Length header */
    size_t body_limit_bytes;       /* of the reply when collected; 0: 1 MiB */
    uint64_t timeout_ms;           /* whole call; 0: none */
    uint64_t idle_timeout_ms;      /* without a byte either way (time spent
                                      paused by us does not count); 0: none */
    bool no_proxy;
};

/* on_done never comes from within. NULL and err only for a bad request. */
struct httpc_call *httpc_start(struct httpc *c, const struct httpc_request *req,
                               const struct httpc_events *events, void *arg,
                               struct err *err);
void httpc_resume(struct httpc_call *call);
/* No callback comes any more. Takes call. */
void httpc_cancel(struct httpc_call *call);

enum httpc_send { HTTPC_SEND_MORE, HTTPC_SEND_FULL, HTTPC_SEND_GONE };
/* A piece of a streamed request body; copied. */
enum httpc_send httpc_send(struct httpc_call *call, struct bytes chunk);
void httpc_send_end(struct httpc_call *call);
/* Break the connection off without the end of the body: the peer must see
 * that the body is not whole. No callback comes any more. Takes call. */
void httpc_abort(struct httpc_call *call);

#endif
