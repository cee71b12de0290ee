/* Raw deflate by ISA-L: what makes layers cheap. An empty file without it. */
#include "worker/archive/deflate.h"

#ifdef HAVE_ISAL

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include "base/str.h"

struct deflate {
    struct inflate_state s;
};

static struct deflate *
make(void)
{
    struct deflate *d = xnew(struct deflate);

    isal_inflate_init(&d->s);
    return d;
}

static void
release(struct deflate *d)
{
    free(d);
}

static void
reset(struct deflate *d)
{
    isal_inflate_reset(&d->s);
    d->s.crc_flag = ISAL_DEFLATE;
}

/* Whole bytes that were read ahead into the bit buffer belong to whatever
 * follows the stream. */
static void
give_back(struct deflate *d, struct feed *in)
{
    int n = d->s.read_in_length / 8;
    uint64_t bits = d->s.read_in >> (d->s.read_in_length % 8);
    uint8_t bytes[8];

    for (int i = 0; i < n; i++)
        bytes[i] = (uint8_t)(bits >> (8 * i));
    feed_give_back(in, bytes, (size_t)n);
}

static const char *
reason(int r)
{
    switch (r) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
        return "distance too far back";
    default:
        return "damaged";
    }
}

static int
step(struct deflate *d, struct feed *in, uint8_t *out, size_t room,
     size_t *n_out, const char **why)
{
    uint32_t n_in =
        (uint32_t)(in->cur.n < UINT32_MAX / 2 ? in->cur.n : UINT32_MAX / 2);
    int r;

    d->s.next_in = (uint8_t *)(uintptr_t)in->cur.p;
    d->s.avail_in = n_in;
    d->s.next_out = out;
    d->s.avail_out = (uint32_t)room;
    r = isal_inflate(&d->s);
    /* After an error its counts are not to be trusted: avail_in may even have
     * grown. */
    if (r < 0) {
        *n_out = 0;
        *why = reason(r);
        return -1;
    }
    feed_take(in, n_in - d->s.avail_in);
    *n_out = room - d->s.avail_out;
    if (d->s.block_state != ISAL_BLOCK_FINISH)
        return 0;
    give_back(d, in);
    return 1;
}

static uint32_t
checksum(uint32_t crc, const uint8_t *p, size_t n)
{
    return crc32_gzip_refl(crc, p, n);
}

static const struct deflate_engine deflate_isal = {
    .name = "igzip",
    .make = make,
    .free = release,
    .reset = reset,
    .step = step,
    .crc32 = checksum,
};

const struct deflate_engine *const deflate_fastest = &deflate_isal;

#else
typedef int deflate_isal_is_not_built_in;
#endif
