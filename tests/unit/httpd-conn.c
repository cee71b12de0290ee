#include "httpd-site.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"

TestSuite(httpd_conn, .timeout = 30);

Test(httpd_conn, a_connection_takes_one_request_after_the_other)
{
    struct site s = { .what = DO_REPLY };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_expect(raw_until(r, "GET /1\n"));
    raw_send(r, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_expect(raw_until(r, "GET /2\n"));
    cr_expect_eq(httpd_connections(s.httpd), 1);
    raw_free(r);
    turn_until(s.loop, httpd_connections(s.httpd) == 0);
    cr_expect_eq(s.n_gone, 0);
    site_close(&s);
}

Test(httpd_conn, pipelined_requests_are_answered_in_order_one_at_a_time)
{
    struct site s = { .what = DO_HOLD };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
                "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
                "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    for (unsigned i = 1; i <= 3; i++) {
        turn_until(s.loop, s.ex != NULL);
        site_turn(&s);
        cr_expect_eq(s.n_requests, i);
        httpd_reply(s.ex, 200, NULL, bytes_str("x"));
        s.ex = NULL;
    }
    raw_until_eof(r);
    cr_expect_str_eq(buf_cstr(&s.log), "GET /1\nGET /2\nGET /3\n");
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, targets_are_passed_on_verbatim)
{
    struct site s = { .what = DO_REPLY };

    site_open(&s, (struct httpd_conf){ 0 });
    free(site_ask(&s, "GET //x/%2e%2E/./..//a%00?b=//c&d=%GG HTTP/1.0\r\n\r\n"));
    cr_expect_str_eq(buf_cstr(&s.log),
                     "GET //x/%2e%2E/./..//a%00?b=//c&d=%GG\n");
    site_close(&s);
}

Test(httpd_conn, path_and_query_are_the_two_sides_of_the_first_question_mark)
{
    struct site s = { .what = DO_HOLD };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, "GET /a?b?c HTTP/1.1\r\nHost: h\r\n\r\n");
    turn_until(s.loop, s.ex != NULL);
    cr_expect_str_eq(httpd_request_of(s.ex)->path, "/a");
    cr_expect_str_eq(httpd_request_of(s.ex)->query, "b?c");
    cr_expect(str_starts(httpd_request_of(s.ex)->peer, "127.0.0.1:"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, too_large_headers_are_431)
{
    struct site s = { .what = DO_REPLY };
    auto_buf struct buf text = BUF_INIT(1024 * 1024);

    site_open(&s, (struct httpd_conf){ .header_limit_bytes = 10000 });
    buf_add_str(&text, GET_ "X: ");
    while (text.n < 10100)
        buf_add_char(&text, 'a');
    buf_add_str(&text, "\r\n\r\n");
    cr_expect_eq(site_status(&s, buf_cstr(&text)), 431);
    cr_expect_eq(s.n_requests, 0);
    site_close(&s);
}

Test(httpd_conn, a_credentials_header_of_64_kib_fits_by_default)
{
    struct site s = { .what = DO_REPLY };
    auto_buf struct buf text = BUF_INIT(1024 * 1024);

    site_open(&s, (struct httpd_conf){ 0 });
    buf_add_str(&text, GET_ "Connection: close\r\nX: ");
    while (text.n < 65 * 1024)
        buf_add_char(&text, 'a');
    buf_add_str(&text, "\r\n\r\n");
    cr_expect_eq(site_status(&s, buf_cstr(&text)), 200);
    site_close(&s);
}

Test(httpd_conn, malformed_requests_are_400_and_the_end)
{
    struct site s = { .what = DO_REPLY };

    site_open(&s, (struct httpd_conf){ 0 });
    cr_expect_eq(site_status(&s, "NONSENSE\r\n\r\n"), 400);
    cr_expect_eq(site_status(&s, POST_ "Content-Length: 3\r\n"
                                       "Transfer-Encoding: chunked\r\n\r\n"
                                       "0\r\n\r\nGET /smuggled HTTP/1.1\r\n"
                                       "Host: h\r\n\r\n"),
                 400);
    cr_expect_eq(s.n_requests, 0);
    site_close(&s);
}

Test(httpd_conn, a_request_that_takes_too_long_is_408)
{
    struct site s = { .what = DO_REPLY };
    struct raw *r;

    clock_freeze(0);
    site_open(&s, (struct httpd_conf){ .request_timeout_ms = 5000 });
    r = site_visit(&s);
    raw_send(r, "GET / HTTP/1.1\r\n");
    turn_until(s.loop, httpd_connections(s.httpd) == 1);
    site_turn(&s);
    site_turn(&s);
    clock_advance(4999);
    raw_send(r, "Host: h\r\n"); /* a byte now and then does not help */
    site_turn(&s);
    site_turn(&s);
    clock_advance(1);
    raw_until_eof(r);
    cr_expect(str_starts(raw_text(r), "HTTP/1.1 408 "), "%s", raw_text(r));
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, a_body_that_takes_too_long_is_408_and_the_handler_hears)
{
    struct site s = { .what = DO_COLLECT };
    struct raw *r;

    clock_freeze(0);
    site_open(&s, (struct httpd_conf){ .request_timeout_ms = 5000 });
    r = site_visit(&s);
    raw_send(r, POST_ "Content-Length: 3\r\n\r\nab");
    turn_until(s.loop, s.n_requests == 1);
    clock_advance(5000);
    raw_until_eof(r);
    cr_expect(str_starts(raw_text(r), "HTTP/1.1 408 "), "%s", raw_text(r));
    cr_expect_eq(s.n_gone, 1);
    cr_expect_eq(s.n_bodies, 0);
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, a_stream_may_last_as_long_as_something_comes)
{
    struct site s = { .what = DO_STREAM };
    struct raw *r;

    clock_freeze(0);
    site_open(&s, (struct httpd_conf){ .request_timeout_ms = 5000 });
    r = site_visit(&s);
    raw_send(r, POST_ "Connection: close\r\nContent-Length: 5\r\n\r\n");
    turn_until(s.loop, s.n_requests == 1);
    for (size_t i = 0; i < 5; i++) {
        clock_advance(4000);
        raw_send(r, "x");
        turn_until(s.loop, s.body.n == i + 1);
    }
    raw_until_eof(r);
    cr_expect(str_starts(raw_text(r), "HTTP/1.1 200 "));
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, the_time_a_handler_takes_is_not_the_callers)
{
    struct site s = { .what = DO_HOLD };
    struct raw *r;

    clock_freeze(0);
    site_open(&s, (struct httpd_conf){ .request_timeout_ms = 5000,
                                       .idle_timeout_ms = 5000 });
    r = site_visit(&s);
    raw_send(r, GET_ "Connection: close\r\n\r\n");
    turn_until(s.loop, s.ex != NULL);
    clock_advance(3600 * 1000);
    site_turn(&s);
    cr_expect_eq(s.n_gone, 0);
    httpd_reply(s.ex, 200, NULL, BYTES_NONE);
    raw_until_eof(r);
    cr_expect(str_starts(raw_text(r), "HTTP/1.1 200 "));
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, idle_connections_are_closed_in_silence)
{
    struct site s = { .what = DO_REPLY };
    struct raw *fresh, *used;

    clock_freeze(0);
    site_open(&s, (struct httpd_conf){ .idle_timeout_ms = 5000 });
    fresh = site_visit(&s);
    used = site_visit(&s);
    raw_send(used, GET_ "\r\n");
    cr_expect(raw_until(used, "GET /\n"));
    clock_advance(4999);
    site_turn(&s);
    cr_expect_eq(httpd_connections(s.httpd), 2);
    clock_advance(1);
    raw_until_eof(fresh);
    raw_until_eof(used);
    cr_expect_str_eq(raw_text(fresh), "");
    cr_expect_str_eq(raw_text(used), "");
    raw_free(fresh);
    raw_free(used);
    site_close(&s);
}

Test(httpd_conn, beyond_the_ceiling_connections_wait_their_turn)
{
    struct site s = { .what = DO_REPLY };
    struct raw *a, *b, *c;

    site_open(&s, (struct httpd_conf){ .max_connections = 2 });
    a = site_visit(&s);
    b = site_visit(&s);
    c = site_visit(&s);
    raw_send(c, GET_ "\r\n");
    raw_send(b, GET_ "\r\n");
    cr_expect(raw_until(b, "GET /\n"));
    site_turn(&s);
    site_turn(&s);
    cr_expect_eq(httpd_connections(s.httpd), 2);
    cr_expect_str_eq(raw_text(c), "");
    raw_free(a);
    cr_expect(raw_until(c, "GET /\n"));
    raw_free(b);
    raw_free(c);
    site_close(&s);
}

Test(httpd_conn, a_caller_that_leaves_is_told_to_the_handler)
{
    struct site s = { .what = DO_HOLD };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, GET_ "\r\n");
    turn_until(s.loop, s.ex != NULL);
    raw_free(r);
    turn_until(s.loop, s.n_gone == 1);
    cr_expect_eq(httpd_connections(s.httpd), 0);
    site_close(&s);
}

Test(httpd_conn, a_caller_that_leaves_amid_its_body_is_told_to_the_handler)
{
    struct site s = { .what = DO_COLLECT };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, POST_ "Content-Length: 10\r\n\r\nabc");
    turn_until(s.loop, s.n_requests == 1);
    raw_free(r);
    turn_until(s.loop, s.n_gone == 1);
    cr_expect_eq(s.n_bodies, 0);
    site_close(&s);
}

Test(httpd_conn, a_caller_that_leaves_amid_a_long_answer_is_let_go)
{
    static char block[8 * 1024 * 1024];
    struct site s = { .what = DO_HOLD };

    /* With its request read to the end, and with bytes behind it. */
    site_open(&s, (struct httpd_conf){ 0 });
    for (int i = 0; i < 2; i++) {
        struct raw *r = site_visit(&s);

        raw_send(r, i == 0 ? GET_ "\r\n" : GET_ "\r\nGET /");
        turn_until(s.loop, s.ex != NULL);
        httpd_reply(s.ex, 200, NULL, bytes_of(block, sizeof(block)));
        s.ex = NULL;
        cr_expect(raw_until(r, "HTTP/1.1 200 OK"));
        raw_free(r);
        turn_until(s.loop, httpd_connections(s.httpd) == 0);
    }
    site_close(&s);
}

Test(httpd_conn, a_caller_that_only_stops_sending_still_gets_its_answer)
{
    static char block[8 * 1024 * 1024];
    struct site s = { .what = DO_HOLD };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, GET_ "\r\n");
    turn_until(s.loop, s.ex != NULL);
    httpd_reply(s.ex, 200, NULL, bytes_of(block, sizeof(block)));
    raw_shutdown(r);
    raw_until_eof(r);
    cr_expect_gt(r->in.n, sizeof(block));
    cr_expect_not(r->reset);
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, answering_a_gone_caller_is_harmless)
{
    struct site s = { .what = DO_HOLD, .no_gone = true };

    site_open(&s, (struct httpd_conf){ 0 });
    for (int how = 0; how < 3; how++) {
        struct raw *r = site_visit(&s);

        s.ex = NULL;
        raw_send(r, GET_ "\r\n");
        turn_until(s.loop, s.ex != NULL);
        raw_free(r);
        turn_until(s.loop, httpd_connections(s.httpd) == 0);
        cr_expect_str_eq(httpd_request_of(s.ex)->target, "/");
        if (how == 0) {
            httpd_reply(s.ex, 200, NULL, bytes_str("x"));
        } else if (how == 1) {
            httpd_reply_start(s.ex, 200, NULL);
            cr_expect_eq(httpd_reply_write(s.ex, bytes_str("x")), HTTPD_GONE);
            httpd_reply_end(s.ex);
        } else {
            cr_expect_null(httpd_upgrade(s.ex, NULL));
        }
    }
    site_close(&s);
}

Test(httpd_conn, on_gone_can_be_taken_back)
{
    struct site s = { .what = DO_HOLD };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, GET_ "\r\n");
    turn_until(s.loop, s.ex != NULL);
    httpd_on_gone(s.ex, NULL, NULL);
    raw_free(r);
    turn_until(s.loop, httpd_connections(s.httpd) == 0);
    cr_expect_eq(s.n_gone, 0);
    httpd_reply(s.ex, 200, NULL, BYTES_NONE);
    site_close(&s);
}

Test(httpd_conn, a_short_unread_body_is_skipped_and_the_connection_kept)
{
    struct site s = { .what = DO_REPLY };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, POST_ "Content-Length: 30\r\n\r\nGET /not HTTP/1.1");
    cr_expect(raw_until(r, "POST /p\n"));
    raw_send(r, "\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    cr_expect(raw_until(r, "GET /2\n"));
    cr_expect_str_eq(buf_cstr(&s.log), "POST /p\nGET /2\n");
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, a_long_unread_body_ends_the_connection_but_not_the_answer)
{
    struct site s = { .what = DO_REPLY };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, POST_ "Content-Length: 100000000\r\n\r\n");
    for (int i = 0; i < 100; i++)
        raw_send(r, "0123456789012345678901234567890123456789");
    cr_expect(raw_until(r, "Connection: close\r\n"));
    cr_expect(raw_until(r, "POST /p\n"));
    raw_until_eof(r);
    cr_expect_not(r->reset);
    raw_free(r);
    site_close(&s);
}

Test(httpd_conn, freeing_the_listener_tells_every_handler)
{
    struct site s = { .what = DO_HOLD };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, GET_ "\r\n");
    turn_until(s.loop, s.ex != NULL);
    httpd_free(s.httpd);
    cr_expect_eq(s.n_gone, 1);
    s.httpd = NULL;
    raw_until_eof(r);
    cr_expect_str_eq(raw_text(r), "");
    raw_free(r);
    site_close(&s);
}
