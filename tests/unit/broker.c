/* What the client says of itself, and its end. */
#include "broker-rig.h"

TestSuite(broker, .init = setup, .fini = teardown, .timeout = 60);

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
