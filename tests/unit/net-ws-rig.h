/* tests/unit/net-ws-rig.h: our end of a websocket against a peer that is
 * played frame by frame. */
#ifndef TESTS_UNIT_NET_WS_RIG_H
#define TESTS_UNIT_NET_WS_RIG_H

#include <openssl/sha.h>
#include <stdio.h>

#include "base/clock.h"
#include "net-call.h"
#include "net-tale.h"

#define TLS FIXTURES "/net/tls/"

static struct loop *loop;
static struct peer *peer;
static struct httpc *c;
static struct tale t;

static inline void
setup(const char *cert)
{
    loop = loop_new(NULL);
    peer = peer_new(loop, cert);
    c = client(loop, (struct httpc_conf){ .ca_file = TLS "ca.pem" });
    tale_init(&t);
}

static inline void
teardown(void)
{
    tale_clear(&t);
    httpc_free(c);
    peer_free(peer);
    loop_free(loop);
}

static inline void
a_turn(void)
{
    loop_defer(loop, (void (*)(void *))free, NULL);
    loop_turn(loop);
}

static inline void
open_at(const char *url, const struct headers *h, struct ws_conf conf)
{
    struct err err = { 0 };
    struct ws *ws = ws_connect(c, url, h, &conf, &tale_events, &t, &err);

    cr_assert_not_null(ws, "%s", err.text);
    t.ws = ws;
}

/* RFC 6455 4.2.2, written down a second time. */
static inline void
answer_of(const char *request, char out[64])
{
    static const char name[] = "Sec-WebSocket-Key: ";
    const char *key = strstr(request, name);
    auto_buf struct buf text = BUF_INIT(64);
    auto_free char *both = NULL;
    uint8_t sha[SHA_DIGEST_LENGTH];

    cr_assert_not_null(key);
    both = xasprintf("%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
                     key + strlen(name));
    SHA1((uint8_t *)both, strlen(both), sha);
    base64_encode(bytes_of(sha, sizeof(sha)), &text);
    snprintf(out, 64, "%s", buf_cstr(&text));
}

/* Answer the upgrade; what is heard begins anew behind it. */
static inline void
upgrade(const char *more)
{
    auto_free char *text = NULL;
    char accept[64];

    peer_expect(peer, "\r\n\r\n");
    answer_of(buf_cstr(&peer_line(peer)->got), accept);
    text = xasprintf("HTTP/1.1 101 Switching Protocols\r\n"
                     "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
                     "Sec-WebSocket-Accept: %s\r\n%s\r\n", accept, more);
    buf_reset(&peer_line(peer)->got);
    line_say(peer_line(peer), text);
}

static inline void
open_up(struct ws_conf conf)
{
    open_at(peer_url(peer, "ws", "/primus/?a=b"), NULL, conf);
    upgrade("");
    turn_until(loop, t.n_opens > 0);
}

#define SAY(s) line_say_bytes(peer_line(peer), bytes_of(s, sizeof(s) - 1))

/* What the client sent, its frames unmasked: "[81]hello[88]..." */
static inline char *
heard(void)
{
    struct bytes in = buf_bytes(&peer_line(peer)->got);
    auto_buf struct buf out = BUF_INIT(SIZE_MAX);

    while (in.n >= 6) {
        size_t n = in.p[1] & 0x7f, head = 2;

        cr_assert(in.p[1] & 0x80, "a client masks");
        if (n == 126) {
            n = (size_t)in.p[2] << 8 | in.p[3];
            head = 4;
        } else if (n == 127) {
            n = 0;
            for (head = 2; head < 10; head++)
                n = n << 8 | in.p[head];
        }
        if (in.n < head + 4 + n)
            break;
        buf_addf(&out, "[%02x]", in.p[0]);
        for (size_t i = 0; i < n; i++)
            buf_add_char(&out, (char)(in.p[head + 4 + i] ^
                                      in.p[head + i % 4]));
        in = bytes_from(in, head + 4 + n);
    }
    return buf_steal(&out);
}

static inline bool
has_heard(const char *want)
{
    auto_free char *got = heard();

    return str_eq(got, want);
}

#define expect_heard(want) turn_until(loop, has_heard(want))

#endif
