#include "fake-broker.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/exchange.h"
#include "role/broker/broker.h"

#define TOKEN "6a1f7c8e-2b3d-4e5f-8a9b-0c1d2e3f4a5b"
#define ID    "9040d857-be4e-4d2d-828a-b7b204b376e2"

enum { PRIMARY, SECONDARY };

/* Server, agent, and between them the client. Criterion forks, so each test
 * has its own. */
static struct loop *loop;
static struct httpc *httpc;
static struct fake_broker *server;
static struct fake_agent *agent;
static struct conf *conf;
static struct broker *broker;

static void
load_conf(const char *server_url, const char *agent_url)
{
    auto_free char *a = xasprintf("BROKER_SERVER_URL=%s/", server_url),
                   *b = xasprintf("CR_AGENT_URL=%s/", agent_url),
                   *c = xasprintf("BROKER_CLIENT_VALIDATION_URL=%s/systemcheck",
                                  agent_url);
    char *const env[] = {
        a, b, c, (char *)"BROKER_TOKEN=" TOKEN,
        (char *)"CR_CREDENTIALS=eyJ0eXBl", (char *)"CRAB_LISTEN=127.0.0.1",
        (char *)"CRAB_ROLE=client", (char *)"CR_TYPE=harbor-cr", NULL,
    };
    struct err err;

    cr_assert_eq(conf_load(&conf, "", env, NULL, &err), 0, "%s", err.text);
    conf->client_port = 0;
}

static void
setup(void)
{
    struct httpc_conf hc = { .max_per_host = 256 };
    auto_free char *server_url = NULL, *agent_url = NULL;

    log_setup("test", 2, LOG_LEVEL_NONE, LOG_FORM_JSON);
    loop = loop_new(NULL);
    httpc = httpc_new(loop, &hc, NULL);
    server = fake_broker_new(loop);
    agent = fake_agent_new(loop);
    server_url = fake_broker_url(server);
    agent_url = xasprintf("http://127.0.0.1:%u", httpd_port(agent->httpd));
    load_conf(server_url, agent_url);
}

static void
teardown(void)
{
    broker_free(broker);
    fake_agent_free(agent);
    fake_broker_free(server);
    httpc_free(httpc);
    conf_free(conf);
    loop_free(loop);
}

TestSuite(broker, .init = setup, .fini = teardown, .timeout = 60);

static void
start(void)
{
    struct err err;

    broker = broker_start(loop, conf, httpc, &err);
    cr_assert(broker != NULL, "%s", err.text);
}

static void
start_connected(void)
{
    start();
    turn_until(loop, server->sockets[PRIMARY].n_identified == 1 &&
                         server->sockets[SECONDARY].n_identified == 1);
}

/* --- requests of the server --- */

/* way: a streamingID, or NULL for an ack with this id. */
static void
request(const char *method, const char *url, const char *more, const char *way,
        int64_t id)
{
    auto_free char *tail = way != NULL ? xstrdup("")
                                       : xasprintf(",\"id\":%lld", (long long)id);
    auto_free char *frame = xasprintf(
        "4{\"type\":0,\"data\":[\"request\",{\"url\":\"%s\",\"method\":\"%s\","
        "%s\"streamingID\":\"%s\",\"requestId\":\"" ID "\"}]%s}",
        url, method, more, way != NULL ? way : "", tail);

    fake_broker_send(server, SECONDARY, frame);
}

#define HEADERS(more) \
    "\"headers\":{\"host\":\"h\",\"user-agent\":\"curl/7.88.1\"," \
    "\"snyk-request-id\":\"" ID "\"" more "},"

static struct emitter_packet
last_packet(int socket)
{
    struct bytes text = bytes_from(buf_bytes(&server->sockets[socket].last), 1),
                 value;
    struct emitter_packet p;

    cr_assert_eq(ejson_value(text, &value, NULL), 0);
    cr_assert_eq(emitter_read(&p, value, NULL), 0);
    return p;
}

/* The ack that came last on the secondary socket; the caller clears it. */
static struct exchange_answer
last_answer(int64_t id)
{
    struct emitter_packet p = last_packet(SECONDARY);
    struct exchange_answer a;

    cr_assert_eq(p.type, EMITTER_ACK);
    cr_assert_eq(p.id, id);
    cr_assert_eq(exchange_read_answer(&a, emitter_arg(&p, 0), 1 << 26, NULL), 0);
    return a;
}

Test(broker, a_streamed_answer_is_posted)
{
    const struct fake_post *p = &server->posts[0];

    start_connected();
    request("GET", "/list?x=1", HEADERS(",\"snyk-product-line\":\"cr\""), "SID",
            0);
    turn_until(loop, server->n_posts_ended == 1);
    cr_expect_str_eq(p->target, "/response-data/" TOKEN
                                "/SID?connection_role=secondary");
    cr_expect_str_eq(headers_get(&p->headers, "content-type"),
                     FRAME_CONTENT_TYPE);
    cr_expect_str_eq(headers_get(&p->headers, "snyk-request-id"), ID);
    cr_expect_str_eq(headers_get(&p->headers, "snyk-product-line"), "cr");
    cr_expect_str_eq(headers_get(&p->headers, "user-agent"),
                     "Snyk Broker client 5.22.14");
    cr_expect_str_eq(headers_get(&p->headers, "snyk-broker-retry-count"), "0");
    cr_expect(!headers_has(&p->headers, "snyk-flow-name"));
    cr_expect_eq(p->frame.status, 200);
    cr_expect_str_eq(headers_get(&p->frame.headers, "content-length"), "26");
    cr_expect(!headers_has(&p->frame.headers, "connection"));
    cr_expect(bytes_is(buf_bytes(&p->body), "{\"repositories\":[\"a\",\"b\"]}"));
}

/* broker-protocol.md §i, the captured example */
Test(broker, the_agent_sees_a_rewritten_request)
{
    start_connected();
    request("GET", "/list?x=1",
            HEADERS(",\"accept\":\"*/*\",\"x-forwarded-for\":\"1.2.3.4\","
                    "\"x-forwarded-server\":\"foo\",\"x-mine\":\"kept\","
                    "\"snyk-flow-name\":\"import\",\"content-length\":\"9\""),
            "SID", 0);
    turn_until(loop, agent->n_asked == 1);
    cr_expect_str_eq(agent->target, "/list?x=1");
    cr_expect_str_eq(headers_get(&agent->headers, "user-agent"),
                     "Snyk Broker Client 5.22.14");
    cr_expect_str_eq(headers_get(&agent->headers, "x-broker-origin-ua"),
                     "curl/7.88.1");
    cr_expect_str_eq(headers_get(&agent->headers, "x-request-id"), ID);
    cr_expect_str_eq(headers_get(&agent->headers, "snyk-request-id"), ID);
    cr_expect_str_eq(headers_get(&agent->headers, "x-mine"), "kept");
    cr_expect_str_eq(headers_get(&agent->headers, "x-forwarded-server"), "foo");
    cr_expect(str_starts(headers_get(&agent->headers, "host"), "127.0.0.1:"));
    cr_expect(!headers_has(&agent->headers, "x-forwarded-for"));
    cr_expect(!headers_has(&agent->headers, "snyk-flow-name"));
}

Test(broker, forwarded_headers_go_when_asked)
{
    conf->remove_x_forwarded = true;
    start_connected();
    request("GET", "/list", HEADERS(",\"x-forwarded-server\":\"foo\","
                                    "\"forwarded\":\"for=1\""), "SID", 0);
    turn_until(loop, agent->n_asked == 1);
    cr_expect(!headers_has(&agent->headers, "x-forwarded-server"));
    cr_expect(!headers_has(&agent->headers, "forwarded"));
}

Test(broker, an_acked_answer_is_whole_and_on_the_same_socket)
{
    struct exchange_answer a;

    start_connected();
    request("GET", "/list", HEADERS(), NULL, 7);
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1);
    a = last_answer(7);
    cr_expect_eq(a.status, 200);
    cr_expect_eq(a.kind, EXCHANGE_TEXT);
    cr_expect(bytes_is(buf_bytes(&a.body), "{\"repositories\":[\"a\",\"b\"]}"));
    cr_expect_str_eq(headers_get(&a.headers, "snyk-request-id"), ID);
    cr_expect_str_eq(headers_get(&a.headers, "x-broker-ws-response"), "true");
    cr_expect(a.error_type == NULL);
    cr_expect(bytes_find_str(buf_bytes(&server->sockets[SECONDARY].last),
                             "\"set-cookie\":[\"a=1\",\"b=2\"]") <
              server->sockets[SECONDARY].last.n);
    cr_expect_eq(server->n_posts, 0);
    exchange_answer_clear(&a);
}

Test(broker, an_agents_error_is_labelled)
{
    struct exchange_answer a;

    agent->status = 500;
    start_connected();
    request("GET", "/list", HEADERS(), NULL, 1);
    request("GET", "/list", HEADERS(), "SID", 0);
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1 &&
                         server->n_posts_ended == 1);
    a = last_answer(1);
    cr_expect_eq(a.status, 500);
    cr_expect_str_eq(a.error_type, "DOWNSTREAM_SERVER_ERROR");
    cr_expect_eq(server->posts[0].frame.status, 500);
    cr_expect_str_eq(server->posts[0].frame.error_type,
                     "DOWNSTREAM_SERVER_ERROR");
    exchange_answer_clear(&a);
}

/* captures/04 */
#define BLOCKED(url) \
    "{\"code\":\"FILTER_BLOCKED\",\"message\":\"blocked\",\"reason\":" \
    "\"[Websocket Flow][Blocked Request] Does not match any accept rule\"," \
    "\"url\":\"" url "\"}"

Test(broker, what_no_rule_allows_never_reaches_the_agent)
{
    struct exchange_answer a;

    start_connected();
    request("GET", "/nothing", HEADERS(), "SID", 0);
    request("GET", "/list/%2e%2e/secret", HEADERS(), NULL, 2);
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1 &&
                         server->n_posts_ended == 1);
    cr_expect_eq(server->posts[0].frame.status, 401);
    cr_expect_str_eq(server->posts[0].frame.error_type, "FILTER_BLOCKED");
    cr_expect(bytes_is(buf_bytes(&server->posts[0].body), BLOCKED("/nothing")));
    a = last_answer(2);
    cr_expect_eq(a.status, 401);
    cr_expect_eq(a.kind, EXCHANGE_JSON);
    cr_expect(bytes_is(buf_bytes(&a.body), BLOCKED("/list/%2e%2e/secret")));
    cr_expect_eq(agent->n_asked, 0);
    exchange_answer_clear(&a);
}

/* captures/06 */
Test(broker, variables_are_put_into_bodies_and_headers)
{
    auto_free char *want = NULL, *length = NULL;

    start_connected();
    request("POST", "/scan",
            "\"body\":\"{\\\"BROKER_VAR_SUB\\\":[\\\"c\\\",\\\"n.cb\\\"],"
            "\\\"c\\\":\\\"${CR_CREDENTIALS}\\\",\\\"n\\\":{\\\"cb\\\":"
            "\\\"${BROKER_CLIENT_URL}/api/v2/import/done\\\"}}\","
            HEADERS(",\"x-broker-var-sub\":\"authorization\","
                    "\"authorization\":\"${CR_CREDENTIALS}\""), "SID", 0);
    turn_until(loop, agent->n_asked == 1);
    want = xasprintf("{\"c\":\"eyJ0eXBl\",\"n\":{\"cb\":\"http://127.0.0.1:%u"
                     "/api/v2/import/done\"}}", broker_port(broker));
    cr_expect_str_eq(buf_cstr(&agent->body), want);
    cr_expect_str_eq(headers_get(&agent->headers, "authorization"), "eyJ0eXBl");
    length = xasprintf("%zu", strlen(want));
    cr_expect_str_eq(headers_get(&agent->headers, "content-length"), length);
}

Test(broker, a_binary_body_reaches_the_agent_byte_for_byte)
{
    start_connected();
    request("POST", "/scan", "\"body\":{\"$binary\":\"/wABgA==\"}," HEADERS(),
            "SID", 0);
    turn_until(loop, agent->n_asked == 1);
    cr_expect_eq(agent->body.n, 4);
    cr_expect_eq(memcmp(agent->body.p, "\xff\x00\x01\x80", 4), 0);
}

Test(broker, an_agent_that_cannot_be_reached_is_502)
{
    struct exchange_answer a;

    httpd_free(agent->httpd);
    agent->httpd = NULL;
    start_connected();
    request("GET", "/list", HEADERS(), "SID", 0);
    request("GET", "/list", HEADERS(), NULL, 3);
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1 &&
                         server->n_posts_ended == 1);
    cr_expect_eq(server->posts[0].frame.status, 502);
    cr_expect_str_eq(server->posts[0].frame.error_type,
                     "DOWNSTREAM_UNREACHABLE");
    cr_expect(bytes_starts(buf_bytes(&server->posts[0].body),
                           "{\"code\":\"DOWNSTREAM_UNREACHABLE\""));
    a = last_answer(3);
    cr_expect_eq(a.status, 502);
    cr_expect_str_eq(a.error_type, "DOWNSTREAM_UNREACHABLE");
    exchange_answer_clear(&a);
}

#define LONG (8 * 1024 * 1024)

Test(broker, a_long_answer_is_streamed_byte_for_byte)
{
    struct fake_post *p = &server->posts[0];
    bool same = true;

    agent->long_answer = LONG;
    start_connected();
    request("GET", "/list", HEADERS(), "SID", 0);
    turn_until(loop, server->n_posts_ended == 1);
    cr_assert_eq(p->body.n, LONG);
    for (size_t i = 0; i < LONG; i++)
        same = same && p->body.p[i] == fake_agent_byte(i);
    cr_expect(same);
    cr_expect_eq(p->n_heads, 1);
}

Test(broker, an_agent_that_dies_half_way_breaks_the_post_off)
{
    agent->long_answer = LONG;
    agent->die = true;
    start_connected();
    request("GET", "/list", HEADERS(), "SID", 0);
    turn_until(loop, server->n_posts == 1 && server->posts[0].gone);
    cr_expect_eq(server->n_posts_ended, 0);
    cr_expect_eq(agent->n_asked, 1);
}

Test(broker, on_the_ack_path_a_dead_agent_is_asked_once_and_502)
{
    struct exchange_answer a;

    agent->long_answer = 256 * 1024;
    agent->die = true;
    start_connected();
    request("GET", "/list", HEADERS(), NULL, 4);
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1);
    a = last_answer(4);
    cr_expect_eq(a.status, 502);
    cr_expect_str_eq(a.error_type, "DOWNSTREAM_ERROR");
    cr_expect_eq(agent->n_asked, 1);
    exchange_answer_clear(&a);
}

Test(broker, an_ack_has_a_ceiling)
{
    struct exchange_answer a;

    conf->max_ack_bytes = 25;
    start_connected();
    request("GET", "/list", HEADERS(), NULL, 5);
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1);
    a = last_answer(5);
    cr_expect_eq(a.status, 502);
    cr_expect_str_eq(a.error_type, "BODY_TOO_LARGE");
    cr_expect_eq(a.original_size, 26);
    cr_expect(bytes_is(buf_bytes(&a.body),
                       "{\"code\":\"BODY_TOO_LARGE\",\"message\":\"body size of "
                       "26 is greater than max allowed of 25 bytes\"}"));
    exchange_answer_clear(&a);
}

/* The number of an ack means something on its own connection only. */
Test(broker, an_answer_never_goes_to_a_later_connection)
{
    struct fake_socket *s = &server->sockets[SECONDARY];

    agent->hold = true;
    start_connected();
    request("GET", "/list", HEADERS(), NULL, 1);
    turn_until(loop, agent->held != NULL && agent->n_asked == 1);
    fake_broker_cut(server, SECONDARY);
    turn_until(loop, s->n_identified == 2);
    fake_agent_answer(agent);
    agent->hold = false;
    request("GET", "/list/other", HEADERS(), NULL, 2);
    turn_until(loop, s->n_messages >= 1);
    cr_expect_eq(last_packet(SECONDARY).id, 2);
    cr_expect_eq(s->n_messages, 1);
}

Test(broker, many_requests_at_once_are_all_answered)
{
    start_connected();
    for (int i = 0; i < 200; i++) {
        auto_free char *id = xasprintf("S%d", i);

        request("GET", "/list", HEADERS(), id, 0);
    }
    turn_until(loop, server->n_posts_ended == 200);
    for (int i = 0; i < 200; i++)
        cr_expect_eq(server->posts[i].frame.status, 200);
}

Test(broker, a_malformed_request_is_answered_when_it_says_how)
{
    struct exchange_answer a;

    start_connected();
    request("GET", "no-slash", HEADERS(), "SID", 0);
    request("G T", "/list", HEADERS(), NULL, 6);
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1 &&
                         server->n_posts_ended == 1);
    cr_expect_eq(server->posts[0].frame.status, 400);
    a = last_answer(6);
    cr_expect_eq(a.status, 400);
    exchange_answer_clear(&a);
}

/* --- callbacks --- */

static void
call(struct fake_call *c, const char *method, const char *path,
     const char *name, const char *value, struct bytes body)
{
    auto_headers struct headers h = HEADERS_INIT;
    auto_free char *url = xasprintf("http://127.0.0.1:%u%s",
                                    broker_port(broker), path);

    headers_add(&h, "snyk-request-id", ID);
    if (name != NULL)
        headers_add(&h, name, value);
    fake_call_start(c, httpc, method, url, &h, body);
}

#define ACK "4{\"id\":1,\"type\":1,\"data\":[{\"status\":202,\"body\":" \
            "\"{\\\"ok\\\":true}\",\"headers\":{\"content-type\":" \
            "\"application/json\",\"x-api\":\"1\",\"transfer-encoding\":" \
            "\"chunked\",\"content-length\":\"99\"}}]}"

/* captures/07: by the primary socket, and the ack is the answer. */
Test(broker, a_callback_goes_out_and_its_ack_comes_back)
{
    auto_exchange_request struct exchange_request x = { 0 };
    struct emitter_packet p;
    struct fake_call c;

    start_connected();
    call(&c, "POST", "/api/v2/import/done?org=1", "content-type",
         "application/json", bytes_str("{\"result\":\"done\"}"));
    turn_until(loop, server->sockets[PRIMARY].n_messages == 1);
    p = last_packet(PRIMARY);
    cr_expect_eq(p.id, 1);
    cr_assert_eq(exchange_read_request(&x, emitter_arg(&p, 0), 1000, NULL), 0);
    cr_expect_str_eq(x.url, "/api/v2/import/done?org=1");
    cr_expect_str_eq(x.method, "POST");
    cr_expect_str_eq(x.request_id, ID);
    cr_expect(x.streaming_id == NULL);
    cr_expect_str_eq(headers_get(&x.headers, "content-length"), "17");
    cr_expect(bytes_is(buf_bytes(&x.body), "{\"result\":\"done\"}"));
    cr_expect(bytes_find_str(emitter_arg(&p, 0), "\"body\":{\"$binary\":"
                             "\"eyJyZXN1bHQiOiJkb25lIn0=\"}") <
              emitter_arg(&p, 0).n);
    fake_broker_send(server, PRIMARY, ACK);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 202);
    cr_expect_str_eq(headers_get(&c.headers, "x-api"), "1");
    cr_expect_str_eq(headers_get(&c.headers, "snyk-request-id"), ID);
    cr_expect(bytes_is(buf_bytes(&c.body), "{\"ok\":true}"));
    fake_call_clear(&c);
}

Test(broker, a_callback_without_a_body_has_no_body_member)
{
    struct fake_call c;

    start_connected();
    call(&c, "POST", "/v2/import/result", NULL, NULL, BYTES_NONE);
    turn_until(loop, server->sockets[PRIMARY].n_messages == 1);
    cr_expect_eq(bytes_find_str(buf_bytes(&server->sockets[PRIMARY].last),
                                "\"body\""),
                 server->sockets[PRIMARY].last.n);
    fake_call_clear(&c);
}

Test(broker, a_large_callback_arrives_whole)
{
    auto_exchange_request struct exchange_request x = { 0 };
    struct buf body = BUF_INIT(LONG);
    struct emitter_packet p;
    struct fake_call c;

    for (size_t i = 0; i < LONG; i++)
        buf_add_char(&body, (char)fake_agent_byte(i));
    start_connected();
    call(&c, "POST", "/rest/scan/result", NULL, NULL, buf_bytes(&body));
    turn_until(loop, server->sockets[PRIMARY].n_messages == 1);
    p = last_packet(PRIMARY);
    cr_assert_eq(exchange_read_request(&x, emitter_arg(&p, 0), LONG, NULL), 0);
    cr_expect(bytes_equal(buf_bytes(&x.body), buf_bytes(&body)));
    fake_broker_send(server, PRIMARY, ACK);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 202);
    fake_call_clear(&c);
    buf_clear(&body);
}

/* Together they are more than the budget: some have to wait for others. */
Test(broker, many_large_callbacks_at_once_all_arrive)
{
    struct buf body = BUF_INIT(LONG);
    struct fake_call calls[6];

    memset(buf_room(&body, LONG), 'x', LONG);
    body.n = LONG;
    start_connected();
    for (size_t i = 0; i < N_ELEMENTS(calls); i++)
        call(&calls[i], "POST", "/rest/scan/result", NULL, NULL,
             buf_bytes(&body));
    turn_until(loop, server->sockets[PRIMARY].n_messages ==
                         N_ELEMENTS(calls));
    for (size_t i = 0; i < N_ELEMENTS(calls); i++) {
        auto_free char *ack = xasprintf("4{\"id\":%zu,\"type\":1,\"data\":"
                                        "[{\"status\":202}]}", i + 1);

        fake_broker_send(server, PRIMARY, ack);
    }
    for (size_t i = 0; i < N_ELEMENTS(calls); i++) {
        turn_until(loop, calls[i].done);
        cr_expect_eq(calls[i].status, 202);
        fake_call_clear(&calls[i]);
    }
    buf_clear(&body);
}

/* The body decides, so it is read before the rules are asked. */
Test(broker, rules_may_look_into_callbacks)
{
    char path[] = "/tmp/crab-rules-XXXXXX";
    struct fake_call c, d;
    int fd = mkstemp(path);

    cr_assert(fd >= 0);
    cr_assert(dprintf(fd, "{\"public\":[{\"method\":\"POST\",\"path\":\"/x\","
                          "\"valid\":[{\"path\":\"a\",\"value\":1}]}]}") > 0);
    close(fd);
    free(conf->accept);
    conf->accept = xstrdup(path);
    start_connected();
    unlink(path);
    call(&c, "POST", "/x", NULL, NULL, bytes_str("{\"a\":2}"));
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 401);
    call(&d, "POST", "/x", NULL, NULL, bytes_str("{\"a\":1}"));
    turn_until(loop, server->sockets[PRIMARY].n_messages == 1);
    fake_call_clear(&c);
    fake_call_clear(&d);
}

Test(broker, a_compressed_callback_is_sent_plain)
{
    /* printf '{"a":1}' | gzip -n */
    static const uint8_t gz[] = {
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xab, 0x56,
        0x4a, 0x54, 0xb2, 0x32, 0xac, 0x05, 0x00, 0xaf, 0xac, 0x1b, 0x56, 0x07,
        0x00, 0x00, 0x00,
    };
    auto_exchange_request struct exchange_request x = { 0 };
    struct emitter_packet p;
    struct fake_call c;

    start_connected();
    call(&c, "POST", "/v1/import/app", "content-encoding", "gzip",
         bytes_of(gz, sizeof(gz)));
    turn_until(loop, server->sockets[PRIMARY].n_messages == 1 || c.done);
    cr_assert(!c.done, "%d", c.status);
    p = last_packet(PRIMARY);
    cr_assert_eq(exchange_read_request(&x, emitter_arg(&p, 0), 100, NULL), 0);
    cr_expect(bytes_is(buf_bytes(&x.body), "{\"a\":1}"));
    cr_expect(!headers_has(&x.headers, "content-encoding"));
    fake_call_clear(&c);
}

Test(broker, a_callback_no_rule_allows_is_401)
{
    struct fake_call c;

    start_connected();
    call(&c, "POST", "/api/v2/import/nope", NULL, NULL, bytes_str("{}"));
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 401);
    cr_expect(bytes_is(buf_bytes(&c.body),
                       "{\"code\":\"FILTER_BLOCKED\",\"message\":\"blocked\","
                       "\"reason\":\"Request does not match any accept rule, "
                       "blocking HTTP request\",\"url\":"
                       "\"/api/v2/import/nope\"}"));
    cr_expect_eq(server->sockets[PRIMARY].n_messages, 0);
    fake_call_clear(&c);
}

Test(broker, without_a_socket_a_callback_is_503_at_once)
{
    struct fake_call c;

    server->refuse = true;
    start();
    call(&c, "POST", "/v1/import/app", NULL, NULL, bytes_str("{}"));
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 503);
    cr_expect_str_eq(headers_get(&c.headers, "retry-after"), "1");
    fake_call_clear(&c);
}

Test(broker, a_callback_whose_socket_dies_is_502)
{
    struct fake_call c;

    start_connected();
    call(&c, "POST", "/v1/import/app", NULL, NULL, bytes_str("{}"));
    turn_until(loop, server->sockets[PRIMARY].n_messages == 1);
    fake_broker_cut(server, PRIMARY);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 502);
    fake_call_clear(&c);
}

Test(broker, with_the_primary_gone_callbacks_take_the_secondary)
{
    struct fake_call c;

    start_connected();
    server->refuse = true;
    fake_broker_cut(server, PRIMARY);
    call(&c, "POST", "/v1/import/app", NULL, NULL, bytes_str("{}"));
    turn_until(loop, server->sockets[SECONDARY].n_messages == 1 || c.done);
    cr_expect(!c.done);
    fake_call_clear(&c);
}

Test(broker, a_callback_beyond_the_ceiling_is_413)
{
    struct buf body = BUF_INIT(21 * 1024 * 1024 + 1);
    struct fake_call c;

    memset(buf_room(&body, 20 * 1024 * 1024 + 1), 'x', 20 * 1024 * 1024 + 1);
    body.n = 20 * 1024 * 1024 + 1;
    start_connected();
    call(&c, "POST", "/v1/import/app", NULL, NULL, buf_bytes(&body));
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 413);
    fake_call_clear(&c);
    /* The server's own ceiling counts, too: 22020096 bytes of message. */
    call(&c, "POST", "/v1/import/app", NULL, NULL,
         bytes_to(buf_bytes(&body), 17 * 1024 * 1024));
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 413);
    cr_expect_eq(server->sockets[PRIMARY].n_messages, 0);
    cr_expect(broker_is_connected(broker));
    fake_call_clear(&c);
    buf_clear(&body);
}

Test(broker, a_caller_that_leaves_is_forgotten)
{
    struct fake_call c, d;

    start_connected();
    call(&c, "POST", "/v1/import/app", NULL, NULL, bytes_str("{}"));
    turn_until(loop, server->sockets[PRIMARY].n_messages == 1);
    fake_call_clear(&c);
    call(&d, "POST", "/v1/import/app", NULL, NULL, bytes_str("{}"));
    turn_until(loop, server->sockets[PRIMARY].n_messages == 2);
    fake_broker_send(server, PRIMARY, ACK); /* for the one that left */
    fake_broker_send(server, PRIMARY, "4{\"id\":2,\"type\":1,\"data\":"
                                      "[{\"status\":201}]}");
    turn_until(loop, d.done);
    cr_expect_eq(d.status, 201);
    fake_call_clear(&d);
}

/* --- what it is asked about itself --- */

Test(broker, it_does_not_start_without_token_or_server)
{
    struct err err;
    char *url = steal(conf->broker_server_url);

    cr_expect(broker_start(loop, conf, httpc, &err) == NULL);
    cr_expect_str_eq(err.code, "MISSING_BROKER_SERVER_URL");
    conf->broker_server_url = xstrdup("ftp://x");
    cr_expect(broker_start(loop, conf, httpc, &err) == NULL);
    cr_expect_eq(err.kind, ERR_INPUT);
    free(conf->broker_server_url);
    conf->broker_server_url = url;
    secret_free(steal(conf->broker_token));
    cr_expect(broker_start(loop, conf, httpc, &err) == NULL);
    cr_expect_str_eq(err.code, "MISSING_BROKER_TOKEN");
}

Test(broker, its_introduction_holds_all_the_peer_says)
{
    struct bytes text, value;
    struct emitter_packet p;
    auto_jx struct jx *doc = NULL;
    char identifier[SHA256_HEX + 1];
    const struct jx *meta;

    start_connected();
    text = buf_bytes(&server->sockets[SECONDARY].greeting);
    cr_assert_eq(ejson_value(bytes_from(text, 1), &value, NULL), 0);
    cr_assert_eq(emitter_read(&p, value, NULL), 0);
    doc = jx_parse(emitter_arg(&p, 0), 100000, NULL);
    meta = jx_obj(doc, "metadata");
    sha256_hex(bytes_str(TOKEN), identifier);
    cr_expect_str_eq(jx_str(doc, "token"), TOKEN);
    cr_expect_str_eq(jx_str(meta, "identifier"), identifier);
    cr_expect_str_eq(jx_str(meta, "role"), "secondary");
    cr_expect_str_eq(jx_str(meta, "version"), "5.22.14");
    cr_expect_eq(jx_count(jx_arr(jx_obj(meta, "filters"), "private")), 10);
    cr_expect_eq(jx_count(jx_obj(meta, "clientConfig")), 12);
    cr_expect_str_eq(jx_str(meta, "clientId"),
                     headers_get(&server->sockets[PRIMARY].headers,
                                 "x-snyk-broker-client-id"));
    cr_expect_str_eq(server->sockets[PRIMARY].target,
                     "/primus/" TOKEN "/?connection_role=primary&EIO=4&"
                     "transport=websocket");
}

Test(broker, healthcheck_tells_of_both_sockets)
{
    auto_free char *want = NULL, *url = fake_broker_url(server);
    struct fake_call c;

    server->refuse = true;
    start();
    call(&c, "GET", "/healthcheck", NULL, NULL, BYTES_NONE);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 500);
    fake_call_clear(&c);
    server->refuse = false;
    turn_until(loop, server->sockets[PRIMARY].n_identified == 1 &&
                         server->sockets[SECONDARY].n_identified == 1);
    call(&c, "GET", "/healthcheck", NULL, NULL, BYTES_NONE);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 200);
    want = xasprintf(
        "[{\"ok\":true,\"websocketConnectionOpen\":true,\"brokerServerUrl\":"
        "\"%s/?connection_role=primary\",\"version\":\"5.22.14\",\"transport\":"
        "\"websocket\"},{\"ok\":true,\"websocketConnectionOpen\":true,"
        "\"brokerServerUrl\":\"%s/?connection_role=secondary\",\"version\":"
        "\"5.22.14\",\"transport\":\"websocket\"}]", url, url);
    cr_expect_str_eq(buf_cstr(&c.body), want);
    fake_call_clear(&c);
}

Test(broker, filters_are_shown_without_secrets)
{
    struct fake_call c;

    start_connected();
    call(&c, "GET", "/filters", NULL, NULL, BYTES_NONE);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 200);
    cr_expect(bytes_find_str(buf_bytes(&c.body), "${CR_AGENT_URL}") < c.body.n);
    fake_call_clear(&c);
}

Test(broker, systemcheck_asks_the_agent_with_the_credentials)
{
    struct fake_call c;

    start_connected();
    call(&c, "GET", "/systemcheck", NULL, NULL, BYTES_NONE);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 200);
    cr_expect_str_eq(agent->target, "/systemcheck");
    cr_expect_str_eq(headers_get(&agent->headers, "authorization"), "eyJ0eXBl");
    cr_expect(bytes_find_str(buf_bytes(&c.body), "\"maskedCredentials\":"
                             "\"eyJ***XBl\"") < c.body.n);
    cr_expect(bytes_find_str(buf_bytes(&c.body),
                             "\"brokerClientValidationUrl\":"
                             "\"${CR_AGENT_URL}") < c.body.n);
    fake_call_clear(&c);
    agent->status = 401;
    call(&c, "GET", "/systemcheck", NULL, NULL, BYTES_NONE);
    turn_until(loop, c.done);
    cr_expect_eq(c.status, 500);
    cr_expect(bytes_find_str(buf_bytes(&c.body), "\"error\":\"Failed due to "
                             "invalid credentials\"") < c.body.n);
    fake_call_clear(&c);
}

/* §d.8 */
Test(broker, service_commands_are_answered)
{
    static const struct {
        const char *url;
        int status;
    } cases[] = { { "/filters/reload", 200 }, { "/filters/reload?x", 200 },
                  { "/config/reload", 501 },  { "/other", 400 } };
    struct fake_socket *s = &server->sockets[SECONDARY];

    start_connected();
    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct exchange_answer a;
        auto_free char *frame = xasprintf(
            "4{\"type\":0,\"data\":[\"service\",{\"url\":\"%s\",\"method\":"
            "\"GET\",\"streamingID\":\"\"}],\"id\":%zu}", cases[i].url, i + 1);

        fake_broker_send(server, SECONDARY, frame);
        turn_until(loop, s->n_messages == i + 1);
        a = last_answer((int64_t)i + 1);
        cr_expect_eq(a.status, cases[i].status, "%s", cases[i].url);
        cr_expect_eq(a.kind, EXCHANGE_TEXT);
        exchange_answer_clear(&a);
    }
}

Test(broker, notifications_and_unknown_events_do_no_harm)
{
    start_connected();
    fake_broker_send(server, SECONDARY,
                     "4{\"type\":0,\"data\":[\"notification\",{\"level\":"
                     "\"warning\",\"message\":\"old\"}]}");
    fake_broker_send(server, SECONDARY, "4{\"type\":0,\"data\":[\"notification\""
                                        "]}");
    fake_broker_send(server, SECONDARY, "4{\"type\":0,\"data\":[\"dance\",1]}");
    request("GET", "/list", HEADERS(), "SID", 0);
    turn_until(loop, server->n_posts_ended == 1);
    cr_expect_eq(server->posts[0].frame.status, 200);
}

/* --- its end --- */

static void
on_drained(void *arg)
{
    *(bool *)arg = true;
}

Test(broker, draining_answers_what_runs_and_takes_nothing_new)
{
    bool drained = false;

    agent->hold = true;
    start_connected();
    request("GET", "/list", HEADERS(), "SID", 0);
    turn_until(loop, agent->n_asked == 1);
    broker_drain(broker, on_drained, &drained);
    request("GET", "/list/late", HEADERS(), "LATE", 0);
    turn_until(loop, server->n_posts_ended == 1);
    cr_expect_eq(server->posts[0].frame.status, 503);
    cr_expect(!drained);
    fake_agent_answer(agent);
    turn_until(loop, drained);
    cr_expect_eq(server->n_posts_ended, 2);
    cr_expect_eq(server->posts[1].frame.status, 200);
    turn_until(loop, server->sockets[PRIMARY].ws == NULL &&
                         server->sockets[SECONDARY].ws == NULL);
}

Test(broker, it_can_be_freed_in_the_middle_of_everything)
{
    struct fake_call c;

    agent->hold = true;
    start_connected();
    request("GET", "/list", HEADERS(), "SID", 0);
    request("GET", "/list", HEADERS(), NULL, 1);
    call(&c, "POST", "/v1/import/app", NULL, NULL, bytes_str("{}"));
    turn_until(loop, agent->n_asked == 2 &&
                         server->sockets[PRIMARY].n_messages == 1);
    broker_free(steal(broker));
    turn_until(loop, c.done);
    cr_expect(c.failed);
    fake_call_clear(&c);
    broker_free(NULL);
}
