/*
 * engine/tunnel/frame.h: the body of POST /response-data
 * (broker-protocol.md §e.2): four bytes N, little endian; N bytes of JSON
 * {"status","headers","errorType"}; then the answer's body, untouched. Pure.
 *
 *     frame_feed(&frame, chunk);
 *     while ((event = frame_step(&frame, &data, err)) != FRAME_NEED_MORE) { … }
 */
#ifndef ENGINE_TUNNEL_FRAME_H
#define ENGINE_TUNNEL_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "engine/net/headers.h"

#define FRAME_CONTENT_TYPE   "application/vnd.broker.stream+octet-stream"
#define FRAME_HEAD_MAX_BYTES (1024 * 1024) /* of the JSON */

/*
 * Prefix and JSON in one piece, appended: older servers lose what is split
 * here, so send it in one write. -1 at the buffer's ceiling.
 *   headers, error_type  NULL: no such member
 */
int frame_add_head(struct buf *out, int status, const struct headers *headers,
                   const char *error_type);

enum frame_event {
    FRAME_HEAD,      /* status, headers, error_type are set */
    FRAME_BODY,      /* data: more of the body, a span of the chunk */
    FRAME_NEED_MORE,
    FRAME_BAD        /* err says why; nothing more will come */
};

struct frame {
    /* Valid from FRAME_HEAD on. */
    int status;
    struct headers headers; /* owns */
    char error_type[64];    /* "" without */

    /* Its own. */
    int state;
    struct buf head; /* prefix and JSON so far */
    size_t need;     /* bytes until head is whole */
    struct bytes rest;
};

void frame_init(struct frame *f);
void frame_clear(struct frame *f);
/* Any split of the stream; borrowed until frame_step() says NEED_MORE. */
void frame_feed(struct frame *f, struct bytes chunk);
enum frame_event frame_step(struct frame *f, struct bytes *data,
                            struct err *err);
/* Did the head come whole? A stream that ends before is cut off. */
bool frame_has_head(const struct frame *f);

#endif
