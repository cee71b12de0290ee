/* A range of a file, piece by piece. */
#include "engine/source/range.h"

#include <errno.h>
#include <unistd.h>

#include "base/str.h"

#define PIECE_BYTES (256 * 1024)

struct range {
    struct loop *loop; /* borrows */
    const struct range_events *events; /* borrows */
    void *arg;
    int fd; /* borrows */
    uint64_t offset, left;
    bool to_end;
    bool waits; /* for range_resume() */
    bool over;
    uint8_t piece[PIECE_BYTES];
};

static void step(void *arg);

static void
bury(struct range *r)
{
    r->over = true;
    loop_undefer(r->loop, step, r);
    loop_bury(r->loop, free, r);
}

static void
end(struct range *r, const struct err *err)
{
    bury(r);
    r->events->on_end(err, r->arg);
}

static void
fail(struct range *r, ssize_t n)
{
    struct err err;

    if (n < 0)
        err_set_errno(&err, errno, "reading the archive");
    else
        err_set(&err, ERR_INPUT, "the archive ends %llu bytes too early",
                (unsigned long long)r->left);
    end(r, &err);
}

static void
hand_on(struct range *r, size_t n)
{
    struct err err;

    r->offset += n;
    r->left -= n;
    switch (r->events->on_chunk(bytes_of(r->piece, n), r->arg)) {
    case SOURCE_PAUSE:
        r->waits = true;
        return;
    case SOURCE_STOP:
        if (r->over)
            return;
        err_set(&err, ERR_CANCELLED, "stopped by its reader");
        end(r, &err);
        return;
    default:
        if (!r->over)
            loop_defer(r->loop, step, r);
    }
}

static void
step(void *arg)
{
    struct range *r = arg;
    size_t want = r->left < PIECE_BYTES ? (size_t)r->left : PIECE_BYTES;
    ssize_t n = 0;

    if (want > 0) {
        do
            n = pread(r->fd, r->piece, want, (off_t)r->offset);
        while (n < 0 && errno == EINTR);
    }
    if (n > 0)
        hand_on(r, (size_t)n);
    else if (n == 0 && (r->left == 0 || r->to_end))
        end(r, NULL);
    else
        fail(r, n);
}

struct range *
range_start(struct loop *loop, int fd, uint64_t offset, uint64_t size,
            const struct range_events *events, void *arg)
{
    struct range *r = xnew(struct range);

    r->loop = loop;
    r->events = events;
    r->arg = arg;
    r->fd = fd;
    r->offset = offset;
    r->left = size;
    r->to_end = size == RANGE_TO_END;
    loop_defer(loop, step, r);
    return r;
}

void
range_resume(struct range *r)
{
    if (!r->waits || r->over)
        return;
    r->waits = false;
    loop_defer(r->loop, step, r);
}

void
range_cancel(struct range *r)
{
    bury(r);
}
