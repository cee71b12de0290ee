/*
 * Helpers for tests of what a worker reads: sources in memory, codings made
 * by the libraries that define them, tar headers made by hand.
 */
#ifndef TESTS_UNIT_ARCHIVE_H
#define TESTS_UNIT_ARCHIVE_H

#include <criterion/criterion.h>

#include <stdio.h>
#include <zlib.h>
#include <zstd.h>

#include "base/str.h"
#include "worker/archive/ar.h"

#define ROOM ((size_t)64 << 20)

/* Bytes in chunks of a size; each is a copy of its own that dies with the
 * next pull, so that who holds on to one is caught. */
struct mem {
    struct bytes rest;
    size_t chunk; /* 0: all at once */
    uint8_t *copy;
    size_t n_pulls;
};

static inline int
mem_pull(struct bytes *chunk, void *arg, struct err *err)
{
    struct mem *m = arg;
    struct bytes now = bytes_to(m->rest, m->chunk > 0 ? m->chunk : m->rest.n);

    (void)err;
    free(m->copy);
    m->copy = xalloc(now.n);
    if (now.n > 0)
        memcpy(m->copy, now.p, now.n);
    m->n_pulls++;
    m->rest = bytes_from(m->rest, now.n);
    *chunk = bytes_of(m->copy, now.n);
    return now.n > 0;
}

/* All that `pull` gives, appended. */
static inline int
pull_all(ar_pull pull, void *arg, struct buf *out, struct err *err)
{
    struct bytes chunk;
    int r;

    while ((r = pull(&chunk, arg, err)) > 0)
        cr_assert_eq(buf_add_bytes(out, chunk), 0);
    return r;
}

/* Inflate all of it. */
static inline int
inflate_all(struct bytes in, size_t chunk, bool use_zlib,
            const struct ar_limits *limits, struct buf *out, struct err *err)
{
    static const struct ar_limits none;
    struct mem m = { .rest = in, .chunk = chunk };
    struct inflate *z =
        inflate_new(mem_pull, &m, limits != NULL ? limits : &none, use_zlib);
    int r = pull_all(inflate_pull, z, out, err);

    inflate_free(z);
    free(m.copy);
    return r;
}

/* Appends one member (wbits 31), zlib stream (15) or raw deflate (-15). */
static inline void
add_deflated(struct buf *out, struct bytes plain, int wbits, int level)
{
    z_stream z = { .next_in = (Bytef *)(uintptr_t)plain.p,
                   .avail_in = (uInt)plain.n };
    size_t room = compressBound(plain.n) + 64;

    cr_assert_eq(deflateInit2(&z, level, Z_DEFLATED, wbits, 8,
                              Z_DEFAULT_STRATEGY),
                 Z_OK);
    z.next_out = buf_room(out, room);
    z.avail_out = (uInt)room;
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->n += z.total_out;
    deflateEnd(&z);
}

static inline void
add_zstd(struct buf *out, struct bytes plain, int window_log)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(plain.n), n;

    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
    ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, window_log);
    n = ZSTD_compress2(c, buf_room(out, room), room, plain.p, plain.n);
    cr_assert(!ZSTD_isError(n));
    out->n += n;
    ZSTD_freeCCtx(c);
}

/* n bytes that compress like text: words of a small generator. */
static inline void
add_prose(struct buf *out, size_t n, unsigned seed)
{
    uint32_t x = seed * 2654435761u + 1;
    size_t end = out->n + n;

    while (out->n < end) {
        x = x * 1664525u + 1013904223u;
        buf_addf(out, (x >> 28) == 0 ? "%08x\n" : "w%02x ", x >> 24);
    }
    out->n = end;
}

/* ---- tar, by hand -------------------------------------------------------- */

static inline void
tar_seal(uint8_t *h)
{
    unsigned sum = 0;

    memset(h + 148, ' ', 8);
    for (int i = 0; i < 512; i++)
        sum += h[i];
    snprintf((char *)h + 148, 8, "%06o", sum);
}

/* A ustar header at its place in `tar`, to be changed and sealed again. */
static inline uint8_t *
tar_header(struct buf *tar, const char *name, char type, uint64_t size)
{
    uint8_t *h = buf_room(tar, 512);

    memset(h, 0, 512);
    memcpy(h, name, strlen(name) < 100 ? strlen(name) : 100);
    snprintf((char *)h + 100, 8, "%07o", 0644);
    snprintf((char *)h + 124, 12, "%011llo", (unsigned long long)size);
    h[156] = (uint8_t)type;
    memcpy(h + 257, "ustar\0" "00", 8);
    tar_seal(h);
    tar->n += 512;
    return h;
}

static inline void
tar_body(struct buf *tar, struct bytes body)
{
    static const uint8_t zeros[512];

    buf_add_bytes(tar, body);
    if (tar->n % 512 != 0)
        buf_add(tar, zeros, 512 - tar->n % 512);
}

static inline void
tar_file(struct buf *tar, const char *name, const char *body)
{
    tar_header(tar, name, '0', strlen(body));
    tar_body(tar, bytes_str(body));
}

static inline void
tar_end(struct buf *tar)
{
    static const uint8_t zeros[1024];

    buf_add(tar, zeros, sizeof(zeros));
}

#endif
