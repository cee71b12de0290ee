/*
 * engine/net/httpd.h: HTTP/1.1 server: bufferevents and http-parser.
 *
 * A handler is called when a request's headers are in; it decides how the
 * body is to be read, and answers now or later. Keep-alive, pipelining (one
 * request at a time), Expect: 100-continue, chunked bodies both ways.
 * Ceilings: header bytes (431), body bytes (413), connections (the listener
 * pauses), time to send a request (408).
 */
#ifndef ENGINE_NET_HTTPD_H
#define ENGINE_NET_HTTPD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/net/headers.h"

struct httpd;
struct httpd_ex; /* one exchange: a request and its answer */

struct httpd_conf {
    const char *address;          /* NULL: all interfaces ("::" and v4) */
    uint16_t port;                /* 0: any free one, see httpd_port() */
    const char *cert_file, *key_file; /* PEM; both: TLS */
    size_t header_limit_bytes;    /* 0: 128 KiB, half of it for credentials */
    size_t body_limit_bytes;      /* for httpd_read_body(); 0: 1 MiB */
    unsigned max_connections;     /* 0: 1024 */
    uint64_t request_timeout_ms;  /* to receive a whole request; 0: 600 s */
    uint64_t idle_timeout_ms;     /* keep-alive without a request; 0: 75 s */
    size_t write_high_bytes;      /* HTTPD_FULL above this; 0: 1 MiB */
};

/* Borrowed until the exchange ends. */
struct httpd_request {
    const char *method;
    const char *target; /* path and query exactly as received */
    const char *path;   /* target up to "?" */
    const char *query;  /* behind "?", or "" */
    const struct headers *headers;
    const char *peer;   /* "127.0.0.1:4711" */
};

/* Called with the headers; the handler owns the duty to answer ex. */
typedef void (*httpd_handler)(struct httpd_ex *ex,
                              const struct httpd_request *req, void *arg);

struct httpd *httpd_new(struct loop *loop, const struct httpd_conf *conf,
                        httpd_handler handler, void *arg, struct err *err);
uint16_t httpd_port(const struct httpd *d);
/* Take no new connection or request; answer what runs; then call done. */
void httpd_drain(struct httpd *d, void (*done)(void *arg), void *arg);
void httpd_free(struct httpd *d); /* breaks what runs; on_gone comes for each */
unsigned httpd_connections(const struct httpd *d);

const struct httpd_request *httpd_request_of(const struct httpd_ex *ex);

/*
 * The caller went away before the answer was complete. Comes at most once; ex
 * must not be touched afterwards. Without it, answering a gone caller is
 * harmless: the exchange swallows it. fn NULL takes it back.
 */
void httpd_on_gone(struct httpd_ex *ex, void (*fn)(void *arg), void *arg);

/*
 * Collect the body, then call fn(body, arg) (borrowed until fn returns). Too
 * large, malformed, or a broken gzip: the exchange answers 413/400 itself and
 * on_gone comes instead. "Content-Encoding: gzip|deflate" is inflated first
 * (the limit counts inflated bytes) unless raw is set.
 *   limit_bytes  0: the listener's
 * A caller that goes before its body is whole ends the exchange even when
 * nobody asked for on_gone: there will be nothing to answer.
 */
void httpd_read_body(struct httpd_ex *ex, size_t limit_bytes, bool raw,
                     void (*fn)(struct bytes body, void *arg), void *arg);

/*
 * The body as it comes, never inflated. on_end comes once, unless the caller
 * goes first. Here the request's time counts from the last chunk.
 */
struct httpd_body_events {
    /* false: stop reading until httpd_resume_body(). */
    bool (*on_chunk)(struct bytes chunk, void *arg);
    void (*on_end)(void *arg);
};
void httpd_stream_body(struct httpd_ex *ex,
                       const struct httpd_body_events *events, void *arg);
void httpd_resume_body(struct httpd_ex *ex);

/*
 * The whole answer at once. Content-Length, Date, Connection are made here;
 * headers (may be NULL) and body are copied. A HEAD request gets no body.
 * An unread request body is drained or the connection closed.
 */
void httpd_reply(struct httpd_ex *ex, int status, const struct headers *headers,
                 struct bytes body);
/* application/json; charset=utf-8 */
void httpd_reply_json(struct httpd_ex *ex, int status, struct bytes json);

/*
 * The answer in pieces: start once, write, end. Without Content-Length among
 * the headers it is chunked.
 */
enum httpd_room { HTTPD_MORE, HTTPD_FULL, HTTPD_GONE };
void httpd_reply_start(struct httpd_ex *ex, int status,
                       const struct headers *headers);
enum httpd_room httpd_reply_write(struct httpd_ex *ex, struct bytes chunk);
/* Called when there is room again after HTTPD_FULL. */
void httpd_on_drain(struct httpd_ex *ex, void (*fn)(void *arg), void *arg);
void httpd_reply_end(struct httpd_ex *ex);
/* Break the connection, behind what was written already, so that the caller
 * sees a cut-off answer. Takes ex. */
void httpd_reply_abort(struct httpd_ex *ex);

/*
 * Answer 101 with these headers and hand over the connection: no HTTP
 * happens on it any more. Takes ex; the caller owns what is returned, and
 * first bytes may be in its input buffer already. NULL when the caller has
 * gone. For ws.c.
 */
struct bufferevent;
struct bufferevent *httpd_upgrade(struct httpd_ex *ex,
                                  const struct headers *headers);

/* "OK", "Not Found", ...; static. */
const char *http_status_text(int status);

#endif
