/* The server's end: against a client played frame by frame, and against our
 * own. */
#include "net-call.h"
#include "net-tale.h"

TestSuite(ws_server, .timeout = 30);
TestSuite(ws_both, .timeout = 60);

#define TLS FIXTURES "/net/tls/"

static struct loop *loop;
static struct httpd *d;
static struct tale t; /* of the server's end */
static struct ws_conf conf;
static struct err refusal;

static void
on_request(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    (void)req;
    (void)arg;
    t.ws = ws_accept(loop, ex, &conf, &tale_events, &t, &refusal);
}

static void
setup(bool tls)
{
    struct err err = { 0 };
    struct httpd_conf hc = { .address = "127.0.0.1" };

    if (tls) {
        hc.cert_file = TLS "server.pem";
        hc.key_file = TLS "server.key";
    }
    loop = loop_new(NULL);
    d = httpd_new(loop, &hc, on_request, NULL, &err);
    cr_assert_not_null(d, "%s", err.text);
    tale_init(&t);
}

static void
teardown(void)
{
    tale_clear(&t);
    httpd_free(d);
    loop_free(loop);
}

/* The example of RFC 6455 1.3. */
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ASK(headers) \
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\n" headers "\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define V13 "Sec-WebSocket-Version: 13\r\n"

static struct line *
upgraded(void)
{
    struct line *l = line_dial(loop, httpd_port(d));

    line_say(l, ASK(UPGRADE V13 KEY));
    line_expect(loop, l, "\r\n\r\n");
    cr_assert(bytes_starts(buf_bytes(&l->got), "HTTP/1.1 101 "));
    buf_reset(&l->got);
    return l;
}

#define SAY(l, s) line_say_bytes(l, bytes_of(s, sizeof(s) - 1))
#define GOT(l, s) bytes_equal(buf_bytes(&(l)->got), bytes_of(s, sizeof(s) - 1))
/* A masked frame; the mask of zeros leaves the payload readable. */
#define MASK "\0\0\0\0"

Test(ws_server, answers_the_example_key_of_rfc_6455)
{
    struct line *l;

    setup(false);
    l = line_dial(loop, httpd_port(d));
    line_say(l, ASK(UPGRADE V13 KEY));
    line_expect(loop, l, "\r\n\r\n");
    cr_expect(line_has(l, "Sec-WebSocket-Accept: "
                          "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    cr_expect(line_has(l, "Upgrade: websocket\r\n"));
    cr_expect(line_has(l, "Connection: Upgrade\r\n"));
    cr_expect_eq(t.n_opens, 0);
    line_hang_up(l);
    teardown();
}

static void
refuses(const char *request)
{
    struct line *l;

    setup(false);
    l = line_dial(loop, httpd_port(d));
    line_say(l, request);
    line_expect(loop, l, "\r\n\r\n");
    cr_expect(bytes_starts(buf_bytes(&l->got), "HTTP/1.1 400 "), "%s",
              buf_cstr(&l->got));
    cr_expect(line_has(l, "Sec-WebSocket-Version: 13\r\n"));
    cr_expect_null(t.ws);
    cr_expect_eq(refusal.kind, ERR_INPUT);
    line_hang_up(l);
    teardown();
}

Test(ws_server, refuses_what_asks_for_no_upgrade)
{
    refuses(ASK(V13 KEY));
}

Test(ws_server, refuses_an_upgrade_to_something_else)
{
    refuses(ASK("Upgrade: h2c\r\nConnection: Upgrade\r\n" V13 KEY));
}

Test(ws_server, refuses_other_versions)
{
    refuses(ASK(UPGRADE "Sec-WebSocket-Version: 8\r\n" KEY));
}

Test(ws_server, refuses_a_request_without_version)
{
    refuses(ASK(UPGRADE KEY));
}

Test(ws_server, refuses_a_request_without_key)
{
    refuses(ASK(UPGRADE V13));
}

Test(ws_server, refuses_a_key_that_is_not_sixteen_bytes)
{
    refuses(ASK(UPGRADE V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n"));
}

Test(ws_server, refuses_other_methods)
{
    refuses("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" UPGRADE V13
            KEY "\r\n");
}

Test(ws_server, hears_frames_right_behind_the_request)
{
    struct line *l;

    setup(false);
    l = line_dial(loop, httpd_port(d));
    SAY(l, ASK(UPGRADE V13 KEY) "\x81\x85" MASK "hello\x81\x81" "abcd" "\x03");
    turn_until(loop, t.n_texts == 2);
    cr_expect(tale_is(&t, "hello|b|"));
    line_hang_up(l);
    teardown();
}

Test(ws_server, speaks_without_a_mask_and_answers_pings)
{
    struct line *l;

    setup(false);
    l = upgraded();
    ws_send_text(t.ws, bytes_str("hello"));
    turn_until(loop, l->got.n == 7);
    SAY(l, "\x89\x81" MASK "x");
    turn_until(loop, l->got.n == 10);
    cr_expect(GOT(l, "\x81\x05hello\x8a\x01x"));
    line_hang_up(l);
    teardown();
}

Test(ws_server, a_frame_without_mask_gets_1002)
{
    struct line *l;

    setup(false);
    l = upgraded();
    SAY(l, "\x81\x01" "a");
    turn_until(loop, t.n_closes == 1 && l->closed);
    cr_expect(GOT(l, "\x88\x02\x03\xea"));
    cr_expect_eq(t.err.kind, ERR_NET);
    line_hang_up(l);
    teardown();
}

Test(ws_server, a_message_above_the_limit_gets_1009)
{
    struct line *l;

    setup(false);
    conf.message_limit_bytes = 4;
    l = upgraded();
    SAY(l, "\x81\x85" MASK "hello");
    turn_until(loop, t.n_closes == 1 && l->closed);
    cr_expect(GOT(l, "\x88\x02\x03\xf1"));
    cr_expect_eq(t.err.kind, ERR_LIMIT);
    cr_expect_eq(t.n_texts, 0);
    line_hang_up(l);
    teardown();
}

Test(ws_server, a_close_is_answered_and_tcp_ended_at_once)
{
    struct line *l;

    setup(false);
    l = upgraded();
    SAY(l, "\x81\x81" MASK "a\x88\x82" MASK "\x0f\xa0");
    turn_until(loop, t.n_closes == 1 && l->closed);
    cr_expect(GOT(l, "\x88\x02\x0f\xa0"));
    cr_expect_eq(t.status, 4000);
    cr_expect(t.good);
    cr_expect(tale_is(&t, "a|"));
    line_hang_up(l);
    teardown();
}

Test(ws_server, hanging_up_is_an_error)
{
    struct line *l;

    setup(false);
    l = upgraded();
    SAY(l, "\x81\x81" MASK "a\x81\x85" MASK "he");
    turn_until(loop, t.n_texts == 1);
    line_hang_up(l);
    turn_until(loop, t.n_closes == 1);
    cr_expect_eq(t.n_texts, 1);
    cr_expect_eq(t.err.kind, ERR_NET);
    teardown();
}

Test(ws_server, a_reset_under_a_paused_end_that_still_writes_is_told)
{
    auto_free char *much = xcalloc(1, 1u << 20);
    struct line *l;

    setup(false);
    l = upgraded();
    ws_pause(t.ws);
    line_deaf(l, true);
    while (ws_send_text(t.ws, bytes_of(much, 1u << 20)) != WS_GONE)
        loop_turn(loop);
    line_reset(l);
    turn_until(loop, t.n_closes == 1);
    cr_expect_eq(t.err.kind, ERR_NET);
    line_hang_up(l);
    teardown();
}

Test(ws_server, nothing_is_heard_while_paused)
{
    struct line *l;

    setup(false);
    t.pause_in_text = true;
    l = upgraded();
    SAY(l, "\x81\x81" MASK "a\x81\x81" MASK "b\x88\x80" MASK);
    turn_until(loop, t.n_texts == 1);
    line_expect(loop, l, "\x88");
    cr_expect_eq(t.n_texts, 1);
    cr_expect_eq(t.n_closes, 0);
    ws_resume(t.ws);
    turn_until(loop, t.n_closes == 1);
    cr_expect(tale_is(&t, "a|b|"));
    cr_expect_eq(t.status, 1005);
    cr_expect(t.good);
    line_hang_up(l);
    teardown();
}

Test(ws_server, may_be_freed_from_within_on_text)
{
    struct line *l;

    setup(false);
    t.free_in_text = true;
    l = upgraded();
    SAY(l, "\x81\x81" MASK "a\x81\x81" MASK "b\x88\x80" MASK);
    turn_until(loop, l->closed);
    cr_expect_eq(t.n_texts, 1);
    cr_expect_eq(t.n_closes, 0);
    line_hang_up(l);
    teardown();
}

/* ---- both ends are ours ---- */

static struct httpc *c;
static struct tale u; /* of the client's end */

static void
meet(bool tls)
{
    auto_free char *url = NULL;
    struct err err = { 0 };

    setup(tls);
    url = xasprintf("%s://127.0.0.1:%u/", tls ? "wss" : "ws", httpd_port(d));
    c = client(loop, (struct httpc_conf){ .ca_file = TLS "ca.pem" });
    tale_init(&u);
    u.ws = ws_connect(c, url, NULL, &conf, &tale_events, &u, &err);
    cr_assert_not_null(u.ws, "%s", err.text);
    turn_until(loop, u.n_opens == 1 && t.ws != NULL);
}

static void
part(void)
{
    tale_clear(&u);
    httpc_free(c);
    teardown();
}

static void
exchange_large(bool tls)
{
    enum { LARGE = 14u << 20 };
    struct buf to = BUF_INIT(LARGE), fro = BUF_INIT(LARGE);

    meet(tls);
    memset(buf_room(&to, LARGE), 'x', LARGE);
    to.n = LARGE;
    memset(buf_room(&fro, LARGE), 'y', LARGE);
    fro.n = LARGE;
    cr_expect_eq(ws_send_buf(u.ws, &to), WS_FULL);
    cr_expect_eq(ws_send_buf(t.ws, &fro), WS_FULL);
    turn_until(loop, u.n_texts == 1 && t.n_texts == 1);
    cr_expect_eq(u.bytes, LARGE);
    cr_expect_eq(t.bytes, LARGE);
    cr_expect_eq(u.n_drains, 1);
    cr_expect_eq(t.n_drains, 1);
    part();
}

Test(ws_both, large_messages_cross_each_other)
{
    exchange_large(false);
}

Test(ws_both, large_messages_cross_each_other_in_tls)
{
    exchange_large(true);
}

static void
exchange_many(bool tls)
{
    enum { MANY = 5000 };

    meet(tls);
    for (unsigned i = 0; i < MANY; i++) {
        auto_free char *text = xasprintf("42[\"request\",%u]", i);

        cr_assert_eq(ws_send_text(u.ws, bytes_str(text)), WS_MORE);
        cr_assert_eq(ws_send_text(t.ws, bytes_str(text)), WS_MORE);
        if (i % 7 == 0)
            loop_turn(loop);
    }
    ws_close(u.ws, 1000);
    turn_until(loop, u.n_closes == 1 && t.n_closes == 1);
    cr_expect_eq(t.n_texts, MANY);
    cr_expect_eq(t.status, 1000);
    cr_expect_eq(u.status, 1000);
    cr_expect(t.good);
    cr_expect(u.good);
    cr_expect(bytes_starts(buf_bytes(&t.texts), "42[\"request\",0]|"));
    cr_expect(bytes_ends(buf_bytes(&t.texts), "42[\"request\",4999]|"));
    part();
}

Test(ws_both, many_messages_keep_their_order)
{
    exchange_many(false);
}

Test(ws_both, many_messages_keep_their_order_in_tls)
{
    exchange_many(true);
}

Test(ws_both, the_server_may_close)
{
    meet(false);
    ws_send_text(t.ws, bytes_str("last words"));
    ws_close(t.ws, 1001);
    turn_until(loop, u.n_closes == 1 && t.n_closes == 1);
    cr_expect_eq(u.status, 1001);
    cr_expect(u.good);
    cr_expect(t.good);
    cr_expect(tale_is(&u, "last words|"));
    part();
}

Test(ws_both, both_may_close_at_once)
{
    meet(false);
    ws_close(t.ws, 1001);
    ws_close(u.ws, 1000);
    turn_until(loop, u.n_closes == 1 && t.n_closes == 1);
    cr_expect(u.good);
    cr_expect(t.good);
    part();
}

Test(ws_both, a_paused_reader_holds_the_writer)
{
    auto_free char *much = xcalloc(1, 1u << 20);
    unsigned sent = 0;

    conf.send_limit_bytes = 4u << 20;
    meet(true);
    ws_pause(u.ws);
    while (ws_send_text(t.ws, bytes_of(much, 1u << 20)) != WS_GONE) {
        sent++;
        for (int i = 0; i < 50; i++) {
            loop_defer(loop, (void (*)(void *))free, NULL);
            loop_turn(loop);
        }
        cr_assert_lt(sent, 200, "someone keeps it all");
    }
    cr_expect_eq(u.n_texts, 0);
    ws_resume(u.ws);
    turn_until(loop, u.n_texts == sent);
    cr_expect_gt(t.n_drains, 0);
    part();
}

Test(ws_both, cutting_one_end_off_is_an_error_at_the_other)
{
    meet(false);
    ws_free(u.ws);
    u.ws = NULL;
    turn_until(loop, t.n_closes == 1);
    cr_expect_eq(t.err.kind, ERR_NET);
    cr_expect_eq(u.n_closes, 0);
    part();
}
