/* tests/unit/net-call.h: a call whose course is written down. */
#ifndef TESTS_UNIT_NET_CALL_H
#define TESTS_UNIT_NET_CALL_H

#include "base/str.h"
#include "engine.h"
#include "engine/net/httpc.h"
#include "net-peer.h"

struct story {
    struct httpc_call *call;
    unsigned n_headers, n_bodies, n_drains, n_dones;
    int status;              /* of on_done's reply, 0 after an error */
    int headers_status;
    struct headers headers;  /* of on_headers' reply */
    struct buf body;         /* from on_body, or on_done */
    struct err err;
    enum httpc_flow on_headers, on_body; /* what to answer */
    bool cancel_in_body, cancel_in_headers, cancel_in_done;
    struct httpc *free_in_body;
};

void story_init(struct story *s);
void story_clear(struct story *s);
/* Both kinds of receiver. */
extern const struct httpc_events story_collects, story_streams;

struct httpc *client(struct loop *loop, struct httpc_conf conf);
void start(struct story *s, struct httpc *c, const struct httpc_events *events,
           struct httpc_request req);
/* GET url, collected. */
void get(struct story *s, struct httpc *c, const char *url);

#endif
