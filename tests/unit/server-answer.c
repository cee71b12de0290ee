/* A caller's request and the ways its answer comes, or does not. */
#include <string.h>

#include "base/digest.h"
#include "base/str.h"
#include "engine/tunnel/frame.h"
#include "server-rig.h"

static void start(void) { server_rig_start(NULL); }

TestSuite(server_answer, .timeout = 60, .init = start, .fini = server_rig_stop);

static struct rig_client client;
static struct fake_call call;

/* A client is there and was asked. */
static void
ask(const char *path)
{
    rig_join(&client);
    rig_ask(&call, path);
    turn_until(rig.loop, client.n_requests == 1);
}

static void
end(void)
{
    fake_call_clear(&call);
    if (client.ws != NULL)
        rig_cut(&client);
}

static char *
post_url(const char *id)
{
    auto_free char *path = xasprintf("/response-data/%s/%s", RIG_TOKEN, id);

    return rig_url(path);
}

static void
on_posted(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    (void)reply;
    (void)err;
    *(bool *)arg = true;
}

/* Begin an answer by POST; *done once it was taken. */
static struct httpc_call *
post(bool *done)
{
    auto_free char *url = post_url(client.streaming_id);
    struct httpc_request req = { .method = "POST", .url = url, .stream_body = true };
    static const struct httpc_events events = { .on_done = on_posted };
    struct err err = { 0 };
    struct httpc_call *c;

    *done = false;
    c = httpc_start(rig.httpc, &req, &events, done, &err);
    cr_assert_not_null(c, "%s", err.text);
    return c;
}

Test(server_answer, the_request_arrives_whole)
{
    auto_free char *url = rig_url("/broker/" RIG_TOKEN "/v2/x?q=1");
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "X-Mine", "yes");
    rig_join(&client);
    fake_call_start(&call, rig.httpc, "PUT", url, &h, bytes_of("a\0b", 3));
    turn_until(rig.loop, client.n_requests == 1);
    cr_expect(rig_heard(&client, "\"url\":\"/v2/x?q=1\""));
    cr_expect(rig_heard(&client, "\"method\":\"PUT\""));
    cr_expect(rig_heard(&client, "\"x-mine\":\"yes\"") ||
              rig_heard(&client, "\"X-Mine\":\"yes\""));
    cr_expect(rig_heard(&client, "\"body\":{\"$binary\":\"YQBi\"}"));
    cr_expect_eq(strlen(client.streaming_id), UUID_LEN);
    cr_expect_eq(client.ack_id, 0);
    end();
}

Test(server_answer, an_unknown_streaming_id_is_refused)
{
    auto_free char *url = post_url("9040d857-be4e-4d2d-828a-b7b204b376e2");

    fake_call_start(&call, rig.httpc, "POST", url, NULL, bytes_str("x"));
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 500);
    end();
}

Test(server_answer, a_post_is_understood_wherever_it_is_cut)
{
    auto_buf struct buf frame = BUF_INIT(4096);

    cr_assert_eq(frame_add_head(&frame, 201, NULL, NULL), 0);
    buf_add_bytes(&frame, bytes_str("hello"));
    rig_join(&client);
    for (size_t cut = 1; cut < frame.n; cut++) {
        struct httpc_call *c;
        unsigned before = client.n_requests;
        bool posted;

        rig_ask(&call, "/broker/" RIG_TOKEN "/x");
        turn_until(rig.loop, client.n_requests > before);
        c = post(&posted);
        httpc_send(c, bytes_to(buf_bytes(&frame), cut));
        loop_turn(rig.loop);
        httpc_send(c, bytes_from(buf_bytes(&frame), cut));
        httpc_send_end(c);
        turn_until(rig.loop, call.done && posted);
        cr_expect_eq(call.status, 201, "cut at %zu", cut);
        cr_expect_str_eq(buf_cstr(&call.body), "hello");
        fake_call_clear(&call);
    }
    rig_cut(&client);
}

Test(server_answer, a_post_broken_off_breaks_the_answer_off)
{
    auto_buf struct buf frame = BUF_INIT(4096);
    struct httpc_call *c;
    bool posted;

    cr_assert_eq(frame_add_head(&frame, 200, NULL, NULL), 0);
    buf_add_bytes(&frame, bytes_str("hel"));
    ask("/broker/" RIG_TOKEN "/x");
    c = post(&posted);
    httpc_send(c, buf_bytes(&frame));
    for (int i = 0; i < 4; i++)
        loop_turn(rig.loop);
    httpc_abort(c);
    turn_until(rig.loop, call.done);
    cr_expect(call.failed || call.status == 502);
    end();
}

Test(server_answer, a_server_ends_with_a_request_pending)
{
    ask("/broker/" RIG_TOKEN "/x");
    server_free(rig.server);
    rig.server = NULL;
    turn_until(rig.loop, call.done);
    cr_expect(call.failed);
    end();
}

Test(server_answer, a_tunnel_lost_is_a_502_for_a_stream)
{
    ask("/broker/" RIG_TOKEN "/x");
    rig_cut(&client);
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 502);
    cr_expect(strstr(buf_cstr(&call.body), "\"TUNNEL_LOST\"") != NULL);
    end();
}

static void
ask_for_ack(void)
{
    auto_free char *url = rig_url("/broker/" RIG_TOKEN "/x");
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "x-broker-ws-response", "true");
    rig_join(&client);
    fake_call_start(&call, rig.httpc, "GET", url, &h, BYTES_NONE);
    turn_until(rig.loop, client.n_requests == 1);
    cr_assert_gt(client.ack_id, 0);
}

Test(server_answer, a_tunnel_lost_is_a_502_for_an_ack)
{
    ask_for_ack();
    rig_cut(&client);
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 502);
    cr_expect(strstr(buf_cstr(&call.body), "\"TUNNEL_LOST\"") != NULL);
    end();
}

Test(server_answer, an_ack_reaches_the_caller)
{
    auto_free char *ack = NULL;

    ask_for_ack();
    ack = xasprintf("4{\"id\":%lld,\"type\":1,\"data\":[{\"status\":202,"
                    "\"body\":{\"a\":1}}]}", (long long)client.ack_id);
    rig_say(&client, ack);
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 202);
    cr_expect_str_eq(buf_cstr(&call.body), "{\"a\":1}");
    end();
}

Test(server_answer, a_body_beyond_10_mib_is_refused)
{
    auto_free char *url = rig_url("/broker/" RIG_TOKEN "/x");
    size_t n = (10u << 20) + 1;
    auto_free char *body = xcalloc(n, 1);

    rig_join(&client);
    fake_call_start(&call, rig.httpc, "POST", url, NULL, bytes_of(body, n));
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 413);
    cr_expect_eq(client.n_requests, 0);
    end();
}
