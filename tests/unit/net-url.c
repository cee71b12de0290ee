#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/net/url.h"

static bool
parses(const char *text)
{
    auto_url struct url u = { 0 };
    struct err err = { 0 };
    int rc = url_parse(&u, text, &err);

    cr_assert(rc == 0 || err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
    cr_assert((rc == 0) == (u.scheme != NULL));
    return rc == 0;
}

Test(url, parts_are_taken_as_written)
{
    auto_url struct url u = { 0 };

    cr_assert_eq(url_parse(&u, "HTTPS://us%40er:p%2Fw@Reg.Example:8443/v2/%2e/"
                               "A%2fb?x=1&y=%20#frag", NULL), 0);
    cr_expect_str_eq(u.scheme, "https");
    cr_expect_str_eq(u.userinfo, "us%40er:p%2Fw");
    cr_expect_str_eq(u.host, "reg.example");
    cr_expect_eq(u.port, 8443);
    cr_expect_str_eq(u.path, "/v2/%2e/A%2fb");
    cr_expect_str_eq(u.query, "x=1&y=%20");
}

Test(url, missing_parts_have_their_defaults)
{
    auto_url struct url u = { 0 };

    cr_assert_eq(url_parse(&u, "ws://broker?", NULL), 0);
    cr_expect_eq(u.port, 80);
    cr_expect_null(u.userinfo);
    cr_expect_str_eq(u.path, "/");
    cr_expect_str_eq(u.query, "");
    url_clear(&u);
    cr_assert_eq(url_parse(&u, "wss://[2001:DB8::1]:/x", NULL), 0);
    cr_expect_str_eq(u.host, "2001:db8::1");
    cr_expect_eq(u.port, 443);
    cr_expect_null(u.query);
}

Test(url, the_last_at_sign_ends_the_userinfo)
{
    auto_url struct url u = { 0 };

    cr_assert_eq(url_parse(&u, "http://a@evil.example@good.example/@x", NULL),
                 0);
    cr_expect_str_eq(u.host, "good.example");
    cr_expect_str_eq(u.userinfo, "a@evil.example");
    cr_expect_str_eq(u.path, "/@x");
}

Test(url, malformed_addresses_are_refused)
{
    static const char *const bad[] = {
        "", "/v2/", "reg.example/v2", "http:/x", "http:///x", "http://",
        "ftp://a/", "file:///etc/passwd", "http://a:0/", "http://a:65536/",
        "http://a:1x/", "http://a:-1/", "http://:80/", "http://[::1/",
        "http://[::1]x/", "http://[127.0.0.1]/", "http://[fe80::1%25eth0]/",
        "http://a b/", "http://a/\r\nHost: b", "http://a/\x7f", "http://a\\b/",
        "http://a%2eb/", "http://a..b/", "http://.a/", "http://\xc3\xa9.de/",
        "http://a@b:c@/", "://a/", "1http://a/",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        cr_expect(!parses(bad[i]), "%s", bad[i]);
}

/* Resolvers read all of these as 127.0.0.1 or 169.254.169.254. */
Test(url, disguised_ipv4_addresses_are_refused)
{
    static const char *const bad[] = {
        "http://127.1/", "http://0x7f.0.0.1/", "http://2130706433/",
        "http://0177.0.0.1/", "http://0xa9fea9fe/", "http://169.254.43518/",
        "http://127.0.0.1./", "http://1.2.3.4.5/", "http://0x/",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        cr_expect(!parses(bad[i]), "%s", bad[i]);
    cr_expect(parses("http://127.0.0.1/"));
    cr_expect(parses("http://1.2.3.4.example/"));
    cr_expect(parses("http://0x7f.example/"));
    cr_expect(parses("http://my_registry:5000/"));
    cr_expect(parses("http://reg.example./"));
}

Test(url, error_texts_do_not_show_the_password)
{
    struct err err = { 0 };
    auto_url struct url u = { 0 };

    cr_assert_lt(url_parse(&u, "http://u:hunter2@ho st/", &err), 0);
    cr_expect_null(strstr(err.text, "hunter2"));
    cr_assert_lt(url_parse(&u, "http://u:hunter2@host:99999/", &err), 0);
    cr_expect_null(strstr(err.text, "hunter2"));
}

/* The table of RFC 3986 5.4.1 and 5.4.2, with a scheme we speak. */
Test(url, references_resolve_as_rfc_3986_tells)
{
    static const struct {
        const char *ref, *want;
    } rows[] = {
        { "g", "http://a/b/c/g" },
        { "./g", "http://a/b/c/g" },
        { "g/", "http://a/b/c/g/" },
        { "/g", "http://a/g" },
        { "//g", "http://g/" },
        { "?y", "http://a/b/c/d;p?y" },
        { "g?y", "http://a/b/c/g?y" },
        { "#s", "http://a/b/c/d;p?q" },
        { "g#s", "http://a/b/c/g" },
        { "g?y#s", "http://a/b/c/g?y" },
        { ";x", "http://a/b/c/;x" },
        { "g;x", "http://a/b/c/g;x" },
        { "", "http://a/b/c/d;p?q" },
        { ".", "http://a/b/c/" },
        { "./", "http://a/b/c/" },
        { "..", "http://a/b/" },
        { "../", "http://a/b/" },
        { "../g", "http://a/b/g" },
        { "../..", "http://a/" },
        { "../../", "http://a/" },
        { "../../g", "http://a/g" },
        { "../../../g", "http://a/g" },
        { "../../../../g", "http://a/g" },
        { "/./g", "http://a/g" },
        { "/../g", "http://a/g" },
        { "g.", "http://a/b/c/g." },
        { ".g", "http://a/b/c/.g" },
        { "g..", "http://a/b/c/g.." },
        { "..g", "http://a/b/c/..g" },
        { "./../g", "http://a/b/g" },
        { "./g/.", "http://a/b/c/g/" },
        { "g/./h", "http://a/b/c/g/h" },
        { "g/../h", "http://a/b/c/h" },
        { "g;x=1/./y", "http://a/b/c/g;x=1/y" },
        { "g;x=1/../y", "http://a/b/c/y" },
        { "g?y/./x", "http://a/b/c/g?y/./x" },
        { "g?y/../x", "http://a/b/c/g?y/../x" },
        { "https://h:5000/v2/?n=1", "https://h:5000/v2/?n=1" },
        { "/v2/_catalog?last=a%2Fb&n=3", "http://a/v2/_catalog?last=a%2Fb&n=3" },
        { "//h/a/../b//c", "http://h/b//c" },
    };
    auto_url struct url base = { 0 };

    cr_assert_eq(url_parse(&base, "http://a/b/c/d;p?q", NULL), 0);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        auto_url struct url u = { 0 };
        auto_free char *text = NULL;

        cr_assert_eq(url_resolve(&u, &base, rows[i].ref, NULL), 0, "%s",
                     rows[i].ref);
        text = url_text(&u);
        cr_expect_str_eq(text, rows[i].want, "%s", rows[i].ref);
    }
}

Test(url, references_to_other_schemes_are_refused)
{
    auto_url struct url base = { 0 }, u = { 0 };
    struct err err = { 0 };

    cr_assert_eq(url_parse(&base, "https://a/b", NULL), 0);
    cr_expect_lt(url_resolve(&u, &base, "file:///etc/passwd", &err), 0);
    cr_expect_eq(err.kind, ERR_INPUT);
    cr_expect_lt(url_resolve(&u, &base, "http:g", &err), 0);
    cr_expect_lt(url_resolve(&u, &base, "a b", &err), 0);
}

Test(url, userinfo_is_written_only_when_asked_for)
{
    auto_url struct url u = { 0 };
    auto_buf struct buf b = BUF_INIT(100);
    auto_free char *text = NULL;

    cr_assert_eq(url_parse(&u, "http://u:p@[::1]:80/a?b", NULL), 0);
    text = url_text(&u);
    cr_expect_str_eq(text, "http://[::1]/a?b");
    cr_assert_eq(url_write(&u, true, &b), 0);
    cr_expect_str_eq(buf_cstr(&b), "http://u:p@[::1]/a?b");
}

Test(url, a_full_buffer_is_told)
{
    auto_url struct url u = { 0 };
    auto_buf struct buf b = BUF_INIT(9);

    cr_assert_eq(url_parse(&u, "http://host/", NULL), 0);
    cr_expect_lt(url_write(&u, false, &b), 0);
}

Test(url, origin_is_scheme_host_and_port)
{
    auto_url struct url a = { 0 }, b = { 0 };
    auto_free char *origin = NULL;

    cr_assert_eq(url_parse(&a, "https://Host/x", NULL), 0);
    cr_assert_eq(url_parse(&b, "https://host:443/y?z", NULL), 0);
    origin = url_origin(&a);
    cr_expect_str_eq(origin, "https://host:443");
    cr_expect(url_same_origin(&a, &b));
    url_clear(&b);
    cr_assert_eq(url_parse(&b, "http://host:443/", NULL), 0);
    cr_expect(!url_same_origin(&a, &b));
    url_clear(&b);
    cr_assert_eq(url_parse(&b, "https://host:444/", NULL), 0);
    cr_expect(!url_same_origin(&a, &b));
    cr_expect(url_is_tls(&b));
}

Test(url, host_header_names_a_port_that_is_not_the_scheme_s_own)
{
    auto_url struct url a = { 0 }, b = { 0 };
    auto_free char *ha = NULL, *hb = NULL;

    cr_assert_eq(url_parse(&a, "http://[::1]:5000/", NULL), 0);
    cr_assert_eq(url_parse(&b, "wss://h:443/", NULL), 0);
    ha = url_host_header(&a);
    hb = url_host_header(&b);
    cr_expect_str_eq(ha, "[::1]:5000");
    cr_expect_str_eq(hb, "h");
}

Test(host, kinds_of_addresses)
{
    cr_expect(host_is_ip("10.0.0.1"));
    cr_expect(host_is_ip("::1"));
    cr_expect(!host_is_ip("a.example"));
    cr_expect(host_is_link_local("169.254.169.254"));
    cr_expect(host_is_link_local("::ffff:169.254.169.254"));
    cr_expect(host_is_link_local("fe80::1"));
    cr_expect(host_is_link_local("febf::1"));
    cr_expect(!host_is_link_local("fec0::1"));
    cr_expect(!host_is_link_local("169.253.1.1"));
    cr_expect(!host_is_link_local("169.254.example"));
    cr_expect(host_is_loopback("127.8.9.1"));
    cr_expect(host_is_loopback("::1"));
    cr_expect(host_is_loopback("::ffff:127.0.0.1"));
    cr_expect(host_is_loopback("LocalHost"));
    cr_expect(!host_is_loopback("128.0.0.1"));
    cr_expect(!host_is_loopback("localhost.example"));
}

Test(target, normal_ones_pass)
{
    static const char *const good[] = {
        "/", "/a", "/a/", "/v2/a%2Fb/tags", "/a?b=c", "/a?b=../c",
        "/a/...", "/a/..b", "/.well-known", "/a%2e%2e", "/a%20b", "/a?x=%2e",
        "/a?b=c/d", "/%", "/a%2",
    };

    for (size_t i = 0; i < N_ELEMENTS(good); i++)
        cr_expect(url_target_is_normal(good[i]), "%s", good[i]);
}

Test(target, what_would_be_read_differently_by_others_does_not_pass)
{
    static const char *const bad[] = {
        "", "a", "//a", "/a//b", "/./a", "/a/.", "/a/..", "/../a",
        "/a/../b", "/a/..?b", "/a?b=c//d", "/a?u=http://x", "/a?b/../c",
        "/%2e%2e/a", "/a/.%2E/b", "/a%2f..%2fb", "/a%2f%2e%2e", "/a\\b",
        "/a/..%5cb", "/a%5c..%5cb", "/a/%2e", "/a/%2e?b", "/a b", "/a/..#b",
        "/a\nb",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        cr_expect(!url_target_is_normal(bad[i]), "%s", bad[i]);
}
