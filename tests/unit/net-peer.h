/*
 * tests/unit/net-peer.h: the other end of a connection, played by the test
 * line by line: expect, say, close. As rude as one likes.
 */
#ifndef TESTS_UNIT_NET_PEER_H
#define TESTS_UNIT_NET_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/loop/loop.h"

#define PEER_LINES 16

/* One accepted connection. */
struct line {
    struct bufferevent *bev; /* owns; NULL once closed by us */
    struct buf got;          /* all that came */
    bool closed;             /* by the other side */
};

struct peer {
    struct loop *loop;
    struct evconnlistener *listener; /* owns */
    struct ssl_ctx_st *tls;          /* owns; NULL: plain */
    uint16_t port;
    struct line line[PEER_LINES];
    unsigned n; /* connections so far */
};

/* cert: name of a pair in tests/fixtures/net/tls, or NULL for no TLS. */
struct peer *peer_new(struct loop *loop, const char *cert);
void peer_free(struct peer *p);
/* "http://127.0.0.1:4711/path"; static until the next call */
const char *peer_url(const struct peer *p, const char *scheme,
                     const char *path);
/* The other way round: call someone on 127.0.0.1. Freed by line_hang_up(). */
struct line *line_dial(struct loop *loop, uint16_t port);
void line_hang_up(struct line *l);
/* The newest connection. */
struct line *peer_line(struct peer *p);
bool line_has(const struct line *l, const char *text);
/* Turn the loop until the newest connection has said `text`. */
void peer_expect(struct peer *p, const char *text);
void line_say(struct line *l, const char *text);
void line_say_bytes(struct line *l, struct bytes b);
void line_expect(struct loop *loop, const struct line *l, const char *text);
/* peer_expect("\r\n\r\n"), then say. */
void peer_answer(struct peer *p, const char *text);
/* Say goodbye once all is sent (FIN), or at once (RST). */
void line_close(struct loop *loop, struct line *l);
void line_reset(struct line *l);
/* Do not read any more (for pressure), read again. */
void line_deaf(struct line *l, bool deaf);

#endif
