/*
 * engine/net/proxy.h: which way a request goes. For net/ only. Pure.
 *
 * By the URL's scheme, falling back to the other scheme's proxy. NO_PROXY is
 * a list (commas or blanks) of
 *     *                       everything
 *     example.com             this host and all below it
 *     .example.com *.example.com   only those below it
 *     10.0.0.0/8 fd00::/8     addresses, for URLs that hold one
 * each with an optional ":port" (IPv6 in brackets then). Loopback hosts go
 * through a proxy only if that lives on loopback too.
 */
#ifndef ENGINE_NET_PROXY_H
#define ENGINE_NET_PROXY_H

#include "base/err.h"
#include "engine/net/url.h"

struct proxies;

/* Proxies are "[scheme://][user:password@]host[:port]"; all may be NULL. */
struct proxies *proxies_new(const char *http_proxy, const char *https_proxy,
                            const char *no_proxy, struct err *err);
void proxies_free(struct proxies *p);
/* The proxy's URL, user-info included, or NULL for none. Borrowed. */
const char *proxies_for(const struct proxies *p, const struct url *u);

#endif
