/* tests/unit/broker-rig.h: the client role between a server and an agent that
 * are played, and what both say to it. */
#ifndef TESTS_UNIT_BROKER_RIG_H
#define TESTS_UNIT_BROKER_RIG_H

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

/* Longer than what is held back or buffered anywhere. */
#define LONG (8 * 1024 * 1024)

enum { PRIMARY, SECONDARY };

/* Server, agent, and between them the client. Criterion forks, so each test
 * has its own. */
static struct loop *loop;
static struct httpc *httpc;
static struct fake_broker *server;
static struct fake_agent *agent;
static struct conf *conf;
static struct broker *broker;

static inline void
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

static inline void
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

static inline void
teardown(void)
{
    broker_free(broker);
    fake_agent_free(agent);
    fake_broker_free(server);
    httpc_free(httpc);
    conf_free(conf);
    loop_free(loop);
}

static inline void
start(void)
{
    struct err err;

    broker = broker_start(loop, conf, httpc, &err);
    cr_assert(broker != NULL, "%s", err.text);
}

static inline void
start_connected(void)
{
    start();
    turn_until(loop, server->sockets[PRIMARY].n_identified == 1 &&
                         server->sockets[SECONDARY].n_identified == 1);
}

/* way: a streamingID, or NULL for an ack with this id. */
static inline void
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

static inline struct emitter_packet
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
static inline struct exchange_answer
last_answer(int64_t id)
{
    struct emitter_packet p = last_packet(SECONDARY);
    struct exchange_answer a;

    cr_assert_eq(p.type, EMITTER_ACK);
    cr_assert_eq(p.id, id);
    cr_assert_eq(exchange_read_answer(&a, emitter_arg(&p, 0), 1 << 26, NULL), 0);
    return a;
}

static inline void
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

#endif
