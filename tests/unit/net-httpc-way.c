/* Trust and proxies: which way a call goes, and whom it believes. */
#include "net-call.h"

#include "engine/net/proxy.h"

TestSuite(httpc_way, .timeout = 30);

#define TLS FIXTURES "/net/tls/"

static struct loop *loop;
static struct peer *peer;
static struct story s;

static void
setup(const char *cert)
{
    /* The system's roots, whatever this system has. */
    setenv("SSL_CERT_FILE", TLS "other-ca.pem", 1);
    setenv("SSL_CERT_DIR", "/nonexistent", 1);
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

/* GET from a TLS peer; its answer is sent as soon as it asks. */
static void
get_tls(struct httpc *c)
{
    get(&s, c, peer_url(peer, "https", "/"));
    turn_until(loop, s.n_dones > 0 ||
                         (peer->n > 0 && line_has(peer_line(peer), "GET /")));
    if (s.n_dones == 0)
        line_say(peer_line(peer), "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones > 0);
}

Test(httpc_way, an_unknown_authority_is_not_believed)
{
    struct httpc *c;

    setup("server");
    c = client(loop, (struct httpc_conf){ 0 });
    get_tls(c);
    cr_expect_eq(s.err.kind, ERR_TLS);
    teardown(c);
}

Test(httpc_way, the_authority_in_the_file_is_believed)
{
    struct httpc *c;

    setup("server");
    c = client(loop, (struct httpc_conf){ .ca_file = TLS "ca.pem" });
    get_tls(c);
    cr_expect_eq(s.status, 204, "%s", s.err.text);
    teardown(c);
}

Test(httpc_way, the_file_is_added_to_the_system_s_roots)
{
    struct httpc *c;

    setup("server");
    setenv("SSL_CERT_FILE", TLS "ca.pem", 1);
    c = client(loop, (struct httpc_conf){ .ca_file = TLS "other-ca.pem" });
    get_tls(c);
    cr_expect_eq(s.status, 204, "%s", s.err.text);
    teardown(c);
}

Test(httpc_way, the_server_s_own_certificate_may_be_in_the_file)
{
    struct httpc *c;

    setup("server");
    c = client(loop, (struct httpc_conf){ .ca_file = TLS "server.pem" });
    get_tls(c);
    cr_expect_eq(s.status, 204, "%s", s.err.text);
    teardown(c);
}

Test(httpc_way, a_certificate_for_another_name_is_not_believed)
{
    struct httpc *c;

    setup("stranger");
    c = client(loop, (struct httpc_conf){ .ca_file = TLS "ca.pem" });
    get_tls(c);
    cr_expect_eq(s.err.kind, ERR_TLS);
    teardown(c);
}

Test(httpc_way, insecure_believes_everyone)
{
    struct httpc *c;

    setup("stranger");
    c = client(loop, (struct httpc_conf){ .insecure = true });
    get_tls(c);
    cr_expect_eq(s.status, 204, "%s", s.err.text);
    teardown(c);
}

Test(httpc_way, a_peer_that_speaks_no_tls_is_an_error)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ .insecure = true });
    get(&s, c, peer_url(peer, "https", "/"));
    turn_until(loop, peer->n > 0 && peer_line(peer)->got.n > 0);
    line_say(peer_line(peer), "HTTP/1.1 400 Bad Request\r\n\r\n");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_TLS);
    teardown(c);
}

Test(httpc_way, a_file_without_certificates_is_told_at_the_start)
{
    struct err err = { 0 };

    setup(NULL);
    cr_expect_null(httpc_new(loop,
                             &(struct httpc_conf){ .ca_file = TLS "make.sh" },
                             &err));
    cr_expect_eq(err.kind, ERR_TLS);
    cr_expect_null(httpc_new(loop,
                             &(struct httpc_conf){ .ca_file = TLS "nothing" },
                             &err));
    cr_expect_not_null(strstr(err.text, TLS "nothing"));
    teardown(NULL);
}

/* The peer plays the proxy. */
static const char *
proxy_url(const char *scheme)
{
    return peer_url(peer, scheme, "");
}

Test(httpc_way, a_plain_request_is_handed_to_the_proxy)
{
    struct httpc *c;
    auto_free char *proxy = NULL;

    setup(NULL);
    proxy = xasprintf("http://me:p%%40ss@127.0.0.1:%u", peer->port);
    c = client(loop, (struct httpc_conf){ .http_proxy = proxy });
    get(&s, c, "http://registry.example:5000/v2/?a=b");
    peer_expect(peer, "\r\n\r\n");
    cr_expect(line_has(peer_line(peer), "GET http://registry.example:5000/v2/"
                                        "?a=b HTTP/1.1\r\n"));
    cr_expect(line_has(peer_line(peer), "Host: registry.example:5000\r\n"));
    /* base64 of me:p@ss */
    cr_expect(line_has(peer_line(peer),
                       "Proxy-Authorization: Basic bWU6cEBzcw==\r\n"));
    line_say(peer_line(peer), "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 204);
    teardown(c);
}

Test(httpc_way, a_tls_request_goes_through_a_tunnel)
{
    struct headers h = HEADERS_INIT;
    struct httpc *c;

    setup(NULL);
    headers_add(&h, "Authorization", "Basic c2VjcmV0");
    c = client(loop, (struct httpc_conf){ .https_proxy = proxy_url("http") });
    start(&s, c, &story_collects,
          (struct httpc_request){ .url = "https://registry.example/v2/",
                                  .headers = &h });
    headers_clear(&h);
    peer_expect(peer, "\r\n\r\n");
    cr_expect(line_has(peer_line(peer),
                       "CONNECT registry.example:443 HTTP/1.1\r\n"));
    cr_expect(!line_has(peer_line(peer), "Authorization"));
    line_say(peer_line(peer), "HTTP/1.1 407 Proxy Authentication Required\r\n"
                              "Proxy-Authenticate: Basic realm=x\r\n"
                              "Content-Length: 0\r\n\r\n");
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.err.kind, ERR_NET);
    cr_expect_not_null(strstr(s.err.text, "407"), "%s", s.err.text);
    cr_expect_eq(s.n_headers, 0);
    teardown(c);
}

Test(httpc_way, the_answer_to_connect_is_not_taken_for_ours)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ .https_proxy = proxy_url("http"),
                                          .insecure = true });
    get(&s, c, "https://registry.example/v2/");
    peer_answer(peer, "HTTP/1.1 200 Connection established\r\nX-P: y\r\n\r\n");
    peer_expect(peer, "\x16\x03\x01"); /* a ClientHello */
    cr_expect_eq(s.n_headers, 0);
    line_close(loop, peer_line(peer));
    turn_until(loop, s.n_dones > 0);
    cr_expect_eq(s.status, 0);
    teardown(c);
}

Test(httpc_way, a_proxy_may_speak_tls_and_its_authority_is_checked)
{
    struct httpc *c;

    setup("server");
    c = client(loop, (struct httpc_conf){ .http_proxy = proxy_url("https"),
                                          .ca_file = TLS "ca.pem" });
    get(&s, c, "http://registry.example/");
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones == 1);
    cr_expect_eq(s.status, 204, "%s", s.err.text);
    httpc_free(c);
    s.status = 0;
    c = client(loop, (struct httpc_conf){ .http_proxy = proxy_url("https") });
    get(&s, c, "http://registry.example/");
    turn_until(loop, s.n_dones == 2);
    cr_expect_eq(s.err.kind, ERR_TLS);
    teardown(c);
}

Test(httpc_way, the_environment_is_not_asked_for_a_proxy)
{
    struct httpc *c;

    setup(NULL);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    setenv("no_proxy", "registry.example", 1);
    c = client(loop, (struct httpc_conf){ 0 });
    get(&s, c, peer_url(peer, "http", "/"));
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones == 1);
    cr_expect_eq(s.status, 204, "%s", s.err.text);
    httpc_free(c);
    c = client(loop, (struct httpc_conf){ .http_proxy = proxy_url("http") });
    get(&s, c, "http://registry.example/");
    peer_expect(peer, "GET http://registry.example/ ");
    teardown(c);
}

Test(httpc_way, a_call_may_refuse_the_proxy)
{
    struct httpc *c;

    setup(NULL);
    c = client(loop, (struct httpc_conf){ .http_proxy = "http://127.0.0.1:1" });
    start(&s, c, &story_collects,
          (struct httpc_request){ .url = peer_url(peer, "http", "/"),
                                  .no_proxy = true });
    peer_answer(peer, "HTTP/1.1 204 No Content\r\n\r\n");
    turn_until(loop, s.n_dones == 1);
    cr_expect_eq(s.status, 204);
    teardown(c);
}

static bool
direct(const char *no_proxy, const char *url)
{
    struct proxies *p =
        proxies_new("p.example:1", "http://s.example:2", no_proxy, NULL);
    auto_url struct url u = { 0 };
    bool none;

    cr_assert_eq(url_parse(&u, url, NULL), 0);
    none = proxies_for(p, &u) == NULL;
    proxies_free(p);
    return none;
}

Test(proxies, no_proxy_names_hosts_suffixes_networks_and_ports)
{
    static const struct {
        const char *no_proxy, *url;
        bool direct;
    } rows[] = {
        { NULL, "http://a.example/", false },
        { "", "http://a.example/", false },
        { "*", "http://a.example/", true },
        { "b.example, *", "http://a.example/", true },
        { "a.example", "http://a.example/", true },
        { "A.Example", "http://a.example/", true },
        { "a.example", "http://x.a.example/", true },
        { "a.example", "http://xa.example/", false },
        { ".a.example", "http://x.a.example/", true },
        { ".a.example", "http://a.example/", false },
        { "*.a.example", "http://x.a.example/", true },
        { "*.a.example", "http://a.example/", false },
        { "x,,  a.example y", "https://a.example/", true },
        { "a.example:5000", "http://a.example:5000/", true },
        { "a.example:5000", "http://a.example/", false },
        { "a.example:443", "https://a.example/", true },
        { "10.0.0.0/8", "http://10.200.3.4/", true },
        { "10.0.0.0/8", "http://11.0.0.1/", false },
        { "10.0.0.0/9", "http://10.128.0.1/", false },
        { "0.0.0.0/0", "http://8.8.8.8/", true },
        { "10.0.0.0/33", "http://10.0.0.0/", false },
        { "10.0.0.0/x", "http://10.0.0.0/", false },
        { "10.0.0.0/8", "http://a10.example/", false },
        { "10.1.2.3", "http://10.1.2.3/", true },
        { "10.1.2.3:80", "http://10.1.2.3/", true },
        { "10.1.2.3:81", "http://10.1.2.3/", false },
        { "0.1.2.3", "http://10.1.2.3/", false },
        { "fd00::/8", "http://[fd12::1]/", true },
        { "fd00::/8", "http://[fe12::1]/", false },
        { "::ffff:0:0/96", "http://10.1.2.3/", false },
        { "2001:db8::1", "http://[2001:db8:0::1]/", true },
        { "[2001:db8::1]", "http://[2001:db8::1]/", true },
        { "[2001:db8::1]:80", "http://[2001:db8::1]/", true },
        { "[2001:db8::1]:81", "http://[2001:db8::1]/", false },
        { "[", "http://a.example/", false },
        { ".", "http://a.example/", false },
        { "*.", "http://a.example/", false },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        cr_expect_eq(direct(rows[i].no_proxy, rows[i].url), rows[i].direct,
                     "%s for %s", rows[i].no_proxy, rows[i].url);
}

static void
expect_proxy(const struct proxies *p, const char *url, const char *want)
{
    auto_url struct url u = { 0 };

    cr_assert_eq(url_parse(&u, url, NULL), 0);
    if (want == NULL)
        cr_expect_null(proxies_for(p, &u), "%s", url);
    else
        cr_expect_str_eq(proxies_for(p, &u), want, "%s", url);
}

Test(proxies, are_chosen_by_scheme_and_fall_back_to_each_other)
{
    struct proxies *both = proxies_new("p:1", "https://u:w@s:2", NULL, NULL);
    struct proxies *one = proxies_new("", "s:2", NULL, NULL);
    struct proxies *none = proxies_new(NULL, NULL, NULL, NULL);

    expect_proxy(both, "http://a/", "http://p:1");
    expect_proxy(both, "ws://a/", "http://p:1");
    expect_proxy(both, "https://a/", "https://u:w@s:2");
    expect_proxy(both, "wss://a/", "https://u:w@s:2");
    expect_proxy(one, "http://a/", "http://s:2");
    expect_proxy(none, "http://a/", NULL);
    proxies_free(both);
    proxies_free(one);
    proxies_free(none);
}

Test(proxies, elsewhere_are_not_asked_for_loopback)
{
    struct proxies *far = proxies_new("p:1", NULL, NULL, NULL);
    struct proxies *near = proxies_new("127.0.0.1:1", NULL, NULL, NULL);

    expect_proxy(far, "http://127.0.0.1:7341/", NULL);
    expect_proxy(far, "http://localhost/", NULL);
    expect_proxy(near, "http://127.0.0.1:7341/", "http://127.0.0.1:1");
    proxies_free(far);
    proxies_free(near);
}

Test(proxies, of_other_kinds_are_refused_without_showing_the_password)
{
    static const char *const bad[] = {
        "ftp://u:hunter2@p:1", "ws://u:hunter2@p:1", "u:hunter2@p:99999",
        "http://u:hunter2@", "u:hunter2@a b",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct err err = { 0 };

        cr_expect_null(proxies_new(bad[i], NULL, NULL, &err), "%s", bad[i]);
        cr_expect_eq(err.kind, ERR_INPUT);
        cr_expect_null(strstr(err.text, "hunter2"));
    }
}
