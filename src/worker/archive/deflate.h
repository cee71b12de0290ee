/*
 * worker/archive/deflate.h: raw deflate (RFC 1951), by ISA-L or by zlib.
 *
 * Wrappers, members and checksums are gzip.c's: written once, they cannot
 * differ between the two. Whatever zlib takes ISA-L takes with the same bytes
 * (fuzz-deflate). It is more lenient in one thing: incomplete sets of code
 * lengths, whose output still has to match its checksum.
 */
#ifndef WORKER_ARCHIVE_DEFLATE_H
#define WORKER_ARCHIVE_DEFLATE_H

#include "worker/archive/feed.h"

struct deflate; /* one engine's state */

struct deflate_engine {
    const char *name;
    struct deflate *(*make)(void);
    void (*free)(struct deflate *d);
    /* A new stream begins. */
    void (*reset)(struct deflate *d);
    /*
     * Take input from in->cur, write at most `room` bytes to `out`.
     *   returns  1 when the stream has ended: *n_out may be over 0, and what
     *            follows the stream is what `in` holds next;
     *            0 to be called again: with more input if *n_out < room;
     *            -1 and *why (static text) when the bytes are no deflate
     */
    int (*step)(struct deflate *d, struct feed *in, uint8_t *out, size_t room,
                size_t *n_out, const char **why);
    uint32_t (*crc32)(uint32_t crc, const uint8_t *p, size_t n);
};

extern const struct deflate_engine deflate_zlib;
/* ISA-L where it was built in, else zlib. */
extern const struct deflate_engine *const deflate_fastest;

#endif
