/* One child: bytes into its stdin, bytes out of its stdout, its end. Who may
 * run at all is decided in pool.c. */
#include "engine/loop/proc-private.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define PENDING_BYTES (4 * 1024 * 1024)
#define DRAIN_READS   64 /* more than any pipe of ours holds */

static const char *const kind_name[] = {
    [PROC_LAYER] = "layer",
    [PROC_IMAGE] = "image",
    [PROC_INDEX] = "index",
};

static char **
argv_new(const char *path, const char *mode, const char *const *args)
{
    size_t n = 0;
    char **argv;

    while (args != NULL && args[n] != NULL)
        n++;
    argv = xcalloc(n + 3, sizeof(*argv));
    argv[0] = xstrdup(path);
    argv[1] = xstrdup(mode);
    for (size_t i = 0; i < n; i++)
        argv[i + 2] = xstrdup(args[i]);
    return argv;
}

struct proc *
proc_new(struct proc_pool *pool, enum proc_kind kind, const char *const *args,
         const struct proc_events *events, void *arg)
{
    struct proc *p = xnew(struct proc);

    p->pool = pool;
    p->events = events;
    p->arg = arg;
    p->argv = argv_new(pool->worker_path, kind_name[kind], args);
    p->in_fd = p->out_fd = p->err_fd = -1;
    p->pending = evbuffer_new();
    if (p->pending == NULL)
        die_no_memory();
    timer_init(&p->idle, pool->loop);
    reason_init(&p->reason, 0);
    return p;
}

static void
close_end(int *fd, struct event **event)
{
    if (*event != NULL)
        event_free(*event);
    *event = NULL;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void
close_input(struct proc *p)
{
    close_end(&p->in_fd, &p->in_event);
    evbuffer_drain(p->pending, evbuffer_get_length(p->pending));
}

static void
close_all(struct proc *p)
{
    close_input(p);
    close_end(&p->out_fd, &p->out_event);
    close_end(&p->err_fd, &p->err_event);
}

void
proc_free(void *obj)
{
    struct proc *p = obj;

    close_all(p);
    timer_clear(&p->idle);
    reason_clear(&p->reason);
    evbuffer_free(p->pending);
    for (size_t i = 0; p->argv[i] != NULL; i++)
        free(p->argv[i]);
    free(p->argv);
    free(p);
}

static void
enter(struct proc *p, enum proc_state next)
{
    static const char *const names[] = { "in line", "spawned", "running",
                                         "dead", "cancelled" };

    log_trace("worker state", LOG_INT("worker", p->pid),
              LOG_STR("from", names[p->state]), LOG_STR("to", names[next]));
    p->state = next;
    if (next == PROC_DEAD || next == PROC_CANCELLED) {
        timer_stop(&p->idle);
        close_input(p);
    }
}

/* Bytes moved: patience begins anew. */
static void
moved(struct proc *p)
{
    p->active_ms = clock_now_ms();
}

static void
on_idle(void *arg)
{
    struct proc *p = arg;
    uint64_t limit_ms = p->pool->conf.idle_timeout_ms,
             still_ms = clock_now_ms() - p->active_ms;

    /* A child whose output we do not read ourselves is not to blame. */
    if (still_ms < limit_ms || p->paused) {
        timer_after(&p->idle, p->paused ? limit_ms : limit_ms - still_ms,
                    on_idle, p);
        return;
    }
    err_set_code(&p->kill_reason, ERR_LIMIT, "WORKER_IDLE",
                 "worker made no progress for %llu ms",
                 (unsigned long long)limit_ms);
    kill(p->pid, SIGKILL);
}

/* Move what is pending into the pipe; closes our end when that is all. */
static void
flush_pending(struct proc *p)
{
    while (evbuffer_get_length(p->pending) > 0) {
        int n = evbuffer_write(p->pending, p->in_fd);

        if (n > 0) {
            moved(p);
            continue;
        }
        if (errno == EAGAIN || errno == EINTR) {
            event_add(p->in_event, NULL);
            return;
        }
        /* It reads no more. Its exit tells whether it had enough. */
        close_input(p);
        return;
    }
    if (p->finishing)
        close_input(p);
}

static void
on_in_room(evutil_socket_t fd, short what, void *arg)
{
    struct proc *p = arg;

    (void)fd;
    (void)what;
    flush_pending(p);
    if (p->full && p->in_fd >= 0 && evbuffer_get_length(p->pending) == 0) {
        p->full = false;
        if (p->events->on_drain != NULL)
            p->events->on_drain(p->arg);
    }
}

/* One read. 1: got some, 0: nothing now, -1: the end. */
static int
read_output(struct proc *p)
{
    ssize_t n;

    if (p->out_fd < 0)
        return -1;
    n = read(p->out_fd, p->pool->scratch, SCRATCH_BYTES);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0) {
        close_end(&p->out_fd, &p->out_event);
        return -1;
    }
    moved(p);
    if (p->events->on_output != NULL)
        p->events->on_output(bytes_of(p->pool->scratch, (size_t)n), p->arg);
    return 1;
}

static void
on_out(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    read_output(arg);
}

static int
read_stderr(struct proc *p)
{
    uint8_t chunk[4096];
    ssize_t n;

    if (p->err_fd < 0)
        return -1;
    n = read(p->err_fd, chunk, sizeof(chunk));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0) {
        close_end(&p->err_fd, &p->err_event);
        return -1;
    }
    reason_feed(&p->reason, bytes_of(chunk, (size_t)n));
    return 1;
}

static void
on_err(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    read_stderr(arg);
}

static struct event *
watch(struct proc *p, int fd, short what, event_callback_fn fn)
{
    struct event *event =
        event_new(loop_base(p->pool->loop), fd, what, fn, p);

    if (event == NULL)
        die_no_memory();
    return event;
}

/*
 * A dead child's output ends where its pipes are empty. (They need not be
 * closed: whatever it may have left behind does not speak for it.)
 */
static bool
drain_output(struct proc *p)
{
    for (int i = 0; i < DRAIN_READS && read_stderr(p) > 0; i++)
        continue;
    for (int i = 0; i < DRAIN_READS && read_output(p) > 0; i++) {
        if (p->state != PROC_DEAD || p->paused)
            return false;
    }
    return true;
}

static void
finish(struct proc *p)
{
    struct err err;

    reason_end(&p->reason);
    reason_of_exit(&p->reason, p->wait_status, &err);
    if (err.kind != ERR_NONE && p->kill_reason.kind != ERR_NONE)
        err = p->kill_reason;
    enter(p, PROC_CANCELLED);
    close_all(p);
    pool_forget(p->pool, p);
    if (p->events->on_exit != NULL)
        p->events->on_exit(err.kind != ERR_NONE ? &err : NULL, p->arg);
}

static void
finish_if_over(void *arg)
{
    struct proc *p = arg;

    if (p->state == PROC_DEAD && p->announced && !p->paused && drain_output(p))
        finish(p);
}

void
proc_reaped(struct proc *p, int wait_status)
{
    p->pid = 0;
    p->wait_status = wait_status;
    if (p->state == PROC_CANCELLED) {
        pool_forget(p->pool, p);
        return;
    }
    enter(p, PROC_DEAD);
    loop_defer(p->pool->loop, finish_if_over, p);
}

void
proc_fail_later(struct proc *p, const struct err *err)
{
    p->kill_reason = *err;
    p->wait_status = -1;
    p->announced = true; /* there is nothing to announce */
    enter(p, PROC_DEAD);
    loop_defer(p->pool->loop, finish_if_over, p);
}

/* on_start is not to be called from within proc_start(). */
static void
announce(void *arg)
{
    struct proc *p = arg;

    p->announced = true;
    if (p->state == PROC_SPAWNED)
        enter(p, PROC_RUNNING);
    if (p->events->on_start != NULL)
        p->events->on_start(p->arg);
    if (p->state == PROC_CANCELLED)
        return;
    if (p->out_event != NULL && !p->paused)
        event_add(p->out_event, NULL);
    finish_if_over(p);
}

int
proc_launch(struct proc *p, struct err *err)
{
    uint64_t idle_ms = p->pool->conf.idle_timeout_ms;

    if (spawn(p, p->pool->conf.pipe_bytes, err) < 0)
        return -1;
    p->reason.pid = p->pid;
    p->in_event = watch(p, p->in_fd, EV_WRITE, on_in_room);
    p->out_event = watch(p, p->out_fd, EV_READ | EV_PERSIST, on_out);
    p->err_event = watch(p, p->err_fd, EV_READ | EV_PERSIST, on_err);
    event_add(p->err_event, NULL);
    moved(p);
    if (idle_ms > 0)
        timer_after(&p->idle, idle_ms, on_idle, p);
    enter(p, PROC_SPAWNED);
    loop_defer(p->pool->loop, announce, p);
    return 0;
}

/* Straight into the pipe; what does not fit is kept for later. */
static void
push(struct proc *p, struct bytes chunk)
{
    ssize_t n = write(p->in_fd, chunk.p, chunk.n);

    if (n > 0)
        moved(p);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        close_input(p);
        return;
    }
    chunk = bytes_from(chunk, n > 0 ? (size_t)n : 0);
    if (chunk.n == 0)
        return;
    if (evbuffer_add(p->pending, chunk.p, chunk.n) < 0)
        die_no_memory();
    event_add(p->in_event, NULL);
}

/* The writer did not heed PROC_FULL. */
static void
refuse(struct proc *p, size_t limit_bytes)
{
    err_set_code(&p->kill_reason, ERR_LIMIT, "WORKER_PIPE",
                 "more than %zu bytes waiting for a worker", limit_bytes);
    kill(p->pid, SIGKILL);
    close_input(p);
}

enum proc_room
proc_write(struct proc *p, struct bytes chunk)
{
    size_t held = evbuffer_get_length(p->pending), sum,
           limit = p->pool->conf.pending_limit_bytes;

    if (p->in_fd < 0 || p->finishing || p->state != PROC_RUNNING)
        return PROC_GONE;
    if (chunk.n == 0)
        return held > 0 ? PROC_FULL : PROC_MORE;
    limit = limit > 0 ? limit : PENDING_BYTES;
    if (held == 0)
        push(p, chunk);
    else if (!size_add(held, chunk.n, &sum) || sum > limit)
        refuse(p, limit);
    else if (evbuffer_add(p->pending, chunk.p, chunk.n) < 0)
        die_no_memory();
    if (p->in_fd < 0)
        return PROC_GONE;
    p->full = evbuffer_get_length(p->pending) > 0;
    return p->full ? PROC_FULL : PROC_MORE;
}

void
proc_pause(struct proc *p)
{
    p->paused = true;
    if (p->out_event != NULL)
        event_del(p->out_event);
}

void
proc_resume(struct proc *p)
{
    if (!p->paused)
        return;
    p->paused = false;
    moved(p);
    if (p->state == PROC_DEAD)
        loop_defer(p->pool->loop, finish_if_over, p);
    else if (p->out_event != NULL && p->announced)
        event_add(p->out_event, NULL);
}

void
proc_finish(struct proc *p)
{
    p->finishing = true;
    if (p->in_fd >= 0 && evbuffer_get_length(p->pending) == 0)
        close_input(p);
}

void
proc_cancel(struct proc *p)
{
    if (p->state == PROC_CANCELLED)
        return;
    loop_undefer(p->pool->loop, announce, p);
    loop_undefer(p->pool->loop, finish_if_over, p);
    if (p->pid > 0)
        kill(p->pid, SIGKILL); /* pool.c reaps and forgets it */
    else
        pool_forget(p->pool, p);
    enter(p, PROC_CANCELLED);
    close_all(p);
}
