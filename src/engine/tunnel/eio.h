/*
 * engine/tunnel/eio.h: engine.io packets, protocol revision 4
 * (broker-protocol.md §b). Pure: bytes in, packets out.
 *
 * A websocket text frame is one packet; a polling body is several, joined by
 * 0x1e. Both are fed to the same machine:
 *
 *     eio_feed_frame(&eio, frame);
 *     while ((event = eio_step(&eio, &data, err)) != EIO_NEED_MORE) { … }
 */
#ifndef ENGINE_TUNNEL_EIO_H
#define ENGINE_TUNNEL_EIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define EIO_REVISION         4
#define EIO_PING_INTERVAL_MS 25000
#define EIO_PING_TIMEOUT_MS  20000
#define EIO_MAX_PAYLOAD      22020096 /* bytes of one message */
#define EIO_SID_LEN          20

enum eio_event {
    EIO_OPEN,    /* data: the handshake, see eio_read_open() */
    EIO_CLOSE,
    EIO_PING,    /* data: "probe" while upgrading, else nothing */
    EIO_PONG,    /* data: as the ping's */
    EIO_MESSAGE, /* data: the message */
    EIO_UPGRADE,
    EIO_NOOP,
    EIO_NEED_MORE, /* all that was fed is used up */
    EIO_BAD        /* not engine.io; err says what. The rest of the feed is
                      dropped */
};

struct eio {
    struct bytes rest; /* borrows what was fed until it is used up */
    bool fed;          /* an empty feed is one (bad) packet, too */
    bool payload;
};

#define EIO_INIT { 0 }

/* The bytes are borrowed until eio_step() says EIO_NEED_MORE. */
void eio_feed_frame(struct eio *e, struct bytes frame);
void eio_feed_payload(struct eio *e, struct bytes body);
enum eio_event eio_step(struct eio *e, struct bytes *data, struct err *err);

/* One packet as a frame, appended; -1 at the buffer's ceiling. */
int eio_add_packet(struct buf *out, enum eio_event type, struct bytes data);
/* The mark of a message; its text is written behind it. */
int eio_add_message_mark(struct buf *out);
/* One ready frame more for a polling body. */
int eio_add_to_payload(struct buf *out, struct bytes frame);

/* The handshake. */
struct eio_open {
    char sid[64];
    bool can_upgrade; /* "websocket" is among the upgrades */
    uint64_t ping_interval_ms, ping_timeout_ms;
    uint64_t max_payload_bytes;
};

/* Fills in revision 4's defaults for what is missing; a sid is compulsory. */
int eio_read_open(struct eio_open *out, struct bytes data, struct err *err);
/* The open packet as a frame. */
int eio_add_open(struct buf *out, const struct eio_open *open);
/* A fresh session id: EIO_SID_LEN characters of the URL-safe alphabet. */
void eio_new_sid(char sid[EIO_SID_LEN + 1]);

/* Refusals at the socket path: HTTP status and JSON body (§b.8). Static. */
enum eio_refusal {
    EIO_UNKNOWN_TRANSPORT,
    EIO_UNKNOWN_SID,
    EIO_BAD_METHOD,
    EIO_BAD_REQUEST,
    EIO_FORBIDDEN,
    EIO_BAD_REVISION
};
int eio_refusal_status(enum eio_refusal why);
const char *eio_refusal_json(enum eio_refusal why);

#endif
