/* One connection: its socket, its states, its timers. What is answered lives
 * in httpd-exchange.c, where request bodies go in httpd-body.c. */
#include "engine/net/httpd-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "base/str.h"

#define READ_AHEAD_BYTES (64 * 1024)
/* A peer that takes no byte of its answer for this long has gone. */
#define STALL_MS (2 * 60 * 1000)
/* How long, and how much, we listen to a peer that was answered too early. */
#define LINGER_MS     5000
#define DISCARD_BYTES (256 * 1024)

static void close_conn(struct conn *c);

struct evbuffer *
conn_output(struct conn *c)
{
    return bufferevent_get_output(c->bev);
}

static void
on_deadline(void *arg)
{
    struct conn *c = arg;

    switch (c->state) {
    case CONN_HEAD:
        reply_plain(c, 408, "the request took too long");
        break;
    case CONN_EXCHANGE:
        ex_fail(c->ex, 408, "the request took too long");
        break;
    default:
        conn_lose(c);
    }
}

static void
on_stall(void *arg)
{
    struct conn *c = arg;

    log_info("http peer takes no bytes", LOG_STR("peer", c->peer));
    conn_lose(c);
}

static void
enter(struct conn *c, enum conn_state next)
{
    static const char *const names[] = { "idle",    "head",  "exchange",
                                         "discard", "flush", "linger",
                                         "gone" };
    const struct httpd_conf *conf = &c->httpd->conf;

    log_trace("http connection", LOG_STR("peer", c->peer),
              LOG_STR("from", names[c->state]), LOG_STR("to", names[next]));
    c->state = next;
    switch (next) {
    case CONN_IDLE:
        timer_after(&c->deadline, conf->idle_timeout_ms, on_deadline, c);
        break;
    case CONN_HEAD:
        timer_after(&c->deadline, conf->request_timeout_ms, on_deadline, c);
        break;
    case CONN_LINGER:
        timer_after(&c->deadline, LINGER_MS, on_deadline, c);
        break;
    case CONN_EXCHANGE:
    case CONN_DISCARD:
        break; /* the time counts on until the request is whole */
    default:
        timer_stop(&c->deadline);
    }
}

/* Something moved in or out of the output buffer. */
static void
on_output_change(struct evbuffer *out, const struct evbuffer_cb_info *info,
                 void *arg)
{
    struct conn *c = arg;
    size_t left = info->orig_size + info->n_added - info->n_deleted;

    (void)out;
    if (left == 0)
        timer_stop(&c->stall);
    else if (info->n_deleted > 0 || !timer_is_armed(&c->stall))
        timer_after(&c->stall, STALL_MS, on_stall, c);
}

/* The next request may begin when its answer will find room. */
static bool
has_room_for_more(const struct conn *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->bev)) <=
           c->httpd->conf.write_high_bytes;
}

static bool
wants_input(const struct conn *c)
{
    switch (c->state) {
    case CONN_IDLE:
    case CONN_HEAD:
        return has_room_for_more(c);
    case CONN_EXCHANGE:
        return !c->ex->request_done && ex_wants_body(c->ex);
    case CONN_DISCARD:
        return true;
    default:
        return false;
    }
}

static void
begin_exchange(struct conn *c)
{
    c->ex = ex_new(c);
    enter(c, CONN_EXCHANGE);
    if (!c->h1.keep_alive || c->httpd->draining)
        c->close = true;
    c->httpd->handler(c->ex, &c->ex->req, c->httpd->arg);
    /* A handler that has not asked for the body yet is not the peer's fault. */
    if (c->state == CONN_EXCHANGE &&
        (c->ex->request_done || !ex_wants_body(c->ex)))
        timer_stop(&c->deadline);
}

/* The request is over, and with it the exchange if it was answered. */
static void
end_request(struct conn *c)
{
    timer_stop(&c->deadline);
    if (c->state == CONN_EXCHANGE) {
        ex_end_body(c->ex);
        return;
    }
    if (c->httpd->draining) {
        conn_finish(c);
        return;
    }
    h1_next(&c->h1);
    enter(c, CONN_IDLE);
}

static void
discard(struct conn *c, struct bytes chunk)
{
    c->discarded_bytes += chunk.n;
    if (c->discarded_bytes > DISCARD_BYTES)
        conn_finish(c);
}

/* What came cannot be read, nor anything behind it. */
static void
refuse(struct conn *c, const struct err *err)
{
    log_info("http request refused", LOG_STR("peer", c->peer), LOG_ERR(err));
    if (c->state == CONN_EXCHANGE)
        ex_fail(c->ex, c->h1.status, err->text);
    else if (c->state == CONN_DISCARD)
        conn_finish(c); /* it has its answer */
    else
        reply_plain(c, c->h1.status, err->text);
}

/* The first bytes that lie together; none when there are none. (A drained
 * buffer may keep a piece of memory with nothing in it.) */
static struct bytes
first_input(struct evbuffer *input)
{
    size_t n;

    if (evbuffer_get_length(input) == 0 || evbuffer_pullup(input, 1) == NULL)
        return BYTES_NONE;
    n = evbuffer_get_contiguous_space(input);
    return bytes_of(evbuffer_pullup(input, (ev_ssize_t)n), n);
}

/* One event of the parser; false when no more can be done. */
static bool
step(struct conn *c)
{
    struct evbuffer *input = bufferevent_get_input(c->bev);
    struct bytes all = first_input(input), in = all, body;
    enum h1_event event;
    struct err err;

    if (in.n > 0 && c->state == CONN_IDLE)
        enter(c, CONN_HEAD);
    event = h1_step(&c->h1, &in, &body, &err);
    if (event == H1_BODY && c->state == CONN_EXCHANGE)
        ex_take_body(c->ex, body);
    else if (event == H1_BODY)
        discard(c, body);
    if (c->state == CONN_GONE)
        return false;
    evbuffer_drain(input, all.n - in.n);
    if (event == H1_HEAD)
        begin_exchange(c);
    else if (event == H1_END)
        end_request(c);
    else if (event == H1_ERROR)
        refuse(c, &err);
    return event != H1_MORE || all.n > 0;
}

static bool
has_input(const struct conn *c)
{
    return evbuffer_get_length(bufferevent_get_input(c->bev)) > 0;
}

/* The peer said goodbye. It is gone, unless an answer is on its way already,
 * or bytes it sent before wait for a handler that asked us to wait. */
static void
check_eof(struct conn *c)
{
    bool answered = c->state != CONN_EXCHANGE && c->state != CONN_LINGER &&
                    evbuffer_get_length(conn_output(c)) > 0,
         reading = c->state == CONN_EXCHANGE && c->ex->paused && has_input(c);

    if (!c->eof || reading || c->state == CONN_FLUSH)
        return;
    if (answered)
        conn_finish(c);
    else
        conn_lose(c);
}

/*
 * What nobody wants yet stays with the kernel, and so with the peer. (Not by
 * libevent's watermark: above it the read callback is called in a circle.)
 */
static void
regulate(struct conn *c)
{
    size_t n = evbuffer_get_length(bufferevent_get_input(c->bev));

    if (n >= READ_AHEAD_BYTES)
        bufferevent_disable(c->bev, EV_READ);
    else
        bufferevent_enable(c->bev, EV_READ);
}

void
conn_process(struct conn *c)
{
    if (c->processing || c->state == CONN_GONE)
        return;
    c->processing = true;
    while (wants_input(c) && step(c))
        continue;
    c->processing = false;
    if (c->state == CONN_LINGER)
        evbuffer_drain(bufferevent_get_input(c->bev), SIZE_MAX);
    if (c->state != CONN_GONE)
        check_eof(c);
    if (c->state != CONN_GONE && !c->eof)
        regulate(c);
}

static void
process_later(void *arg)
{
    conn_process(arg);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
    (void)bev;
    conn_process(arg);
}

/* Say that no more will come, and give the peer time to read what came: a
 * close with unread input would make the kernel throw the answer away. */
static void
say_goodbye(struct conn *c)
{
    SSL *ssl = bufferevent_openssl_get_ssl(c->bev);

    if (c->abrupt || c->eof || (c->h1.complete && !has_input(c))) {
        close_conn(c);
        return;
    }
    if (ssl != NULL)
        SSL_shutdown(ssl);
    shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    enter(c, CONN_LINGER);
    conn_process(c);
}

static void
on_write(struct bufferevent *bev, void *arg)
{
    struct conn *c = arg;
    struct httpd_ex *ex = c->ex;
    size_t left = evbuffer_get_length(bufferevent_get_output(bev));

    if (c->state == CONN_FLUSH && left == 0) {
        say_goodbye(c);
    } else if (c->state == CONN_EXCHANGE && ex->full) {
        ex->full = false;
        if (ex->on_drain != NULL)
            ex->on_drain(ex->drain_arg);
    } else if (c->state == CONN_IDLE || c->state == CONN_HEAD) {
        conn_process(c);
    }
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    struct conn *c = arg;

    (void)bev;
    if (what & BEV_EVENT_CONNECTED)
        return; /* a TLS handshake is over */
    if (what & BEV_EVENT_ERROR) {
        conn_lose(c);
        return;
    }
    c->eof = true;
    conn_process(c);
}

static void
watch(struct conn *c)
{
    bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
    bufferevent_setwatermark(c->bev, EV_WRITE,
                             c->httpd->conf.write_high_bytes / 2, 0);
    bufferevent_set_max_single_read(c->bev, READ_AHEAD_BYTES);
    bufferevent_set_max_single_write(c->bev, 4 * READ_AHEAD_BYTES);
    c->out_cb = evbuffer_add_cb(conn_output(c), on_output_change, c);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static struct bufferevent *
bev_new(struct httpd *d, int fd)
{
    struct event_base *base = loop_base(d->loop);
    struct bufferevent *bev;

    if (d->tls == NULL)
        return bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_openssl_socket_new(base, fd, SSL_new(d->tls),
                                         BUFFEREVENT_SSL_ACCEPTING,
                                         BEV_OPT_CLOSE_ON_FREE);
    if (bev != NULL)
        bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

void
conn_accept(struct httpd *d, int fd, const char *peer)
{
    struct conn *c = xnew(struct conn);
    int on = 1;

    c->httpd = d;
    c->bev = bev_new(d, fd);
    if (c->bev == NULL)
        die_no_memory();
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    snprintf(c->peer, sizeof(c->peer), "%s", peer);
    h1_init(&c->h1, d->conf.header_limit_bytes);
    timer_init(&c->deadline, d->loop);
    timer_init(&c->stall, d->loop);
    list_append(&d->conns, &c->link);
    d->n_conns++;
    watch(c);
    enter(c, CONN_IDLE);
}

static void
conn_free(void *obj)
{
    struct conn *c = obj;

    h1_clear(&c->h1);
    free(c);
}

/* Out of every list and timer; the socket is the caller's business. */
static void
forget(struct conn *c)
{
    enter(c, CONN_GONE);
    timer_clear(&c->deadline);
    timer_clear(&c->stall);
    loop_undefer(c->httpd->loop, process_later, c);
    evbuffer_remove_cb_entry(conn_output(c), c->out_cb);
    list_remove(&c->link);
    c->httpd->n_conns--;
    loop_bury(c->httpd->loop, conn_free, c);
}

/* A reset tells the peer that the answer is not whole, where nothing else in
 * the protocol does. */
static void
set_abrupt_close(int fd)
{
    struct linger linger = { .l_onoff = 1 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static void
close_conn(struct conn *c)
{
    SSL *ssl = bufferevent_openssl_get_ssl(c->bev);

    forget(c);
    if (c->abrupt)
        set_abrupt_close(bufferevent_getfd(c->bev));
    else if (ssl != NULL && SSL_is_init_finished(ssl))
        SSL_shutdown(ssl);
    bufferevent_free(c->bev);
    c->bev = NULL;
    httpd_conn_ended(c->httpd);
}

void
conn_lose(struct conn *c)
{
    struct httpd_ex *ex = c->ex;

    if (c->state == CONN_GONE)
        return;
    c->ex = NULL;
    close_conn(c);
    if (ex != NULL)
        ex_lose(ex);
}

void
conn_finish(struct conn *c)
{
    enter(c, CONN_FLUSH);
    if (evbuffer_get_length(conn_output(c)) == 0)
        say_goodbye(c);
}

void
conn_dismiss(struct conn *c)
{
    if (c->state != CONN_LINGER && evbuffer_get_length(conn_output(c)) > 0)
        conn_finish(c);
    else
        conn_lose(c);
}

/* Go on with what is in the buffer, unless we are at it anyway. */
static void
go_on(struct conn *c)
{
    if (!c->processing)
        loop_defer(c->httpd->loop, process_later, c);
}

void
conn_answered(struct conn *c)
{
    bool done = c->ex->request_done;

    ex_bury(c->ex);
    c->ex = NULL;
    if (c->close) {
        conn_finish(c);
        return;
    }
    if (done) {
        h1_next(&c->h1);
        enter(c, CONN_IDLE);
    } else {
        c->discarded_bytes = 0;
        enter(c, CONN_DISCARD);
        conn_await(c);
    }
    go_on(c);
}

struct bufferevent *
conn_release(struct conn *c)
{
    struct bufferevent *bev = c->bev;

    c->ex = NULL;
    forget(c);
    bufferevent_setcb(bev, NULL, NULL, NULL, NULL);
    bufferevent_setwatermark(bev, EV_WRITE, 0, 0);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    c->bev = NULL;
    httpd_conn_ended(c->httpd);
    return bev;
}

void
conn_pause(struct conn *c)
{
    timer_stop(&c->deadline);
}

void
conn_await(struct conn *c)
{
    timer_after(&c->deadline, c->httpd->conf.request_timeout_ms, on_deadline,
                c);
}

void
conn_resume(struct conn *c)
{
    conn_await(c);
    go_on(c);
}
