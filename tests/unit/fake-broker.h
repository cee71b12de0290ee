/*
 * tests/unit/fake-broker.h: a broker server and an agent for tests, in the
 * loop of the test, that do as they are told and keep what they get.
 */
#ifndef TESTS_UNIT_FAKE_BROKER_H
#define TESTS_UNIT_FAKE_BROKER_H

#include "engine.h"
#include "engine/net/httpc.h"
#include "engine/net/httpd.h"
#include "engine/net/ws.h"
#include "engine/tunnel/frame.h"

struct fake_broker;

struct fake_socket {
    struct fake_broker *broker;
    struct ws *ws;          /* NULL while there is none */
    unsigned n_opened;      /* connections so far */
    unsigned n_identified, n_pings, n_pongs;
    struct buf greeting;    /* the last identify frame */
    struct buf last;        /* the last other message, and how many */
    unsigned n_messages;
    char *target;           /* of the upgrade */
    struct headers headers; /* of the upgrade */
};

/* One POST /response-data. */
struct fake_post {
    char *target;
    struct headers headers;
    struct frame frame;
    struct buf body;
    unsigned n_heads, n_bad;
    bool ended, gone;
};

#define FAKE_POSTS 256

struct fake_broker {
    struct loop *loop;
    struct httpd *httpd;
    struct fake_socket sockets[2]; /* primary, secondary */
    struct fake_post posts[FAKE_POSTS];
    unsigned n_posts, n_posts_ended;

    /* What it does. */
    bool no_hello;     /* upgrade, then silence */
    bool no_pong;      /* Primus pings are not answered */
    bool no_posts;     /* does not advertise receive-post-streams */
    bool refuse;       /* 503 instead of an upgrade */
    bool hold_posts;   /* read no body of a POST */
};

struct fake_broker *fake_broker_new(struct loop *loop);
void fake_broker_free(struct fake_broker *f);
char *fake_broker_url(const struct fake_broker *f); /* the caller owns it */
void fake_broker_send(struct fake_broker *f, int socket, const char *frame);
/* Cut the connection. */
void fake_broker_cut(struct fake_broker *f, int socket);

struct asking;

/* An agent: what it was asked last, and what it says. */
struct fake_agent {
    struct loop *loop;
    struct httpd *httpd;
    unsigned n_asked;
    char *target, *method;
    struct headers headers;
    struct buf body;
    struct asking *held;   /* with hold: the last request, unanswered */

    bool hold;
    int status;            /* 0: 200 */
    const char *answer;    /* NULL: {"repositories":["a","b"]} */
    size_t long_answer;    /* bytes to send in pieces instead */
    bool die;              /* in the middle of it */
    unsigned n_full;       /* how often it had to wait */
};

struct fake_agent *fake_agent_new(struct loop *loop);
void fake_agent_free(struct fake_agent *a);
/* The byte at a place of the long answer. */
uint8_t fake_agent_byte(size_t at);
/* What is held. */
void fake_agent_answer(struct fake_agent *a);

/* A local caller. */
struct fake_call {
    struct httpc_call *call;
    bool began; /* status and headers are in */
    bool done, failed;
    int status;
    struct headers headers; /* from the end on */
    struct buf body;        /* the same */
};

void fake_call_start(struct fake_call *c, struct httpc *httpc,
                     const char *method, const char *url,
                     const struct headers *headers, struct bytes body);
void fake_call_clear(struct fake_call *c);

#endif
