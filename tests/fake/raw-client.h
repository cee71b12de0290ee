/*
 * tests/fake/raw-client.h: a TCP (or TLS) peer that says exactly what a test
 * tells it to, in the test's own loop.
 */
#ifndef TESTS_FAKE_RAW_CLIENT_H
#define TESTS_FAKE_RAW_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/loop/loop.h"

struct bufferevent;

struct raw {
    struct loop *loop;       /* borrows */
    struct bufferevent *bev; /* owns */
    struct buf in;           /* everything that came */
    size_t seen;             /* of it, eaten by raw_expect() */
    bool eof;                /* the other side closed */
    bool reset;              /* or broke off */
};

/* Connected to 127.0.0.1 before it returns. ca_file: NULL without TLS. */
struct raw *raw_new(struct loop *loop, uint16_t port, const char *ca_file);
/* Closes. */
void raw_free(struct raw *r);
void raw_send(struct raw *r, const char *text);
void raw_send_bytes(struct raw *r, const void *p, size_t n);
/* Turn the loop until all of it is with the kernel. */
void raw_flush(struct raw *r);
/* No more will be sent: FIN. */
void raw_shutdown(struct raw *r);
/* Stop and go on reading. */
void raw_pause(struct raw *r);
void raw_go_on(struct raw *r);
/* What came and was not eaten yet, as a C string until the next turn. */
const char *raw_text(struct raw *r);
/* Forget what came. */
void raw_eat(struct raw *r);
/* Turn the loop until `text` has come, then eat up to its end; false when
 * the other side closed first. */
bool raw_until(struct raw *r, const char *text);
/* Turn the loop until the other side closed. */
void raw_until_eof(struct raw *r);

#endif
