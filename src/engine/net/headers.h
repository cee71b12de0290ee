/*
 * engine/net/headers.h: HTTP header fields, in order, names compared without
 * regard to case. Pure.
 */
#ifndef ENGINE_NET_HEADERS_H
#define ENGINE_NET_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

struct header {
    char *name;  /* as received */
    char *value; /* without surrounding blanks */
};

struct headers {
    struct header *at; /* owns */
    size_t n, cap;
};

#define HEADERS_INIT { 0 }

/* The Content-Type of whatever JSON we send. */
#define HEADER_TYPE_JSON "application/json; charset=utf-8"

void headers_init(struct headers *h);
void headers_clear(struct headers *h);
/* Appends; both are copied. */
void headers_add(struct headers *h, const char *name, const char *value);
/* Replaces all of that name by one (at the first one's place), or appends. */
void headers_set(struct headers *h, const char *name, const char *value);
void headers_setf(struct headers *h, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void headers_remove(struct headers *h, const char *name); /* all of that name */
/* The first value or NULL; borrowed until the next change. */
const char *headers_get(const struct headers *h, const char *name);
bool headers_has(const struct headers *h, const char *name);
/* A member of a comma-separated list, e.g. "close" in Connection. */
bool headers_has_token(const struct headers *h, const char *name,
                       const char *token);
void headers_copy(struct headers *to, const struct headers *from); /* appends */
/* Connection, Keep-Alive, Transfer-Encoding, TE, Trailer, Upgrade,
 * Proxy-Connection and whatever Connection names. */
void headers_drop_hop_by_hop(struct headers *h);
/* Field-name token; value without CR, LF, NUL. */
bool header_name_valid(const char *name);
bool header_value_valid(const char *value);

#define auto_headers __attribute__((cleanup(headers_clear)))

#endif
