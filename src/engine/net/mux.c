/* The glue between libcurl's multi interface and the loop: sockets, one
 * timer, and the queue of xfers that wait for curl to leave the stack. What
 * an xfer is for is not known here. */
#include "engine/net/mux.h"

#include <event2/event.h>

#include "base/str.h"
#include "engine/loop/timer.h"

/* Idle connections kept for later. */
#define MAX_IDLE  32
#define SPARE_MAX 32

struct mux {
    struct loop *loop;   /* borrows */
    CURLM *multi;        /* owns */
    struct timer timer;  /* when curl wants to be called without a socket */
    struct list dirty;   /* xfers to settle */
    bool settle_planned; /* a deferred call is on its way */
    CURL *spare[SPARE_MAX]; /* owns; reset, and part of no transfer */
    unsigned n_spare, max_spare;
};

struct watch {
    struct mux *mux;     /* borrows */
    struct event *event; /* owns */
    int what;            /* CURL_POLL_* it is armed for */
};

static void
read_messages(struct mux *m)
{
    CURLMsg *msg;
    int left;

    while ((msg = curl_multi_info_read(m->multi, &left)) != NULL) {
        CURLcode rc = msg->data.result;
        struct xfer *x = NULL;

        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &x);
        x->ops->on_done(x, rc);
    }
}

static void
settle(struct mux *m)
{
    struct xfer *x;

    while ((x = list_first(struct xfer, dirty, &m->dirty)) != NULL) {
        list_remove(&x->dirty);
        x->ops->settle(x);
    }
}

static void
settle_later(void *arg)
{
    struct mux *m = arg;

    m->settle_planned = false;
    settle(m);
}

static void
drive(struct mux *m, curl_socket_t fd, int flags)
{
    int running;

    curl_multi_socket_action(m->multi, fd, flags, &running);
    read_messages(m);
    settle(m);
}

static void
on_timer(void *arg)
{
    drive(arg, CURL_SOCKET_TIMEOUT, 0);
}

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct watch *w = arg;
    int flags = 0;

    if ((what & EV_READ) != 0)
        flags |= CURL_CSELECT_IN;
    if ((what & EV_WRITE) != 0)
        flags |= CURL_CSELECT_OUT;
    drive(w->mux, fd, flags);
}

static void
watch_free(struct watch *w)
{
    if (w->event != NULL)
        event_free(w->event);
    free(w);
}

static int
watch_arm(struct watch *w, curl_socket_t fd, int what)
{
    short events = EV_PERSIST;

    if (w->event != NULL && w->what == what)
        return 0;
    if ((what & CURL_POLL_IN) != 0)
        events |= EV_READ;
    if ((what & CURL_POLL_OUT) != 0)
        events |= EV_WRITE;
    if (w->event != NULL)
        event_free(w->event);
    w->what = what;
    w->event = event_new(loop_base(w->mux->loop), fd, events, on_ready, w);
    return w->event != NULL ? event_add(w->event, NULL) : -1;
}

/* CURLMOPT_SOCKETFUNCTION */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct mux *m = arg;
    struct watch *w = socket_arg;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w != NULL)
            watch_free(w);
        return 0;
    }
    if (w == NULL) {
        w = xnew(struct watch);
        w->mux = m;
        curl_multi_assign(m->multi, fd, w);
    }
    return watch_arm(w, fd, what);
}

/* CURLMOPT_TIMERFUNCTION: only arms, for curl may be on the stack. */
static int
on_timeout_change(CURLM *multi, long timeout_ms, void *arg)
{
    struct mux *m = arg;

    (void)multi;
    if (timeout_ms < 0)
        timer_stop(&m->timer);
    else
        timer_after(&m->timer, (uint64_t)timeout_ms, on_timer, m);
    return 0;
}

struct mux *
mux_new(struct loop *loop, long max_per_host, unsigned max_spare,
        struct err *err)
{
    struct mux *m = xnew(struct mux);

    m->loop = loop;
    m->max_spare = max_spare < SPARE_MAX ? max_spare : SPARE_MAX;
    m->multi = curl_multi_init();
    if (m->multi == NULL) {
        free(m);
        err_set(err, ERR_INTERNAL, "libcurl: no multi handle");
        return NULL;
    }
    timer_init(&m->timer, loop);
    list_init(&m->dirty);
    curl_multi_setopt(m->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m->multi, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->multi, CURLMOPT_TIMERFUNCTION, on_timeout_change);
    curl_multi_setopt(m->multi, CURLMOPT_TIMERDATA, m);
    curl_multi_setopt(m->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    curl_multi_setopt(m->multi, CURLMOPT_MAXCONNECTS, (long)MAX_IDLE);
    curl_multi_setopt(m->multi, CURLMOPT_MAX_HOST_CONNECTIONS, max_per_host);
    return m;
}

void
mux_free(struct mux *m)
{
    if (m == NULL)
        return;
    while (m->n_spare > 0)
        curl_easy_cleanup(m->spare[--m->n_spare]);
    curl_multi_cleanup(m->multi);
    timer_clear(&m->timer);
    loop_undefer(m->loop, settle_later, m);
    free(m);
}

void
xfer_init(struct xfer *x, struct mux *m, const struct xfer_ops *ops)
{
    *x = (struct xfer){ .mux = m, .ops = ops };
    x->easy = m->n_spare > 0 ? m->spare[--m->n_spare] : curl_easy_init();
    if (x->easy == NULL)
        die_no_memory();
    curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
}

void
xfer_touch(struct xfer *x)
{
    struct mux *m = x->mux;

    if (!list_linked(&x->dirty))
        list_append(&m->dirty, &x->dirty);
    if (m->settle_planned)
        return;
    m->settle_planned = true;
    loop_defer(m->loop, settle_later, m);
}

int
xfer_run(struct xfer *x, struct err *err)
{
    CURLMcode rc = curl_multi_add_handle(x->mux->multi, x->easy);

    if (rc != CURLM_OK)
        return err_set(err, ERR_INTERNAL, "libcurl: %s",
                       curl_multi_strerror(rc));
    x->running = true;
    return 0;
}

void
xfer_drop(struct xfer *x)
{
    list_remove(&x->dirty);
    if (!x->running)
        return;
    x->running = false;
    curl_multi_remove_handle(x->mux->multi, x->easy);
}

void
xfer_clear(struct xfer *x)
{
    struct mux *m = x->mux;

    xfer_drop(x);
    if (m->n_spare == m->max_spare) {
        curl_easy_cleanup(steal(x->easy));
        return;
    }
    curl_easy_reset(x->easy);
    m->spare[m->n_spare++] = steal(x->easy);
}
