#include "server-rig.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/primus.h"

struct rig rig;

void
server_rig_start(const char *more)
{
    struct httpc_conf hc = { .max_per_host = 64 };
    char *const env[] = { (char *)"CRAB_ROLE=server",
                          (char *)"CRAB_LISTEN=127.0.0.1", (char *)more, NULL };
    struct err err = { 0 };

    log_setup("test", 2, LOG_LEVEL_NONE, LOG_FORM_JSON);
    cr_assert_eq(conf_load(&rig.conf, "", env, NULL, &err), 0, "%s", err.text);
    rig.conf->server_port = 0;
    if (rig.loop == NULL)
        rig.loop = loop_new(NULL);
    rig.httpc = httpc_new(rig.loop, &hc, NULL);
    rig.store = store_open(rig.loop, ":memory:", &err);
    cr_assert_not_null(rig.store, "%s", err.text);
    rig.server = server_start(rig.loop, rig.conf, rig.store, rig.httpc, &err);
    cr_assert_not_null(rig.server, "%s", err.text);
}

void
server_rig_stop(void)
{
    server_free(rig.server);
    store_close(rig.store);
    httpc_free(rig.httpc);
    loop_free(rig.loop);
    conf_free(rig.conf);
}

void
server_rig_plain(void)
{
    server_rig_start(NULL);
}

void
server_rig_impatient(void)
{
    server_rig_start("CRAB_SERVER_RESPONSE_TIMEOUT=5s");
}

char *
rig_url(const char *path)
{
    return xasprintf("http://127.0.0.1:%u%s", server_port(rig.server), path);
}

static void
on_open(void *arg)
{
    struct rig_client *c = arg;

    c->open = true;
}

static void
keep_request(struct rig_client *c, const struct emitter_packet *p)
{
    auto_buf struct buf id = BUF_INIT(64);
    struct bytes arg = emitter_arg(p, 0);

    buf_reset(&c->request);
    buf_add_bytes(&c->request, arg);
    c->ack_id = p->id;
    c->streaming_id[0] = '\0';
    if (ejson_text(ejson_get(arg, "streamingID"), &id) == 0)
        snprintf(c->streaming_id, sizeof(c->streaming_id), "%s", buf_cstr(&id));
    c->n_requests++;
}

static void
on_text(struct bytes text, void *arg)
{
    struct rig_client *c = arg;
    struct primus_message m;
    struct emitter_packet p;

    buf_add_bytes(&c->got, text);
    buf_add_bytes(&c->got, bytes_str("\n"));
    if (text.n > 0 && text.p[0] == '4' &&
        primus_read(&m, bytes_from(text, 1), NULL) == PRIMUS_PACKET &&
        emitter_read(&p, m.packet, NULL) == 0 && str_eq(p.name, "request"))
        keep_request(c, &p);
}

static void
on_close(int status, const struct err *err, void *arg)
{
    struct rig_client *c = arg;

    (void)status;
    (void)err;
    c->closed = true;
}

static const struct ws_events events = {
    .on_open = on_open,
    .on_text = on_text,
    .on_close = on_close,
};

void
rig_connect(struct rig_client *c, const char *token)
{
    auto_free char *path = xasprintf("/primus/%s/?EIO=4&transport=websocket", token),
                   *url = rig_url(path);
    struct ws_conf conf = { 0 };
    struct err err = { 0 };

    *c = (struct rig_client){ .got = BUF_INIT(64u << 20),
                              .request = BUF_INIT(64u << 20) };
    c->ws = ws_connect(rig.httpc, url, NULL, &conf, &events, c, &err);
    cr_assert_not_null(c->ws, "%s", err.text);
    turn_until(rig.loop, c->open || c->closed);
    cr_assert(c->open);
}

void
rig_say(struct rig_client *c, const char *frame)
{
    ws_send_text(c->ws, bytes_str(frame));
}

void
rig_join_as(struct rig_client *c, const char *token, const char *version)
{
    auto_free char *frame =
        xasprintf("4{\"type\":0,\"data\":[\"identify\",{\"token\":\"%s\","
                  "\"metadata\":{\"version\":\"%s\",\"capabilities\":"
                  "[\"post-streams\"]}}]}", token, version);

    rig_connect(c, token);
    rig_say(c, frame);
}

/* The server answers in order, so a pong comes after the identify was read. */
void
rig_join(struct rig_client *c)
{
    rig_join_as(c, RIG_TOKEN, "5.22.14");
    rig_say(c, "4\"primus::ping::1700000000000\"");
    turn_until(rig.loop, rig_heard(c, "primus::pong::1700000000000") || c->closed);
    cr_assert(!c->closed);
}

void
rig_cut(struct rig_client *c)
{
    ws_free(steal(c->ws));
    buf_clear(&c->got);
    buf_clear(&c->request);
}

bool
rig_heard(const struct rig_client *c, const char *text)
{
    struct bytes got = buf_bytes(&c->got);

    return got.n > 0 && memmem(got.p, got.n, text, strlen(text)) != NULL;
}

void
rig_ask(struct fake_call *call, const char *path)
{
    auto_free char *url = rig_url(path);

    fake_call_start(call, rig.httpc, "GET", url, NULL, BYTES_NONE);
}

void
rig_get(struct fake_call *call, const char *path)
{
    rig_ask(call, path);
    turn_until(rig.loop, call->done);
}

void
rig_expect(const char *path, int status)
{
    struct fake_call call;

    rig_get(&call, path);
    cr_expect_eq(call.status, status, "%s: %d", path, call.status);
    fake_call_clear(&call);
}

void
rig_settle(void)
{
    rig_expect("/healthcheck", 200);
}

void
rig_join_and_ask(struct rig_client *c, struct fake_call *call, const char *path)
{
    rig_join(c);
    rig_ask(call, path);
    turn_until(rig.loop, c->n_requests == 1);
}

char *
rig_post_url(const char *id)
{
    auto_free char *path = xasprintf("/response-data/%s/%s", RIG_TOKEN, id);

    return rig_url(path);
}

void
rig_expect_fault(struct fake_call *call, int status, const char *code)
{
    auto_free char *want = xasprintf("\"code\":\"%s\"", code);

    turn_until(rig.loop, call->done);
    cr_expect_eq(call->status, status);
    cr_expect(strstr(buf_cstr(&call->body), want) != NULL, "%s",
              buf_cstr(&call->body));
}

void
rig_end(struct rig_client *c, struct fake_call *call)
{
    fake_call_clear(call);
    rig_cut(c);
}
