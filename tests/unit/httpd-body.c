#include "httpd-site.h"

#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/str.h"

TestSuite(httpd_body, .timeout = 30);

/* A POST with this body and these header lines, closing; caller owns. */
static char *
post(struct site *s, const char *lines, struct bytes body)
{
    struct raw *r = site_visit(s);
    auto_free char *head =
        xasprintf(POST_ "Connection: close\r\nContent-Length: %zu\r\n%s\r\n",
                  body.n, lines);
    char *text;

    raw_send(r, head);
    raw_send_bytes(r, body.p, body.n);
    raw_until_eof(r);
    text = xstrdup(raw_text(r));
    raw_free(r);
    return text;
}

/* window: 15 zlib, 31 gzip, -15 bare. */
static void
deflate_into(struct buf *out, struct bytes in, int window)
{
    z_stream z = { 0 };
    size_t room = in.n + 1000;
    uint8_t *to = buf_room(out, room);

    cr_assert_eq(deflateInit2(&z, 9, Z_DEFLATED, window, 9, 0), Z_OK);
    z.next_in = (Bytef *)in.p;
    z.avail_in = (uInt)in.n;
    z.next_out = to;
    z.avail_out = (uInt)room;
    cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->n += room - z.avail_out;
    deflateEnd(&z);
}

Test(httpd_body, is_collected_up_to_its_ceiling_and_not_beyond)
{
    struct site s = { .what = DO_COLLECT, .limit_bytes = 10 };
    auto_free char *fits = NULL, *over = NULL;

    site_open(&s, (struct httpd_conf){ 0 });
    fits = post(&s, "", bytes_str("0123456789"));
    cr_expect(str_starts(fits, "HTTP/1.1 200 "));
    cr_expect(bytes_is(buf_bytes(&s.body), "0123456789"));
    over = post(&s, "", bytes_str("0123456789a"));
    cr_expect(str_starts(over, "HTTP/1.1 413 "), "%s", over);
    cr_expect_eq(s.n_bodies, 1);
    cr_expect_eq(s.n_gone, 1);
    site_close(&s);
}

Test(httpd_body, the_listeners_ceiling_holds_without_another)
{
    struct site s = { .what = DO_COLLECT };
    auto_free char *over = NULL;

    site_open(&s, (struct httpd_conf){ .body_limit_bytes = 3 });
    over = post(&s, "", bytes_str("abcd"));
    cr_expect(str_starts(over, "HTTP/1.1 413 "), "%s", over);
    site_close(&s);
}

Test(httpd_body, chunks_that_add_up_to_too_much_are_413)
{
    struct site s = { .what = DO_COLLECT, .limit_bytes = 5 };

    site_open(&s, (struct httpd_conf){ 0 });
    cr_expect_eq(site_status(&s, POST_ "Transfer-Encoding: chunked\r\n\r\n"
                                       "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"),
                 413);
    cr_expect_eq(s.n_bodies, 0);
    cr_expect_eq(s.n_gone, 1);
    site_close(&s);
}

Test(httpd_body, without_one_it_is_empty)
{
    struct site s = { .what = DO_COLLECT };
    auto_free char *text = NULL;

    site_open(&s, (struct httpd_conf){ 0 });
    text = site_ask(&s, GET_ "Connection: close\r\n\r\n");
    cr_expect(str_starts(text, "HTTP/1.1 200 "));
    cr_expect_eq(s.n_bodies, 1);
    cr_expect_eq(s.body.n, 0);
    site_close(&s);
}

Test(httpd_body, gzip_and_both_kinds_of_deflate_are_inflated)
{
    static const struct {
        const char *lines;
        int window;
    } cases[] = {
        { "Content-Encoding: gzip\r\n", 31 },
        { "Content-Encoding: GZip\r\n", 31 },
        { "Content-Encoding: x-gzip\r\n", 31 },
        { "Content-Encoding: deflate\r\n", 15 },
        { "Content-Encoding: deflate\r\n", -15 },
    };
    struct site s = { .what = DO_COLLECT };

    site_open(&s, (struct httpd_conf){ 0 });
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_buf struct buf z = BUF_INIT(1024 * 1024);
        auto_free char *text = NULL;

        deflate_into(&z, bytes_str("{\"a\":1}"), cases[i].window);
        text = post(&s, cases[i].lines, buf_bytes(&z));
        cr_expect(str_starts(text, "HTTP/1.1 200 "), "%zu: %s", i, text);
        cr_expect(bytes_is(buf_bytes(&s.body), "{\"a\":1}"), "%zu", i);
    }
    site_close(&s);
}

Test(httpd_body, members_of_gzip_follow_each_other)
{
    struct site s = { .what = DO_COLLECT };
    auto_buf struct buf z = BUF_INIT(1024 * 1024);

    site_open(&s, (struct httpd_conf){ 0 });
    deflate_into(&z, bytes_str("one "), 31);
    deflate_into(&z, bytes_str("two"), 31);
    free(post(&s, "Content-Encoding: gzip\r\n", buf_bytes(&z)));
    cr_expect(bytes_is(buf_bytes(&s.body), "one two"));
    site_close(&s);
}

Test(httpd_body, inflated_sizes_around_the_inner_step_are_whole)
{
    struct site s = { .what = DO_COLLECT };

    site_open(&s, (struct httpd_conf){ 0 });
    for (size_t n = 16 * 1024 - 2; n <= 16 * 1024 + 2; n++) {
        auto_buf struct buf z = BUF_INIT(1024 * 1024);
        auto_free char *plain = xcalloc(1, n), *text = NULL;

        deflate_into(&z, bytes_of(plain, n), 31);
        text = post(&s, "Content-Encoding: gzip\r\n", buf_bytes(&z));
        cr_expect(str_starts(text, "HTTP/1.1 200 "), "%zu", n);
        cr_expect_eq(s.body.n, n);
    }
    site_close(&s);
}

Test(httpd_body, a_small_bomb_is_413)
{
    struct site s = { .what = DO_COLLECT, .limit_bytes = 100000 };
    auto_buf struct buf z = BUF_INIT(1024 * 1024);
    auto_free char *plain = xcalloc(1, 900000), *text = NULL;

    site_open(&s, (struct httpd_conf){ 0 });
    deflate_into(&z, bytes_of(plain, 900000), 31);
    cr_assert_lt(z.n, 100000);
    text = post(&s, "Content-Encoding: gzip\r\n", buf_bytes(&z));
    cr_expect(str_starts(text, "HTTP/1.1 413 "), "%s", text);
    cr_expect_eq(s.n_bodies, 0);
    site_close(&s);
}

Test(httpd_body, damaged_or_cut_gzip_is_400)
{
    struct site s = { .what = DO_COLLECT };
    auto_buf struct buf z = BUF_INIT(1024 * 1024);
    auto_free char *cut = NULL, *damaged = NULL;

    site_open(&s, (struct httpd_conf){ 0 });
    deflate_into(&z, bytes_str("some text that is compressed"), 31);
    cut = post(&s, "Content-Encoding: gzip\r\n",
               bytes_to(buf_bytes(&z), z.n - 1));
    cr_expect(str_starts(cut, "HTTP/1.1 400 "), "%s", cut);
    z.p[z.n - 6] ^= 1; /* the checksum */
    damaged = post(&s, "Content-Encoding: gzip\r\n", buf_bytes(&z));
    cr_expect(str_starts(damaged, "HTTP/1.1 400 "), "%s", damaged);
    cr_expect_eq(s.n_bodies, 0);
    cr_expect_eq(s.n_gone, 2);
    site_close(&s);
}

Test(httpd_body, raw_stays_compressed)
{
    struct site s = { .what = DO_COLLECT, .raw = true };
    auto_buf struct buf z = BUF_INIT(1024 * 1024);

    site_open(&s, (struct httpd_conf){ 0 });
    deflate_into(&z, bytes_str("text"), 31);
    free(post(&s, "Content-Encoding: gzip\r\n", buf_bytes(&z)));
    cr_expect(bytes_equal(buf_bytes(&s.body), buf_bytes(&z)));
    site_close(&s);
}

Test(httpd_body, an_unknown_coding_is_415)
{
    struct site s = { .what = DO_COLLECT };
    auto_free char *text = NULL;

    site_open(&s, (struct httpd_conf){ 0 });
    text = post(&s, "Content-Encoding: br\r\n", bytes_str("x"));
    cr_expect(str_starts(text, "HTTP/1.1 415 "), "%s", text);
    cr_expect_eq(s.n_gone, 1);
    site_close(&s);
}

Test(httpd_body, who_expects_continue_is_told_once_the_body_is_wanted)
{
    struct site s = { .what = DO_COLLECT };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, POST_ "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    cr_expect(raw_until(r, "HTTP/1.1 100 Continue\r\n\r\n"));
    raw_send(r, "abc");
    cr_expect(raw_until(r, "HTTP/1.1 200 OK\r\n"));
    cr_expect(raw_until(r, "\r\n\r\nabc"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_body, who_expects_continue_is_not_asked_for_what_is_refused)
{
    struct site s = { .what = DO_COLLECT, .limit_bytes = 2 };
    auto_free char *text = NULL;

    site_open(&s, (struct httpd_conf){ 0 });
    text = site_ask(&s, POST_ "Expect: 100-continue\r\n"
                              "Content-Length: 3\r\n\r\n");
    cr_expect(str_starts(text, "HTTP/1.1 413 "), "%s", text);
    s.what = DO_REPLY;
    free(text);
    text = site_ask(&s, POST_ "Expect: 100-continue\r\n"
                              "Content-Length: 3\r\n\r\n");
    cr_expect(str_starts(text, "HTTP/1.1 200 "), "%s", text);
    cr_expect_not_null(strstr(text, "Connection: close\r\n"));
    site_close(&s);
}

Test(httpd_body, streams_come_as_they_are_sent)
{
    struct site s = { .what = DO_STREAM };
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, POST_ "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    turn_until(s.loop, s.body.n == 3);
    cr_expect_eq(s.n_bodies, 0);
    raw_send(r, "2\r\nde\r\n0\r\n\r\n");
    cr_expect(raw_until(r, "\r\n\r\nabcde"));
    raw_free(r);
    site_close(&s);
}

Test(httpd_body, a_paused_stream_gives_nothing_until_resumed)
{
    struct site s = { .what = DO_STREAM, .pause = true };
    struct raw *r;

    clock_freeze(0);
    site_open(&s, (struct httpd_conf){ .request_timeout_ms = 1000 });
    r = site_visit(&s);
    raw_send(r, POST_ "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                      "3\r\nabc\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n");
    turn_until(s.loop, s.body.n == 3);
    clock_advance(5000); /* our pause is not the caller's fault */
    site_turn(&s);
    site_turn(&s);
    cr_expect_eq(s.body.n, 3);
    httpd_resume_body(s.ex);
    turn_until(s.loop, s.body.n == 5);
    site_turn(&s);
    cr_expect_eq(s.body.n, 5);
    s.pause = false;
    httpd_resume_body(s.ex);
    raw_until_eof(r);
    cr_expect(str_ends(raw_text(r), "\r\n\r\nabcdef"));
    cr_expect_eq(s.n_gone, 0);
    raw_free(r);
    site_close(&s);
}

Test(httpd_body, a_paused_stream_pushes_back_on_its_sender)
{
    struct site s = { .what = DO_STREAM, .pause = true };
    size_t n = 32 * 1024 * 1024;
    auto_free char *block = xcalloc(1, n);
    struct raw *r;

    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, POST_ "Connection: close\r\nContent-Length: 33554432\r\n\r\n");
    raw_send_bytes(r, block, n);
    turn_until(s.loop, s.body.n > 0);
    for (int i = 0; i < 100; i++)
        site_turn(&s);
    /* One chunk was handed out; what is read ahead has its own ceiling. */
    cr_expect_leq(s.body.n, 64 * 1024);
    s.pause = false;
    httpd_resume_body(s.ex);
    raw_until_eof(r);
    cr_expect_eq(s.body.n, n);
    raw_free(r);
    site_close(&s);
}

Test(httpd_body, a_malformed_chunk_ends_the_stream_with_gone)
{
    struct site s = { .what = DO_STREAM };

    site_open(&s, (struct httpd_conf){ 0 });
    cr_expect_eq(site_status(&s, POST_ "Transfer-Encoding: chunked\r\n\r\n"
                                       "3\r\nabc\r\nzz\r\n"),
                 400);
    cr_expect_eq(s.n_gone, 1);
    cr_expect_eq(s.n_bodies, 0);
    site_close(&s);
}
