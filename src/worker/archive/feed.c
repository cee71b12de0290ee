/* Pulled chunks as one run of bytes. What the bytes mean is for others. */
#include "worker/archive/feed.h"

#include <assert.h>
#include <string.h>

void
feed_init(struct feed *f, ar_pull pull, void *arg)
{
    *f = (struct feed){ .pull = pull, .arg = arg };
}

/* The next chunk that has bytes. */
static int
pull_some(struct feed *f, struct bytes *chunk, struct err *err)
{
    int r;

    if (f->ended)
        return 0;
    do {
        *chunk = BYTES_NONE;
        r = f->pull(chunk, f->arg, err);
    } while (r > 0 && chunk->n == 0);
    f->ended = r == 0;
    return r;
}

int
feed_fill(struct feed *f, struct err *err)
{
    if (f->cur.n > 0)
        return 1;
    if (f->after.n > 0) {
        f->cur = f->after;
        f->after = BYTES_NONE;
        return 1;
    }
    return pull_some(f, &f->cur, err);
}

int
feed_need(struct feed *f, size_t n, struct err *err)
{
    int r = feed_fill(f, err);

    assert(n <= FEED_NEED_MAX);
    while (r > 0 && f->cur.n < n) {
        size_t have = f->cur.n, more;

        /* The chunk under cur dies with the next pull: move it out first. */
        memmove(f->joint, f->cur.p, have);
        f->cur.p = f->joint;
        if (f->after.n == 0 && (r = pull_some(f, &f->after, err)) <= 0)
            break;
        more = f->after.n < n - have ? f->after.n : n - have;
        memcpy(f->joint + have, f->after.p, more);
        f->cur.n += more;
        f->after = bytes_from(f->after, more);
    }
    return r;
}

void
feed_take(struct feed *f, size_t n)
{
    assert(n <= f->cur.n);
    f->cur = bytes_from(f->cur, n);
    f->n_taken += n;
}

/* Does cur lie in the joint, so that writing there needs care? */
static bool
in_joint(const struct feed *f)
{
    return f->cur.p >= f->joint && f->cur.p < f->joint + sizeof(f->joint);
}

void
feed_give_back(struct feed *f, const uint8_t *p, size_t n)
{
    uint8_t copy[8];

    assert(n <= sizeof(copy) && n <= f->n_taken);
    memcpy(copy, p, n);
    if (f->after.n > 0 || in_joint(f)) {
        assert(f->cur.n + n <= sizeof(f->joint));
        if (f->cur.n > 0)
            memmove(f->joint + n, f->cur.p, f->cur.n);
        f->cur.n += n;
    } else {
        f->after = f->cur;
        f->cur.n = n;
    }
    memcpy(f->joint, copy, n);
    f->cur.p = f->joint;
    f->n_taken -= n;
}

int
feed_drain(struct feed *f, struct err *err)
{
    int r;

    while ((r = feed_fill(f, err)) > 0)
        feed_take(f, f->cur.n);
    return r;
}
