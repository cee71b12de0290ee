/* A caller's request, and the ways it is answered or is not. Answers by POST
 * are in server-post.c. */
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/str.h"
#include "server-rig.h"

TestSuite(server_answer, .timeout = 60, .init = server_rig_plain,
          .fini = server_rig_stop);
TestSuite(server_impatient, .timeout = 60, .init = server_rig_impatient,
          .fini = server_rig_stop);

static struct rig_client client;
static struct fake_call call;

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
    cr_expect(rig_heard(&client, "\"x-mine\":\"yes\""));
    cr_expect(rig_heard(&client, "\"body\":{\"$binary\":\"YQBi\"}"));
    cr_expect_eq(strlen(client.streaming_id), UUID_LEN);
    cr_expect_eq(client.ack_id, 0);
    rig_end(&client, &call);
}

Test(server_impatient, a_client_silent_for_too_long_is_a_504)
{
    auto_free char *late = NULL;
    struct fake_call post;

    clock_freeze(1700000000000);
    rig_join_and_ask(&client, &call, "/broker/" RIG_TOKEN "/x");
    clock_advance(4999);
    rig_settle();
    cr_expect_not(call.done);
    clock_advance(1);
    rig_expect_fault(&call, 504, "DOWNSTREAM_TIMEOUT");
    late = rig_post_url(client.streaming_id);
    fake_call_start(&post, rig.httpc, "POST", late, NULL, bytes_str("x"));
    turn_until(rig.loop, post.done);
    cr_expect_eq(post.status, 500);
    fake_call_clear(&post);
    rig_end(&client, &call);
}

Test(server_answer, a_caller_that_goes_away_takes_only_its_request_along)
{
    auto_free char *url = NULL;
    struct fake_call post;

    rig_join_and_ask(&client, &call, "/broker/" RIG_TOKEN "/x");
    fake_call_clear(&call);
    rig_settle();
    url = rig_post_url(client.streaming_id);
    fake_call_start(&post, rig.httpc, "POST", url, NULL, bytes_str("x"));
    turn_until(rig.loop, post.done);
    cr_expect_eq(post.status, 500);
    fake_call_clear(&post);
    rig_ask(&call, "/broker/" RIG_TOKEN "/y");
    turn_until(rig.loop, client.n_requests == 2);
    cr_expect(rig_heard(&client, "\"url\":\"/y\""));
    rig_end(&client, &call);
}

Test(server_answer, an_ack_for_a_caller_that_went_away_is_harmless)
{
    auto_free char *ack = NULL;

    ask_for_ack();
    ack = xasprintf("4{\"id\":%lld,\"type\":1,\"data\":[{\"status\":200}]}",
                    (long long)client.ack_id);
    fake_call_clear(&call);
    rig_settle();
    rig_say(&client, ack);
    rig_say(&client, "4\"primus::ping::5\"");
    turn_until(rig.loop, rig_heard(&client, "primus::pong::5") || client.closed);
    cr_expect_not(client.closed);
    rig_end(&client, &call);
}

Test(server_answer, a_server_ends_with_a_request_pending)
{
    rig_join_and_ask(&client, &call, "/broker/" RIG_TOKEN "/x");
    server_free(rig.server);
    rig.server = NULL;
    turn_until(rig.loop, call.done);
    cr_expect(call.failed);
    rig_end(&client, &call);
}

Test(server_answer, a_tunnel_lost_is_a_502_for_a_stream)
{
    rig_join_and_ask(&client, &call, "/broker/" RIG_TOKEN "/x");
    rig_cut(&client);
    rig_expect_fault(&call, 502, "TUNNEL_LOST");
    rig_end(&client, &call);
}

Test(server_answer, a_tunnel_lost_is_a_502_for_an_ack)
{
    ask_for_ack();
    rig_cut(&client);
    rig_expect_fault(&call, 502, "TUNNEL_LOST");
    rig_end(&client, &call);
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
    rig_end(&client, &call);
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
    rig_end(&client, &call);
}
