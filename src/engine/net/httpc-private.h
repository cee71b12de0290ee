/* What the files of the HTTP client share; for net/ only. */
#ifndef ENGINE_NET_HTTPC_PRIVATE_H
#define ENGINE_NET_HTTPC_PRIVATE_H

#include "engine/net/httpc.h"
#include "engine/net/mux.h"
#include "engine/net/proxy.h"
#include "engine/net/url.h"

/* trust.c: whose certificates we believe. */
struct trust;
/* The system's roots and, unless NULL, those in ca_file (PEM). */
struct trust *trust_new(const char *ca_file, bool insecure, struct err *err);
void trust_free(struct trust *t);
/* `t` must outlive the transfer. */
void trust_apply(const struct trust *t, CURL *easy);

struct httpc {
    struct loop *loop;       /* borrows */
    struct trust *trust;     /* owns */
    struct proxies *proxies; /* owns */
    struct mux *calls;       /* owns */
    /* Websockets have one of their own: they stay, and must not use up the
     * connections a host may have for calls. Owns. */
    struct mux *sockets;
    char *user_agent;        /* owns */
    uint64_t connect_timeout_ms;
    struct list running;     /* of struct httpc_call */
    struct list open;        /* of struct ws_client */
    bool freed;              /* buried: starts nothing any more */
};

/*
 * Everything about a transfer that does not depend on what it is for:
 * address, trust, proxy, timeouts. `tunnel`: through a proxy by CONNECT even
 * without TLS.
 */
void httpc_dress(const struct httpc *c, CURL *easy, const struct url *u,
                 bool no_proxy, bool tunnel);

/* What a failed transfer means. `why` is curl's own text, "" without. */
void httpc_explain(CURL *easy, CURLcode rc, const struct url *u,
                   const char *why, struct err *err);

/* httpc-call.c, ws-client.c: end it without a callback. */
void httpc_call_forget(struct link *running);
void ws_client_forget(struct link *open);

#endif
