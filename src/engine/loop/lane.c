/* A lane: one thread, one queue in, one queue out. The reactor learns of
 * answers through an eventfd that it watches only while it awaits some, so an
 * idle lane does not keep the loop running. */
#include "engine/loop/lane.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <event2/event.h>

#include "base/list.h"
#include "base/str.h"

struct ask {
    struct link link;
    void (*work)(void *arg);
    void (*done)(void *arg); /* may be NULL */
    void *arg;
};

struct lane {
    struct loop *loop; /* borrows */
    pthread_t thread;
    int wake_fd;         /* owns */
    struct event *event; /* owns; reactor only */
    unsigned open;       /* asked and not answered; reactor only */

    pthread_mutex_t lock; /* holds for what follows */
    pthread_cond_t changed;
    struct list asked, answered;
    bool quit;
};

static struct ask *
take_first(struct lane *lane, struct list *list)
{
    struct ask *a;

    pthread_mutex_lock(&lane->lock);
    a = list_first(struct ask, link, list);
    if (a != NULL)
        list_remove(&a->link);
    pthread_mutex_unlock(&lane->lock);
    return a;
}

/* Wait for a request; NULL when it is time to go. */
static struct ask *
await_ask(struct lane *lane)
{
    struct ask *a;

    pthread_mutex_lock(&lane->lock);
    while (list_is_empty(&lane->asked) && !lane->quit)
        pthread_cond_wait(&lane->changed, &lane->lock);
    a = list_first(struct ask, link, &lane->asked);
    if (a != NULL)
        list_remove(&a->link);
    pthread_mutex_unlock(&lane->lock);
    return a;
}

static void *
lane_main(void *arg)
{
    struct lane *lane = arg;
    struct ask *a;

    while ((a = await_ask(lane)) != NULL) {
        a->work(a->arg);
        pthread_mutex_lock(&lane->lock);
        list_append(&lane->answered, &a->link);
        pthread_cond_broadcast(&lane->changed);
        pthread_mutex_unlock(&lane->lock);
        eventfd_write(lane->wake_fd, 1);
    }
    return NULL;
}

static void
answer(struct lane *lane)
{
    struct ask *a;

    while ((a = take_first(lane, &lane->answered)) != NULL) {
        if (--lane->open == 0)
            event_del(lane->event);
        if (a->done != NULL)
            a->done(a->arg);
        free(a);
    }
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
    eventfd_t n;

    (void)what;
    eventfd_read(fd, &n);
    answer(arg);
}

/* Signals are the reactor's business: the thread is born with all blocked. */
static int
start_thread(struct lane *lane, const char *name)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&lane->thread, NULL, lane_main, lane);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        pthread_setname_np(lane->thread, name);
    return rc;
}

static void
release(void *obj)
{
    struct lane *lane = obj;

    if (lane->event != NULL)
        event_free(lane->event);
    if (lane->wake_fd >= 0)
        close(lane->wake_fd);
    pthread_mutex_destroy(&lane->lock);
    pthread_cond_destroy(&lane->changed);
    free(lane);
}

struct lane *
lane_new(struct loop *loop, const char *name, struct err *err)
{
    struct lane *lane = xnew(struct lane);
    int rc;

    lane->loop = loop;
    list_init(&lane->asked);
    list_init(&lane->answered);
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->changed, NULL);
    lane->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (lane->wake_fd >= 0)
        lane->event = event_new(loop_base(loop), lane->wake_fd,
                                EV_READ | EV_PERSIST, on_wake, lane);
    rc = lane->event == NULL ? errno : start_thread(lane, name);
    if (rc != 0) {
        err_set_errno(err, rc, "lane %s", name);
        release(lane);
        return NULL;
    }
    return lane;
}

void
lane_ask(struct lane *lane, void (*work)(void *arg), void (*done)(void *arg),
         void *arg)
{
    struct ask *a = xnew(struct ask);

    a->work = work;
    a->done = done;
    a->arg = arg;
    if (lane->open++ == 0)
        event_add(lane->event, NULL);
    pthread_mutex_lock(&lane->lock);
    list_append(&lane->asked, &a->link);
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
}

void
lane_free(struct lane *lane)
{
    if (lane == NULL)
        return;
    /* An answer may lead to the next question: until none is left. */
    while (lane->open > 0) {
        pthread_mutex_lock(&lane->lock);
        while (list_is_empty(&lane->answered))
            pthread_cond_wait(&lane->changed, &lane->lock);
        pthread_mutex_unlock(&lane->lock);
        answer(lane);
    }
    pthread_mutex_lock(&lane->lock);
    lane->quit = true;
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
    pthread_join(lane->thread, NULL);
    /* We may have been called by an answer. */
    loop_bury(lane->loop, release, lane);
}
