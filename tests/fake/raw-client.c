#include "raw-client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>

#include "base/str.h"

static void
on_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *input = bufferevent_get_input(bev);
    struct raw *r = arg;
    size_t n = evbuffer_get_length(input);
    uint8_t *to = buf_room(&r->in, n);

    if (to == NULL)
        abort();
    r->in.n += (size_t)evbuffer_remove(input, to, n);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    struct raw *r = arg;

    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        r->eof = true;
    if (what & BEV_EVENT_ERROR)
        r->reset = true;
}

static int
connected(uint16_t port)
{
    struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
        perror("raw-client");
        abort();
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    /* What a test says in two pieces arrives in two, and at once. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

static SSL *
tls(const char *ca_file)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl;

    SSL_CTX_load_verify_locations(ctx, ca_file, NULL);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    ssl = SSL_new(ctx);
    SSL_set1_host(ssl, "localhost");
    SSL_CTX_free(ctx);
    return ssl;
}

struct raw *
raw_new(struct loop *loop, uint16_t port, const char *ca_file)
{
    struct raw *r = xnew(struct raw);
    int fd = connected(port);

    r->loop = loop;
    buf_init(&r->in, 256 * 1024 * 1024);
    if (ca_file == NULL)
        r->bev = bufferevent_socket_new(loop_base(loop), fd,
                                        BEV_OPT_CLOSE_ON_FREE);
    else
        r->bev = bufferevent_openssl_socket_new(
            loop_base(loop), fd, tls(ca_file), BUFFEREVENT_SSL_CONNECTING,
            BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(r->bev, on_read, NULL, on_event, r);
    bufferevent_enable(r->bev, EV_READ | EV_WRITE);
    return r;
}

void
raw_free(struct raw *r)
{
    bufferevent_free(r->bev);
    buf_clear(&r->in);
    free(r);
}

void
raw_send_bytes(struct raw *r, const void *p, size_t n)
{
    bufferevent_write(r->bev, p, n);
}

void
raw_send(struct raw *r, const char *text)
{
    raw_send_bytes(r, text, strlen(text));
}

void
raw_flush(struct raw *r)
{
    while (evbuffer_get_length(bufferevent_get_output(r->bev)) > 0)
        loop_turn(r->loop);
}

void
raw_shutdown(struct raw *r)
{
    raw_flush(r);
    shutdown(bufferevent_getfd(r->bev), SHUT_WR);
}

void
raw_pause(struct raw *r)
{
    bufferevent_disable(r->bev, EV_READ);
}

void
raw_go_on(struct raw *r)
{
    bufferevent_enable(r->bev, EV_READ);
}

const char *
raw_text(struct raw *r)
{
    return buf_cstr(&r->in) + r->seen;
}

void
raw_eat(struct raw *r)
{
    r->seen = r->in.n;
}

bool
raw_until(struct raw *r, const char *text)
{
    for (;;) {
        struct bytes rest = bytes_from(buf_bytes(&r->in), r->seen);
        size_t at = bytes_find_str(rest, text);

        if (at < rest.n) {
            r->seen += at + strlen(text);
            return true;
        }
        if (r->eof)
            return false;
        loop_turn(r->loop);
    }
}

void
raw_until_eof(struct raw *r)
{
    while (!r->eof)
        loop_turn(r->loop);
}
