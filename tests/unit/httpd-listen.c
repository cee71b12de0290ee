#include "httpd-site.h"

#include <string.h>

#include "../fake/fake-cert.h"
#include "base/str.h"

TestSuite(httpd, .timeout = 30);

static void
on_request(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    (void)req;
    (void)arg;
    httpd_reply(ex, 200, NULL, BYTES_NONE);
}

/* Why such a listener is not to be had. */
static struct err
refusal(struct httpd_conf conf)
{
    struct loop *loop = loop_new(NULL);
    struct httpd *d;
    struct err err = { 0 };

    d = httpd_new(loop, &conf, on_request, NULL, &err);
    cr_expect_null(d);
    httpd_free(d);
    loop_free(loop);
    return err;
}

Test(httpd, a_port_that_is_taken_is_an_error_that_names_it)
{
    struct site s = { 0 };
    auto_free char *port = NULL;
    struct err err;

    site_open(&s, (struct httpd_conf){ 0 });
    err = refusal((struct httpd_conf){ .address = "127.0.0.1",
                                       .port = httpd_port(s.httpd) });
    port = xasprintf("port %u", httpd_port(s.httpd));
    cr_expect_not_null(strstr(err.text, port), "%s", err.text);
    cr_expect_not_null(strstr(err.text, "in use"), "%s", err.text);
    site_close(&s);
}

Test(httpd, an_address_that_is_none_is_an_error)
{
    cr_expect_eq(refusal((struct httpd_conf){ .address = "not an address" })
                     .kind,
                 ERR_INPUT);
    cr_expect_neq(refusal((struct httpd_conf){ .address = "192.0.2.1" }).kind,
                  ERR_NONE);
}

Test(httpd, certificates_that_are_none_are_errors_that_name_the_file)
{
    struct fake_cert a, b;
    struct err err;

    fake_cert_make(&a);
    fake_cert_make(&b);
    err = refusal((struct httpd_conf){ .cert_file = "/nonexistent.pem",
                                       .key_file = a.key_file });
    cr_expect_eq(err.kind, ERR_TLS);
    cr_expect_not_null(strstr(err.text, "/nonexistent.pem"));
    err = refusal((struct httpd_conf){ .cert_file = a.cert_file,
                                       .key_file = b.key_file });
    cr_expect_eq(err.kind, ERR_TLS);
    err = refusal((struct httpd_conf){ .cert_file = a.cert_file });
    cr_expect_eq(err.kind, ERR_INPUT);
    fake_cert_clear(&a);
    fake_cert_clear(&b);
}

Test(httpd, all_interfaces_means_ipv4_too)
{
    struct loop *loop = loop_new(NULL);
    struct httpd *d =
        httpd_new(loop, &(struct httpd_conf){ 0 }, on_request, NULL, NULL);
    struct raw *r;

    cr_assert_not_null(d);
    cr_expect_neq(httpd_port(d), 0);
    r = raw_new(loop, httpd_port(d), NULL);
    raw_send(r, GET_ "\r\n");
    cr_expect(raw_until(r, "HTTP/1.1 200 OK\r\n"));
    raw_free(r);
    httpd_free(d);
    loop_free(loop);
}

Test(httpd, tls_works_like_plain)
{
    struct site s = { .what = DO_COLLECT };
    size_t n = 4 * 1024 * 1024;
    auto_free char *block = xcalloc(1, n + 1);
    struct fake_cert c;
    struct raw *r;

    memset(block, 'x', n);
    fake_cert_make(&c);
    site_open(&s, (struct httpd_conf){ .cert_file = c.cert_file,
                                       .key_file = c.key_file,
                                       .body_limit_bytes = n });
    r = raw_new(s.loop, httpd_port(s.httpd), c.cert_file);
    raw_send(r, POST_ "Content-Length: 4194304\r\n\r\n");
    raw_send(r, block);
    cr_expect(raw_until(r, "\r\n\r\n"));
    cr_expect(raw_until(r, block));
    raw_send(r, POST_ "Connection: close\r\nContent-Length: 1\r\n\r\ny");
    cr_expect(raw_until(r, "\r\n\r\ny"));
    raw_until_eof(r);
    cr_expect_not(r->reset, "TLS did not end with a close_notify");
    raw_free(r);
    site_close(&s);
    fake_cert_clear(&c);
}

Test(httpd, plain_text_to_a_tls_listener_is_closed)
{
    struct site s = { .what = DO_REPLY };
    struct fake_cert c;
    struct raw *r;

    fake_cert_make(&c);
    site_open(&s, (struct httpd_conf){ .cert_file = c.cert_file,
                                       .key_file = c.key_file });
    r = site_visit(&s);
    raw_send(r, GET_ "\r\n");
    raw_until_eof(r);
    cr_expect_eq(s.n_requests, 0);
    raw_free(r);
    turn_until(s.loop, httpd_connections(s.httpd) == 0);
    site_close(&s);
    fake_cert_clear(&c);
}

static void
on_done(void *arg)
{
    struct site *s = arg;

    s->n_done++;
}

Test(httpd, drain_answers_what_runs_and_takes_nothing_new)
{
    struct site s = { .what = DO_HOLD };
    struct raw *busy, *idle, *half;

    site_open(&s, (struct httpd_conf){ 0 });
    busy = site_visit(&s);
    idle = site_visit(&s);
    half = site_visit(&s);
    raw_send(half, "GET / HT");
    raw_send(busy, GET_ "\r\n" GET_ "\r\n");
    turn_until(s.loop, s.ex != NULL && httpd_connections(s.httpd) == 3);
    httpd_drain(s.httpd, on_done, &s);
    cr_expect_eq(s.n_done, 0);
    raw_until_eof(idle);
    raw_until_eof(half);
    cr_expect_eq(s.n_done, 0);
    cr_expect_eq(httpd_connections(s.httpd), 1);
    httpd_reply(s.ex, 200, NULL, bytes_str("last"));
    raw_until_eof(busy);
    cr_expect_not_null(strstr(raw_text(busy), "Connection: close\r\n"));
    cr_expect(str_ends(raw_text(busy), "\r\n\r\nlast"));
    turn_until(s.loop, s.n_done == 1);
    cr_expect_eq(s.n_requests, 1);
    cr_expect_eq(s.n_gone, 0);
    raw_free(busy);
    raw_free(idle);
    raw_free(half);
    site_close(&s);
}

Test(httpd, drain_of_an_idle_listener_is_done_on_the_next_turn)
{
    struct site s = { 0 };

    site_open(&s, (struct httpd_conf){ 0 });
    httpd_drain(s.httpd, on_done, &s);
    cr_expect_eq(s.n_done, 0);
    turn_until(s.loop, s.n_done == 1);
    site_close(&s);
}

Test(httpd, drain_does_not_cut_off_an_answer_on_its_way)
{
    struct site s = { .what = DO_HOLD };
    static char block[4 * 1024 * 1024];
    struct raw *r;

    memset(block, 'x', sizeof(block));
    site_open(&s, (struct httpd_conf){ 0 });
    r = site_visit(&s);
    raw_send(r, GET_ "\r\n");
    turn_until(s.loop, s.ex != NULL);
    httpd_reply(s.ex, 200, NULL, bytes_of(block, sizeof(block)));
    httpd_drain(s.httpd, on_done, &s);
    raw_until_eof(r);
    cr_expect_gt(r->in.n, sizeof(block));
    turn_until(s.loop, s.n_done == 1);
    raw_free(r);
    site_close(&s);
}
