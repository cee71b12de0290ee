#include <signal.h>

#include "base/clock.h"
#include "net-call.h"

TestSuite(httpc, .timeout = 30);

static struct loop *loop;
static struct peer *peer;
static struct story s;

static void
setup(const char *cert)
{
    loop = loop_new(NULL);
    peer = peer_new(loop, cert);
    story_init(&s);
}

static void
teardown(struct httpc *c)
{
    httpc_free(c);
    peer_free(peer);
    loop_free(loop);
    story_clear(&s);
}

static void
expect_body(const char *text)
{
    cr_expect(bytes_is(buf_bytes(&s.body), text), "%.*s",
              BYTES_FMT(buf_bytes(&s.body)));
}

/* One GET, answered by `text` and then, unless `keep`, a FIN. */
static void
play(const char *text, bool keep)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, text);
    if (!keep)
        line_close(loop, peer_line(peer));
    turn_until(loop, s.n_dones > 0);
    httpc_free(c);
}

Test(httpc, the_request_is_what_was_asked_for_and_no_more)
{
    struct httpc *c;
    auto_free char *want = NULL;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/v2/?n=1"));
    peer_expect(peer, "\r\n\r\n");
    want = xasprintf("GET /v2/?n=1 HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                     "User-Agent: crab/%s\r\n\r\n",
                     peer->port, PACKAGE_VERSION);
    cr_expect_str_eq(buf_cstr(&peer_line(peer)->got), want);
    teardown(c);
}

Test(httpc, targets_go_out_as_they_were_written)
{
    static const char *const targets[] = {
        "/a/../b/./c", "/?", "/a?", "/a?b?c=%2f", "/%7e/%2e%2e/x", "//a//b",
        "/\xc3\xa9?\xc3\xa9", "/a;b=c?d=e+f&g=\"<>",
    };
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ .max_per_host = 64 });
    for (size_t i = 0; i < N_ELEMENTS(targets); i++) {
        auto_free char *want = xasprintf("GET %s HTTP/1.1\r\n", targets[i]);
        struct story t;

        story_init(&t);
        get(&t, c, peer_url(peer, "http", targets[i]));
        turn_until(loop, peer->n == i + 1);
        peer_expect(peer, "\r\n\r\n");
        cr_expect(line_has(peer_line(peer), want), "%s", targets[i]);
        httpc_cancel(t.call);
        story_clear(&t);
    }
    teardown(c);
}

Test(httpc, given_headers_replace_our_own)
{
    struct headers h = HEADERS_INIT;
    struct httpc *c;

    setup(NULL);
    headers_add(&h, "Host", "other.example");
    headers_add(&h, "User-Agent", "needle/3");
    headers_add(&h, "X-Empty", "");
    headers_add(&h, "X-Twice", "1");
    headers_add(&h, "X-Twice", "2");
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_collects,
          (struct httpc_request){ .url = peer_url(peer, "http", "/"),
                                  .headers = &h });
    headers_clear(&h);
    peer_expect(peer, "\r\n\r\n");
    cr_expect_str_eq(buf_cstr(&peer_line(peer)->got),
                     "GET / HTTP/1.1\r\nHost: other.example\r\n"
                     "User-Agent: needle/3\r\nX-Empty:\r\nX-Twice: 1\r\n"
                     "X-Twice: 2\r\n\r\n");
    teardown(c);
}

Test(httpc, a_body_with_length_is_collected)
{
    play("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello", true);
    cr_expect_eq(s.status, 200);
    expect_body("hello");
    cr_expect_str_eq(headers_get(&s.headers, "x-a"), "b");
    cr_expect_eq(s.n_headers, 1);
}

Test(httpc, a_chunked_body_is_collected_without_its_trailers)
{
    play("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
         "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Late: 1\r\n\r\n", true);
    expect_body("hello");
    cr_expect_eq(s.n_headers, 1);
}

Test(httpc, a_body_without_length_ends_with_the_connection)
{
    play("HTTP/1.1 200 OK\r\n\r\nhello", false);
    cr_expect_eq(s.status, 200);
    expect_body("hello");
}

Test(httpc, interim_answers_are_skipped)
{
    play("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
         "Link: x\r\n\r\nHTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n", true);
    cr_expect_eq(s.status, 204);
    cr_expect_eq(s.n_headers, 1);
    cr_expect_eq(s.headers_status, 204);
    cr_expect_null(headers_get(&s.headers, "Link"));
}

Test(httpc, a_folded_header_line_is_joined)
{
    play("HTTP/1.1 200 OK\r\nX-A: b\r\n  c\r\nContent-Length: 0\r\n\r\n", true);
    cr_expect_str_eq(headers_get(&s.headers, "X-A"), "b c");
}

Test(httpc, redirects_are_not_followed)
{
    play("HTTP/1.1 307 Temporary Redirect\r\nLocation: /else\r\n"
         "Content-Length: 0\r\n\r\n", true);
    cr_expect_eq(s.status, 307);
    cr_expect_eq(peer->n, 1);
    cr_expect(!line_has(peer_line(peer), "/else"));
}

Test(httpc, bodies_are_not_decoded)
{
    play("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n"
         "\r\n\x1f\x8b\x08!", true);
    cr_expect_eq(s.status, 200);
    expect_body("\x1f\x8b\x08!");
}

Test(httpc, a_head_answer_has_a_length_but_no_body)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_collects,
          (struct httpc_request){ .method = "HEAD",
                                  .url = peer_url(peer, "http", "/") });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 200);
    cr_expect_str_eq(headers_get(&s.headers, "Content-Length"), "12345");
    teardown(c);
}

Test(httpc, a_good_answer_cut_short_is_an_error)
{
    play("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello", false);
    cr_expect_eq(s.err.kind, ERR_NET);
    cr_expect_eq(s.err.peer_status, 200);
}

Test(httpc, a_good_chunked_answer_cut_short_is_an_error)
{
    play("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
         false);
    cr_expect_eq(s.err.kind, ERR_NET);
}

/* A well-known registry announces the blob's length with its 416. */
Test(httpc, a_refusal_with_a_lying_length_is_an_answer)
{
    play("HTTP/1.1 416 Requested Range Not Satisfiable\r\n"
         "Content-Length: 300303\r\n\r\n{\"errors\":[]}", false);
    cr_expect_eq(s.status, 416);
    expect_body("{\"errors\":[]}");
}

Test(httpc, a_refusal_reset_in_its_body_is_an_answer)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_streams,
          (struct httpc_request){ .url = peer_url(peer, "http", "/") });
    peer_answer(peer, "HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\nlater");
    turn_until(loop, s.n_bodies > 0);
    line_reset(peer_line(peer));
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 503);
    teardown(c);
}

Test(httpc, no_one_listening_is_econnrefused)
{
    struct httpc *c;
    auto_free char *url = NULL;

    setup(NULL);
    url = xstrdup(peer_url(peer, "http", "/"));
    c = client(loop, (struct httpc_conf){ 0 });
    peer_free(peer);
    get(&s, c, url);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_NET);
    cr_expect_str_eq(s.err.code, "ECONNREFUSED");
    httpc_free(c);
    loop_free(loop);
}

/* A label may have 63 bytes: no resolver asks anyone for this one. */
Test(httpc, an_unknown_name_is_enotfound)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_NET);
    cr_expect_str_eq(s.err.code, "ENOTFOUND");
    teardown(c);
}

Test(httpc, a_reset_is_econnreset)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_expect(peer, "\r\n\r\n");
    line_reset(peer_line(peer));
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_NET);
    cr_expect_str_eq(s.err.code, "ECONNRESET");
    teardown(c);
}

Test(httpc, hanging_up_without_an_answer_is_econnreset)
{
    play("", false);
    cr_expect_eq(s.err.kind, ERR_NET);
    cr_expect_str_eq(s.err.code, "ECONNRESET");
}

Test(httpc, nonsense_for_an_answer_is_an_error)
{
    static const char endless_chunk[] =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "ffffffffffffffffff\r\n";
    static const char *const answers[] = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 99999 x\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        endless_chunk,
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-A: b\r\n",
    };

    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        play(answers[i], false);
        cr_expect_eq(s.err.kind, ERR_NET, "%s: %s", answers[i], s.err.text);
        cr_expect_eq(s.status, 0, "%s", answers[i]);
        teardown(NULL);
    }
}

Test(httpc, a_body_above_the_limit_is_an_error_that_tells_the_status)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    start(&s, c, &story_collects,
          (struct httpc_request){ .url = peer_url(peer, "http", "/"),
                                  .body_limit_bytes = 4 });
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_LIMIT);
    cr_expect_eq(s.err.peer_status, 200);
    teardown(c);
}

Test(httpc, endless_headers_are_an_error)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0; i < 20000 && s.n_dones == 0; i++) {
        line_say(peer_line(peer), "X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
        loop_turn(loop);
    }
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_LIMIT);
    teardown(c);
}

Test(httpc, stop_at_the_headers_ends_well)
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

Test(httpc, stop_in_the_body_ends_well_with_what_was_read)
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

Test(httpc, pause_holds_the_peer_and_resume_goes_on)
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

Test(httpc, pausing_at_every_chunk_loses_nothing)
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

Test(httpc, a_good_end_waits_for_resume)
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

Test(httpc, nothing_comes_after_cancel)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    httpc_cancel(s.call);
    expect_silence(c, 0, 0);
}

Test(httpc, cancel_from_within_on_headers)
{
    struct httpc *c;

    setup(NULL);
    s.cancel_in_headers = true;
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    expect_silence(c, 1, 0);
}

Test(httpc, cancel_from_within_on_body)
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

Test(httpc, cancel_from_within_on_body_when_resuming)
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

Test(httpc, cancel_from_within_on_done_is_harmless)
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

Test(httpc, the_client_may_be_freed_from_within_a_callback)
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

Test(httpc, a_connection_serves_one_call_after_the_other)
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

Test(httpc, a_host_has_no_more_connections_than_the_ceiling)
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

Test(httpc, a_call_in_line_may_be_cancelled_or_run_out_of_time)
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
Test(httpc, a_kept_connection_found_dead_is_replaced)
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

Test(httpc, the_whole_call_may_be_timed)
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
    cr_expect_eq(s.n_dones, 0);
    clock_advance(1);
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_TIMEOUT);
    cr_expect_str_eq(s.err.code, "ETIMEDOUT");
    cr_expect_eq(s.err.peer_status, 200);
    teardown(c);
}

static void
a_turn(void)
{
    loop_defer(loop, (void (*)(void *))free, NULL);
    loop_turn(loop);
}

Test(httpc, silence_ends_the_call_counted_from_the_last_byte)
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

Test(httpc, time_paused_by_us_is_not_silence)
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

Test(httpc, requests_that_cannot_be_sent_are_refused_at_once)
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
