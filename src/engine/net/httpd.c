/* A listener: who may connect, how many, and until when. */
#include "engine/net/httpd-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "base/str.h"

#define BACKLOG         512
#define ACCEPT_AGAIN_MS 100

/* 0 stands for these. */
static void
set_defaults(struct httpd_conf *conf)
{
    if (conf->header_limit_bytes == 0)
        conf->header_limit_bytes = 128 * 1024;
    if (conf->body_limit_bytes == 0)
        conf->body_limit_bytes = 1024 * 1024;
    if (conf->max_connections == 0)
        conf->max_connections = 1024;
    if (conf->request_timeout_ms == 0)
        conf->request_timeout_ms = 600 * 1000;
    if (conf->idle_timeout_ms == 0)
        conf->idle_timeout_ms = 75 * 1000;
    if (conf->write_high_bytes == 0)
        conf->write_high_bytes = 1024 * 1024;
}

static uint16_t
sockaddr_port(const struct sockaddr *sa)
{
    if (sa->sa_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)sa)->sin6_port);
    return ntohs(((const struct sockaddr_in *)sa)->sin_port);
}

/* "127.0.0.1:4711", "[::1]:4711"; IPv4 as such on a socket for both. */
static void
format_peer(const struct sockaddr *sa, char *out, size_t n)
{
    char host[INET6_ADDRSTRLEN] = "?";
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)sa;

    if (sa->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)sa)->sin_addr, host,
                  sizeof(host));
    else if (sa->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, host, sizeof(host));
    else if (sa->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
    snprintf(out, n, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host,
             sockaddr_port(sa));
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
          struct sockaddr *sa, int sa_n, void *arg)
{
    struct httpd *d = arg;
    char peer[64];

    (void)sa_n;
    format_peer(sa, peer, sizeof(peer));
    conn_accept(d, fd, peer);
    if (d->n_conns >= d->conf.max_connections) {
        log_warn("http connections at their ceiling",
                 LOG_INT("connections", d->n_conns));
        evconnlistener_disable(listener);
    }
}

static void
accept_again(void *arg)
{
    struct httpd *d = arg;

    if (d->listener != NULL && d->n_conns < d->conf.max_connections)
        evconnlistener_enable(d->listener);
}

/* No descriptor, most often: taking no notice would spin. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct httpd *d = arg;

    log_warn("http accept failed", LOG_STR("reason", strerror(errno)));
    evconnlistener_disable(listener);
    timer_after(&d->accept_again, ACCEPT_AGAIN_MS, accept_again, d);
}

static int
bound_socket(const struct addrinfo *ai)
{
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    0),
        on = 1, off = 0, saved;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (ai->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

/* The first address that can be had, IPv6 (which takes IPv4 too) first when
 * all are meant. */
static int
bind_any(const char *address, uint16_t port, struct err *err)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
    const char *const all[] = { "::", "0.0.0.0", NULL },
               *const one[] = { address, NULL };
    const char *const *host = str_is_empty(address) ? all : one;
    int fd = -1, rc = 0, saved = 0;
    struct addrinfo *list;
    char text[8];

    snprintf(text, sizeof(text), "%u", port);
    for (; *host != NULL && fd < 0; host++) {
        rc = getaddrinfo(*host, text, &hints, &list);
        if (rc != 0)
            continue;
        for (struct addrinfo *ai = list; ai != NULL && fd < 0;
             ai = ai->ai_next) {
            fd = bound_socket(ai);
            saved = errno;
        }
        freeaddrinfo(list);
    }
    if (fd < 0 && saved == 0)
        err_set(err, ERR_INPUT, "listen on %s: %s", address, gai_strerror(rc));
    else if (fd < 0)
        err_set_errno(err, saved, "listen on %s port %u",
                      str_is_empty(address) ? "all addresses" : address, port);
    return fd;
}

static int
listen_on(struct httpd *d, struct err *err)
{
    int fd = bind_any(d->conf.address, d->conf.port, err);
    struct sockaddr_storage sa = { 0 };
    socklen_t n = sizeof(sa);

    if (fd < 0)
        return -1;
    getsockname(fd, (struct sockaddr *)&sa, &n);
    d->port = sockaddr_port((struct sockaddr *)&sa);
    d->listener = evconnlistener_new(
        loop_base(d->loop), on_accept, d,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (d->listener == NULL)
        die_no_memory();
    evconnlistener_set_error_cb(d->listener, on_accept_error);
    return 0;
}

struct httpd *
httpd_new(struct loop *loop, const struct httpd_conf *conf,
          httpd_handler handler, void *arg, struct err *err)
{
    struct httpd *d = xnew(struct httpd);

    d->loop = loop;
    d->conf = *conf;
    set_defaults(&d->conf);
    d->handler = handler;
    d->arg = arg;
    list_init(&d->conns);
    timer_init(&d->accept_again, loop);
    if ((conf->cert_file == NULL) != (conf->key_file == NULL)) {
        err_set(err, ERR_INPUT, "TLS needs both a certificate and a key");
        httpd_free(d);
        return NULL;
    }
    if (conf->cert_file != NULL)
        d->tls = tls_server_new(conf->cert_file, conf->key_file, err);
    if ((conf->cert_file != NULL && d->tls == NULL) || listen_on(d, err) < 0) {
        httpd_free(d);
        return NULL;
    }
    return d;
}

uint16_t
httpd_port(const struct httpd *d)
{
    return d->port;
}

unsigned
httpd_connections(const struct httpd *d)
{
    return d->n_conns;
}

static void
drained(void *arg)
{
    struct httpd *d = arg;

    if (d->on_drained != NULL)
        d->on_drained(d->drained_arg);
}

void
httpd_conn_ended(struct httpd *d)
{
    accept_again(d);
    if (d->draining && d->n_conns == 0) {
        loop_undefer(d->loop, drained, d);
        loop_defer(d->loop, drained, d);
    }
}

static void
stop_listening(struct httpd *d)
{
    if (d->listener != NULL)
        evconnlistener_free(d->listener);
    d->listener = NULL;
    timer_stop(&d->accept_again);
}

/* No loop over the list itself: an end may bring about other ends. */
static struct conn *
first_conn(struct httpd *d, bool all)
{
    list_each(struct conn, c, link, &d->conns)
    {
        if (all || c->state == CONN_IDLE || c->state == CONN_HEAD ||
            c->state == CONN_LINGER)
            return c;
    }
    return NULL;
}

void
httpd_drain(struct httpd *d, void (*done)(void *arg), void *arg)
{
    struct conn *c;

    d->draining = true;
    d->on_drained = done;
    d->drained_arg = arg;
    stop_listening(d);
    while ((c = first_conn(d, false)) != NULL)
        conn_dismiss(c);
    if (d->n_conns == 0)
        httpd_conn_ended(d);
}

static void
free_now(void *obj)
{
    free(obj);
}

void
httpd_free(struct httpd *d)
{
    struct conn *c;

    if (d == NULL)
        return;
    stop_listening(d);
    while ((c = first_conn(d, true)) != NULL)
        conn_lose(c);
    timer_clear(&d->accept_again);
    loop_undefer(d->loop, drained, d);
    SSL_CTX_free(d->tls);
    loop_bury(d->loop, free_now, d);
}
