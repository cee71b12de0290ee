/* The client's end: what goes over it, pressure, and ways to the server. */
#include "net-ws-rig.h"

TestSuite(ws_client, .timeout = 30);

Test(ws_client, the_request_asks_for_what_rfc_6455_tells)
{
    struct headers h = HEADERS_INIT;
    auto_buf struct buf raw = BUF_INIT(64);
    auto_free char *start = NULL;
    const char *request;

    setup(NULL);
    headers_add(&h, "Authorization", "Bearer x");
    headers_add(&h, "Upgrade", "other");
    open_at(peer_url(peer, "http", "/primus/T/?EIO=4"), &h,
            (struct ws_conf){ 0 });
    headers_clear(&h);
    peer_expect(peer, "\r\n\r\n");
    request = buf_cstr(&peer_line(peer)->got);
    start = xasprintf("GET /primus/T/?EIO=4 HTTP/1.1\r\n"
                      "Host: 127.0.0.1:%u\r\n", peer->port);
    cr_expect(str_starts(request, start), "%s", request);
    cr_expect_not_null(strstr(request, "\r\nConnection: Upgrade\r\n"));
    cr_expect_not_null(strstr(request, "\r\nUpgrade: websocket\r\n"));
    cr_expect_null(strstr(request, "other"));
    cr_expect_not_null(strstr(request, "\r\nSec-WebSocket-Version: 13\r\n"));
    cr_expect_not_null(strstr(request, "\r\nAuthorization: Bearer x\r\n"));
    base64_decode(bytes_of(strstr(request, "-Key: ") + 6, 24), &raw);
    cr_expect_eq(raw.n, 16);
    teardown();
}

Test(ws_client, texts_go_both_ways)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    SAY("\x81\x05hello");
    turn_until(loop, t.n_texts == 1);
    cr_expect(tale_is(&t, "hello|"));
    cr_expect_eq(ws_send_text(t.ws, bytes_str("2probe")), WS_MORE);
    cr_expect_eq(ws_send_text(t.ws, bytes_str("")), WS_MORE);
    expect_heard("[81]2probe[81]");
    teardown();
}

Test(ws_client, frames_right_behind_the_answer_are_not_lost)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    upgrade("");
    SAY("\x81\x01" "a\x81\x01" "b");
    turn_until(loop, t.n_texts == 2);
    cr_expect(tale_is(&t, "a|b|"));
    cr_expect_eq(t.n_opens, 1);
    teardown();
}

Test(ws_client, what_is_sent_before_it_is_open_follows_the_upgrade)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    ws_send_text(t.ws, bytes_str("early"));
    upgrade("");
    expect_heard("[81]early");
    teardown();
}

Test(ws_client, interim_answers_are_skipped)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    peer_expect(peer, "\r\n\r\n");
    SAY("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
    upgrade("");
    turn_until(loop, t.n_opens == 1);
    teardown();
}

Test(ws_client, fragments_are_joined_and_a_ping_between_is_answered)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    SAY("\x01\x03hel" "\x89\x02hi" "\x00\x00" "\x80\x02lo");
    turn_until(loop, t.n_texts == 1);
    cr_expect(tale_is(&t, "hello|"));
    expect_heard("[8a]hi");
    teardown();
}

Test(ws_client, any_split_of_the_stream_gives_the_same)
{
    static const char stream[] = "\x01\x03hel\x89\x01x\x80\x02lo"
                                 "\x81\x7e\x00\x80"
                                 "0123456789abcdef0123456789abcdef"
                                 "0123456789abcdef0123456789abcdef"
                                 "0123456789abcdef0123456789abcdef"
                                 "0123456789abcdef0123456789abcdef"
                                 "\x81\x03\xe2\x82\xac";

    setup(NULL);
    open_up((struct ws_conf){ 0 });
    for (size_t i = 0; i < sizeof(stream) - 1; i++) {
        line_say_bytes(peer_line(peer), bytes_of(stream + i, 1));
        a_turn();
    }
    turn_until(loop, t.n_texts == 3);
    cr_expect(bytes_starts(buf_bytes(&t.texts), "hello|0123"));
    cr_expect(bytes_ends(buf_bytes(&t.texts), "cdef|\xe2\x82\xac|"));
    teardown();
}

/* ---- pressure ---- */

Test(ws_client, a_slow_peer_pushes_back_and_nothing_is_lost)
{
    enum { PIECE = 100000 };
    auto_free char *piece = xcalloc(1, PIECE);
    size_t sent = 0;
    enum ws_room room;
    struct ws_conf conf = { .send_high_bytes = 200000,
                            .send_limit_bytes = 500000 };

    setup(NULL);
    memset(piece, 'x', PIECE);
    open_up(conf);
    line_deaf(peer_line(peer), true);
    do {
        room = ws_send_text(t.ws, bytes_of(piece, PIECE));
        sent += room != WS_GONE;
        a_turn();
    } while (room == WS_MORE);
    cr_expect_eq(room, WS_FULL);
    while (ws_send_text(t.ws, bytes_of(piece, PIECE)) == WS_FULL)
        sent++;
    cr_expect_eq(t.n_drains, 0);
    line_deaf(peer_line(peer), false);
    turn_until(loop, t.n_drains > 0);
    ws_close(t.ws, 1000);
    turn_until(loop, line_has(peer_line(peer), "\x88\x82"));
    /* FIN, opcode, 8 bytes of length, mask; and the CLOSE */
    cr_expect_eq(peer_line(peer)->got.n, sent * (PIECE + 14) + 8);
    cr_expect_eq(t.n_drains, 1);
    teardown();
}

Test(ws_client, a_pong_does_not_go_into_the_middle_of_a_message)
{
    enum { LARGE = 8u << 20 };
    auto_free char *large = xcalloc(1, LARGE);
    auto_free char *all = NULL;
    size_t n;

    setup(NULL);
    memset(large, 'x', LARGE);
    open_up((struct ws_conf){ 0 });
    line_deaf(peer_line(peer), true);
    ws_send_text(t.ws, bytes_of(large, LARGE));
    SAY("\x89\x02hi\x81\x01" "a");
    turn_until(loop, t.n_texts == 1);
    line_deaf(peer_line(peer), false);
    n = LARGE + 14 + 8;
    turn_until(loop, peer_line(peer)->got.n >= n);
    all = heard();
    cr_expect_eq(strlen(all), 4 + LARGE + 4 + 2);
    cr_expect(str_starts(all, "[81]xxxx"));
    cr_expect(str_ends(all, "xxxx[8a]hi"));
    teardown();
}

/* The piece fills what may be on its way, and the kernel takes all of it: no
 * event of the socket will ask for what is behind it. */
Test(ws_client, a_close_behind_a_piece_that_was_taken_whole_is_said)
{
    enum { PIECE = 128u << 10 };
    auto_free char *piece = xcalloc(1, PIECE);

    setup(NULL);
    memset(piece, 'x', PIECE);
    open_up((struct ws_conf){ 0 });
    ws_send_text(t.ws, bytes_of(piece, PIECE));
    ws_close(t.ws, 1000);
    turn_until(loop, peer_line(peer)->got.n >= PIECE + 14 + 8);
    teardown();
}

Test(ws_client, a_buffer_is_taken_whole_or_not_at_all)
{
    struct buf b = BUF_INIT(1000);
    struct ws_conf conf = { .send_limit_bytes = 6 };

    setup(NULL);
    open_up(conf);
    buf_add_str(&b, "hello");
    cr_expect_eq(ws_send_buf(t.ws, &b), WS_MORE);
    cr_expect_null(b.p);
    cr_expect_eq(b.n, 0);
    cr_expect_eq(b.limit, 1000);
    buf_add_str(&b, "world");
    cr_expect_eq(ws_send_buf(t.ws, &b), WS_GONE);
    cr_expect(bytes_is(buf_bytes(&b), "world"));
    expect_heard("[81]hello");
    cr_expect_eq(ws_send_buf(t.ws, &b), WS_MORE);
    expect_heard("[81]hello[81]world");
    buf_clear(&b);
    teardown();
}

Test(ws_client, nothing_is_heard_while_paused)
{
    setup(NULL);
    t.pause_in_text = true;
    open_up((struct ws_conf){ 0 });
    SAY("\x81\x01" "a\x81\x01" "b\x81\x01" "c");
    turn_until(loop, t.n_texts == 1);
    SAY("\x81\x01" "d\x88\x02\x03\xe8");
    for (unsigned n = 2; n <= 4; n++) {
        a_turn();
        a_turn();
        cr_expect_eq(t.n_texts, n - 1);
        ws_resume(t.ws);
        cr_expect_eq(t.n_texts, n - 1, "never from within resume");
        turn_until(loop, t.n_texts == n);
    }
    cr_expect(tale_is(&t, "a|b|c|d|"));
    ws_resume(t.ws);
    turn_until(loop, t.n_closes == 1);
    cr_expect_eq(t.status, 1000);
    cr_expect(t.good);
    teardown();
}

/* ---- ways ---- */

Test(ws_client, speaks_tls)
{
    setup("server");
    open_at(peer_url(peer, "wss", "/"), NULL, (struct ws_conf){ 0 });
    upgrade("");
    SAY("\x81\x05hello");
    turn_until(loop, t.n_texts == 1);
    ws_send_text(t.ws, bytes_str("world"));
    expect_heard("[81]world");
    SAY("\x88\x00");
    turn_until(loop, t.n_closes == 1);
    cr_expect(t.good);
    teardown();
}

Test(ws_client, believes_only_whom_the_client_believes)
{
    setup("stranger");
    open_at(peer_url(peer, "wss", "/"), NULL, (struct ws_conf){ 0 });
    turn_until(loop, t.n_closes == 1);
    cr_expect_eq(t.err.kind, ERR_TLS);
    teardown();
}

Test(ws_client, goes_through_a_proxy_by_connect_even_without_tls)
{
    setup(NULL);
    httpc_free(c);
    c = client(loop, (struct httpc_conf){ .http_proxy =
                                              peer_url(peer, "http", "") });
    open_at("ws://broker.example/x", NULL, (struct ws_conf){ 0 });
    peer_expect(peer, "\r\n\r\n");
    cr_expect(line_has(peer_line(peer),
                       "CONNECT broker.example:80 HTTP/1.1\r\n"));
    buf_reset(&peer_line(peer)->got);
    SAY("HTTP/1.1 200 Connection established\r\n\r\n");
    peer_expect(peer, "GET /x HTTP/1.1\r\nHost: broker.example\r\n");
    upgrade("");
    turn_until(loop, t.n_opens == 1);
    SAY("\x81\x05hello");
    turn_until(loop, t.n_texts == 1);
    teardown();
}
