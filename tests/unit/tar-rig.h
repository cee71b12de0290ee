/* Layers made in memory, entry by entry: for unit tests and fuzz targets. */
#ifndef TESTS_UNIT_TAR_RIG_H
#define TESTS_UNIT_TAR_RIG_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define RIG_BUF BUF_INIT(64u << 20)

static inline void
rig_header(struct buf *tar, const char *name, size_t size, char type,
           const char *link)
{
    unsigned char h[512] = { 0 };
    unsigned sum = 0;

    snprintf((char *)h, 100, "%s", name);
    memcpy(h + 100, "0000644\0" "0000000\0" "0000000\0", 24);
    snprintf((char *)h + 124, 12, "%011o", (unsigned)size);
    memcpy(h + 136, "00000000000", 12);
    memset(h + 148, ' ', 8);
    h[156] = (unsigned char)type;
    snprintf((char *)h + 157, 100, "%s", link);
    memcpy(h + 257, "ustar\0" "00", 8);
    for (size_t i = 0; i < sizeof(h); i++)
        sum += h[i];
    snprintf((char *)h + 148, 8, "%06o", sum);
    buf_add(tar, h, sizeof(h));
}

static inline void
rig_bytes(struct buf *tar, const char *name, struct bytes body)
{
    static const char zeros[512];

    rig_header(tar, name, body.n, '0', "");
    buf_add_bytes(tar, body);
    buf_add(tar, zeros, (512 - body.n % 512) % 512);
}

static inline void
rig_file(struct buf *tar, const char *name, const char *body)
{
    rig_bytes(tar, name, bytes_str(body));
}

static inline void
rig_symlink(struct buf *tar, const char *name, const char *to)
{
    rig_header(tar, name, 0, '2', to);
}

static inline void
rig_hardlink(struct buf *tar, const char *name, const char *to)
{
    rig_header(tar, name, 0, '1', to);
}

static inline void
rig_folder(struct buf *tar, const char *name)
{
    rig_header(tar, name, 0, '5', "");
}

static inline void
rig_end(struct buf *tar)
{
    static const char zeros[1024];

    buf_add(tar, zeros, sizeof(zeros));
}

/* Bytes at hand as a source, and a buffer as a sink. */
struct rig_source {
    struct bytes left;
    size_t piece; /* bytes at a time; 0: all */
};

static inline int
rig_pull(struct bytes *chunk, void *arg, struct err *err)
{
    struct rig_source *s = arg;

    (void)err;
    *chunk = bytes_to(s->left, s->piece > 0 ? s->piece : s->left.n);
    s->left = bytes_from(s->left, chunk->n);
    return chunk->n > 0;
}

static inline int
rig_sink(struct bytes lines, void *arg, struct err *err)
{
    (void)err;
    return buf_add_bytes(arg, lines);
}

#endif
