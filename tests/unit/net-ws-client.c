/* The client's end against a peer that is played frame by frame. */
#include <openssl/sha.h>
#include <stdio.h>

#include "base/clock.h"
#include "net-call.h"
#include "net-tale.h"

TestSuite(ws_client, .timeout = 30);

#define TLS FIXTURES "/net/tls/"

static struct loop *loop;
static struct peer *peer;
static struct httpc *c;
static struct tale t;

static void
setup(const char *cert)
{
    loop = loop_new(NULL);
    peer = peer_new(loop, cert);
    c = client(loop, (struct httpc_conf){ .ca_file = TLS "ca.pem" });
    tale_init(&t);
}

static void
teardown(void)
{
    tale_clear(&t);
    httpc_free(c);
    peer_free(peer);
    loop_free(loop);
}

static void
a_turn(void)
{
    loop_defer(loop, (void (*)(void *))free, NULL);
    loop_turn(loop);
}

static void
open_at(const char *url, const struct headers *h, struct ws_conf conf)
{
    struct err err = { 0 };
    struct ws *ws = ws_connect(c, url, h, &conf, &tale_events, &t, &err);

    cr_assert_not_null(ws, "%s", err.text);
    t.ws = ws;
}

/* RFC 6455 4.2.2, written down a second time. */
static void
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
static void
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

static void
open_up(struct ws_conf conf)
{
    open_at(peer_url(peer, "ws", "/primus/?a=b"), NULL, conf);
    upgrade("");
    turn_until(loop, t.n_opens > 0);
}

#define SAY(s) line_say_bytes(peer_line(peer), bytes_of(s, sizeof(s) - 1))

/* What the client sent, its frames unmasked: "[81]hello[88]..." */
static char *
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

static bool
has_heard(const char *want)
{
    auto_free char *got = heard();

    return str_eq(got, want);
}

#define expect_heard(want) turn_until(loop, has_heard(want))

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

/* ---- upgrades that do not come about ---- */

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

Test(ws_client, a_refusal_tells_the_status)
{
    refused_by("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    cr_expect_eq(t.err.peer_status, 401);
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

Test(ws_client, a_plain_200_is_a_refusal)
{
    refused_by("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    cr_expect_eq(t.err.peer_status, 200);
    teardown();
}

Test(ws_client, a_wrong_answer_to_the_key_is_an_error)
{
    refused_by("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\n"
               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_eq(t.err.peer_status, 0);
    teardown();
}

Test(ws_client, an_upgrade_without_headers_is_an_error)
{
    refused_by("HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01" "a: b");
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

Test(ws_client, nonsense_for_an_answer_is_an_error)
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

Test(ws_client, an_extension_nobody_asked_for_is_an_error)
{
    refused_with("Sec-WebSocket-Extensions: permessage-deflate\r\n");
}

Test(ws_client, a_protocol_nobody_asked_for_is_an_error)
{
    refused_with("Sec-WebSocket-Protocol: chat\r\n");
}

Test(ws_client, an_endless_answer_is_an_error)
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

Test(ws_client, hanging_up_instead_of_an_answer_is_econnreset)
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

Test(ws_client, no_one_listening_is_econnrefused)
{
    setup(NULL);
    open_at("ws://127.0.0.1:1/", NULL, (struct ws_conf){ 0 });
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_str_eq(t.err.code, "ECONNREFUSED");
    teardown();
}

Test(ws_client, a_peer_that_does_not_answer_is_given_up)
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

Test(ws_client, bad_addresses_and_headers_are_refused_at_once)
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

/* ---- closing ---- */

Test(ws_client, a_close_of_the_peer_is_answered_and_tcp_ended)
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

Test(ws_client, a_close_without_a_code_is_1005)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    SAY("\x88\x00");
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.status, 1005);
    cr_expect(t.good);
    teardown();
}

Test(ws_client, our_close_follows_what_was_sent_and_waits_for_the_answer)
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

Test(ws_client, close_without_a_code_has_none)
{
    setup(NULL);
    open_up((struct ws_conf){ 0 });
    ws_close(t.ws, 0);
    expect_heard("[88]");
    teardown();
}

Test(ws_client, a_peer_that_leaves_our_close_unanswered_is_left)
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

Test(ws_client, closing_before_it_is_open_ends_it)
{
    setup(NULL);
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    ws_close(t.ws, 1000);
    cr_expect_eq(t.n_closes, 0);
    turn_until(loop, t.n_closes > 0);
    cr_expect_eq(t.err.kind, ERR_CANCELLED);
    teardown();
}

Test(ws_client, a_close_counts_even_if_the_connection_breaks_behind_it)
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

Test(ws_client, hanging_up_without_close_is_an_error)
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

Test(ws_client, a_truncated_frame_is_an_error_and_no_text)
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

Test(ws_client, a_reset_is_an_error)
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

Test(ws_client, a_message_above_the_limit_gets_1009)
{
    /* Announced and begun: nobody waits for the eleven bytes. */
    OFFEND("\x81\x0b" "a", "[88]\x03\xf1", ERR_LIMIT);
}

Test(ws_client, a_huge_announced_message_costs_no_memory)
{
    OFFEND("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff" "abc", "[88]\x03\xf1",
           ERR_LIMIT);
}

Test(ws_client, fragments_above_the_limit_get_1009)
{
    OFFEND("\x01\x06" "abcdef" "\x80\x05" "ghijk", "[88]\x03\xf1", ERR_LIMIT);
}

Test(ws_client, text_that_is_not_utf_8_gets_1007)
{
    OFFEND("\x81\x02\xc3\x28", "[88]\x03\xef", ERR_NET);
}

Test(ws_client, a_masked_frame_of_the_server_gets_1002)
{
    OFFEND("\x81\x81" "abcd" "e", "[88]\x03\xea", ERR_NET);
}

Test(ws_client, a_continuation_of_nothing_gets_1002)
{
    OFFEND("\x80\x01" "a", "[88]\x03\xea", ERR_NET);
}

Test(ws_client, a_new_message_inside_another_gets_1002)
{
    OFFEND("\x01\x01" "a\x81\x01" "b", "[88]\x03\xea", ERR_NET);
}

Test(ws_client, a_binary_message_gets_1003)
{
    OFFEND("\x82\x01" "a", "[88]\x03\xeb", ERR_NET);
}

Test(ws_client, a_ping_that_is_too_large_is_an_offence)
{
    OFFEND("\x89\x7e\x00\x7e", "[88]", ERR_NET);
}

Test(ws_client, a_close_with_a_forbidden_code_gets_1002)
{
    OFFEND("\x88\x02\x03\xed", "[88]\x03\xea", ERR_NET);
}

Test(ws_client, a_flood_of_pings_is_an_offence)
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

/* ---- letting go ---- */

static void
expect_gone(void)
{
    turn_until(loop, peer_line(peer)->closed);
    cr_expect_null(t.ws);
    teardown();
}

Test(ws_client, may_be_freed_from_within_on_open)
{
    setup(NULL);
    t.free_in_open = true;
    open_at(peer_url(peer, "ws", "/"), NULL, (struct ws_conf){ 0 });
    upgrade("");
    SAY("\x81\x01" "a");
    expect_gone();
    cr_expect_eq(t.n_texts + t.n_closes, 0);
}

Test(ws_client, may_be_freed_from_within_on_text)
{
    setup(NULL);
    t.free_in_text = true;
    open_up((struct ws_conf){ 0 });
    SAY("\x81\x01" "a\x81\x01" "b\x88\x00");
    expect_gone();
    cr_expect_eq(t.n_texts, 1);
    cr_expect_eq(t.n_closes, 0);
}

Test(ws_client, may_be_freed_from_within_on_close)
{
    setup(NULL);
    t.free_in_close = true;
    open_up((struct ws_conf){ 0 });
    SAY("\x88\x00");
    expect_gone();
    cr_expect_eq(t.n_closes, 1);
}

Test(ws_client, may_be_freed_before_it_is_connected)
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

Test(ws_client, is_cut_off_without_a_word_when_the_client_is_freed)
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

Test(ws_client, does_not_use_up_the_connections_for_calls)
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
