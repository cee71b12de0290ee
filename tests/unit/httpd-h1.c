#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/net/h1.h"

/* All events of one request, as text: "GET /x [a: b] body. end". */
static const char *
events_of(struct h1 *h, struct bytes in, struct buf *out)
{
    struct bytes body;
    struct err err;

    for (;;) {
        switch (h1_step(h, &in, &body, &err)) {
        case H1_MORE:
            return buf_cstr(out);
        case H1_HEAD:
            buf_addf(out, "%s %s", h->method, buf_cstr(&h->target));
            for (size_t i = 0; i < h->headers.n; i++)
                buf_addf(out, " [%s: %s]", h->headers.at[i].name,
                         h->headers.at[i].value);
            buf_add_char(out, '\n');
            if (h->complete)
                h1_next(h);
            break;
        case H1_BODY:
            buf_add_bytes(out, body);
            break;
        case H1_END:
            buf_add_str(out, "\nend\n");
            h1_next(h);
            break;
        case H1_ERROR:
            buf_addf(out, "!%d", h->status);
            return buf_cstr(out);
        }
    }
}

static char *
read_whole(const char *text, size_t n)
{
    auto_buf struct buf out = BUF_INIT(1024 * 1024);
    struct h1 h;

    h1_init(&h, 4096);
    events_of(&h, bytes_of(text, n), &out);
    h1_clear(&h);
    buf_cstr(&out);
    return buf_steal(&out);
}

static int
status_of_bytes(const char *text, size_t n)
{
    auto_free char *events = read_whole(text, n);
    const char *mark = strrchr(events, '!');

    return mark != NULL ? atoi(mark + 1) : 0;
}

#define GET    "GET / HTTP/1.1\r\nHost: h\r\n"
#define POST   "POST / HTTP/1.1\r\nHost: h\r\n"
#define refused(text, status) \
    cr_expect_eq(status_of_bytes(text, sizeof(text) - 1), status, "%s", text)
#define accepted(text) refused(text, 0)

Test(h1, a_request_comes_apart_as_it_was_sent)
{
    static const char text[] = "POST //a/../b%2F?x=%41#f HTTP/1.1\r\nHost: h\r\n"
                               "X-A:  b c \r\nx-a:\r\nContent-Length: 5\r\n\r\n"
                               "hello";
    auto_free char *events = read_whole(text, sizeof(text) - 1);

    cr_expect_str_eq(events, "POST //a/../b%2F?x=%41#f [Host: h] [X-A: b c] "
                             "[x-a: ] [Content-Length: 5]\nhello\nend\n");
}

Test(h1, any_split_gives_the_same_events)
{
    static const char text[] =
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;x=y\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nTrailer: t\r\n\r\n"
        "GET /b HTTP/1.1\r\nHost: h\r\n\r\n"
        "PUT /c HTTP/1.1\r\nContent-Length: 3\r\nHost: i\r\n\r\nxyz"
        "GET /d HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\n"
        "Upgrade: websocket\r\n\r\n";
    size_t n = sizeof(text) - 1;
    static const char want[] =
        "POST /a [Host: h] [Transfer-Encoding: chunked]\nhello world\nend\n"
        "GET /b [Host: h]\n"
        "PUT /c [Content-Length: 3] [Host: i]\nxyz\nend\n"
        "GET /d [Host: h] [Connection: upgrade] [Upgrade: websocket]\n";

    for (size_t cut = 0; cut <= n; cut++) {
        auto_buf struct buf out = BUF_INIT(1024 * 1024);
        struct h1 h;

        h1_init(&h, 4096);
        events_of(&h, bytes_of(text, cut), &out);
        events_of(&h, bytes_of(text + cut, n - cut), &out);
        cr_expect_str_eq(buf_cstr(&out), want, "cut at %zu", cut);
        h1_clear(&h);
    }
}

Test(h1, byte_by_byte_gives_the_same_events)
{
    static const char text[] = POST "Content-Length: 5\r\n\r\nhello" GET "\r\n";
    auto_buf struct buf out = BUF_INIT(1024 * 1024);
    struct h1 h;

    h1_init(&h, 4096);
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        events_of(&h, bytes_of(text + i, 1), &out);
    cr_expect_str_eq(buf_cstr(&out),
                     "POST / [Host: h] [Content-Length: 5]\nhello\nend\n"
                     "GET / [Host: h]\n");
    h1_clear(&h);
}

Test(h1, lengths_that_contradict_are_refused)
{
    refused(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400);
    refused(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400);
    refused(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400);
    refused(POST "Content-Length: 5, 5\r\n\r\n", 400);
    refused(POST "Content-Length: +5\r\n\r\n", 400);
    refused(POST "Content-Length: -5\r\n\r\n", 400);
    refused(POST "Content-Length: 0x5\r\n\r\n", 400);
    refused(POST "Content-Length: 99999999999999999999\r\n\r\n", 400);
    refused(POST "Content-Length : 5\r\n\r\n", 400);
    refused(POST "Content-Length\t: 5\r\n\r\n", 400);
}

Test(h1, codings_other_than_chunked_are_refused)
{
    refused(POST "Transfer-Encoding: gzip\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: xchunked\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: chunked, identity\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"
                 "\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: \"chunked\"\r\n\r\n", 400);
    refused(POST "Transfer-Encoding\t: chunked\r\n\r\n", 400);
    refused(POST "Transfer-Encoding:\x0b" "chunked\r\n\r\n", 400);
    refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

Test(h1, chunk_sizes_are_hex_and_nothing_else)
{
    refused(POST "Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n"
                 "fffffffffffffffff\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n\r\n", 400);
    accepted(POST "Transfer-Encoding: chunked\r\n\r\n0A\r\n0123456789\r\n"
                  "0\r\n\r\n");
}

Test(h1, chunks_end_where_every_reader_sees_their_end)
{
    refused(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n5\rXhello\r\n0\r\n\r\n",
            400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n", 400);
    refused(POST "Transfer-Encoding: chunked\r\n\r\n0\r\nT: x\ny\r\n\r\n", 400);
    accepted(POST "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n"
                  "0\r\nT: x\r\nU: y\r\n\r\n");
}

Test(h1, extensions_and_trailers_have_a_ceiling)
{
    static const char *const forms[] = {
        POST "Transfer-Encoding: chunked\r\n\r\n1;%s",
        POST "Transfer-Encoding: chunked\r\n\r\n0\r\nT: %s",
    };
    char fill[70000];

    memset(fill, 'a', sizeof(fill));
    fill[sizeof(fill) - 1] = '\0';
    for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
        auto_free char *text = xasprintf(forms[i], fill);

        cr_expect_eq(status_of_bytes(text, strlen(text)), 400, "%zu", i);
    }
}

Test(h1, header_lines_are_plain_lines)
{
    refused(GET "X: a\r\n b\r\n\r\n", 400);
    refused(GET "X: a\r\n\tb: c\r\n\r\n", 400);
    refused(GET " X: a\r\n\r\n", 400);
    refused(GET "X: a\0b\r\n\r\n", 400);
    refused(GET "X: a\rb\r\n\r\n", 400);
    refused(GET "X: a\x0b\r\n\r\n", 400);
    refused(GET "X: \x7f" "a\r\n\r\n", 400);
    refused(GET "X\0: a\r\n\r\n", 400);
    refused(GET "X Y: a\r\n\r\n", 400);
    refused(GET ": a\r\n\r\n", 400);
    refused(GET "no colon\r\n\r\n", 400);
    accepted(GET "X: a\tb \xc3\xa9\r\n\r\n");
}

Test(h1, there_is_one_host)
{
    refused("GET / HTTP/1.1\r\n\r\n", 400);
    refused(GET "Host: i\r\n\r\n", 400);
    accepted("GET / HTTP/1.0\r\n\r\n");
}

Test(h1, the_target_is_a_path)
{
    refused("GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    refused("GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    refused("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    refused("GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    refused("GET /a\x7f HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    refused("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400);
    accepted("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
}

Test(h1, versions_we_do_not_speak_are_refused)
{
    refused("GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505);
    refused("GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505);
    refused("GET /\r\n\r\n", 505);
    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400);
    refused("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400);
}

Test(h1, expectations_are_one)
{
    refused(POST "Content-Length: 1\r\nExpect: coffee\r\n\r\n", 417);
    accepted(POST "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\nx");
}

Test(h1, headers_have_a_ceiling_wherever_they_are_long)
{
    static const char *const forms[] = { "GET /%s HTTP/1.1\r\nHost: h\r\n\r\n",
                                         GET "X-%s: y\r\n\r\n",
                                         GET "X: %s\r\n\r\n" };
    char fill[5000];

    memset(fill, 'a', sizeof(fill));
    fill[sizeof(fill) - 1] = '\0';
    for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
        auto_free char *text = xasprintf(forms[i], fill);

        cr_expect_eq(status_of_bytes(text, strlen(text)), 431, "%zu", i);
    }
}

Test(h1, headers_have_a_ceiling_in_number)
{
    auto_buf struct buf text = BUF_INIT(1024 * 1024), out = text;
    struct h1 h;

    buf_add_str(&text, GET);
    for (int i = 0; i < 2000; i++)
        buf_add_str(&text, "a:\r\n");
    buf_add_str(&text, "\r\n");
    h1_init(&h, 1024 * 1024);
    cr_expect_str_eq(events_of(&h, buf_bytes(&text), &out), "!431");
    h1_clear(&h);
}

Test(h1, keep_alive_is_as_the_version_says)
{
    static const struct {
        const char *text;
        bool want;
    } cases[] = {
        { GET "\r\n", true },
        { GET "Connection: close\r\n\r\n", false },
        { "GET / HTTP/1.0\r\n\r\n", false },
        { "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct bytes in = bytes_str(cases[i].text), body;
        struct h1 h;

        h1_init(&h, 4096);
        cr_expect_eq(h1_step(&h, &in, &body, NULL), H1_HEAD);
        cr_expect_eq(h.keep_alive, cases[i].want, "%zu", i);
        h1_clear(&h);
    }
}
