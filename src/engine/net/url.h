/*
 * engine/net/url.h: http(s) and ws(s) addresses, taken apart. Pure.
 *
 * Nothing is decoded: path and query stay as they were written, so that what
 * is checked is what is sent.
 */
#ifndef ENGINE_NET_URL_H
#define ENGINE_NET_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

struct url {
    char *scheme;   /* lower case: http, https, ws, wss */
    char *userinfo; /* NULL without; as written (percent-encoded) */
    char *host;     /* lower case; IPv6 without its brackets */
    uint16_t port;  /* the scheme's own when none is written */
    char *path;     /* begins with "/"; "/" when none is written */
    char *query;    /* without "?"; NULL without */
};

/* Absolute URLs with one of the four schemes; the fragment is dropped. */
int url_parse(struct url *out, const char *text, struct err *err);
void url_clear(struct url *u);
/* RFC 3986 reference resolution (what Location and Link hold). */
int url_resolve(struct url *out, const struct url *base, const char *ref,
                struct err *err);
/* Appends it as text; user-info only if asked for. */
int url_write(const struct url *u, bool with_userinfo, struct buf *out);
char *url_text(const struct url *u); /* without user-info; caller owns */
/* "https://host:port", port always written; caller owns. */
char *url_origin(const struct url *u);
bool url_same_origin(const struct url *a, const struct url *b);
bool url_is_tls(const struct url *u);
/* "host" or "host:port" when the port is not the scheme's own; caller owns. */
char *url_host_header(const struct url *u);
/* IPv4 or IPv6 literal? Link-local (169.254/16, fe80::/10)? Loopback? */
bool host_is_ip(const char *host);
bool host_is_link_local(const char *host);
bool host_is_loopback(const char *host); /* "localhost" too */

/*
 * `target` (path and query as received) equals its POSIX normalisation, has no
 * percent-encoded "." "/" or "\" that would make a dot segment, and no
 * backslash: what the filter checks and the sender sends is the same text.
 */
bool url_target_is_normal(const char *target);

#define auto_url __attribute__((cleanup(url_clear)))

#endif
