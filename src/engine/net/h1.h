/*
 * engine/net/h1.h: HTTP/1.1 requests out of bytes: a step machine without I/O.
 *
 * Private to httpd. What a proxy in front of us might read in another way
 * than we do (two lengths, folded lines, blanks in names) is refused.
 */
#ifndef ENGINE_NET_H1_H
#define ENGINE_NET_H1_H

#include <http_parser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "engine/net/chunked.h"
#include "engine/net/headers.h"

enum h1_event {
    H1_MORE,  /* all bytes are eaten */
    H1_HEAD,  /* the request line and headers are in; `complete`: no body */
    H1_BODY,  /* a piece of body */
    H1_END,   /* that was the whole body */
    H1_ERROR  /* `status` tells how to answer; no step may follow */
};

struct h1 {
    http_parser parser;
    size_t head_limit_bytes, head_bytes;
    struct buf target, name, value; /* as far as they have come */
    struct headers headers;
    const char *method; /* static */
    uint64_t length;    /* Content-Length, 0 without */
    bool chunked;
    bool http11;     /* else HTTP/1.0 */
    bool keep_alive; /* as the request wants it */
    bool expects_continue;
    bool complete;
    int status; /* after H1_ERROR */

    enum { H1_IN_HEAD, H1_IN_SIZED, H1_IN_CHUNKS, H1_DONE } state;
    uint64_t left_bytes; /* of a sized body */
    struct chunked chunks;
    bool in_value, after_lf;
};

void h1_init(struct h1 *h, size_t head_limit_bytes);
void h1_clear(struct h1 *h);
/* Forget the request that is complete; the next one may begin. */
void h1_next(struct h1 *h);

/*
 * Eat from the front of *in up to the next event. *body is lent until the
 * memory behind *in changes.
 */
enum h1_event h1_step(struct h1 *h, struct bytes *in, struct bytes *body,
                      struct err *err);

#endif
