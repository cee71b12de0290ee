/* Raw deflate by zlib: for processors without ISA-L, and the tests' oracle. */
#include "worker/archive/deflate.h"

#include <zlib.h>

#include "base/str.h"

struct deflate {
    z_stream z;
};

static struct deflate *
make(void)
{
    struct deflate *d = xnew(struct deflate);

    if (inflateInit2(&d->z, -MAX_WBITS) != Z_OK)
        die_no_memory();
    return d;
}

static void
release(struct deflate *d)
{
    inflateEnd(&d->z);
    free(d);
}

static void
reset(struct deflate *d)
{
    inflateReset(&d->z);
}

static int
step(struct deflate *d, struct feed *in, uint8_t *out, size_t room,
     size_t *n_out, const char **why)
{
    uInt n_in = (uInt)(in->cur.n < UINT32_MAX / 2 ? in->cur.n : UINT32_MAX / 2);
    int r;

    d->z.next_in = (Bytef *)(uintptr_t)in->cur.p;
    d->z.avail_in = n_in;
    d->z.next_out = out;
    d->z.avail_out = (uInt)room;
    r = inflate(&d->z, Z_NO_FLUSH);
    feed_take(in, n_in - d->z.avail_in);
    *n_out = room - d->z.avail_out;
    if (r == Z_STREAM_END)
        return 1;
    if (r == Z_OK || r == Z_BUF_ERROR)
        return 0;
    *why = d->z.msg != NULL ? d->z.msg : "damaged";
    return -1;
}

static uint32_t
checksum(uint32_t crc, const uint8_t *p, size_t n)
{
    return (uint32_t)crc32_z(crc, p, n);
}

const struct deflate_engine deflate_zlib = {
    .name = "zlib",
    .make = make,
    .free = release,
    .reset = reset,
    .step = step,
    .crc32 = checksum,
};

#ifndef HAVE_ISAL
const struct deflate_engine *const deflate_fastest = &deflate_zlib;
#endif
