/*
 * engine/registry/linkhdr.h: the next page of a Link header
 * (registries.md §3.4).  Pure.
 */
#ifndef ENGINE_REGISTRY_LINKHDR_H
#define ENGINE_REGISTRY_LINKHDR_H

#include "base/bytes.h"
#include "engine/net/headers.h"

/*
 * The target of the first link with rel "next", else of the first without any
 * rel; exactly as written. NULL when there is none. The caller owns it.
 */
char *link_next(const struct headers *headers);
/* The same for one header value. */
char *link_next_in(struct bytes value);

#endif
