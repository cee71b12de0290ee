/* The fake has to be right before anything is measured with it. */
#include "engine.h"

#include <string.h>

#include "../fake/fake-http.h"
#include "../fake/raw-client.h"
#include "base/str.h"

TestSuite(fake_http, .timeout = 30);

/* What comes for one request, to the end of the connection. */
static char *
ask(struct loop *loop, struct fake_http *f, const char *lines)
{
    struct raw *r = raw_new(loop, fake_http_port(f), NULL);
    char *text;

    raw_send(r, lines);
    raw_send(r, "Host: h\r\nConnection: close\r\n\r\n");
    raw_until_eof(r);
    text = xstrdup(raw_text(r));
    raw_free(r);
    return text;
}

Test(fake_http, rows_are_tried_in_order_and_used_up)
{
    struct loop *loop = loop_new(NULL);
    struct fake_http *f = fake_http_new(loop, NULL);
    static const char *const want[] = { "429", "201", "404" };
    static const char *const asks[] = { "GET /v2/a HTTP/1.1\r\n",
                                        "GET /v2/b HTTP/1.1\r\n",
                                        "POST /v2/ HTTP/1.1\r\n" };

    fake_http_add(f, &(struct fake_row){ .path = "/v2/",
                                         .times = 1,
                                         .status = 429,
                                         .headers = "Retry-After: 1" });
    fake_http_add(f, &(struct fake_row){
                         .method = "GET", .path = "/v2/", .status = 201 });
    for (size_t i = 0; i < N_ELEMENTS(want); i++) {
        auto_free char *text = ask(loop, f, asks[i]);

        cr_expect_eq(strncmp(text + 9, want[i], 3), 0, "%s", text);
    }
    cr_expect_eq(fake_http_count(f), 3);
    cr_expect_str_eq(fake_http_request(f, 1)->target, "/v2/b");
    cr_expect_eq(fake_http_asked(f, "/v2/a"), 1);
    fake_http_free(f);
    loop_free(loop);
}

Test(fake_http, headers_decide_and_addresses_are_filled_in)
{
    struct loop *loop = loop_new(NULL);
    struct fake_http *f = fake_http_new(loop, NULL);
    auto_free char *denied = NULL, *granted = NULL, *want = NULL;

    fake_http_add(f, &(struct fake_row){
                         .header = "!Authorization",
                         .status = 401,
                         .headers = "X: 1\nWWW-Authenticate: Bearer "
                                    "realm=\"{url}/token\"" });
    fake_http_add(f, &(struct fake_row){ .header = "authorization: Bearer t",
                                         .body = "at {url}" });
    denied = ask(loop, f, "GET / HTTP/1.1\r\n");
    granted = ask(loop, f, "GET / HTTP/1.1\r\nAuthorization: Bearer t\r\n");
    want = xasprintf("WWW-Authenticate: Bearer realm=\"%s/token\"\r\n",
                     fake_http_url(f));
    cr_expect_not_null(strstr(denied, want), "%s", denied);
    cr_expect(str_ends(granted, fake_http_url(f)), "%s", granted);
    cr_expect_null(headers_get(&fake_http_request(f, 0)->headers,
                               "Authorization"));
    fake_http_free(f);
    loop_free(loop);
}

Test(fake_http, it_can_break_off_lie_and_say_nothing)
{
    struct loop *loop = loop_new(NULL);
    struct fake_http *f = fake_http_new(loop, NULL);
    auto_free char *cut = NULL, *lie = NULL, *none = NULL;

    fake_http_add(f, &(struct fake_row){
                         .path = "/cut", .body = "abcdef", .cut = true,
                         .cut_after = 2 });
    fake_http_add(f, &(struct fake_row){
                         .path = "/lie", .body = "abc", .length = "9" });
    fake_http_add(f, &(struct fake_row){ .path = "/drop", .drop = true });
    cut = ask(loop, f, "GET /cut HTTP/1.1\r\n");
    lie = ask(loop, f, "GET /lie HTTP/1.1\r\n");
    none = ask(loop, f, "GET /drop HTTP/1.1\r\n");
    cr_expect_not_null(strstr(cut, "Content-Length: 6\r\n"));
    cr_expect(str_ends(cut, "\r\n\r\nab"));
    cr_expect_not_null(strstr(lie, "Content-Length: 9\r\n"));
    cr_expect(str_ends(lie, "\r\n\r\nabc"));
    cr_expect_str_eq(none, "");
    fake_http_free(f);
    loop_free(loop);
}

Test(fake_http, it_can_wait_until_it_is_told)
{
    struct loop *loop = loop_new(NULL);
    struct fake_http *f = fake_http_new(loop, NULL);
    struct raw *a, *b;

    fake_http_add(f, &(struct fake_row){ .hold = true, .body = "at last" });
    a = raw_new(loop, fake_http_port(f), NULL);
    b = raw_new(loop, fake_http_port(f), NULL);
    raw_send(a, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    raw_send(b, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    turn_until(loop, fake_http_held(f) == 2);
    raw_free(b);
    turn_until(loop, fake_http_gone(f) == 1);
    cr_expect_eq(fake_http_held(f), 1);
    fake_http_release(f);
    cr_expect(raw_until(a, "at last"));
    raw_free(a);
    fake_http_free(f);
    loop_free(loop);
}
