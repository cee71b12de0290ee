/*
 * Raw deflate through both engines: whatever zlib takes, ISA-L takes too, and
 * gives the same bytes and the same rest. (The other way round it is a little
 * more lenient: it allows incomplete sets of code lengths. What such a member
 * holds is still under its checksum.)
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "worker/archive/deflate.h"

#define PLAIN_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    struct bytes rest;
    size_t chunk;
};

static int
pull(struct bytes *chunk, void *arg, struct err *err)
{
    struct input *in = arg;

    err_clear(err);
    *chunk = bytes_to(in->rest, in->chunk);
    in->rest = bytes_from(in->rest, chunk->n);
    return chunk->n > 0;
}

/* 1 when the stream has ended, 0 when it is cut or too long, -1. */
static int
inflate_with(const struct deflate_engine *engine, struct bytes all,
             size_t chunk, struct buf *out, uint64_t *n_taken)
{
    struct input in = { all, chunk };
    struct deflate *d = engine->make();
    struct feed feed;
    const char *why = NULL;
    size_t n = 1;
    int r = 0, more = 1;

    feed_init(&feed, pull, &in);
    engine->reset(d);
    while (r == 0 && (more > 0 || n > 0) && out->n < PLAIN_MAX) {
        uint8_t *room = buf_room(out, 4096);

        more = feed_fill(&feed, NULL);
        r = engine->step(d, &feed, room, 4096, &n, &why);
        out->n += n;
    }
    *n_taken = feed.n_taken;
    engine->free(d);
    return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf want = BUF_INIT(2 * PLAIN_MAX);
    struct bytes all = bytes_of(data, size);
    uint64_t n_want, n_got;

    if (inflate_with(&deflate_zlib, all, SIZE_MAX, &want, &n_want) == 1) {
        for (size_t chunk = 1; chunk < 9; chunk += 7) {
            struct buf got = BUF_INIT(2 * PLAIN_MAX);

            if (inflate_with(deflate_fastest, all, chunk, &got, &n_got) != 1 ||
                n_got != n_want || got.n != want.n ||
                (got.n > 0 && memcmp(got.p, want.p, got.n) != 0))
                abort();
            buf_clear(&got);
        }
    }
    buf_clear(&want);
    return 0;
}
