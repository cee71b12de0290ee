/*
 * What the engine's tests do over and over, done once before the first fork:
 * valgrind then has the code of libcurl, OpenSSL, libevent and SQLite ready in
 * its translated form, and every fork inherits it.
 */
#include <stdio.h>

#include "../fake/fake-http.h"
#include "engine/loop/loop.h"
#include "engine/net/httpc.h"
#include "engine/store/store.h"

void warm_up(void);

static void
on_done(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    (void)reply;
    (void)err;
    *(bool *)arg = true;
}

static void
get(struct loop *loop, struct httpc *c, const char *url)
{
    static const struct httpc_events events = { .on_done = on_done };
    struct httpc_request req = { .url = url };
    bool done = false;

    if (httpc_start(c, &req, &events, &done, NULL) == NULL)
        return;
    while (!done)
        loop_turn(loop);
}

void
warm_up(void)
{
    static const char pem[] = FIXTURES "/net/tls/server.pem",
                      key[] = FIXTURES "/net/tls/server.key",
                      ca[] = FIXTURES "/net/tls/ca.pem";
    struct httpd_conf plain = { .address = "127.0.0.1" },
                      tls = { .address = "127.0.0.1", .cert_file = pem, .key_file = key };
    struct httpc_conf conf = { .ca_file = ca };
    struct loop *loop = loop_new(NULL);
    struct fake_http *a = fake_http_new(loop, &plain), *b = fake_http_new(loop, &tls);
    struct httpc *c = httpc_new(loop, &conf, NULL);
    struct store *store = store_open(loop, ":memory:", NULL);

    get(loop, c, fake_http_url(a));
    get(loop, c, fake_http_url(b));
    store_close(store);
    httpc_free(c);
    fake_http_free(b);
    fake_http_free(a);
    loop_free(loop);
}
