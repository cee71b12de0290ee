/*
 * engine/tunnel/identify.h: how the two ends introduce themselves
 * (broker-protocol.md §d.1, §d.2): the `identify` events. Pure.
 */
#ifndef ENGINE_TUNNEL_IDENTIFY_H
#define ENGINE_TUNNEL_IDENTIFY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jx.h"

/* What a client says. */
struct identify {
    char *token;
    char *version;     /* NULL: none given */
    bool post_streams; /* the capability */
    bool has_capabilities;
    char *client_id;   /* NULL without, like all below */
    char *role;
    struct jx *filters; /* owns */
    bool legacy;        /* the plain-string form of old clients */
};

/* The event's argument. Clear it in any case. */
int identify_read(struct identify *out, struct bytes arg, struct err *err);
void identify_clear(struct identify *id);

/* To write; all borrowed. */
struct identify_self {
    const char *token, *identifier, *version, *client_id, *role;
    const struct jx *filters; /* as loaded: no secrets */
    struct {
        const char *name;
        bool value;
    } flags[16]; /* clientConfig, up to the first without a name */
};
/* The whole event as an engine.io frame, appended. */
int identify_add(struct buf *out, const struct identify_self *self);

/* The server's word: may answers come by POST? */
bool identify_server_takes_posts(struct bytes arg);
int identify_add_server(struct buf *out);

#define auto_identify __attribute__((cleanup(identify_clear)))

#endif
