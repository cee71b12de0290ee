#include "httpd-site.h"

#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/clock.h"
#include "base/str.h"

TestSuite(httpd_reply, .timeout = 30);

/* A held request on a fresh connection. */
static struct raw *
hold(struct site *s, const char *request)
{
    struct raw *r;

    s->what = DO_HOLD;
    s->ex = NULL;
    r = site_visit(s);
    raw_send(r, request);
    turn_until(s->loop, s->ex != NULL);
    return r;
}

static struct bytes
eight_mib(void)
{
    static char block[8 * 1024 * 1024];

    return bytes_of(block, sizeof(block));
}

static void
on_drain(void *arg)
{
    struct site *s = arg;

    s->n_drained++;
}

Test(httpd_reply, has_length_date_and_connection_and_the_handlers_headers)
{
    struct site s = { 0 };
    auto_headers struct headers h = HEADERS_INIT;
    struct raw *r;

    clock_freeze(1795507850000); /* Tue, 24 Nov 2026 08:10:50 GMT */
    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, GET_ "Connection: close\r\n\r\n");
    headers_add(&h, "X-A", "1");
    headers_add(&h, "Content-Length", "77");
    headers_add(&h, "Transfer-Encoding", "chunked");
    headers_add(&h, "Connection", "keep-alive");
    httpd_reply(s.ex, 418, &h, bytes_str("abc"));
    raw_until_eof(r);
    cr_expect_str_eq(raw_text(r), "HTTP/1.1 418 Unknown\r\nX-A: 1\r\n"
                                  "Date: Tue, 24 Nov 2026 08:10:50 GMT\r\n"
                                  "Content-Length: 3\r\n"
                                  "Connection: close\r\n\r\nabc");
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, headers_that_would_split_the_answer_are_left_out)
{
    struct site s = { 0 };
    auto_headers struct headers h = HEADERS_INIT;
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, GET_ "Connection: close\r\n\r\n");
    headers_add(&h, "X-A", "1\r\nX-Evil: 2");
    headers_add(&h, "X-B\r\nX-Evil", "3");
    headers_add(&h, "X-C", "4");
    httpd_reply(s.ex, 200, &h, BYTES_NONE);
    raw_until_eof(r);
    cr_expect_null(strstr(raw_text(r), "Evil"));
    cr_expect_not_null(strstr(raw_text(r), "X-C: 4\r\n"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, a_status_that_ends_nothing_becomes_502)
{
    struct site s = { 0 };
    static const int bad[] = { 0, -1, 100, 199, 1000 };

    site_open(&s, (struct httpd_conf){ 0 });
    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct raw *r = hold(&s, GET_ "Connection: close\r\n\r\n");

        httpd_reply(s.ex, bad[i], NULL, BYTES_NONE);
        raw_until_eof(r);
        cr_expect(str_starts(raw_text(r), "HTTP/1.1 502 "), "%d", bad[i]);
        raw_free(r);
    }
    site_close(&s);
}

Test(httpd_reply, head_and_bodiless_statuses_have_headers_only)
{
    struct site s = { 0 };
    auto_headers struct headers h = HEADERS_INIT;
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    httpd_reply(s.ex, 200, NULL, bytes_str("abc"));
    raw_until_eof(r);
    cr_expect_not_null(strstr(raw_text(r), "Content-Length: 3\r\n"));
    cr_expect(str_ends(raw_text(r), "\r\n\r\n"));
    raw_free(r);

    r = hold(&s, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    headers_add(&h, "Content-Length", "12345");
    httpd_reply(s.ex, 200, &h, BYTES_NONE);
    raw_until_eof(r);
    cr_expect_not_null(strstr(raw_text(r), "Content-Length: 12345\r\n"));
    raw_free(r);

    r = hold(&s, GET_ "Connection: close\r\n\r\n");
    httpd_reply(s.ex, 304, NULL, bytes_str("abc"));
    raw_until_eof(r);
    cr_expect_null(strstr(raw_text(r), "Content-Length"));
    cr_expect(str_ends(raw_text(r), "\r\n\r\n"));
    raw_free(r);

    r = hold(&s, "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    httpd_reply_start(s.ex, 200, NULL);
    cr_expect_eq(httpd_reply_write(s.ex, bytes_str("abc")), HTTPD_MORE);
    httpd_reply_end(s.ex);
    raw_until_eof(r);
    cr_expect(str_ends(raw_text(r), "\r\n\r\n"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, pieces_are_chunks_and_the_connection_goes_on)
{
    struct site s = { 0 };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, GET_ "\r\n");
    httpd_reply_start(s.ex, 200, NULL);
    httpd_reply_write(s.ex, bytes_str("hello"));
    httpd_reply_write(s.ex, BYTES_NONE); /* is not the end */
    httpd_reply_write(s.ex, bytes_str("0123456789abcdef"));
    httpd_reply_end(s.ex);
    cr_expect(raw_until(r, "Transfer-Encoding: chunked\r\n"));
    cr_expect(raw_until(r, "\r\n\r\n5\r\nhello\r\n10\r\n0123456789abcdef\r\n"
                           "0\r\n\r\n"));
    s.what = DO_REPLY;
    raw_send(r, GET_ "\r\n");
    cr_expect(raw_until(r, "GET /\n"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, pieces_of_a_known_length_are_plain)
{
    struct site s = { 0 };
    auto_headers struct headers h = HEADERS_INIT;
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    headers_add(&h, "content-length", "6");
    r = hold(&s, GET_ "Connection: close\r\n\r\n");
    httpd_reply_start(s.ex, 200, &h);
    httpd_reply_write(s.ex, bytes_str("abc"));
    httpd_reply_write(s.ex, bytes_str("def"));
    httpd_reply_end(s.ex);
    raw_until_eof(r);
    cr_expect_not_null(strstr(raw_text(r), "Content-Length: 6\r\n"));
    cr_expect_null(strstr(raw_text(r), "chunked"));
    cr_expect(str_ends(raw_text(r), "\r\n\r\nabcdef"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, more_than_announced_is_not_sent_less_breaks_off)
{
    struct site s = { 0 };
    auto_headers struct headers h = HEADERS_INIT;
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    headers_add(&h, "Content-Length", "3");
    r = hold(&s, GET_ "Connection: close\r\n\r\n");
    httpd_reply_start(s.ex, 200, &h);
    httpd_reply_write(s.ex, bytes_str("abcdef"));
    httpd_reply_end(s.ex);
    raw_until_eof(r);
    cr_expect(str_ends(raw_text(r), "\r\n\r\nabc"));
    raw_free(r);

    r = hold(&s, GET_ "\r\n"); /* would be kept alive */
    httpd_reply_start(s.ex, 200, &h);
    httpd_reply_write(s.ex, bytes_str("ab"));
    httpd_reply_end(s.ex);
    raw_until_eof(r);
    cr_expect(str_ends(raw_text(r), "\r\n\r\nab"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, to_http_1_0_the_end_of_pieces_is_the_end_of_the_connection)
{
    struct site s = { 0 };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    httpd_reply_start(s.ex, 200, NULL);
    httpd_reply_write(s.ex, bytes_str("abc"));
    httpd_reply_end(s.ex);
    raw_until_eof(r);
    cr_expect_null(strstr(raw_text(r), "chunked"));
    cr_expect_not_null(strstr(raw_text(r), "Connection: close\r\n"));
    cr_expect(str_ends(raw_text(r), "\r\n\r\nabc"));
    cr_expect_not(r->reset);
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, abort_lets_the_caller_see_that_it_was_cut)
{
    struct site s = { 0 };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, GET_ "\r\n");
    httpd_reply_start(s.ex, 200, NULL);
    httpd_reply_write(s.ex, bytes_str("abc"));
    httpd_reply_abort(s.ex);
    raw_until_eof(r);
    cr_expect(str_ends(raw_text(r), "\r\n\r\n3\r\nabc\r\n"), "%s", raw_text(r));
    raw_free(r);

    r = hold(&s, GET_ "\r\n");
    httpd_reply_abort(s.ex);
    raw_until_eof(r);
    cr_expect_str_eq(raw_text(r), "");
    raw_free(r);

    /* Without any framing only a reset can tell. */
    r = hold(&s, "GET / HTTP/1.0\r\n\r\n");
    httpd_reply_start(s.ex, 200, NULL);
    httpd_reply_write(s.ex, bytes_str("abc"));
    cr_expect(raw_until(r, "abc"));
    httpd_reply_abort(s.ex);
    raw_until_eof(r);
    cr_expect(r->reset);
    raw_free(r);
    cr_expect_eq(s.n_gone, 0);
    site_close(&s);
}

Test(httpd_reply, a_slow_reader_makes_it_full_and_then_it_drains)
{
    struct site s = { 0 };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ .write_high_bytes = 100000 });
    r = hold(&s, GET_ "Connection: close\r\n\r\n");
    raw_pause(r);
    httpd_on_drain(s.ex, on_drain, &s);
    httpd_reply_start(s.ex, 200, NULL);
    cr_expect_eq(httpd_reply_write(s.ex, bytes_str("x")), HTTPD_MORE);
    cr_expect_eq(httpd_reply_write(s.ex, eight_mib()), HTTPD_FULL);
    for (int i = 0; i < 50; i++)
        site_turn(&s);
    cr_expect_eq(s.n_drained, 0);
    raw_go_on(r);
    turn_until(s.loop, s.n_drained == 1);
    httpd_reply_end(s.ex);
    raw_until_eof(r);
    cr_expect_gt(r->in.n, eight_mib().n);
    cr_expect_eq(s.n_drained, 1);
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, who_never_reads_is_given_up)
{
    struct site s = { 0 };
    struct raw *r;

    clock_freeze(0);
    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, GET_ "\r\n");
    raw_pause(r);
    httpd_reply_start(s.ex, 200, NULL);
    httpd_reply_write(s.ex, eight_mib());
    for (int i = 0; i < 50; i++)
        site_turn(&s);
    cr_expect_eq(s.n_gone, 0);
    clock_advance(120 * 1000);
    turn_until(s.loop, s.n_gone == 1);
    cr_expect_eq(httpd_connections(s.httpd), 0);
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, who_pipelines_without_reading_is_not_served_on)
{
    struct site s = { .what = DO_REPLY };
    auto_buf struct buf text = BUF_INIT(64 * 1024 * 1024);
    auto_free char *fill = xcalloc(1, 100001);
    struct raw *r;

    memset(fill, 'a', 100000);
    site_open(&s, (struct httpd_conf){ .write_high_bytes = 50000 });
    for (int i = 0; i < 200; i++)
        buf_addf(&text, "GET /%s HTTP/1.1\r\nHost: h\r\n\r\n", fill);
    r = site_visit(&s);
    raw_pause(r);
    raw_send_bytes(r, text.p, text.n);
    for (int i = 0; i < 2000; i++)
        site_turn(&s);
    cr_expect_lt(s.n_requests, 200); /* 20 MB of answers nobody takes */
    raw_go_on(r);
    turn_until(s.loop, s.n_requests == 200);
    raw_free(r);
    site_close(&s);
}

Test(httpd_reply, upgrade_hands_over_the_socket_and_what_it_has_read)
{
    struct site s = { 0 };
    auto_headers struct headers h = HEADERS_INIT;
    struct bufferevent *bev;
    struct raw *r;
    char text[8] = "";

    site_open(&s, (struct httpd_conf){ 0 });
    r = hold(&s, GET_ "Connection: Upgrade\r\nUpgrade: x\r\n\r\nearly");
    headers_add(&h, "Upgrade", "x");
    headers_add(&h, "Connection", "Upgrade");
    bev = httpd_upgrade(s.ex, &h);
    cr_assert_not_null(bev);
    cr_expect_eq(httpd_connections(s.httpd), 0);
    cr_expect(raw_until(r, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                           "Connection: Upgrade\r\n\r\n"));
    turn_until(s.loop,
               evbuffer_get_length(bufferevent_get_input(bev)) == 5);
    bufferevent_read(bev, text, 5);
    cr_expect_str_eq(text, "early");
    bufferevent_write(bev, "yours", 5);
    cr_expect(raw_until(r, "yours"));
    cr_expect_eq(s.n_gone, 0);
    raw_free(r);
    bufferevent_free(bev);
    site_close(&s);
}

Test(httpd_reply, a_request_for_an_upgrade_may_be_answered_like_any_other)
{
    struct site s = { .what = DO_REPLY };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    for (int i = 0; i < 2; i++) {
        raw_send(r, GET_ "Connection: Upgrade\r\nUpgrade: x\r\n\r\n");
        cr_expect(raw_until(r, "GET /\n"));
    }
    raw_free(r);
    site_close(&s);
}
