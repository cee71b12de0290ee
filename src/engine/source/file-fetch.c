/* A range of a file as a fetch: hashed as it passes. */
#include <string.h>

#include "base/str.h"
#include "engine/source/range.h"
#include "engine/source/source-private.h"

struct file_fetch {
    struct fetch fetch; /* first */
    struct loop *loop;  /* borrows */
    struct range *range; /* owns while it reads */
    int fd;
    bool own_fd, partial;
    struct hasher *hasher; /* owns */
    struct digest want;    /* text "": anything */
    const struct fetch_events *events; /* borrows */
    void *arg;
};

static void
free_fetch(void *obj)
{
    struct file_fetch *f = obj;

    hasher_free(f->hasher);
    if (f->own_fd)
        close(f->fd);
    free(f);
}

static void
resume(struct fetch *fetch)
{
    range_resume(((struct file_fetch *)fetch)->range);
}

static void
cancel(struct fetch *fetch)
{
    struct file_fetch *f = (struct file_fetch *)fetch;

    range_cancel(f->range);
    loop_bury(f->loop, free_fetch, f);
}

static const struct fetch_ops file_ops = { .resume = resume,
                                           .cancel = cancel };

static enum source_flow
on_chunk(struct bytes chunk, void *arg)
{
    struct file_fetch *f = arg;

    if (!f->partial)
        hasher_update(f->hasher, chunk);
    return f->events->on_chunk(chunk, f->arg);
}

static void
on_end(const struct err *err, void *arg)
{
    struct file_fetch *f = arg;
    struct digest got = { "" };
    struct err mismatch;

    if (err == NULL && !f->partial) {
        strcpy(got.text, "sha256:");
        hasher_finish(f->hasher, got.text + 7);
        if (f->want.text[0] != '\0' && !digest_eq(&got, &f->want)) {
            err_set_code(&mismatch, ERR_INPUT, "DIGEST_MISMATCH",
                         "its bytes hash to %s", got.text);
            err = &mismatch;
        }
    }
    loop_bury(f->loop, free_fetch, f);
    f->events->on_end(err == NULL ? &got : NULL, err, f->arg);
}

static const struct range_events range_events = {
    .on_chunk = on_chunk, .on_end = on_end,
};

struct fetch *
file_fetch_start(struct loop *loop, int fd, bool own_fd, uint64_t offset,
                 uint64_t size, const struct digest *want, bool partial,
                 const struct fetch_events *events, void *arg)
{
    struct file_fetch *f = xnew(struct file_fetch);

    f->fetch.ops = &file_ops;
    f->loop = loop;
    f->fd = fd;
    f->own_fd = own_fd;
    f->partial = partial;
    f->hasher = hasher_new(HASH_SHA256);
    if (want != NULL && !partial)
        f->want = *want;
    f->events = events;
    f->arg = arg;
    f->range = range_start(loop, fd, offset, size, &range_events, f);
    return &f->fetch;
}
