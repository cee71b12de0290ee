/* What the server asks: the agent gets it, and the answer finds its way back. */
#include "broker-rig.h"

TestSuite(broker_request, .init = setup, .fini = teardown, .timeout = 60);

Test(broker_request, a_streamed_answer_is_posted)
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
Test(broker_request, the_agent_sees_a_rewritten_request)
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

Test(broker_request, forwarded_headers_go_when_asked)
{
    conf->remove_x_forwarded = true;
    start_connected();
    request("GET", "/list", HEADERS(",\"x-forwarded-server\":\"foo\","
                                    "\"forwarded\":\"for=1\""), "SID", 0);
    turn_until(loop, agent->n_asked == 1);
    cr_expect(!headers_has(&agent->headers, "x-forwarded-server"));
    cr_expect(!headers_has(&agent->headers, "forwarded"));
}

Test(broker_request, an_acked_answer_is_whole_and_on_the_same_socket)
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

Test(broker_request, an_agents_error_is_labelled)
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

Test(broker_request, what_no_rule_allows_never_reaches_the_agent)
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
Test(broker_request, variables_are_put_into_bodies_and_headers)
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

Test(broker_request, a_binary_body_reaches_the_agent_byte_for_byte)
{
    start_connected();
    request("POST", "/scan", "\"body\":{\"$binary\":\"/wABgA==\"}," HEADERS(),
            "SID", 0);
    turn_until(loop, agent->n_asked == 1);
    cr_expect_eq(agent->body.n, 4);
    cr_expect_eq(memcmp(agent->body.p, "\xff\x00\x01\x80", 4), 0);
}

Test(broker_request, an_agent_that_cannot_be_reached_is_502)
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

Test(broker_request, a_long_answer_is_streamed_byte_for_byte)
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

Test(broker_request, an_agent_that_dies_half_way_breaks_the_post_off)
{
    agent->long_answer = LONG;
    agent->die = true;
    start_connected();
    request("GET", "/list", HEADERS(), "SID", 0);
    turn_until(loop, server->n_posts == 1 && server->posts[0].gone);
    cr_expect_eq(server->n_posts_ended, 0);
    cr_expect_eq(agent->n_asked, 1);
}

Test(broker_request, on_the_ack_path_a_dead_agent_is_asked_once_and_502)
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

Test(broker_request, an_ack_has_a_ceiling)
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
Test(broker_request, an_answer_never_goes_to_a_later_connection)
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

Test(broker_request, many_requests_at_once_are_all_answered)
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

Test(broker_request, a_malformed_request_is_answered_when_it_says_how)
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
