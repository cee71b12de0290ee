/* Clients that do not keep to the protocol: what they lose is their own. */
#include <stdio.h>
#include <string.h>

#include "../fake/raw-client.h"
#include "base/clock.h"
#include "base/str.h"
#include "role/server/server-private.h"
#include "server-rig.h"

TestSuite(server_rude, .timeout = 60, .init = server_rig_plain,
          .fini = server_rig_stop);

#define ASK "/broker/" RIG_TOKEN "/x"
#define OTHER "0b0b0b0b-2222-4333-8444-555555554444"
#define IDENTIFY(token, rest)                                           \
    "4{\"type\":0,\"data\":[\"identify\",{\"token\":\"" token "\","     \
    "\"metadata\":{\"version\":\"5.22.14\","                               \
    "\"capabilities\":[\"post-streams\"]"                               \
    rest "}}]}"

static struct rig_client client;

/* The server has read all that was said, and the tunnel is still up. */
static void
still_up(struct rig_client *c, unsigned n)
{
    auto_free char *ping = xasprintf("4\"primus::ping::%u\"", n),
                   *pong = xasprintf("primus::pong::%u", n);

    rig_say(c, ping);
    turn_until(rig.loop, rig_heard(c, pong) || c->closed);
    cr_expect_not(c->closed);
}

Test(server_rude, what_is_no_packet_is_passed_over)
{
    static const char *const said[] = {
        "", "4", "9x", "x", "4{", "4[]", "4nul", "4\"primus::x\"",
        "4{\"type\":7,\"data\":[\"identify\"]}",
        "4{\"type\":0,\"data\":{}}",
        "4{\"type\":0,\"data\":[]}",
        "4{\"type\":0,\"data\":[[]]}",
        "4{\"type\":0,\"data\":[\"error\"]}",
        "4{\"type\":0,\"data\":[\"nothing we know\",{}]}",
        "4{\"type\":0,\"data\":[\"request\",{\"url\":\"/x\"}],\"id\":0}",
        "4{\"type\":0,\"data\":[\"request\",{\"url\":\"/x\"}],\"id\":-1}",
        "4{\"type\":0,\"data\":[\"request\",{\"url\":\"/x\"}],\"id\":\"1\"}",
        "4{\"id\":99,\"type\":1,\"data\":[{\"status\":200}]}",
        "4{\"id\":1e99,\"type\":1,\"data\":[{\"status\":200}]}",
    };

    rig_join(&client);
    for (unsigned i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        rig_say(&client, said[i]);
        still_up(&client, i);
    }
    cr_expect_not(rig_heard(&client, "\"type\":1"));
    rig_cut(&client);
}

Test(server_rude, a_packet_of_endless_depth_is_passed_over)
{
    auto_buf struct buf deep = BUF_INIT(1 << 20);

    rig_join(&client);
    buf_add_str(&deep, "4{\"type\":0,\"data\":[\"request\",");
    for (int i = 0; i < 100000; i++)
        buf_add_str(&deep, "[");
    rig_say(&client, buf_cstr(&deep));
    still_up(&client, 1);
    rig_cut(&client);
}

Test(server_rude, nothing_is_routed_to_who_did_not_identify)
{
    rig_connect(&client, RIG_TOKEN);
    still_up(&client, 1);
    rig_expect(ASK, 404);
    rig_expect("/connection-status/" RIG_TOKEN, 404);
    rig_cut(&client);
}

Test(server_rude, who_did_not_identify_may_not_call_the_api)
{
    rig_connect(&client, RIG_TOKEN);
    rig_say(&client, "4{\"type\":0,\"data\":[\"request\",{\"url\":\"/x\","
                     "\"method\":\"POST\"}],\"id\":1}");
    still_up(&client, 1);
    rig_expect("/results/1", 404);
    cr_expect_not(rig_heard(&client, "\"type\":1"));
    rig_cut(&client);
}

Test(server_rude, who_does_not_identify_in_time_is_closed)
{
    clock_freeze(1700000000000);
    rig_connect(&client, RIG_TOKEN);
    still_up(&client, 1);
    clock_advance(29000);
    still_up(&client, 2);
    clock_advance(999);
    still_up(&client, 3);
    clock_advance(1);
    turn_until(rig.loop, client.closed);
    rig_cut(&client);
}

Test(server_rude, an_identify_that_says_nothing_does_not_count)
{
    static const char *const said[] = {
        "4{\"type\":0,\"data\":[\"identify\"]}",
        "4{\"type\":0,\"data\":[\"identify\",{}]}",
        "4{\"type\":0,\"data\":[\"identify\",{\"token\":5}]}",
        "4{\"type\":0,\"data\":[\"identify\",{\"token\":\"\"}]}",
    };

    rig_connect(&client, RIG_TOKEN);
    for (unsigned i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        rig_say(&client, said[i]);
    still_up(&client, 1);
    rig_expect(ASK, 404);
    rig_say(&client, IDENTIFY(RIG_TOKEN, ""));
    still_up(&client, 2);
    rig_expect("/connection-status/" RIG_TOKEN, 200);
    rig_cut(&client);
}

Test(server_rude, an_identify_for_another_token_closes)
{
    rig_connect(&client, RIG_TOKEN);
    rig_say(&client, IDENTIFY(OTHER, ""));
    turn_until(rig.loop, client.closed);
    rig_expect(ASK, 404);
    rig_expect("/broker/" OTHER "/x", 404);
    rig_cut(&client);
}

Test(server_rude, an_identify_of_the_old_form_is_an_outdated_client)
{
    rig_connect(&client, RIG_TOKEN);
    rig_say(&client, "4{\"type\":0,\"data\":[\"identify\",\"" RIG_TOKEN "\"]}");
    turn_until(rig.loop, client.closed);
    cr_expect(rig_heard(&client, "\"notification\""));
    cr_expect(rig_heard(&client, "primus::server::close"));
    rig_cut(&client);
}

Test(server_rude, a_second_identify_changes_nothing)
{
    struct fake_call call;

    rig_join(&client);
    rig_say(&client, IDENTIFY(RIG_TOKEN, ",\"filters\":{\"second\":[]}"));
    rig_say(&client, IDENTIFY(OTHER, ""));
    still_up(&client, 1);
    rig_get(&call, "/connection-status/" RIG_TOKEN);
    cr_expect_str_eq(buf_cstr(&call.body),
                     "{\"ok\":true,\"clients\":[{\"version\":\"5.22.14\"}]}");
    fake_call_clear(&call);
    rig_expect("/connection-status/" OTHER, 404);
    rig_cut(&client);
}

Test(server_rude, a_client_without_capabilities_is_a_400)
{
    rig_connect(&client, RIG_TOKEN);
    rig_say(&client, "4{\"type\":0,\"data\":[\"identify\",{\"token\":\"" RIG_TOKEN
                     "\",\"metadata\":{\"version\":\"5.22.14\"}}]}");
    still_up(&client, 1);
    rig_expect(ASK, 400);
    rig_cut(&client);
}

Test(server_rude, nobody_acks_for_another)
{
    auto_free char *ack = NULL, *url = rig_url(ASK);
    auto_headers struct headers h = HEADERS_INIT;
    struct rig_client thief;
    struct fake_call call;

    headers_add(&h, "x-broker-ws-response", "true");
    rig_join(&client);
    rig_join_as(&thief, OTHER, "5.22.14");
    fake_call_start(&call, rig.httpc, "GET", url, &h, BYTES_NONE);
    turn_until(rig.loop, client.n_requests == 1);
    ack = xasprintf("4{\"id\":%lld,\"type\":1,\"data\":[{\"status\":299}]}",
                    (long long)client.ack_id);
    rig_say(&thief, ack);
    still_up(&thief, 1);
    cr_expect_not(call.done);
    rig_say(&client, ack);
    turn_until(rig.loop, call.done);
    cr_expect_eq(call.status, 299);
    fake_call_clear(&call);
    rig_cut(&thief);
    rig_cut(&client);
}

Test(server_rude, an_ack_that_is_no_answer_is_a_502)
{
    static const char *const said[] = { "5", "{\"status\":\"x\"}", "{}", "[]" };
    auto_headers struct headers h = HEADERS_INIT;
    auto_free char *url = rig_url(ASK);

    headers_add(&h, "x-broker-ws-response", "true");
    rig_join(&client);
    for (unsigned i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        auto_free char *ack = NULL;
        struct fake_call call;

        fake_call_start(&call, rig.httpc, "GET", url, &h, BYTES_NONE);
        turn_until(rig.loop, client.n_requests == i + 1);
        ack = xasprintf("4{\"id\":%lld,\"type\":1,\"data\":[%s]}",
                        (long long)client.ack_id, said[i]);
        rig_say(&client, ack);
        turn_until(rig.loop, call.done);
        cr_expect_eq(call.status, 502, "%s: %d", said[i], call.status);
        fake_call_clear(&call);
    }
    rig_cut(&client);
}

/* ---- below the packets ------------------------------------------------- */

#define UPGRADE(path)                                                        \
    "GET " path " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"              \
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                    \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define PRIMUS "/primus/" RIG_TOKEN "/?EIO=4&transport=websocket"

/* A masked text frame; the mask of zeros leaves the payload readable. */
static void
say_frame(struct raw *r, const char *text)
{
    size_t n = strlen(text);
    uint8_t head[8] = { 0x81, 0x80 | 126, (uint8_t)(n >> 8), (uint8_t)n };

    cr_assert(n > 125 && n < 65536);
    raw_send_bytes(r, head, sizeof(head));
    raw_send(r, text);
}

/* An identified client that nothing but the test speaks for. */
static struct raw *
raw_join(void)
{
    struct raw *r = raw_new(rig.loop, server_port(rig.server), NULL);

    raw_send(r, UPGRADE(PRIMUS));
    cr_assert(raw_until(r, "HTTP/1.1 101 "));
    cr_assert(raw_until(r, "receive-post-streams"));
    say_frame(r, IDENTIFY(RIG_TOKEN, ""));
    raw_flush(r);
    rig_settle();
    rig_expect("/connection-status/" RIG_TOKEN, 200);
    raw_eat(r);
    return r;
}

/* Say these bytes, and be closed with this status. */
static void
is_put_out(const void *p, size_t n, int status)
{
    struct raw *r = raw_join();
    struct bytes got;

    raw_send_bytes(r, p, n);
    raw_until_eof(r);
    got = bytes_from(buf_bytes(&r->in), r->seen);
    cr_assert_geq(got.n, 4);
    cr_expect_eq(got.p[0], 0x88);
    cr_expect_eq(got.p[2] << 8 | got.p[3], status);
    rig_expect(ASK, 503);
    cr_expect_eq(rig.server->n_tunnels, 0);
    raw_free(r);
}

Test(server_rude, a_frame_without_a_mask_ends_the_tunnel)
{
    is_put_out("\x81\x01" "3", 3, 1002);
}

Test(server_rude, a_binary_frame_ends_the_tunnel)
{
    is_put_out("\x82\x81\0\0\0\0" "3", 7, 1003);
}

Test(server_rude, text_that_is_no_utf8_ends_the_tunnel)
{
    is_put_out("\x81\x82\0\0\0\0" "4\xff", 8, 1007);
}

/* 22020097 bytes: one more than we said we take. Its first byte is enough. */
Test(server_rude, a_message_too_large_ends_the_tunnel_before_it_is_sent)
{
    is_put_out("\x81\xff\0\0\0\0\x01\x50\0\x01\0\0\0\0" "4", 15, 1009);
}

Test(server_rude, one_that_said_close_is_out_of_the_pool_though_it_stays)
{
    struct raw *r = raw_join();

    raw_send_bytes(r, "\x88\x80\0\0\0\0", 6);
    raw_flush(r);
    rig_settle();
    rig_settle(); /* and once more, while the answer to it leaves */
    rig_expect(ASK, 503);
    raw_free(r);
}

Test(server_rude, a_handshake_is_refused_in_engine_io_words)
{
    static const struct {
        const char *path, *body;
    } cases[] = {
        { "/primus/" RIG_TOKEN "/?EIO=4",
          "{\"code\":0,\"message\":\"Transport unknown\"}" },
        { PRIMUS "&sid=x",
          "{\"code\":1,\"message\":\"Session ID unknown\"}" },
        { "/primus/" RIG_TOKEN "/?EIO=3&transport=websocket",
          "{\"code\":5,\"message\":\"Unsupported protocol version\"}" },
        { "/primus//?EIO=4&transport=websocket",
          "{\"code\":3,\"message\":\"Bad request\"}" },
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_call call;

        rig_get(&call, cases[i].path);
        cr_expect_eq(call.status, 400);
        cr_expect_str_eq(buf_cstr(&call.body), cases[i].body);
        fake_call_clear(&call);
    }
}

Test(server_rude, what_asks_for_no_upgrade_leaves_nothing_behind)
{
    rig_expect(PRIMUS, 400);
    cr_expect_eq(rig.server->n_tunnels, 0);
}

Test(server_rude, a_token_without_end_is_refused)
{
    auto_free char *name = xcalloc(1, TOKEN_MAX_BYTES + 2);
    auto_free char *path = NULL, *ask = NULL;

    memset(name, 'a', TOKEN_MAX_BYTES + 1);
    path = xasprintf("/primus/%s/?EIO=4&transport=websocket", name);
    ask = xasprintf("/broker/%s/x", name);
    rig_expect(path, 400);
    rig_expect(ask, 404);
}
