/* Who may run: the ceiling on children, the line before it, and reaping. What
 * one child does lives in proc.c. */
#include "engine/loop/proc-private.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/str.h"

static bool
has_room(const struct proc_pool *pool)
{
    return pool->n_children < pool->conf.max_active;
}

static void
unwatch(void *arg)
{
    struct proc_pool *pool = arg;

    if (pool->n_children == 0)
        event_del(pool->chld);
}

/*
 * SIGCHLD is watched from before the first child until the last is reaped.
 * The end waits for the next turn: libevent keeps a pointer to its own stack
 * when a signal that came twice is deleted by its callback, and writes there
 * at the next deletion.
 */
static void
unwatch_later(struct proc_pool *pool)
{
    loop_defer(pool->loop, unwatch, pool);
}

static int
launch(struct proc_pool *pool, struct proc *p, struct err *err)
{
    if (pool->n_children == 0)
        event_add(pool->chld, NULL);
    if (proc_launch(p, err) < 0) {
        if (pool->n_children == 0)
            unwatch_later(pool);
        return -1;
    }
    pool->n_children++;
    return 0;
}

static void
serve_line(struct proc_pool *pool)
{
    struct proc *p;
    struct err err;

    while (has_room(pool) &&
           (p = list_first(struct proc, link, &pool->line)) != NULL) {
        list_remove(&p->link);
        pool->n_line--;
        list_append(&pool->procs, &p->link);
        if (launch(pool, p, &err) < 0)
            proc_fail_later(p, &err);
    }
}

static void
count_usage(struct proc_pool *pool, const struct rusage *usage)
{
    uint64_t peak_bytes = (uint64_t)usage->ru_maxrss * 1024;

    if (peak_bytes > pool->peak_rss_bytes)
        pool->peak_rss_bytes = peak_bytes;
}

/* Reap it if it has ended. No callback comes from here. */
static void
reap(struct proc_pool *pool, struct proc *p, int flags)
{
    struct rusage usage = { 0 };
    int status = 0;
    pid_t rc;

    do {
        rc = wait4(p->pid, &status, flags, &usage);
    } while (rc < 0 && errno == EINTR);
    if (rc == 0)
        return;
    if (rc < 0)
        status = -1; /* somebody else reaped it: we know of no success */
    else
        log_debug("worker ended", LOG_INT("worker", p->pid),
                  LOG_INT("status", status),
                  LOG_BYTES("peakRss", (uint64_t)usage.ru_maxrss * 1024));
    count_usage(pool, &usage);
    if (--pool->n_children == 0)
        unwatch_later(pool);
    proc_reaped(p, status);
}

static void
on_chld(evutil_socket_t signo, short what, void *arg)
{
    struct proc_pool *pool = arg;

    (void)signo;
    (void)what;
    list_each(struct proc, p, link, &pool->procs)
    {
        if (p->pid > 0)
            reap(pool, p, WNOHANG);
    }
    serve_line(pool);
}

struct proc_pool *
proc_pool_new(struct loop *loop, const struct proc_pool_conf *conf,
              struct err *err)
{
    struct proc_pool *pool = xnew(struct proc_pool);

    pool->loop = loop;
    pool->conf = *conf;
    pool->worker_path = xstrdup(conf->worker_path);
    pool->scratch = xalloc(SCRATCH_BYTES);
    list_init(&pool->line);
    list_init(&pool->procs);
    pool->chld = evsignal_new(loop_base(loop), SIGCHLD, on_chld, pool);
    if (pool->conf.max_active == 0)
        pool->conf.max_active = 1;
    if (pool->worker_path == NULL || pool->chld == NULL) {
        err_set(err, ERR_INTERNAL, "worker pool: no path or no event");
        proc_pool_free(pool);
        return NULL;
    }
    return pool;
}

static void
pool_free_now(void *obj)
{
    struct proc_pool *pool = obj;

    free(pool->worker_path);
    free(pool->scratch);
    free(pool);
}

void
proc_pool_free(struct proc_pool *pool)
{
    if (pool == NULL)
        return;
    list_each(struct proc, waiting, link, &pool->line)
        proc_cancel(waiting);
    list_each(struct proc, p, link, &pool->procs)
    {
        proc_cancel(p);
        if (p->pid > 0)
            reap(pool, p, 0); /* SIGKILL is on its way: this is short */
    }
    loop_undefer(pool->loop, unwatch, pool);
    if (pool->chld != NULL)
        event_free(pool->chld);
    loop_bury(pool->loop, pool_free_now, pool);
}

unsigned
proc_pool_active(const struct proc_pool *pool)
{
    return pool->n_children;
}

unsigned
proc_pool_waiting(const struct proc_pool *pool)
{
    return pool->n_line;
}

uint64_t
proc_pool_peak_rss_bytes(const struct proc_pool *pool)
{
    return pool->peak_rss_bytes;
}

void
pool_forget(struct proc_pool *pool, struct proc *p)
{
    if (p->state == PROC_IN_LINE)
        pool->n_line--;
    list_remove(&p->link);
    loop_bury(pool->loop, proc_free, p);
}

struct proc *
proc_start(struct proc_pool *pool, enum proc_kind kind,
           const char *const *args, const struct proc_events *events,
           void *arg, struct err *err)
{
    bool now = has_room(pool) && list_is_empty(&pool->line);
    struct proc *p;

    if (!now && pool->n_line >= pool->conf.max_waiting) {
        err_set(err, ERR_BUSY, "%u workers run and %u wait: no room",
                pool->n_children, pool->n_line);
        return NULL;
    }
    p = proc_new(pool, kind, args, events, arg);
    if (!now) {
        list_append(&pool->line, &p->link);
        pool->n_line++;
        return p;
    }
    if (launch(pool, p, err) < 0) {
        proc_free(p);
        return NULL;
    }
    list_append(&pool->procs, &p->link);
    return p;
}
