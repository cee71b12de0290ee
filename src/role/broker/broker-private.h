/* role/broker/broker-private.h: what the files of this role share. */
#ifndef ROLE_BROKER_BROKER_PRIVATE_H
#define ROLE_BROKER_BROKER_PRIVATE_H

#include "base/list.h"
#include "base/secret.h"
#include "base/str.h"
#include "engine/filter/filter.h"
#include "engine/net/httpd.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/exchange.h"
#include "engine/tunnel/session.h"
#include "role/broker/broker.h"

/* Requests of the server worked on at once, and in line behind them. */
#define REQUESTS_ACTIVE_MAX  64
#define REQUESTS_WAITING_MAX 1024
/* Callbacks taken at once; the bytes of them all that may be held before
 * only the oldest is read from; how many may need their body whole. */
#define RELAYS_MAX       256
#define RELAYS_HELD_MAX  (32 * 1024 * 1024)
#define RELAYS_WHOLE_MAX 8
/* A callback's body, inflated (the server's own ceiling may be lower). */
#define RELAY_BODY_MAX (20 * 1024 * 1024)

enum { PRIMARY, SECONDARY, N_SOCKETS };

struct socket {
    struct broker *broker;   /* borrows */
    const char *role;        /* static: "primary", "secondary" */
    struct session *session; /* owns */
    bool takes_posts;        /* the server advertised receive-post-streams */
    bool full;               /* until it drains, no callback goes out */
};

struct broker {
    struct loop *loop;       /* borrows, like the next two */
    const struct conf *conf;
    struct httpc *httpc;
    struct httpd *httpd;     /* owns */
    struct filter *filter;   /* owns */
    struct vars *vars;       /* owns */
    struct socket sockets[N_SOCKETS];

    char client_id[UUID_LEN + 1];
    char *server_url;        /* owns; without a trailing slash */
    char *agent_url, *client_url; /* own; what ${…} gives; NULL: not known */
    bool agent_is_ours;      /* in this process: no proxy on the way */
    struct secret *credentials;   /* owns; what ${CR_CREDENTIALS} gives */

    struct list requests;    /* struct request: active ones */
    struct list waiting;     /* struct request: in line */
    size_t n_requests, n_waiting;
    struct list relays;      /* struct relay: in the order they came */
    size_t n_relays, n_whole, held_bytes;

    struct list checks;      /* struct check: systemchecks under way */

    struct err failure;      /* kind ERR_NONE unless it gave up */
    bool draining;
    bool listener_drained;
    void (*on_drained)(void *arg);
    void *drained_arg;
};

/* The socket for what we send by ourselves: the first that is open, or
 * NULL. */
struct socket *broker_open_socket(struct broker *b);
/* Call when a request or relay has ended: a drain may be complete. */
void broker_check_drained(struct broker *b);
/* Reads the rules anew; on failure the old ones stay. */
int broker_reload_filter(struct broker *b, struct err *err);

/* request.c: an event `request` came in on a socket. */
void request_start(struct socket *socket, const struct emitter_packet *p);
/* Break all of them off; nothing is answered. */
void request_free_all(struct broker *b);

/* relay.c: a local caller wants something of the server. */
void relay_start(struct broker *b, struct httpd_ex *ex,
                 const struct httpd_request *req);
/* The tunnel has room again, or memory has: go on. */
void relay_pump(struct broker *b);
void relay_free_all(struct broker *b);

/* local.c: the listener's handler. */
void local_handle(struct httpd_ex *ex, const struct httpd_request *req,
                  void *arg);

/* systemcheck.c: GET /systemcheck. */
void check_start(struct broker *b, struct httpd_ex *ex);
void check_free_all(struct broker *b);

/* events.c: everything the server says. */
void event_handle(struct socket *socket, const struct emitter_packet *p);

#endif
