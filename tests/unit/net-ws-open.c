/* Upgrades that do not come about. */
#include "net-ws-rig.h"

TestSuite(ws_open, .timeout = 30);

static void
refused_by(const char *answer)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    peer_answer(peer, answer);
    turn_until(loop, t.n_closes > 0 && peer_line(peer)->closed);
    cr_expect_eq(t.n_opens, 0);
    cr_expect_eq(t.status, 0);
    cr_expect(!t.good);
}

Test(ws_open, a_refusal_tells_the_status)
{
    refused_by("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    cr_expect_eq(t.err.peer_status, 401);
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

Test(ws_open, a_plain_200_is_a_refusal)
{
    refused_by("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    cr_expect_eq(t.err.peer_status, 200);
    teardown();
}

Test(ws_open, a_wrong_answer_to_the_key_is_an_error)
{
    refused_by("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\n"
               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_eq(t.err.peer_status, 0);
    teardown();
}

Test(ws_open, an_upgrade_without_headers_is_an_error)
{
    refused_by("HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01" "a: b");
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

Test(ws_open, nonsense_for_an_answer_is_an_error)
{
    refused_by("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

static void
refused_with(const char *header)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    upgrade(header);
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.n_opens, 0);
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

Test(ws_open, an_extension_nobody_asked_for_is_an_error)
{
    refused_with("Sec-WebSocket-Extensions: permessage-deflate\r\n");
}

Test(ws_open, a_protocol_nobody_asked_for_is_an_error)
{
    refused_with("Sec-WebSocket-Protocol: chat\r\n");
}

Test(ws_open, an_endless_answer_is_an_error)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    peer_answer(peer, "HTTP/1.1 101 Switching Protocols\r\n");
    for (unsigned i = 0; i < 20000 && t.n_closes == 0; i++) {
        line_say(peer_line(peer), "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
        loop_turn(loop);
    }
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_LIMIT);
    teardown();
}

Test(ws_open, hanging_up_instead_of_an_answer_is_econnreset)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    peer_answer(peer, "HTTP/1.1 101 Switch");
    line_close(loop, peer_line(peer));
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_str_eq(t.err.code, "ECONNRESET");
    teardown();
}

Test(ws_open, no_one_listening_is_econnrefused)
{
    setup(NULL);
    open_at("ws://127.0.0.1:1/", NULL, (struct ws_conf){ 0 });
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_str_eq(t.err.code, "ECONNREFUSED");
    teardown();
}

Test(ws_open, a_peer_that_does_not_answer_is_given_up)
{
    setup(NULL);
    clock_freeze(0);
    open_at(peer_url(peer, "ws", "/"), NULL,
            (struct ws_conf){ .open_timeout_ms = 3000 });
    peer_expect(peer, "\r\n\r\n");
    clock_advance(2999);
    a_turn();
    cr_expect_eq(t.n_closes, 0);
    clock_advance(1);
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_TIMEOUT);
    turn_until(loop, peer_line(peer)->closed);
    teardown();
}

Test(ws_open, bad_addresses_and_headers_are_refused_at_once)
{
    struct headers h = HEADERS_INIT;
    struct err err = { 0 };

    setup(NULL);
    headers_add(&h, "X-A", "b\r\nX-Injected: c");
    cr_expect_null(ws_connect(c, "ftp://a/", NULL, NULL, &tale_events, &t,
                              &err));
    cr_expect_eq(err.kind, ERR_INPUT);
    cr_expect_null(ws_connect(c, "ws://a/", &h, NULL, &tale_events, &t, &err));
    cr_expect_eq(err.kind, ERR_INPUT);
    headers_clear(&h);
    teardown();
}
