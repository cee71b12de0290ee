/* Stopping, pausing, leaving; connections and time. */
#include <signal.h>

#include "net-httpc-rig.h"

TestSuite(httpc_flow, .timeout = 30);

Test(httpc_flow, stop_at_the_headers_ends_well)
{
    struct httpc *c;

    setup(NULL);
    s.on_headers = HTTPC_STOP;
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nhello");
    turn_until(loop, s.n_dones > 0 && peer_line(peer)->closed);
    cr_expect_eq(s.status, 200);
    cr_expect_eq(s.body.n, 0);
    teardown(c);
}

Test(httpc_flow, stop_in_the_body_ends_well_with_what_was_read)
{
    struct httpc *c;

    setup(NULL);
    s.on_body = HTTPC_STOP;
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nhello");
    turn_until(loop, s.n_dones > 0 && peer_line(peer)->closed);
    cr_expect_eq(s.status, 200);
    cr_expect_eq(s.n_bodies, 1);
    expect_body("hello");
    teardown(c);
}

/* More than kernel buffers on both sides can hold. */
#define LARGE_BYTES (16u << 20)

static void
say_large(struct line *l)
{
    auto_free uint8_t *p = xcalloc(1, LARGE_BYTES);

    line_say(l, "HTTP/1.1 200 OK\r\nContent-Length: 16777216\r\n\r\n");
    line_say_bytes(l, bytes_of(p, LARGE_BYTES));
}

Test(httpc_flow, pause_holds_the_peer_and_resume_goes_on)
{
    struct httpc *c;

    setup(NULL);
    s.on_body = HTTPC_PAUSE;
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    peer_expect(peer, "\r\n\r\n");
    say_large(peer_line(peer));
    turn_until(loop, s.n_bodies > 0);
    for (int i = 0; i < 200; i++) {
        loop_defer(loop, (void (*)(void *))free, NULL);
        loop_turn(loop);
    }
    cr_expect_eq(s.n_bodies, 1, "paused");
    cr_expect_eq(s.n_dones, 0);
    s.on_body = HTTPC_MORE;
    httpc_resume(s.call);
    cr_expect_eq(s.n_bodies, 1, "never from within resume");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.body.n, LARGE_BYTES);
    teardown(c);
}

Test(httpc_flow, pausing_at_every_chunk_loses_nothing)
{
    struct httpc *c;

    setup(NULL);
    s.on_body = HTTPC_PAUSE;
    s.on_headers = HTTPC_PAUSE;
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    peer_expect(peer, "\r\n\r\n");
    say_large(peer_line(peer));
    while (s.n_dones == 0) {
        loop_turn(loop);
        if (s.n_dones == 0)
            httpc_resume(s.call);
    }
    cr_expect_eq(s.status, 200);
    cr_expect_eq(s.body.n, LARGE_BYTES);
    teardown(c);
}

Test(httpc_flow, a_good_end_waits_for_resume)
{
    struct httpc *c;

    setup(NULL);
    s.on_body = HTTPC_PAUSE;
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
                      "Connection: close\r\n\r\nhello");
    turn_until(loop, peer_line(peer)->closed);
    cr_expect_eq(s.n_bodies, 1);
    cr_expect_eq(s.n_dones, 0);
    httpc_resume(s.call);
    turn_until(loop, s.n_dones > 0);
    expect_body("hello");
    teardown(c);
}

/* The peer sees us go, and then nothing comes. */
static void
expect_silence(struct httpc *c, unsigned n_headers, unsigned n_bodies)
{
    turn_until(loop, peer_line(peer)->closed);
    cr_expect_eq(s.n_headers, n_headers);
    cr_expect_eq(s.n_bodies, n_bodies);
    cr_expect_eq(s.n_dones, 0);
    teardown(c);
}

Test(httpc_flow, nothing_comes_after_cancel)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    httpc_cancel(s.call);
    expect_silence(c, 0, 0);
}

Test(httpc_flow, cancel_from_within_on_headers)
{
    struct httpc *c;

    setup(NULL);
    s.cancel_in_headers = true;
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    expect_silence(c, 1, 0);
}

Test(httpc_flow, cancel_from_within_on_body)
{
    struct httpc *c;

    setup(NULL);
    s.cancel_in_body = true;
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    expect_silence(c, 1, 1);
}

Test(httpc_flow, cancel_from_within_on_body_when_resuming)
{
    struct httpc *c;

    setup(NULL);
    s.on_headers = HTTPC_PAUSE;
    s.cancel_in_body = true;
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    turn_until(loop, s.n_headers > 0);
    httpc_resume(s.call);
    expect_silence(c, 1, 1);
}

Test(httpc_flow, cancel_from_within_on_done_is_harmless)
{
    struct httpc *c;

    setup(NULL);
    s.cancel_in_done = true;
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones > 0);
    loop_defer(loop, (void (*)(void *))free, NULL);
    loop_turn(loop);
    cr_expect_eq(s.n_dones, 1);
    teardown(c);
}

Test(httpc_flow, the_client_may_be_freed_from_within_a_callback)
{
    struct httpc *c;
    struct story other;

    setup(NULL);
    story_init(&other);
    c = client(loop, (struct httpc_conf){ 0 });
    s.free_in_body = c;
    get(&other, c, peer_url(peer, "http", "/other"));
    peer_expect(peer, "\r\n\r\n");
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    turn_until(loop, peer->n == 2);
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    turn_until(loop, peer->line[0].closed && peer->line[1].closed);
    cr_expect_eq(s.n_bodies, 1);
    cr_expect_eq(s.n_dones, 0);
    cr_expect_eq(other.n_dones, 0);
    story_clear(&other);
    teardown(NULL);
}

Test(httpc_flow, a_connection_serves_one_call_after_the_other)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    for (unsigned i = 1; i <= 3; i++) {
        get(&s, c, peer_url(peer, "http", "/"));
        peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
        turn_until(loop, s.n_dones == i);
        buf_reset(&peer_line(peer)->got);
    }
    cr_expect_eq(peer->n, 1);
    teardown(c);
}

Test(httpc_flow, a_host_has_no_more_connections_than_the_ceiling)
{
    struct story five[5];
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ .max_per_host = 2 });
    for (size_t i = 0; i < N_ELEMENTS(five); i++) {
        story_init(&five[i]);
        get(&five[i], c, peer_url(peer, "http", "/"));
    }
    /* Each line answers what it is asked until all five are served. */
    while (five[0].n_dones + five[1].n_dones + five[2].n_dones +
               five[3].n_dones + five[4].n_dones < 5) {
        loop_turn(loop);
        for (unsigned i = 0; i < peer->n; i++) {
            if (!line_has(&peer->line[i], "\r\n\r\n"))
                continue;
            buf_reset(&peer->line[i].got);
            line_say(&peer->line[i], "HTTP/1.1 204 No Content\r\n\r\n");
        }
    }
    cr_expect_eq(peer->n, 2);
    for (size_t i = 0; i < N_ELEMENTS(five); i++) {
        cr_expect_eq(five[i].status, 204);
        story_clear(&five[i]);
    }
    teardown(c);
}

Test(httpc_flow, a_call_in_line_may_be_cancelled_or_run_out_of_time)
{
    struct story late, dropped;
    struct httpc *c;

    setup(NULL);
    clock_freeze(0);
    story_init(&late);
    story_init(&dropped);
    c = client(loop, (struct httpc_conf){ .max_per_host = 1 });
    get(&s, c, peer_url(peer, "http", "/"));
    start(&late, c, &story_collects,
          (struct httpc_request){ .url = peer_url(peer, "http", "/late"),
                                  .timeout_ms = 1000 });
    get(&dropped, c, peer_url(peer, "http", "/dropped"));
    peer_expect(peer, "\r\n\r\n");
    httpc_cancel(dropped.call);
    clock_advance(1000);
    turn_until(loop, late.n_dones == 1);
    cr_expect_eq(late.err.kind, ERR_TIMEOUT);
    line_say(peer_line(peer), "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones == 1);
    cr_expect_eq(s.status, 204);
    cr_expect_eq(dropped.n_dones, 0);
    cr_expect(!line_has(peer_line(peer), "/late"));
    cr_expect(!line_has(peer_line(peer), "/dropped"));
    story_clear(&late);
    story_clear(&dropped);
    teardown(c);
}

/* A kept connection that dies under the request is no fault of the call. */
Test(httpc_flow, a_kept_connection_found_dead_is_replaced)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/1"));
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones == 1);
    get(&s, c, peer_url(peer, "http", "/2"));
    peer_expect(peer, "GET /2");
    line_reset(peer_line(peer));
    turn_until(loop, peer->n == 2);
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    turn_until(loop, s.n_dones == 2);
    cr_expect_eq(s.status, 200);
    teardown(c);
}

static void
a_turn(void)
{
    loop_defer(loop, (void (*)(void *))free, NULL);
    loop_turn(loop);
}

Test(httpc_flow, the_whole_call_may_be_timed)
{
    struct httpc *c;

    setup(NULL);
    clock_freeze(0);
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_collects,
          (struct httpc_request){ .url = peer_url(peer, "http", "/"),
                                  .timeout_ms = 5000 });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
    turn_until(loop, s.n_headers > 0);
    clock_advance(4999);
    a_turn();
    cr_expect_eq(s.n_dones, 0);
    clock_advance(1);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_TIMEOUT);
    cr_expect_str_eq(s.err.code, "ETIMEDOUT");
    cr_expect_eq(s.err.peer_status, 200);
    teardown(c);
}

Test(httpc_flow, silence_ends_the_call_counted_from_the_last_byte)
{
    struct httpc *c;

    setup(NULL);
    clock_freeze(0);
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/"),
                                  .idle_timeout_ms = 5000 });
    peer_expect(peer, "\r\n\r\n");
    clock_advance(4000);
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
    turn_until(loop, s.n_bodies > 0);
    clock_advance(4000);
    a_turn();
    a_turn();
    cr_expect_eq(s.n_dones, 0);
    clock_advance(1000);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_TIMEOUT);
    teardown(c);
}

Test(httpc_flow, time_paused_by_us_is_not_silence)
{
    struct httpc *c;

    setup(NULL);
    s.on_body = HTTPC_PAUSE;
    clock_freeze(0);
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/"),
                                  .idle_timeout_ms = 5000 });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
    turn_until(loop, s.n_bodies > 0);
    clock_advance(60000);
    a_turn();
    a_turn();
    cr_expect_eq(s.n_dones, 0);
    httpc_resume(s.call);
    clock_advance(4999);
    a_turn();
    a_turn();
    cr_expect_eq(s.n_dones, 0);
    clock_advance(5000);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_TIMEOUT);
    teardown(c);
}

static bool
refused(struct httpc *c, struct httpc_request req)
{
    struct err err = { 0 };

    return httpc_start(c, &req, &story_collects, &s, &err) == NULL &&
           err.kind == ERR_INPUT;
}

Test(httpc_flow, requests_that_cannot_be_sent_are_refused_at_once)
{
    struct headers h = HEADERS_INIT, length = HEADERS_INIT;
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    headers_add(&h, "X-A", "b\r\nX-Injected: c");
    headers_add(&length, "Content-Length", "7");
    cr_expect(refused(c, (struct httpc_request){ .url = "ftp://a/" }));
    cr_expect(refused(c, (struct httpc_request){ .url = "http://a/\r\nb" }));
    cr_expect(refused(c, (struct httpc_request){ .url = "http://a/",
                                                 .method = "G ET" }));
    cr_expect(refused(c, (struct httpc_request){ .url = "http://a/",
                                                 .method = "CONNECT" }));
    cr_expect(refused(c, (struct httpc_request){ .url = "http://a/",
                                                 .headers = &h }));
    cr_expect(refused(c, (struct httpc_request){ .url = "http://a/",
                                                 .headers = &length }));
    headers_clear(&h);
    headers_clear(&length);
    teardown(c);
}
