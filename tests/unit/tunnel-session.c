#include "fake-broker.h"

#include "base/log.h"
#include "base/str.h"
#include "engine/tunnel/session.h"

/* A session and its server; Criterion forks, so each test has its own. */
static struct loop *loop;
static struct httpc *httpc;
static struct fake_broker *server;
static struct session *session;
static struct {
    unsigned n_open, n_lost, n_failed, n_events;
    char name[64];
    struct err err;
} seen;

static void
on_open(void *arg)
{
    (void)arg;
    seen.n_open++;
}

static void
on_lost(const struct err *err, void *arg)
{
    (void)arg;
    seen.n_lost++;
    seen.err = *err;
}

static void
on_failed(const struct err *err, void *arg)
{
    (void)arg;
    seen.n_failed++;
    seen.err = *err;
}

static void
on_event(const struct emitter_packet *p, void *arg)
{
    (void)arg;
    seen.n_events++;
    memcpy(seen.name, p->name, sizeof(seen.name));
}

static const struct session_events events = {
    .on_open = on_open, .on_event = on_event, .on_lost = on_lost,
    .on_failed = on_failed,
};

/* Pings every few milliseconds, so that several pass within a test. */
static void
start(uint64_t ping_ms, uint64_t pong_ms)
{
    auto_free char *base = NULL, *url = NULL;
    auto_headers struct headers h = HEADERS_INIT;
    struct session_conf conf = {
        .name = "primary", .headers = &h, .ping_interval_ms = ping_ms,
        .pong_timeout_ms = pong_ms,
        .greeting = bytes_str("4{\"type\":0,\"data\":[\"identify\",\"me\"]}"),
    };

    base = fake_broker_url(server);
    url = xasprintf("%s/primus/T/?EIO=4&transport=websocket&"
                    "connection_role=primary", base);
    conf.url = url;
    headers_add(&h, "x-snyk-broker-client-role", "primary");
    session = session_new(loop, httpc, &conf, &events, NULL);
    session_start(session);
}

static void
setup(void)
{
    struct httpc_conf conf = { 0 };

    log_setup("test", 2, LOG_LEVEL_NONE, LOG_FORM_JSON);
    loop = loop_new(NULL);
    httpc = httpc_new(loop, &conf, NULL);
    server = fake_broker_new(loop);
}

static void
teardown(void)
{
    session_free(session);
    fake_broker_free(server);
    httpc_free(httpc);
    loop_free(loop);
}

TestSuite(session, .init = setup, .fini = teardown, .timeout = 30);

Test(session, goes_straight_to_websocket_and_introduces_itself)
{
    struct fake_socket *s = &server->sockets[0];

    start(0, 0);
    turn_until(loop, s->n_identified == 1 && seen.n_events == 1);
    cr_expect_eq(seen.n_open, 1);
    cr_expect(session_is_open(session));
    cr_expect_str_eq(seen.name, "identify");
    cr_expect_str_eq(s->target, "/primus/T/?EIO=4&transport=websocket&"
                                "connection_role=primary");
    cr_expect_str_eq(headers_get(&s->headers, "x-snyk-broker-client-role"),
                     "primary");
    cr_expect(uuid_valid(headers_get(&s->headers, "snyk-request-id")));
    cr_expect(bytes_is(buf_bytes(&s->greeting),
                       "4{\"type\":0,\"data\":[\"identify\",\"me\"]}"));
}

Test(session, keeps_both_heartbeats)
{
    struct fake_socket *s = &server->sockets[0];

    start(5, 5000);
    turn_until(loop, s->n_pings == 3);
    fake_broker_send(server, 0, "2");
    turn_until(loop, s->n_pongs == 1);
    cr_expect_eq(s->n_opened, 1);
    cr_expect_eq(seen.n_lost, 0);
}

Test(session, a_server_that_answers_no_ping_is_left_and_tried_again)
{
    server->no_pong = true;
    start(5, 20);
    turn_until(loop, server->sockets[0].n_opened == 2);
    cr_expect_geq(seen.n_lost, 1);
    cr_expect_eq(seen.err.kind, ERR_TIMEOUT);
}

Test(session, comes_back_when_cut_and_introduces_itself_anew)
{
    struct fake_socket *s = &server->sockets[0];
    unsigned epoch;

    start(0, 0);
    turn_until(loop, session_is_open(session) && s->n_identified == 1);
    epoch = session_epoch(session);
    fake_broker_cut(server, 0);
    turn_until(loop, seen.n_lost == 1);
    cr_expect_eq(session_send(session, bytes_str("4[]")), WS_GONE);
    turn_until(loop, s->n_identified == 2);
    cr_expect_neq(session_epoch(session), epoch);
}

Test(session, comes_back_also_when_told_not_to)
{
    start(0, 0);
    turn_until(loop, session_is_open(session) &&
                         server->sockets[0].n_identified == 1);
    fake_broker_send(server, 0, "4\"primus::server::close\"");
    turn_until(loop, seen.n_lost == 1);
    cr_expect_eq(seen.err.kind, ERR_DENIED);
    turn_until(loop, server->sockets[0].n_identified == 2);
}

Test(session, a_refused_upgrade_is_tried_again)
{
    server->refuse = true;
    start(0, 0);
    turn_until(loop, session_state(session) == SESSION_WAITING);
    turn_until(loop, session_state(session) == SESSION_CONNECTING);
    server->refuse = false;
    turn_until(loop, session_is_open(session));
    cr_expect_eq(seen.n_lost, 0);
}

Test(session, strange_messages_do_no_harm_but_strange_packets_end_it)
{
    static const char *const harmless[] = {
        "4nonsense", "4[]", "4{\"type\":7}", "4\"primus::x\"", "6",
        "4{\"type\":0,\"data\":[\"open\"]}", "4{\"id\":9,\"type\":1,\"data\":[]}",
        "4", "0{\"sid\":\"again\"}",
    };

    start(0, 0);
    turn_until(loop, seen.n_events == 1);
    for (size_t i = 0; i < N_ELEMENTS(harmless); i++)
        fake_broker_send(server, 0, harmless[i]);
    fake_broker_send(server, 0, "4{\"type\":0,\"data\":[\"mine\"]}");
    turn_until(loop, seen.n_events == 2);
    cr_expect_str_eq(seen.name, "mine");
    cr_expect(session_is_open(session));
    fake_broker_send(server, 0, "hello");
    turn_until(loop, seen.n_lost == 1);
    cr_expect_eq(seen.err.kind, ERR_INPUT);
}

Test(session, a_session_id_asked_for_is_told)
{
    start(0, 0);
    turn_until(loop, session_is_open(session));
    fake_broker_send(server, 0, "4\"primus::id::\"");
    turn_until(loop, server->sockets[0].n_messages == 1);
    cr_expect(bytes_is(buf_bytes(&server->sockets[0].last),
                       "4\"primus::id::SID\""));
}

static struct {
    unsigned n_acks, n_errors;
} heard;

static void
on_ack(const struct emitter_packet *ack, const struct err *err, void *arg)
{
    (void)arg;
    heard.n_acks += ack != NULL;
    heard.n_errors += err != NULL;
}

Test(session, acks_arrive_and_those_of_a_dead_socket_fail)
{
    start(0, 0);
    cr_expect_eq(session_expect(session, on_ack, NULL, NULL), -1);
    turn_until(loop, session_is_open(session));
    cr_expect_eq(session_expect(session, on_ack, NULL, NULL), 1);
    cr_expect_eq(session_expect(session, on_ack, NULL, NULL), 2);
    fake_broker_send(server, 0, "4{\"id\":2,\"type\":1,\"data\":[1]}");
    turn_until(loop, heard.n_acks == 1);
    fake_broker_cut(server, 0);
    turn_until(loop, heard.n_errors == 1);
    cr_expect_eq(heard.n_acks, 1);
}

Test(session, a_closed_one_stays_away)
{
    struct fake_socket *s = &server->sockets[0];

    start(0, 0);
    turn_until(loop, session_is_open(session));
    cr_expect_eq(session_expect(session, on_ack, NULL, NULL), 1);
    session_close(session);
    cr_expect_eq(heard.n_errors, 1);
    cr_expect_eq(session_state(session), SESSION_CLOSED);
    turn_until(loop, s->ws == NULL);
    cr_expect_eq(seen.n_lost, 0);
    cr_expect_eq(s->n_opened, 1);
}
