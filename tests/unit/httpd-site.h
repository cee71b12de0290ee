/* tests/unit/httpd-site.h: a listener whose handler does what a test says. */
#ifndef TESTS_UNIT_HTTPD_SITE_H
#define TESTS_UNIT_HTTPD_SITE_H

#include "engine.h"

#include "../fake/raw-client.h"
#include "base/buf.h"
#include "engine/net/httpd.h"

enum what_to_do {
    DO_REPLY,    /* 200 "METHOD target" at once, the body unread */
    DO_COLLECT,  /* read the body, then 200 with it */
    DO_STREAM,   /* stream the body, pausing if told to; then 200 with it */
    DO_HOLD,     /* leave it to the test, which finds it in ex */
};

struct site {
    struct loop *loop;
    struct httpd *httpd;
    enum what_to_do what;
    bool raw;            /* DO_COLLECT */
    bool pause;          /* DO_STREAM: stop after each chunk */
    bool no_gone;        /* do not ask for on_gone */
    size_t limit_bytes;  /* DO_COLLECT */

    struct httpd_ex *ex; /* the last exchange that is not answered */
    unsigned n_requests, n_gone, n_bodies, n_drained, n_done;
    struct buf body;     /* of the last request */
    struct buf log;      /* "METHOD target\n" of each */
};

void site_open(struct site *s, struct httpd_conf conf);
void site_close(struct site *s);
struct raw *site_visit(struct site *s);
/* Turn the loop without waiting for anything. */
void site_turn(struct site *s);

/* One request on a fresh connection until it is closed; the caller owns what
 * came. */
char *site_ask(struct site *s, const char *request);
/* The same, only the status. */
int site_status(struct site *s, const char *request);

#define GET_  "GET / HTTP/1.1\r\nHost: h\r\n"
#define POST_ "POST /p HTTP/1.1\r\nHost: h\r\n"

#endif
