/* Running an index worker: the file into its stdin, its lines into a reader. */
#include "engine/source/archive-index.h"

#include "base/str.h"
#include "engine/source/range.h"

struct indexing {
    struct loop *loop; /* borrows */
    int fd;            /* borrows */
    index_cb fn;
    void *arg;
    struct proc *proc;           /* owns while it runs */
    struct range *range;         /* owns while it reads */
    struct index_reader *reader; /* owns */
    struct err err;              /* of reading, ERR_NONE without */
};

static void
free_indexing(void *obj)
{
    struct indexing *x = obj;

    index_reader_free(x->reader);
    free(x);
}

void
indexing_cancel(struct indexing *x)
{
    if (x->range != NULL)
        range_cancel(x->range);
    if (x->proc != NULL)
        proc_cancel(x->proc);
    x->range = NULL;
    x->proc = NULL;
    loop_bury(x->loop, free_indexing, x);
}

static void
end(struct indexing *x, struct archive_index *index, const struct err *err)
{
    index_cb fn = x->fn;
    void *arg = x->arg;

    indexing_cancel(x);
    fn(index, err, arg);
}

static enum source_flow
on_chunk(struct bytes chunk, void *arg)
{
    struct indexing *x = arg;

    switch (proc_write(x->proc, chunk)) {
    case PROC_FULL:
        return SOURCE_PAUSE;
    case PROC_GONE:
        return SOURCE_STOP; /* on_exit tells the reason */
    default:
        return SOURCE_MORE;
    }
}

static void
on_end(const struct err *err, void *arg)
{
    struct indexing *x = arg;

    x->range = NULL;
    if (err == NULL)
        proc_finish(x->proc);
    else if (err->kind != ERR_CANCELLED)
        end(x, NULL, err);
}

static const struct range_events range_events = {
    .on_chunk = on_chunk, .on_end = on_end,
};

static void
on_start(void *arg)
{
    struct indexing *x = arg;

    x->range = range_start(x->loop, x->fd, 0, RANGE_TO_END, &range_events, x);
}

static void
on_drain(void *arg)
{
    struct indexing *x = arg;

    if (x->range != NULL)
        range_resume(x->range);
}

static void
on_output(struct bytes chunk, void *arg)
{
    struct indexing *x = arg;

    if (x->err.kind == ERR_NONE)
        index_reader_feed(x->reader, chunk, &x->err);
}

static void
on_gone(const struct err *err, void *arg)
{
    struct indexing *x = arg;
    struct archive_index *index = NULL;

    x->proc = NULL;
    if (err == NULL && x->err.kind == ERR_NONE)
        index = index_reader_finish(x->reader, &x->err);
    end(x, index, index != NULL ? NULL : err != NULL ? err : &x->err);
}

static const struct proc_events proc_events = {
    .on_start = on_start,
    .on_output = on_output,
    .on_drain = on_drain,
    .on_exit = on_gone,
};

struct indexing *
indexing_start(struct loop *loop, struct proc_pool *pool, int fd,
               const char *const *worker_args, index_cb fn, void *arg,
               struct err *err)
{
    struct indexing *x = xnew(struct indexing);

    x->loop = loop;
    x->fd = fd;
    x->fn = fn;
    x->arg = arg;
    x->reader = index_reader_new();
    x->proc = proc_start(pool, PROC_INDEX, worker_args, &proc_events, x, err);
    if (x->proc == NULL) {
        free_indexing(x);
        return NULL;
    }
    return x;
}
