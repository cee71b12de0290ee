/*
 * tests/unit/server-rig.h: a broker server in the test's own loop, broker
 * clients that say what the test tells them, and callers.
 */
#ifndef TESTS_UNIT_SERVER_RIG_H
#define TESTS_UNIT_SERVER_RIG_H

#include "engine.h"
#include "engine/net/ws.h"
#include "fake-broker.h"
#include "role/server/server.h"

#define RIG_TOKEN "6a1f7c8e-2b3d-4e5f-8a9b-0c1d2e3f4a5b"

/* Criterion forks: each test has its own. */
struct rig {
    struct loop *loop;
    struct httpc *httpc;
    struct conf *conf;
    struct store *store;
    struct server *server;
};
extern struct rig rig;

/* more: a setting "NAME=value" or NULL. A test that needs the loop first makes
 * rig.loop itself. */
void server_rig_start(const char *more);
void server_rig_stop(void);
/* The usual ones, for TestSuite(): nothing set; answers awaited for 5 s. */
void server_rig_plain(void);
void server_rig_impatient(void);
/* "http://127.0.0.1:port" and the path; the caller owns it. */
char *rig_url(const char *path);

/* A broker client. */
struct rig_client {
    struct ws *ws; /* owns; NULL once it is closed */
    bool open, closed;
    struct buf got; /* every frame that came, one a line */
    unsigned n_requests;
    /* of the last request */
    struct buf request; /* its argument, JSON */
    int64_t ack_id;     /* 0: none wanted */
    char streaming_id[64];
};

/* Connect at /primus/TOKEN. */
void rig_connect(struct rig_client *c, const char *token);
/* Connect, identify as `version`. */
void rig_join_as(struct rig_client *c, const char *token, const char *version);
/* ... as a current client of RIG_TOKEN, and wait until the server knows. */
void rig_join(struct rig_client *c);
void rig_say(struct rig_client *c, const char *frame);
/* End it at once, without a CLOSE. */
void rig_cut(struct rig_client *c);
bool rig_heard(const struct rig_client *c, const char *text);

/* Ask and wait for the answer; clear the call. */
void rig_get(struct fake_call *call, const char *path);
void rig_ask(struct fake_call *call, const char *path);
/* A current client joins, and is asked for `path`. */
void rig_join_and_ask(struct rig_client *c, struct fake_call *call,
                      const char *path);
/* Where the answer to a streaming id is posted; the caller owns it. */
char *rig_post_url(const char *id);
/* The call is, or will be, answered with this status and code. */
void rig_expect_fault(struct fake_call *call, int status, const char *code);
/* The call and its client are done with. */
void rig_end(struct rig_client *c, struct fake_call *call);
/* GET `path` and see that it is answered with `status`. */
void rig_expect(const char *path, int status);
/* Returns when the server has read what the kernel had for it before: its
 * sockets are served in the order in which they became readable. */
void rig_settle(void);

#endif
