/* role/server/server-private.h: what the files of this role share. */
#ifndef ROLE_SERVER_SERVER_PRIVATE_H
#define ROLE_SERVER_SERVER_PRIVATE_H

#include <stdbool.h>

#include "base/list.h"
#include "base/map.h"
#include "base/str.h"
#include "engine/filter/filter.h"
#include "engine/filter/vars.h"
#include "engine/loop/timer.h"
#include "engine/net/httpd.h"
#include "engine/net/ws.h"
#include "engine/tunnel/eio.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/exchange.h"
#include "engine/tunnel/heartbeat.h"
#include "role/server/server.h"

#define TOKENS_MAX      10000
#define TUNNELS_MAX     4096
#define ASKS_MAX        4096
#define CALLBACKS_MAX   1024
#define BODY_MAX        (10u << 20) /* of a caller's request */
#define MESSAGE_MAX     22020096u   /* of a websocket message, 21 MiB */
#define ANSWER_MAX      MESSAGE_MAX
/* A token whose last tunnel left so long ago is unknown again. */
#define DEPARTED_MS     60000
#define TOKEN_MAX_BYTES 128

/* All tunnels of one customer. */
struct token {
    char *name;          /* owns; lower case */
    struct list tunnels; /* struct tunnel: identified, newest first */
    struct link departed; /* in server->departed while it has none */
    uint64_t departed_ms;
};

/* One websocket of a broker client. */
struct tunnel {
    struct server *server;
    struct token *token;     /* NULL until identified */
    char *token_name;        /* owns; lower case, from the path */
    struct ws *ws;           /* owns; NULL once it is closed */
    struct eio eio;
    struct heartbeat eio_beat, primus_beat;
    uint64_t opened_ms;
    struct timer timer;      /* of the heartbeats and of identify */
    struct emitter *emitter; /* owns: acks the client owes us */
    struct list asks;        /* struct ask: not yet answered */
    struct list callbacks;   /* struct callback: not yet acked */
    struct link all;         /* in server->tunnels */
    struct link of_token;

    char sid[EIO_SID_LEN + 1];
    char *version, *client_id, *role; /* own; from identify */
    struct jx *filters;               /* owns */
    bool identified, has_capabilities, post_streams;
    bool closing; /* said goodbye: what still comes does not count */
};

struct server {
    struct loop *loop; /* borrows, like the next three */
    const struct conf *conf;
    struct store *store;
    struct httpc *httpc;
    struct httpd *httpd;    /* owns */
    struct filter *filter;  /* owns; NULL: no rules */
    struct vars *vars;      /* owns */
    struct map *tokens;     /* owns the struct token in it */
    struct list departed;   /* struct token */
    struct timer sweep;
    struct list tunnels;    /* struct tunnel: all of them */
    size_t n_tunnels;
    struct map *streams;    /* streamingID -> struct ask */
    struct list asks;       /* struct ask: all of them */
    size_t n_asks;
    struct list callbacks;  /* struct callback: all of them */
    size_t n_callbacks;
    bool draining;
    void (*on_drained)(void *arg);
    void *drained_arg;
};

/* ---- directory.c: who is there ---- */

enum token_state { TOKEN_UNKNOWN, TOKEN_DEPARTED, TOKEN_HERE };
/* `name` in any case. */
enum token_state directory_state(struct server *s, const char *name);
/* The newest tunnel that is open, or NULL. */
struct tunnel *directory_find(struct server *s, const char *name);
/* ERR_BUSY when there are too many tokens. */
int directory_add(struct tunnel *t, struct err *err);
void directory_remove(struct tunnel *t);
/* GET /connection-status/TOKEN and /connections-status. */
void directory_show_token(struct server *s, struct httpd_ex *ex,
                          const char *name);
void directory_show_all(struct server *s, struct httpd_ex *ex);
void directory_free(struct server *s);
/* "6a1f-...-4a5b"; `out` takes 16 chars. */
void token_mask(const char *name, char out[16]);

/* ---- tunnel.c: one websocket ---- */

/* GET /primus/TOKEN/?...: upgrade, or refuse. Takes ex. */
void tunnel_accept(struct server *s, struct httpd_ex *ex,
                   const struct httpd_request *req);
/* A whole frame; takes the buffer's memory. */
enum ws_room tunnel_send(struct tunnel *t, struct buf *frame);
/* Say goodbye; pending asks are answered. */
void tunnel_close(struct tunnel *t);
void tunnel_free_all(struct server *s);

/* ---- ask.c: a caller wants something of a client ---- */

/* ANY /broker/TOKEN/path. Takes ex. */
void ask_start(struct server *s, struct httpd_ex *ex,
               const struct httpd_request *req);
/* The tunnel is gone: asks whose answer is not on its way get a 502. */
void ask_tunnel_lost(struct tunnel *t);
/* The server ends, and the tunnel before its asks: they let go of it. */
void ask_forget_tunnel(struct tunnel *t);
void ask_free_all(struct server *s);
/* Call when an ask has ended: a drain may be complete. */
void server_check_drained(struct server *s);

/* ---- response.c: the client's answer as a stream ---- */

/* POST /response-data/TOKEN/ID. Takes ex. */
void response_start(struct server *s, struct httpd_ex *ex,
                    const struct httpd_request *req);

/* What response.c needs of an ask. */
struct ask;
struct ask *ask_of_stream(struct server *s, const char *id);
/* From now on `arg` answers; lost(arg) when the caller goes away. */
void ask_claim(struct ask *a, void (*lost)(void *arg),
               void (*drained)(void *arg), void *arg);
void ask_head(struct ask *a, int status, const struct headers *headers);
enum httpd_room ask_write(struct ask *a, struct bytes chunk);
void ask_end(struct ask *a);
/* Cut off: by breaking the connection when the head has left, else by a 502
 * with this text. */
void ask_abort(struct ask *a, const char *why);

/* ---- callback.c: a client wants something of the API ---- */

void callback_start(struct tunnel *t, const struct emitter_packet *p);
/* The tunnel is gone: nobody to tell any more. */
void callback_tunnel_lost(struct tunnel *t);
void callback_free_all(struct server *s);

/* ---- routes.c ---- */

void routes_handle(struct httpd_ex *ex, const struct httpd_request *req,
                   void *arg);
/* A JSON answer with snyk-request-id and maybe x-broker-failure. */
void reply_json(struct httpd_ex *ex, int status, const char *request_id,
                const char *failure, struct bytes json);
/* {"code","message",...} of the tunnel's ends (§m.2). */
void reply_fault(struct httpd_ex *ex, int status, const char *request_id,
                 const char *code, const char *message, const char *url);

/* ---- results.c: the inbox as callers see it ---- */

void results_list(struct server *s, struct httpd_ex *ex,
                  const struct httpd_request *req);
void results_show(struct server *s, struct httpd_ex *ex, const char *id);

/* ---- version.c ---- */

enum version_verdict { VERSION_FINE, VERSION_DEPRECATED, VERSION_OUTDATED };
/* NULL and what is no semver are outdated; "local" is fine. Pure. */
enum version_verdict version_judge(const char *version);

#define VERSION_SUPPORTED   "4.100.0"
#define VERSION_RECOMMENDED "4.182.0"

#endif
