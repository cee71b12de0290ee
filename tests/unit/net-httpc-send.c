#include "base/clock.h"
#include "net-call.h"

TestSuite(httpc_send, .timeout = 30);

static struct loop *loop;
static struct peer *peer;
static struct httpc *c;
static struct story s;

static void
setup(void)
{
    loop = loop_new(NULL);
    peer = peer_new(loop, NULL);
    story_init(&s);
    c = client(loop, (struct httpc_conf){ 0 });
}

static void
teardown(void)
{
    httpc_free(c);
    peer_free(peer);
    loop_free(loop);
    story_clear(&s);
}

static void
a_turn(void)
{
    loop_defer(loop, (void (*)(void *))free, NULL);
    loop_turn(loop);
}

/* A streamed POST; with_length: "Content-Length: <that>" unless NULL. */
static void
start_stream(const char *length)
{
    struct headers h = HEADERS_INIT;

    if (length != NULL)
        headers_add(&h, "Content-Length", length);
    start(&s, c, &story_collects,
          (struct httpc_request){ .method = "POST",
                                  .url = peer_url(peer, "http", "/"),
                                  .headers = &h,
                                  .stream_body = true });
    headers_clear(&h);
}

static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

Test(httpc_send, a_body_at_hand_goes_with_its_length)
{
    struct headers h = HEADERS_INIT;

    setup();
    headers_add(&h, "Content-Type", "application/json");
    start(&s, c, &story_collects,
          (struct httpc_request){ .method = "PUT",
                                  .url = peer_url(peer, "http", "/x"),
                                  .headers = &h,
                                  .body = bytes_str("{\"a\":1}") });
    headers_clear(&h);
    peer_expect(peer, "{\"a\":1}");
    cr_expect(line_has(peer_line(peer), "PUT /x HTTP/1.1\r\n"));
    cr_expect(line_has(peer_line(peer), "Content-Length: 7\r\n"));
    cr_expect(line_has(peer_line(peer), "Content-Type: application/json\r\n"));
    cr_expect(!line_has(peer_line(peer), "Expect"));
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 200);
    teardown();
}

Test(httpc_send, a_post_without_a_body_says_so)
{
    setup();
    start(&s, c, &story_collects,
          (struct httpc_request){ .method = "POST",
                                  .url = peer_url(peer, "http", "/") });
    peer_expect(peer, "\r\n\r\n");
    cr_expect(line_has(peer_line(peer), "Content-Length: 0\r\n"));
    cr_expect(!line_has(peer_line(peer), "Content-Type"));
    teardown();
}

Test(httpc_send, a_large_body_does_not_ask_first)
{
    auto_free char *p = xcalloc(1, 3u << 20);
    struct line *l;

    setup();
    start(&s, c, &story_collects,
          (struct httpc_request){ .method = "POST",
                                  .url = peer_url(peer, "http", "/"),
                                  .body = bytes_of(p, 3u << 20) });
    peer_expect(peer, "\r\n\r\n");
    l = peer_line(peer);
    turn_until(loop, l->got.n - bytes_find_str(buf_bytes(&l->got), "\r\n\r\n")
                         == 4 + (3u << 20));
    cr_expect(!line_has(l, "Expect"));
    teardown();
}

Test(httpc_send, a_body_that_is_still_being_taken_is_not_silence)
{
    enum { LARGE = 32u << 20 };
    auto_free char *p = xcalloc(1, LARGE);
    struct line *l;
    size_t before;

    setup();
    clock_freeze(0);
    start(&s, c, &story_collects,
          (struct httpc_request){ .method = "POST",
                                  .url = peer_url(peer, "http", "/"),
                                  .body = bytes_of(p, LARGE),
                                  .idle_timeout_ms = 5000 });
    peer_expect(peer, "\r\n\r\n");
    l = peer_line(peer);
    line_deaf(l, true);
    clock_advance(4000);
    line_deaf(l, false);
    before = l->got.n;
    turn_until(loop, l->got.n >= before + (LARGE / 2));
    line_deaf(l, true);
    clock_advance(1000);
    a_turn();
    a_turn();
    cr_expect_eq(s.n_dones, 0);
    clock_advance(5000);
    turn_until(loop, s.n_dones == 1);
    cr_expect_eq(s.err.kind, ERR_TIMEOUT);
    teardown();
}

Test(httpc_send, a_stream_without_length_is_chunked)
{
    setup();
    start_stream(NULL);
    cr_expect_eq(httpc_send(s.call, bytes_str("hello")), HTTPC_SEND_MORE);
    peer_expect(peer, "5\r\nhello\r\n");
    cr_expect(line_has(peer_line(peer), "Transfer-Encoding: chunked\r\n"));
    cr_expect(!line_has(peer_line(peer), "Expect"));
    cr_expect(!line_has(peer_line(peer), "0\r\n\r\n"), "not ended yet");
    httpc_send(s.call, bytes_str("wor"));
    peer_expect(peer, "3\r\nwor\r\n");
    httpc_send_end(s.call);
    peer_expect(peer, "0\r\n\r\n");
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 200);
    teardown();
}

Test(httpc_send, a_stream_with_length_is_sent_as_it_is)
{
    setup();
    start_stream("8");
    peer_expect(peer, "\r\n\r\n");
    cr_expect(line_has(peer_line(peer), "Content-Length: 8\r\n"));
    cr_expect(!line_has(peer_line(peer), "chunked"));
    httpc_send(s.call, bytes_str("hello"));
    peer_expect(peer, "\r\n\r\nhello");
    httpc_send(s.call, bytes_str("wor"));
    httpc_send_end(s.call);
    peer_expect(peer, "\r\n\r\nhellowor");
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 200);
    teardown();
}

Test(httpc_send, an_empty_stream_ends)
{
    setup();
    start_stream(NULL);
    httpc_send_end(s.call);
    peer_expect(peer, "0\r\n\r\n");
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 200);
    teardown();
}

/* The unchunked content of what a line got, checked against a pattern. */
static size_t
chunked_sum(struct bytes got)
{
    struct bytes rest = bytes_from(got, bytes_find_str(got, "\r\n\r\n") + 4);
    size_t sum = 0;

    while (rest.n > 0) {
        unsigned long n = strtoul((const char *)rest.p, NULL, 16);
        size_t line = bytes_find_str(rest, "\r\n") + 2;

        for (size_t i = 0; i < n; i++)
            cr_assert_eq(rest.p[line + i], (uint8_t)((sum + i) % 251));
        sum += n;
        rest = bytes_from(rest, line + n + 2);
    }
    return sum;
}

Test(httpc_send, a_slow_peer_pushes_back_and_nothing_is_lost)
{
    enum { PIECE = 40000 };
    uint8_t piece[PIECE];
    size_t sent = 0;
    unsigned drains;

    setup();
    start_stream(NULL);
    peer_expect(peer, "\r\n\r\n");
    line_deaf(peer_line(peer), true);
    for (int round = 0; round < 3; round++) {
        enum httpc_send room;

        do {
            for (size_t i = 0; i < PIECE; i++)
                piece[i] = (uint8_t)((sent + i) % 251);
            room = httpc_send(s.call, bytes_of(piece, PIECE));
            sent += PIECE;
            a_turn();
        } while (room == HTTPC_SEND_MORE);
        cr_assert_eq(room, HTTPC_SEND_FULL);
        drains = s.n_drains;
        line_deaf(peer_line(peer), false);
        turn_until(loop, s.n_drains > drains);
        cr_expect_eq(s.n_drains, drains + 1);
        line_deaf(peer_line(peer), true);
    }
    line_deaf(peer_line(peer), false);
    httpc_send_end(s.call);
    peer_expect(peer, "\r\n0\r\n\r\n");
    cr_expect_eq(chunked_sum(buf_bytes(&peer_line(peer)->got)), sent);
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 200);
    teardown();
}

Test(httpc_send, abort_breaks_off_without_the_end)
{
    setup();
    start_stream(NULL);
    httpc_send(s.call, bytes_str("hello"));
    peer_expect(peer, "hello");
    httpc_abort(s.call);
    turn_until(loop, peer_line(peer)->closed);
    cr_expect(!line_has(peer_line(peer), "0\r\n\r\n"));
    cr_expect_eq(s.n_dones, 0);
    teardown();
}

Test(httpc_send, more_than_the_announced_length_is_an_error)
{
    setup();
    start_stream("4");
    cr_expect_eq(httpc_send(s.call, bytes_str("hello")), HTTPC_SEND_GONE);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_INPUT);
    teardown();
}

Test(httpc_send, less_than_the_announced_length_is_an_error)
{
    setup();
    start_stream("6");
    httpc_send(s.call, bytes_str("hello"));
    peer_expect(peer, "hello");
    httpc_send_end(s.call);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_INPUT);
    turn_until(loop, peer_line(peer)->closed);
    teardown();
}

Test(httpc_send, an_early_refusal_ends_the_stream)
{
    setup();
    start_stream(NULL);
    httpc_send(s.call, bytes_str("hello"));
    peer_expect(peer, "hello");
    line_say(peer_line(peer), "HTTP/1.1 413 Too Large\r\n"
                              "Content-Length: 5\r\n\r\n");
    turn_until(loop, s.n_headers > 0);
    cr_expect_eq(httpc_send(s.call, bytes_str("more")), HTTPC_SEND_GONE);
    line_say(peer_line(peer), "large");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 413);
    turn_until(loop, peer_line(peer)->closed);
    teardown();
}

Test(httpc_send, an_early_refusal_that_hangs_up_ends_the_stream)
{
    setup();
    start_stream(NULL);
    httpc_send(s.call, bytes_str("hello"));
    peer_expect(peer, "hello");
    line_say(peer_line(peer), "HTTP/1.1 413 Too Large\r\nConnection: close\r\n"
                              "Content-Length: 5\r\n\r\nlarge");
    turn_until(loop, s.n_headers > 0);
    line_close(loop, peer_line(peer));
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 413);
    cr_expect(bytes_is(buf_bytes(&s.body), "large"));
    teardown();
}

Test(httpc_send, a_kept_connection_found_dead_costs_no_streamed_byte)
{
    setup();
    get(&s, c, peer_url(peer, "http", "/1"));
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones == 1);
    start_stream(NULL);
    httpc_send(s.call, bytes_str("hello"));
    peer_expect(peer, "hello");
    cr_assert_eq(peer->n, 1);
    line_reset(peer_line(peer));
    turn_until(loop, peer->n == 2);
    peer_expect(peer, "hello");
    httpc_send(s.call, bytes_str("world"));
    httpc_send_end(s.call);
    peer_expect(peer, "0\r\n\r\n");
    cr_expect(line_has(peer_line(peer), "world"));
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones == 2);
    cr_expect_eq(s.status, 200);
    teardown();
}

/* Easy handles are used again: what one request set, the next must not have. */
Test(httpc_send, nothing_of_a_request_is_in_the_next)
{
    struct headers h = HEADERS_INIT;

    setup();
    headers_add(&h, "Content-Type", "application/json");
    headers_add(&h, "X-First", "yes");
    start(&s, c, &story_collects,
          (struct httpc_request){ .method = "PUT",
                                  .url = peer_url(peer, "http", "/one?q=1"),
                                  .headers = &h,
                                  .body = bytes_str("{\"a\":1}") });
    headers_clear(&h);
    peer_expect(peer, "{\"a\":1}");
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones > 0);
    a_turn(); /* only now it is let go of */
    buf_reset(&peer_line(peer)->got);
    story_clear(&s);
    story_init(&s);
    get(&s, c, peer_url(peer, "http", "/two"));
    peer_expect(peer, "\r\n\r\n");
    cr_expect(line_has(peer_line(peer), "GET /two HTTP/1.1\r\n"));
    cr_expect(!line_has(peer_line(peer), "X-First"));
    cr_expect(!line_has(peer_line(peer), "Content-"));
    cr_expect(!line_has(peer_line(peer), "{"));
    line_say(peer_line(peer), ok);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 200);
    teardown();
}
