/*
 * Bodies: memory first, the scratch file when all bodies together would pass
 * what may be held. A body that went to the file stays there as one range;
 * the file is cut back when it ends, so its pages are free at once.
 */
#include "worker/archive/body.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

#define WINDOW_BYTES (64u << 10)

struct ar_body {
    struct ar_scratch *scratch; /* borrows */
    struct buf held;            /* owns: all of it, or the window */
    uint64_t n;                 /* bytes added */
    bool spilled;
    uint64_t base;              /* its place in the scratch file */
    uint64_t window_at;         /* of what is in the window */
};

struct ar_body *
ar_body_new(struct ar_scratch *scratch)
{
    struct ar_body *b = xnew(struct ar_body);

    b->scratch = scratch;
    buf_init(&b->held, SIZE_MAX / 4);
    return b;
}

void
ar_body_free(struct ar_body *b)
{
    struct ar_scratch *s;

    if (b == NULL)
        return;
    s = b->scratch;
    if (!b->spilled) {
        s->held -= b->held.n;
    } else {
        assert(s->used == b->base + b->n);
        s->used = b->base;
        /* It only costs room if this fails. */
        if (ftruncate(s->fd, (off_t)b->base) < 0)
            errno = 0;
    }
    buf_clear(&b->held);
    free(b);
}

static int
put(struct ar_body *b, struct bytes chunk, struct err *err)
{
    struct ar_scratch *s = b->scratch;

    if (s->limit_bytes > 0 && chunk.n > s->limit_bytes - s->used)
        return err_set(err, ERR_LIMIT,
                       "more than %llu bytes in the scratch file",
                       (unsigned long long)s->limit_bytes);
    while (chunk.n > 0) {
        ssize_t k = pwrite(s->fd, chunk.p, chunk.n, (off_t)s->used);

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return err_set_errno(err, k < 0 ? errno : ENOSPC, "scratch file");
        s->used += (uint64_t)k;
        b->n += (uint64_t)k;
        chunk = bytes_of(chunk.p + k, chunk.n - (size_t)k);
    }
    return 0;
}

/* What was held goes to the file; from now on everything does. */
static int
spill(struct ar_body *b, struct err *err)
{
    struct ar_scratch *s = b->scratch;
    size_t n = b->held.n;

    if (s->fd < 0)
        return err_set(err, ERR_LIMIT,
                       "more than %llu bytes, and no scratch file",
                       (unsigned long long)s->hold_bytes);
    b->spilled = true;
    b->base = s->used;
    b->n = 0;
    s->held -= n;
    if (put(b, buf_bytes(&b->held), err) < 0)
        return -1;
    buf_clear(&b->held);
    return 0;
}

int
ar_body_add(struct ar_body *b, struct bytes chunk, struct err *err)
{
    struct ar_scratch *s = b->scratch;

    if (!b->spilled && chunk.n <= s->hold_bytes - s->held) {
        s->held += chunk.n;
        b->n += chunk.n;
        return buf_add_bytes(&b->held, chunk);
    }
    if (!b->spilled && spill(b, err) < 0)
        return -1;
    /* The window is of what was there before. */
    buf_reset(&b->held);
    return put(b, chunk, err);
}

bool
ar_scratch_has_room(const struct ar_scratch *s, uint64_t n)
{
    return n <= s->hold_bytes - s->held ||
           (s->fd >= 0 &&
            (s->limit_bytes == 0 || n <= s->limit_bytes - s->used));
}

uint64_t
ar_body_size(const struct ar_body *b)
{
    return b->n;
}

static int
read_file(const struct ar_body *b, uint64_t offset, uint8_t *to, size_t n,
          struct err *err)
{
    while (n > 0) {
        ssize_t k = pread(b->scratch->fd, to, n, (off_t)(b->base + offset));

        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return err_set_errno(err, k < 0 ? errno : EIO, "scratch file");
        offset += (uint64_t)k;
        to += k;
        n -= (size_t)k;
    }
    return 0;
}

static bool
is_inside(const struct ar_body *b, uint64_t offset, size_t n)
{
    return offset <= b->n && n <= b->n - offset;
}

static int
move_window(struct ar_body *b, uint64_t offset, size_t n, struct err *err)
{
    uint64_t left = b->n - offset;
    size_t most = n > WINDOW_BYTES ? n : WINDOW_BYTES;

    if (most > left)
        most = (size_t)left;
    buf_reset(&b->held);
    if (read_file(b, offset, buf_room(&b->held, most), most, err) < 0)
        return -1;
    b->held.n = most;
    b->window_at = offset;
    return 0;
}

int
ar_body_at(struct ar_body *b, uint64_t offset, size_t n, struct bytes *out,
           struct err *err)
{
    assert(n <= AR_BODY_MAX_PIECE);
    if (!is_inside(b, offset, n))
        return err_set(err, ERR_INPUT, "ends too early");
    *out = bytes_of("", 0); /* an empty body has no memory to point into */
    if (n == 0)
        return 0;
    if (b->spilled &&
        (offset < b->window_at || offset - b->window_at > b->held.n ||
         n > b->held.n - (size_t)(offset - b->window_at)) &&
        move_window(b, offset, n, err) < 0)
        return -1;
    *out = bytes_of(b->held.p + (b->spilled ? offset - b->window_at : offset),
                    n);
    return 0;
}

int
ar_body_copy(struct ar_body *b, uint64_t offset, void *to, size_t n,
             struct err *err)
{
    if (!is_inside(b, offset, n))
        return err_set(err, ERR_INPUT, "ends too early");
    if (b->spilled)
        return read_file(b, offset, to, n, err);
    if (n > 0)
        memcpy(to, b->held.p + offset, n);
    return 0;
}
