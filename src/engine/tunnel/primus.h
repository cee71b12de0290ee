/*
 * engine/tunnel/primus.h: Primus inside engine.io messages (broker-protocol.md
 * §c.1): control strings, and everything else passed up. Pure.
 *
 * Primus' own heartbeat: the client asks with "primus::ping::<ms>", the
 * server answers with the same number; heartbeat.h keeps the time.
 */
#ifndef ENGINE_TUNNEL_PRIMUS_H
#define ENGINE_TUNNEL_PRIMUS_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define PRIMUS_PING_INTERVAL_MS 25000
#define PRIMUS_PONG_TIMEOUT_MS  10000
#define PRIMUS_SILENCE_MS       35000 /* a server closes after so much of it */

enum primus_event {
    PRIMUS_PACKET,       /* an object: for emitter.h */
    PRIMUS_PING,         /* stamp is set */
    PRIMUS_PONG,         /* stamp is set */
    PRIMUS_SERVER_CLOSE, /* "do not come back" */
    PRIMUS_ID,           /* asks for, or tells, the session id */
    PRIMUS_IGNORED,      /* well-formed, but nothing to us */
    PRIMUS_BAD           /* not JSON; err says where. The socket stays up */
};

struct primus_message {
    int64_t stamp;       /* of ping and pong: ms since 1970, as sent */
    struct bytes packet; /* PRIMUS_PACKET: a checked span of the message */
    char id[64];         /* PRIMUS_ID: "" when asked for */
};

/* One engine.io message, borrowed by out->packet. */
enum primus_event primus_read(struct primus_message *out, struct bytes message,
                              struct err *err);

/* Whole engine.io frames, appended; -1 at the buffer's ceiling. */
int primus_add_ping(struct buf *out, int64_t stamp);
int primus_add_pong(struct buf *out, int64_t stamp);
int primus_add_server_close(struct buf *out);
int primus_add_id(struct buf *out, const char *sid);

#endif
