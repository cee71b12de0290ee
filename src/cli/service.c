/* The introduction service: makes what roles share, starts them in the order
 * in which they need each other, stops them in the opposite one. */
#include "cli/service.h"

#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/loop/timer.h"
#include "engine/net/httpc.h"
#include "engine/registry/registry.h"
#include "engine/scan/scan.h"
#include "engine/store/store.h"
#include "role/agent/agent.h"
#include "role/broker/broker.h"
#include "role/server/server.h"

struct service {
    struct loop *loop;       /* borrows */
    const struct conf *conf; /* borrows */
    struct httpc *httpc;     /* owns */
    struct store *store;     /* owns; NULL with the client role alone */
    struct proc_pool *pool;  /* owns; agent only, like the next two */
    struct scanner *scanner;
    struct reg_hub *hub;
    struct server *server; /* own; NULL unless the role is asked for */
    struct agent *agent;
    struct broker *broker;

    struct timer deadline; /* of a drain */
    unsigned n_draining;
    void (*on_drained)(void *arg);
    void *on_drained_arg;
};

static struct httpc *
make_httpc(struct loop *loop, const struct conf *conf, struct err *err)
{
    struct httpc_conf c = {
        .ca_file = conf->ca_file,
        .insecure = conf->tls_insecure,
        .http_proxy = conf->http_proxy,
        .https_proxy = conf->https_proxy,
        .no_proxy = conf->no_proxy,
        .connect_timeout_ms = conf->registry_connect_ms,
    };

    return httpc_new(loop, &c, err);
}

static int
start_agent(struct service *s, struct err *err)
{
    s->pool = scanner_pool_new(s->loop, s->conf, err);
    if (s->pool == NULL)
        return -1;
    s->scanner = scanner_new(s->loop, s->conf, s->pool, s->store, err);
    if (s->scanner == NULL)
        return -1;
    s->hub = reg_hub_new(s->loop, s->conf, s->httpc, err);
    if (s->hub == NULL)
        return -1;
    s->agent = agent_start(s->loop, s->conf, s->store, s->scanner, s->hub,
                           s->httpc, err);
    return s->agent != NULL ? 0 : -1;
}

static int
start_roles(struct service *s, struct err *err)
{
    unsigned roles = s->conf->roles;

    s->httpc = make_httpc(s->loop, s->conf, err);
    if (s->httpc == NULL)
        return -1;
    if (roles & (ROLE_AGENT | ROLE_SERVER)) {
        s->store = store_open(s->loop, s->conf->state_dir, err);
        if (s->store == NULL)
            return -1;
    }
    if (roles & ROLE_SERVER) {
        s->server = server_start(s->loop, s->conf, s->store, s->httpc, err);
        if (s->server == NULL)
            return err_wrap(err, "server");
    }
    if ((roles & ROLE_AGENT) && start_agent(s, err) < 0)
        return err_wrap(err, "agent");
    if (roles & ROLE_CLIENT) {
        s->broker = broker_start(s->loop, s->conf, s->httpc, err);
        if (s->broker == NULL)
            return err_wrap(err, "client");
    }
    return 0;
}

struct service *
service_start(struct loop *loop, const struct conf *conf, struct err *err)
{
    struct service *s = xnew(struct service);

    s->loop = loop;
    s->conf = conf;
    timer_init(&s->deadline, loop);
    if (conf->tls_insecure)
        log_warn("certificates are NOT verified, as "
                 "NODE_TLS_REJECT_UNAUTHORIZED=0 asks");
    if (start_roles(s, err) < 0) {
        service_free(s);
        return NULL;
    }
    log_info("crabd started", LOG_STR("version", PACKAGE_VERSION),
             LOG_INT("serverPort", s->server ? server_port(s->server) : 0),
             LOG_INT("agentPort", s->agent ? agent_port(s->agent) : 0),
             LOG_INT("clientPort", s->broker ? broker_port(s->broker) : 0));
    return s;
}

static void
finish_drain(void *arg)
{
    struct service *s = arg;

    timer_stop(&s->deadline);
    s->n_draining = 0;
    if (s->pool != NULL)
        log_info("workers of this run",
                 LOG_BYTES("workerPeak", proc_pool_peak_rss_bytes(s->pool)));
    if (s->on_drained != NULL)
        s->on_drained(s->on_drained_arg);
    s->on_drained = NULL;
}

static void
on_deadline(void *arg)
{
    log_warn("drain time is up; what still runs is parked or broken off");
    finish_drain(arg);
}

static void
on_role_drained(void *arg)
{
    struct service *s = arg;

    if (s->n_draining > 0 && --s->n_draining == 0)
        finish_drain(s);
}

void
service_drain(struct service *s, void (*done)(void *arg), void *arg)
{
    s->on_drained = done;
    s->on_drained_arg = arg;
    s->n_draining = 1; /* ours: a role may be drained at once */
    timer_after(&s->deadline, s->conf->drain_ms, on_deadline, s);
    if (s->agent != NULL) {
        s->n_draining++;
        agent_drain(s->agent, on_role_drained, s);
    }
    if (s->broker != NULL) {
        s->n_draining++;
        broker_drain(s->broker, on_role_drained, s);
    }
    if (s->server != NULL) {
        s->n_draining++;
        server_drain(s->server, on_role_drained, s);
    }
    on_role_drained(s);
}

bool
service_failed(const struct service *s, struct err *err)
{
    return s->broker != NULL && broker_failed(s->broker, err);
}

void
service_free(struct service *s)
{
    if (s == NULL)
        return;
    timer_clear(&s->deadline);
    broker_free(s->broker);
    agent_free(s->agent);
    server_free(s->server);
    scanner_free(s->scanner);
    reg_hub_free(s->hub);
    proc_pool_free(s->pool);
    if (s->store != NULL)
        store_close(s->store);
    httpc_free(s->httpc);
    free(s);
}
