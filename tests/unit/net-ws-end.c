/* How a websocket ends: by a CLOSE, by an offence, or let go. */
#include "net-ws-rig.h"

TestSuite(ws_end, .timeout = 30);

/* ---- closing ---- */

Test(ws_end, a_close_of_the_peer_is_answered_and_tcp_ended)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    SAY("\x81\x01" "a\x88\x05\x03\xe9" "bye");
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.status, 1001);
    cr_expect(t.good);
    cr_expect_eq(t.n_texts, 1);
    turn_until(loop, peer_line(peer)->closed);
    cr_expect(has_heard("[88]\x03\xe9" "bye"));
    teardown();
}

Test(ws_end, a_close_without_a_code_is_1005)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    SAY("\x88\x00");
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.status, 1005);
    cr_expect(t.good);
    teardown();
}

Test(ws_end, our_close_follows_what_was_sent_and_waits_for_the_answer)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    ws_send_text(t.ws, bytes_str("last words"));
    ws_close(t.ws, 1000);
    cr_expect_eq(ws_send_text(t.ws, bytes_str("more")), WS_GONE);
    expect_heard("[81]last words[88]\x03\xe8");
    cr_expect_eq(t.n_closes, 0);
    SAY("\x81\x01" "a\x88\x02\x03\xe8");
    turn_until(loop, t.n_closes > 0 && peer_line(peer)->closed);
    cr_expect_eq(t.status, 1000);
    cr_expect(t.good);
    cr_expect(tale_is(&t, "a|"));
    teardown();
}

Test(ws_end, close_without_a_code_has_none)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    ws_close(t.ws, 0);
    expect_heard("[88]");
    teardown();
}

Test(ws_end, a_peer_that_leaves_our_close_unanswered_is_left)
{
    setup(NULL);
    clock_freeze(0);
    open_up((struct ws_conf){ 0 });
    ws_close(t.ws, 1000);
    expect_heard("[88]\x03\xe8");
    clock_advance(4999);
    a_turn();
    cr_expect_eq(t.n_closes, 0);
    clock_advance(1);
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_TIMEOUT);
    turn_until(loop, peer_line(peer)->closed);
    teardown();
}

Test(ws_end, closing_before_it_is_open_ends_it)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    ws_close(t.ws, 1000);
    cr_expect_eq(t.n_closes, 0);
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_CANCELLED);
    teardown();
}

Test(ws_end, a_close_counts_even_if_the_connection_breaks_behind_it)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    line_deaf(peer_line(peer), true);
    SAY("\x88\x02\x03\xe9");
    line_close(loop, peer_line(peer));
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.status, 1001);
    cr_expect(t.good, "%s", t.err.text);
    teardown();
}

Test(ws_end, hanging_up_without_close_is_an_error)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    SAY("\x81\x01" "a");
    line_close(loop, peer_line(peer));
    turn_until(loop, t.n_closes > 0);
    cr_expect(tale_is(&t, "a|"));
    cr_expect_eq(t.status, 0);
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_str_eq(t.err.code, "ECONNRESET");
    teardown();
}

Test(ws_end, a_truncated_frame_is_an_error_and_no_text)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    SAY("\x81\x05hel");
    line_close(loop, peer_line(peer));
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.n_texts, 0);
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

Test(ws_end, a_reset_is_an_error)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    line_reset(peer_line(peer));
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_str_eq(t.err.code, "ECONNRESET");
    teardown();
}

/* ---- offences ---- */

static void
offend(struct bytes frames, const char *answer, enum err_kind kind)
{
    setup(NULL);
    open_up((struct ws_conf){ .message_limit_bytes = 10 });
    line_say_bytes(peer_line(peer), frames);
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.n_texts, 0);
    cr_expect_eq(t.status, 0);
    cr_expect_eq(t.err.kind, kind, "%s", t.err.text);
    turn_until(loop, peer_line(peer)->closed);
    cr_expect(has_heard(answer));
    teardown();
}

#define OFFEND(frames, answer, kind) \
    offend(bytes_of(frames, sizeof(frames) - 1), answer, kind)

Test(ws_end, a_message_above_the_limit_gets_1009)
{
    /* Announced and begun: nobody waits for the eleven bytes. */
    OFFEND("\x81\x0b" "a", "[88]\x03\xf1", ERR_LIMIT);
}

Test(ws_end, a_huge_announced_message_costs_no_memory)
{
    OFFEND("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff" "abc", "[88]\x03\xf1",
           ERR_LIMIT);
}

Test(ws_end, fragments_above_the_limit_get_1009)
{
    OFFEND("\x01\x06" "abcdef" "\x80\x05" "ghijk", "[88]\x03\xf1", ERR_LIMIT);
}

Test(ws_end, text_that_is_not_utf_8_gets_1007)
{
    OFFEND("\x81\x02\xc3\x28", "[88]\x03\xef", ERR_NET);
}

Test(ws_end, a_masked_frame_of_the_server_gets_1002)
{
    OFFEND("\x81\x81" "abcd" "e", "[88]\x03\xea", ERR_NET);
}

Test(ws_end, a_continuation_of_nothing_gets_1002)
{
    OFFEND("\x80\x01" "a", "[88]\x03\xea", ERR_NET);
}

Test(ws_end, a_new_message_inside_another_gets_1002)
{
    OFFEND("\x01\x01" "a\x81\x01" "b", "[88]\x03\xea", ERR_NET);
}

Test(ws_end, a_binary_message_gets_1003)
{
    OFFEND("\x82\x01" "a", "[88]\x03\xeb", ERR_NET);
}

Test(ws_end, a_ping_that_is_too_large_is_an_offence)
{
    OFFEND("\x89\x7e\x00\x7e", "[88]", ERR_NET);
}

Test(ws_end, a_close_with_a_forbidden_code_gets_1002)
{
    OFFEND("\x88\x02\x03\xed", "[88]\x03\xea", ERR_NET);
}

Test(ws_end, a_flood_of_pings_is_an_offence)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    line_deaf(peer_line(peer), true);
    for (int i = 0; i < 3000; i++)
        SAY("\x89\x00");
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_LIMIT);
    teardown();
}

/* ---- letting go ---- */

static void
expect_gone(void)
{
    turn_until(loop, peer_line(peer)->closed);
    cr_expect_null(t.ws);
    teardown();
}

Test(ws_end, may_be_freed_from_within_on_open)
{
    setup(NULL);
    t.free_in_open = true;
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    upgrade("");
    SAY("\x81\x01" "a");
    expect_gone();
    cr_expect_eq(t.n_texts + t.n_closes, 0);
}

Test(ws_end, may_be_freed_from_within_on_text)
{
    setup(NULL);
    t.free_in_text = true;
    open_up((struct ws_conf){ 0 });
    SAY("\x81\x01" "a\x81\x01" "b\x88\x00");
    expect_gone();
    cr_expect_eq(t.n_texts, 1);
    cr_expect_eq(t.n_closes, 0);
}

Test(ws_end, may_be_freed_from_within_on_close)
{
    setup(NULL);
    t.free_in_close = true;
    open_up((struct ws_conf){ 0 });
    SAY("\x88\x00");
    expect_gone();
    cr_expect_eq(t.n_closes, 1);
}

Test(ws_end, may_be_freed_before_it_is_connected)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    ws_free(t.ws);
    t.ws = NULL;
    a_turn();
    a_turn();
    cr_expect_eq(t.n_closes, 0);
    teardown();
}

Test(ws_end, is_cut_off_without_a_word_when_the_client_is_freed)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    httpc_free(c);
    c = NULL;
    turn_until(loop, peer_line(peer)->closed);
    cr_expect_eq(t.n_closes, 0);
    cr_expect_eq(ws_send_text(t.ws, bytes_str("a")), WS_GONE);
    ws_close(t.ws, 1000);
    ws_pause(t.ws);
    ws_resume(t.ws);
    teardown();
}

Test(ws_end, does_not_use_up_the_connections_for_calls)
{
    struct story s;

    setup(NULL);
    httpc_free(c);
    c = client(loop, (struct httpc_conf){ .max_per_host = 1 });
    open_up((struct ws_conf){ 0 });
    story_init(&s);
    get(&s, c, peer_url(peer, "http", "/"));
    turn_until(loop, peer->n == 2);
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones == 1);
    story_clear(&s);
    teardown();
}
