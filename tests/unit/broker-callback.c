/* What the agent calls: out by the tunnel, and the ack is the answer. */
#include "broker-rig.h"

TestSuite(broker_callback, .init = setup, .fini = teardown, .timeout = 60);

/* captures/07: by the primary socket, and the ack is the answer. */
Test(broker_callback, a_callback_goes_out_and_its_ack_comes_back)
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

Test(broker_callback, a_callback_without_a_body_has_no_body_member)
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

Test(broker_callback, a_large_callback_arrives_whole)
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
Test(broker_callback, many_large_callbacks_at_once_all_arrive)
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
Test(broker_callback, rules_may_look_into_callbacks)
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

Test(broker_callback, a_compressed_callback_is_sent_plain)
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

Test(broker_callback, a_callback_no_rule_allows_is_401)
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

Test(broker_callback, without_a_socket_a_callback_is_503_at_once)
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

Test(broker_callback, a_callback_whose_socket_dies_is_502)
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

Test(broker_callback, with_the_primary_gone_callbacks_take_the_secondary)
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

Test(broker_callback, a_callback_beyond_the_ceiling_is_413)
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

Test(broker_callback, a_caller_that_leaves_is_forgotten)
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
