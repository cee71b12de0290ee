/*
 * engine/tunnel/rewrite.h: the headers of a request that leaves the tunnel
 * (broker-protocol.md §i). Pure; both ends of the tunnel use it.
 */
#ifndef ENGINE_TUNNEL_REWRITE_H
#define ENGINE_TUNNEL_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/net/headers.h"

struct rewrite {
    const char *version;    /* shown in user agents */
    const char *request_id;
    bool remove_x_forwarded; /* REMOVE_X_FORWARDED_HEADERS */
    size_t body_bytes;
};

/* Authorization and variables were dealt with before. Host is the sender's
 * business. */
void rewrite_headers(struct headers *h, const struct rewrite *how);

#endif
