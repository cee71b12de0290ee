#include "net-peer.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/str.h"
#include "engine.h"

static void
on_read(struct bufferevent *bev, void *arg)
{
    struct line *l = arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t n = evbuffer_get_length(in);

    cr_assert_eq(buf_add(&l->got, evbuffer_pullup(in, -1), n), 0);
    evbuffer_drain(in, n);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    struct line *l = arg;

    (void)bev;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
        l->closed = true;
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd,
          struct sockaddr *sa, int len, void *arg)
{
    struct peer *p = arg;
    struct event_base *base = loop_base(p->loop);
    struct line *l = &p->line[p->n];

    (void)listener;
    (void)sa;
    (void)len;
    cr_assert_lt(p->n, PEER_LINES);
    p->n++;
    buf_init(&l->got, SIZE_MAX);
    if (p->tls != NULL)
        l->bev = bufferevent_openssl_socket_new(base, fd, SSL_new(p->tls),
                                                BUFFEREVENT_SSL_ACCEPTING,
                                                BEV_OPT_CLOSE_ON_FREE);
    else
        l->bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(l->bev, on_read, NULL, on_event, l);
    bufferevent_enable(l->bev, EV_READ | EV_WRITE);
}

static SSL_CTX *
tls_new(const char *cert)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    auto_free char *pem = xasprintf("%s/net/tls/%s.pem", FIXTURES, cert);
    auto_free char *key = xasprintf("%s/net/tls/%s.key", FIXTURES, cert);

    cr_assert_eq(SSL_CTX_use_certificate_chain_file(ctx, pem), 1);
    cr_assert_eq(SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM), 1);
    return ctx;
}

struct peer *
peer_new(struct loop *loop, const char *cert)
{
    struct peer *p = xnew(struct peer);
    struct sockaddr_in sin = { .sin_family = AF_INET };
    socklen_t len = sizeof(sin);

    p->loop = loop;
    p->tls = cert != NULL ? tls_new(cert) : NULL;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    p->listener = evconnlistener_new_bind(loop_base(loop), on_accept, p,
                                          LEV_OPT_CLOSE_ON_FREE, -1,
                                          (struct sockaddr *)&sin, sizeof(sin));
    cr_assert_not_null(p->listener);
    getsockname(evconnlistener_get_fd(p->listener), (struct sockaddr *)&sin,
                &len);
    p->port = ntohs(sin.sin_port);
    return p;
}

void
peer_free(struct peer *p)
{
    for (unsigned i = 0; i < p->n; i++) {
        if (p->line[i].bev != NULL)
            bufferevent_free(p->line[i].bev);
        buf_clear(&p->line[i].got);
    }
    evconnlistener_free(p->listener);
    SSL_CTX_free(p->tls);
    free(p);
}

struct line *
line_dial(struct loop *loop, uint16_t port)
{
    struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct line *l = xnew(struct line);

    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    buf_init(&l->got, SIZE_MAX);
    l->bev = bufferevent_socket_new(loop_base(loop), -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(l->bev, on_read, NULL, on_event, l);
    bufferevent_enable(l->bev, EV_READ | EV_WRITE);
    cr_assert_eq(bufferevent_socket_connect(l->bev, (struct sockaddr *)&sin,
                                            sizeof(sin)), 0);
    return l;
}

void
line_hang_up(struct line *l)
{
    if (l->bev != NULL)
        bufferevent_free(l->bev);
    buf_clear(&l->got);
    free(l);
}

void
line_expect(struct loop *loop, const struct line *l, const char *text)
{
    turn_until(loop, line_has(l, text));
}

const char *
peer_url(const struct peer *p, const char *scheme, const char *path)
{
    static char url[512];

    snprintf(url, sizeof(url), "%s://127.0.0.1:%u%s", scheme, p->port, path);
    return url;
}

struct line *
peer_line(struct peer *p)
{
    cr_assert_gt(p->n, 0);
    return &p->line[p->n - 1];
}

bool
line_has(const struct line *l, const char *text)
{
    return bytes_find_str(buf_bytes(&l->got), text) < l->got.n;
}

void
peer_expect(struct peer *p, const char *text)
{
    turn_until(p->loop, p->n > 0 && line_has(peer_line(p), text));
}

void
line_say_bytes(struct line *l, struct bytes b)
{
    bufferevent_write(l->bev, b.p, b.n);
}

void
line_say(struct line *l, const char *text)
{
    line_say_bytes(l, bytes_str(text));
}

void
peer_answer(struct peer *p, const char *text)
{
    peer_expect(p, "\r\n\r\n");
    line_say(peer_line(p), text);
}

void
line_close(struct loop *loop, struct line *l)
{
    turn_until(loop, l->closed ||
                         evbuffer_get_length(
                             bufferevent_get_output(l->bev)) == 0);
    bufferevent_free(l->bev);
    l->bev = NULL;
}

void
line_reset(struct line *l)
{
    struct linger now = { .l_onoff = 1 };

    setsockopt(bufferevent_getfd(l->bev), SOL_SOCKET, SO_LINGER, &now,
               sizeof(now));
    bufferevent_free(l->bev);
    l->bev = NULL;
}

void
line_deaf(struct line *l, bool deaf)
{
    if (deaf)
        bufferevent_disable(l->bev, EV_READ);
    else
        bufferevent_enable(l->bev, EV_READ);
}
