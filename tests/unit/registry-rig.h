/*
 * tests/unit/registry-rig.h: a loop with a client in it and peers that play
 * registry, token server and object store, all on 127.0.0.1.
 */
#ifndef TESTS_UNIT_REGISTRY_RIG_H
#define TESTS_UNIT_REGISTRY_RIG_H

#include <criterion/criterion.h>

#include "base/conf/conf.h"
#include "base/str.h"
#include "engine/net/httpd.h"
#include "engine/registry/registry-private.h"

#define RIG_PEERS    3
#define RIG_REQUESTS 64

struct rig;
struct peer;

typedef void (*peer_answer)(struct peer *peer, struct httpd_ex *ex,
                            const struct httpd_request *req);

struct peer {
    struct rig *rig;
    struct httpd *httpd;
    peer_answer answer;
    char *origin;              /* "http://127.0.0.1:4711" */
    char *host;                /* the same without scheme */
    bool no_login;             /* any Authorization fails the test */
    unsigned n;                /* requests so far */
    char *asked[RIG_REQUESTS]; /* "GET /v2/" */
    char *login[RIG_REQUESTS]; /* Authorization, NULL without */
    char *range[RIG_REQUESTS];
    unsigned count;            /* for the answer's own use */
    struct httpd_ex *held;     /* never answered; broken off at the end */
};

struct rig {
    struct loop *loop;
    struct conf conf;
    struct httpc *httpc;
    struct reg_hub *hub;
    struct peer peers[RIG_PEERS];
    bool frozen;               /* then each turn moves the clock by 1 ms */
    /* what the last callback said */
    bool done;
    struct err err;            /* kind NONE: success */
    struct buf bytes;          /* blob, manifest, config */
    char *names;               /* "a,b,c" */
    struct digest digest, index_digest;
    unsigned restarts, chunks;
};

void rig_init(struct rig *rig);
void rig_clear(struct rig *rig);
/* Start peer `i`; answer decides what it says. */
struct peer *rig_peer(struct rig *rig, unsigned i, peer_answer answer);
/* A login at a peer; "" gives an anonymous one. Free with registry_unref(). */
struct registry *rig_login(struct rig *rig, const char *type, const char *base,
                           const char *username, const char *password);
void rig_turn(struct rig *rig);

/* Run one operation to its end; rig->err and the rest tell how it went. */
void rig_validate(struct rig *rig, struct registry *r);
void rig_ping(struct rig *rig, struct registry *r);
void rig_catalog(struct rig *rig, struct registry *r);
void rig_tags(struct rig *rig, struct registry *r, const char *repo);
void rig_manifest(struct rig *rig, struct registry *r, const char *repo,
                  const char *reference);
void rig_image(struct rig *rig, struct registry *r, const char *repo,
               const char *reference);
void rig_blob(struct rig *rig, struct registry *r, struct bytes content);
/* With another size than the content has. */
void rig_blob_sized(struct rig *rig, struct registry *r,
                    const struct digest *digest, uint64_t size);
extern const struct reg_blob_events rig_blob_events;
/* Callbacks for operations a test starts by itself; arg is the rig. */
void rig_on_manifest(const struct reg_manifest *m, const struct err *err,
                     void *arg);
void rig_expect_ok(const struct rig *rig);
void rig_expect_error(const struct rig *rig, const char *code);

/* For answers: status, one header (name NULL: none), body. */
void say(struct httpd_ex *ex, int status, const char *name, const char *value,
         const char *body);
void say_bytes(struct httpd_ex *ex, int status, const char *name,
               const char *value, struct bytes body);
/* Announce `total` bytes, send `part`, break the connection. */
void say_cut(struct httpd_ex *ex, int status, const char *name,
             const char *value, uint64_t total, struct bytes part);
/* 401 with this WWW-Authenticate and a body by the specification. */
void challenge(struct httpd_ex *ex, const char *www_authenticate);
bool asks(const struct httpd_request *req, const char *target_prefix);
const char *login_of(const struct httpd_request *req);

#define BASIC_USER_SECRET "Basic dXNlcjpzZWNyZXQ=" /* user:secret */

#endif
