/* What is asked and what is answered, good and bad. */
#include <signal.h>

#include "net-httpc-rig.h"

TestSuite(httpc, .timeout = 30);

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
