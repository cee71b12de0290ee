/*
 * engine/net/chunked.h: the chunked transfer coding, undone. Private to
 * httpd; a step machine without I/O.
 *
 * Strict where http-parser is not: line ends are CR LF, sizes are hex digits,
 * and nothing else may stand where another reader might see a boundary.
 */
#ifndef ENGINE_NET_CHUNKED_H
#define ENGINE_NET_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

enum chunked_event { CHUNKED_MORE, CHUNKED_BODY, CHUNKED_END, CHUNKED_ERROR };

struct chunked {
    int state;
    uint64_t left_bytes; /* of the present chunk */
    unsigned n_digits;
    size_t extra_bytes; /* of extensions and trailers so far: for nobody */
    size_t line_bytes;  /* of the present trailer line */
};

void chunked_init(struct chunked *c);

/* Eat from the front of *in up to the next event; *body is lent like *in. */
enum chunked_event chunked_step(struct chunked *c, struct bytes *in,
                                struct bytes *body, struct err *err);

#endif
