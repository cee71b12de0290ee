/*
 * engine/tunnel/exchange.h: what a `request` event asks, and what its ack
 * answers (broker-protocol.md §d.5, §d.6), read and written, for both ends.
 *
 * Header values are bytes to us and Latin-1 text to the peer: a byte above
 * 0x7f is written as the character of that number, so that it comes out on the
 * other side as it went in. Pure.
 */
#ifndef ENGINE_TUNNEL_EXCHANGE_H
#define ENGINE_TUNNEL_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jw.h"
#include "base/str.h"
#include "engine/net/headers.h"

#define EXCHANGE_URL_MAX     (64 * 1024)
#define EXCHANGE_HEADERS_MAX 512          /* fields */
#define EXCHANGE_FIELDS_MAX  (512 * 1024) /* bytes of all names and values */

struct exchange_request {
    char *url;    /* begins with "/"; a leading /ctx/<uuid> is gone */
    char *method; /* upper case */
    struct headers headers;
    struct buf body;
    bool has_body;
    char *streaming_id; /* answer as a stream; NULL: by ack */
    char request_id[UUID_LEN + 1]; /* header snyk-request-id, or a fresh one
                                      when that is no UUID */
};

/* The event's argument; ERR_INPUT, or ERR_LIMIT beyond a ceiling. Clear it
 * in any case. `out` need not be initialised. */
int exchange_read_request(struct exchange_request *out, struct bytes arg,
                          size_t body_limit_bytes, struct err *err);
void exchange_request_clear(struct exchange_request *r);

/*
 * Writes the argument. Between begin and end the body may be written:
 * jw_key(w, "body") and a binary; without one there is no such member.
 *   streaming_id  NULL: an ack is wanted
 */
void exchange_begin_request(struct jw *w, const char *url, const char *method);
void exchange_end_request(struct jw *w, const struct headers *headers,
                          const char *streaming_id, const char *request_id);

enum exchange_body { EXCHANGE_NO_BODY, EXCHANGE_TEXT, EXCHANGE_JSON };

struct exchange_answer {
    int status;
    struct headers headers;
    enum exchange_body kind; /* JSON: the peer made the answer itself */
    struct buf body;         /* JSON: compact or not, as it came */
    char *error_type;        /* NULL without */
    int64_t original_size;   /* bytes, of a body that was too large; 0 */
};

/* Missing headers and body are none. Clear it in any case. */
int exchange_read_answer(struct exchange_answer *out, struct bytes arg,
                         size_t body_limit_bytes, struct err *err);
void exchange_answer_clear(struct exchange_answer *a);
/* body: text (what is no UTF-8 becomes U+FFFD) or ready JSON, as kind says.
 * The ack's own members are made from *a but for the body. */
void exchange_write_answer(struct jw *w, const struct exchange_answer *a,
                           struct bytes body);

/* {"name":"value"}: names in lower case, set-cookie an array, other repeats
 * joined by ", ". Always holds fields of ours, so it needs no $escape. */
void exchange_write_headers(struct jw *w, const struct headers *headers);
/* The first valid UUID among the header fields that may name a request (§f),
 * or a fresh one. */
void exchange_request_id(const struct headers *h, char out[UUID_LEN + 1]);
/* Appends; `value` is an object's span. */
int exchange_read_headers(struct headers *out, struct bytes value,
                          struct err *err);

/* Failures the tunnel's ends make themselves (§m.2). */
struct exchange_fault {
    const char *code;
    int status;
};
/* What a transport error towards the target becomes. Static. */
const struct exchange_fault *exchange_fault_of(const struct err *err);
/* The label for a status the target itself gave, or NULL. Static. */
const char *exchange_label(int status);
/* The reason beside FILTER_BLOCKED. */
#define EXCHANGE_BLOCKED                                                       \
    "Request does not match any accept rule, blocking HTTP request"
/* {"code","message","reason","url"}; reason and url may be NULL. */
void exchange_write_fault(struct jw *w, const char *code, const char *message,
                          const char *reason, const char *url);

#define auto_exchange_request \
    __attribute__((cleanup(exchange_request_clear)))
#define auto_exchange_answer __attribute__((cleanup(exchange_answer_clear)))

#endif
