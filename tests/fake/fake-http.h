/*
 * tests/fake/fake-http.h: a scripted HTTP server inside the test's own loop.
 *
 * A table says who is answered how; the first row that fits wins. Everything
 * that was asked is remembered, so a test can tell what arrived and what did
 * not.
 */
#ifndef TESTS_FAKE_FAKE_HTTP_H
#define TESTS_FAKE_FAKE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "engine/loop/loop.h"
#include "engine/net/headers.h"
#include "engine/net/httpd.h"

struct fake_http;

/* All texts are borrowed for as long as the fake lives. */
struct fake_row {
    /* which requests; NULL fits all */
    const char *method;
    const char *path; /* the target begins with it */
    /* "Name: value" must be there with just that value, "Name" with any, and
     * "!Name" must not be there. */
    const char *header;
    unsigned times; /* fits at most this often; 0: always */

    /* the answer */
    int status;          /* 0: 200 */
    const char *headers; /* "Name: value" lines, parted by "\n" */
    const char *body;    /* "{url}" here and in headers is our own address */
    struct bytes bytes;  /* a body taken as it is, instead */
    bool chunked;
    bool drop;           /* no answer: the connection is closed */
    bool hold;           /* no answer until fake_http_release() */
    bool cut;            /* broken off after cut_after bytes of the body */
    size_t cut_after;
    const char *length;  /* a lying Content-Length; then the connection is
                            closed as if all were said */
};

struct fake_request {
    char *method, *target;
    struct headers headers;
    struct buf body; /* as it came, at most 64 MiB */
};

/* conf: NULL for plain HTTP on 127.0.0.1; the port is always a free one. */
struct fake_http *fake_http_new(struct loop *loop,
                                const struct httpd_conf *conf);
void fake_http_free(struct fake_http *f);
/* Behind the others; the row is copied. */
void fake_http_add(struct fake_http *f, const struct fake_row *row);
void fake_http_forget_rows(struct fake_http *f);

uint16_t fake_http_port(const struct fake_http *f);
/* "http://127.0.0.1:port" (https with TLS: "https://localhost:port"). */
const char *fake_http_url(const struct fake_http *f);

/* Requests so far, in order; a request counts when its body is in. */
size_t fake_http_count(const struct fake_http *f);
const struct fake_request *fake_http_request(const struct fake_http *f,
                                             size_t i);
/* How many of them had a target with this beginning. */
size_t fake_http_asked(const struct fake_http *f, const char *path);

/* Answer what is held, and what will be. */
void fake_http_release(struct fake_http *f);
size_t fake_http_held(const struct fake_http *f);
/* Callers that left before their answer. */
size_t fake_http_gone(const struct fake_http *f);

#endif
