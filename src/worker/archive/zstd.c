/* zstd frames, one after the other. The window is what a frame may make us
 * remember, so it has a ceiling. */
#include "worker/archive/zstd.h"

#include <zstd.h>
#include <zstd_errors.h>

#include "base/str.h"

#define WINDOW_LOG_DEFAULT 27 /* 128 MiB: what zstd(1) takes without asking */

struct zstd {
    struct feed *in; /* borrows */
    ZSTD_DStream *d; /* owns */
    uint64_t n_frames;
    int window_log;
    bool inside; /* a frame has begun and not ended */
};

static int
window_log(uint64_t bytes)
{
    ZSTD_bounds range = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    int n = range.lowerBound;

    if (bytes == 0)
        return WINDOW_LOG_DEFAULT;
    while (n < range.upperBound && (uint64_t)2 << n <= bytes)
        n++;
    return n;
}

struct zstd *
zstd_new(struct feed *in, uint64_t window_bytes)
{
    struct zstd *z = xnew(struct zstd);

    z->in = in;
    z->window_log = window_log(window_bytes);
    z->d = ZSTD_createDStream();
    if (z->d == NULL)
        die_no_memory();
    ZSTD_DCtx_setParameter(z->d, ZSTD_d_windowLogMax, z->window_log);
    return z;
}

void
zstd_free(struct zstd *z)
{
    if (z == NULL)
        return;
    ZSTD_freeDStream(z->d);
    free(z);
}

static int
refuse(struct zstd *z, size_t r, struct err *err)
{
    unsigned long long frame = z->n_frames, place = z->in->n_taken;

    if (ZSTD_getErrorCode(r) == ZSTD_error_frameParameter_windowTooLarge)
        return err_set_code(err, ERR_LIMIT, "ZSTD_WINDOW",
                            "zstd: frame %llu: window is larger than "
                            "%llu bytes",
                            frame, 1ULL << z->window_log);
    if (ZSTD_getErrorCode(r) == ZSTD_error_memory_allocation)
        return err_set_code(err, ERR_LIMIT, "MEMORY",
                            "zstd: frame %llu: no memory for its window",
                            frame);
    return err_set(err, ERR_INPUT,
                   "zstd: frame %llu: %s at compressed byte %llu", frame,
                   ZSTD_getErrorName(r), place);
}

static int
at_end(struct zstd *z, struct err *err)
{
    if (!z->inside)
        return 0;
    return err_set(err, ERR_INPUT,
                   "zstd: frame %llu: truncated at compressed byte %llu",
                   (unsigned long long)z->n_frames,
                   (unsigned long long)z->in->n_taken);
}

int
zstd_step(struct zstd *z, uint8_t *out, size_t room, size_t *n_out,
          struct err *err)
{
    ZSTD_outBuffer to = { out, room, 0 };

    while (to.pos == 0) {
        int more = feed_fill(z->in, err);
        ZSTD_inBuffer from = { z->in->cur.p, more > 0 ? z->in->cur.n : 0, 0 };
        size_t r;

        if (more < 0)
            return -1;
        if (more == 0 && !z->inside)
            break;
        z->n_frames += !z->inside;
        z->inside = true;
        r = ZSTD_decompressStream(z->d, &to, &from);
        feed_take(z->in, from.pos);
        if (ZSTD_isError(r))
            return refuse(z, r, err);
        z->inside = r != 0;
        if (more == 0 && to.pos == 0)
            return at_end(z, err);
    }
    *n_out = to.pos;
    return to.pos > 0;
}
