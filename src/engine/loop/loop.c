/* The reactor: turns of libevent, and between them what is due, deferred or
 * buried. Timers live in timer.c. */
#include "engine/loop/loop.h"

#include <errno.h>
#include <signal.h>

#include <event2/event.h>

#include "base/list.h"
#include "base/str.h"
#include "engine/loop/loop-private.h"

#define LONGEST_WAIT_MS (60 * 60 * 1000)

/* One thing to call later; for a burial, obj is the arg. */
struct later {
    struct link link;
    void (*fn)(void *arg);
    void *arg;
};

struct signal_watch {
    struct link link;
    struct event *event; /* owns */
    void (*fn)(int signo, void *arg);
    void *arg;
};

struct loop {
    struct event_base *base; /* owns */
    struct event *tick;      /* owns; wakes us for the next timer */
    struct timers timers;
    struct list deferred; /* for the next turn */
    struct list running;  /* of this turn, not called yet */
    struct list buried;
    struct list signals;
    bool stop;
};

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

struct loop *
loop_new(struct err *err)
{
    struct loop *loop = xnew(struct loop);

    list_init(&loop->deferred);
    list_init(&loop->running);
    list_init(&loop->buried);
    list_init(&loop->signals);
    loop->base = event_base_new();
    if (loop->base != NULL)
        loop->tick = evtimer_new(loop->base, on_tick, NULL);
    if (loop->tick == NULL) {
        err_set_errno(err, errno, "event loop");
        loop_free(loop);
        return NULL;
    }
    /* A peer that hangs up is an errno of write(), not our end. */
    signal(SIGPIPE, SIG_IGN);
    return loop;
}

static void
remember(struct list *list, void (*fn)(void *arg), void *arg)
{
    struct later *l = xnew(struct later);

    l->fn = fn;
    l->arg = arg;
    list_append(list, &l->link);
}

/* Call and forget each member, the ones that join meanwhile included. */
static void
call_all(struct list *list)
{
    struct later *l;

    while ((l = list_first(struct later, link, list)) != NULL) {
        list_remove(&l->link);
        l->fn(l->arg);
        free(l);
    }
}

static void
run_deferred(struct loop *loop)
{
    list_each(struct later, l, link, &loop->deferred)
    {
        list_remove(&l->link);
        list_append(&loop->running, &l->link);
    }
    call_all(&loop->running);
}

/* Have the coming turn wait no longer than until something of ours is due. */
static void
arm_tick(struct loop *loop)
{
    uint64_t wait_ms = 0;
    struct timeval tv;

    if (list_is_empty(&loop->deferred) && list_is_empty(&loop->buried) &&
        !timers_wait_ms(&loop->timers, &wait_ms)) {
        evtimer_del(loop->tick);
        return;
    }
    if (wait_ms > LONGEST_WAIT_MS)
        wait_ms = LONGEST_WAIT_MS;
    tv.tv_sec = (time_t)(wait_ms / 1000);
    tv.tv_usec = (suseconds_t)(wait_ms % 1000 * 1000);
    evtimer_add(loop->tick, &tv);
}

/* False when nothing is left that could wake us. */
static bool
turn(struct loop *loop)
{
    arm_tick(loop);
    if (event_base_loop(loop->base, EVLOOP_ONCE) != 0)
        return false;
    timers_run(&loop->timers);
    run_deferred(loop);
    call_all(&loop->buried);
    return true;
}

void
loop_turn(struct loop *loop)
{
    turn(loop);
}

void
loop_run(struct loop *loop)
{
    loop->stop = false;
    while (!loop->stop && turn(loop))
        continue;
}

void
loop_stop(struct loop *loop)
{
    loop->stop = true;
}

static void
signal_watch_free(struct signal_watch *w)
{
    list_remove(&w->link);
    event_free(w->event);
    free(w);
}

void
loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    while (!list_is_empty(&loop->deferred) || !list_is_empty(&loop->buried)) {
        run_deferred(loop);
        call_all(&loop->buried);
    }
    list_each(struct signal_watch, w, link, &loop->signals)
        signal_watch_free(w);
    if (loop->tick != NULL)
        event_free(loop->tick);
    if (loop->base != NULL)
        event_base_free(loop->base);
    free(loop->timers.at);
    free(loop);
}

void
loop_defer(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    remember(&loop->deferred, fn, arg);
}

static void
forget(struct list *list, void (*fn)(void *arg), void *arg)
{
    list_each(struct later, l, link, list)
    {
        if (l->fn == fn && l->arg == arg) {
            list_remove(&l->link);
            free(l);
        }
    }
}

void
loop_undefer(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    forget(&loop->deferred, fn, arg);
    forget(&loop->running, fn, arg);
}

void
loop_bury(struct loop *loop, void (*free_fn)(void *obj), void *obj)
{
    remember(&loop->buried, free_fn, obj);
}

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
    struct signal_watch *w = arg;

    (void)what;
    w->fn((int)signo, w->arg);
}

int
loop_on_signal(struct loop *loop, int signo, void (*fn)(int signo, void *arg),
               void *arg, struct err *err)
{
    struct signal_watch *w = xnew(struct signal_watch);

    w->fn = fn;
    w->arg = arg;
    w->event = evsignal_new(loop->base, signo, on_signal, w);
    if (w->event == NULL || event_add(w->event, NULL) < 0) {
        if (w->event != NULL)
            event_free(w->event);
        free(w);
        return err_set(err, ERR_IO, "signal %d cannot be watched", signo);
    }
    list_append(&loop->signals, &w->link);
    return 0;
}

struct event_base *
loop_base(struct loop *loop)
{
    return loop->base;
}

struct timers *
loop_timers(struct loop *loop)
{
    return &loop->timers;
}
