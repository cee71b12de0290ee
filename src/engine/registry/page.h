/*
 * engine/registry/page.h: what a listing has so far, and where its next page
 * is (registries.md §3.4).  Pure.
 */
#ifndef ENGINE_REGISTRY_PAGE_H
#define ENGINE_REGISTRY_PAGE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/map.h"
#include "engine/net/headers.h"
#include "engine/net/url.h"

#define LISTING_MAX_ITEMS 100000
#define LISTING_MAX_BYTES (32u << 20)
#define LISTING_MAX_PAGES 10000

struct listing {
    const char *member;      /* "repositories" or "tags"; static */
    const char *name_prefix; /* only names that begin so; NULL: all; borrowed */
    char **names;            /* owns; as they came, without doubles */
    size_t n, cap;
    size_t n_bytes;          /* of all bodies */
    struct map *seen;        /* every name that came; the values mean nothing */
    struct map *asked;       /* addresses asked before; likewise */
    bool link_seen;          /* this server knows Link */
    /* of the last page: */
    size_t page_items, page_known;
    char *page_last;         /* owns; its last item, NULL when empty */
};

void listing_init(struct listing *l, const char *member,
                  const char *name_prefix);
void listing_clear(struct listing *l);

/* Add the items of a body. ERR_NET REGISTRY_ERROR when it is no page,
 * ERR_LIMIT LISTING_TOO_LARGE. */
int listing_add(struct listing *l, struct bytes body, struct err *err);

/*
 * Where the next page is: 1 and *next (the caller owns it), 0 when there is
 * none, -1 when the listing cannot be completed.
 *   first      address of the first page, without its query
 *   asked_url  address of the page that `headers` came with
 *   n          items asked for per page, 0: left to the server
 */
int listing_next(struct listing *l, const struct url *base, const char *first,
                 const char *asked_url, unsigned n,
                 const struct headers *headers, char **next, struct err *err);

#endif
