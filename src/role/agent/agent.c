/* The room put together: listener, jobs, callbacks; started and drained. */
#include "role/agent/agent.h"

#include "base/log.h"
#include "base/str.h"
#include "role/agent/agent-private.h"

static struct httpd *
listen_for(struct agent *agent, struct err *err)
{
    const struct conf *conf = agent->conf;
    struct httpd_conf c = {
        .address = conf->listen,
        .port = conf->agent_port,
        .cert_file = conf->https_cert,
        .key_file = conf->https_key,
    };

    return httpd_new(agent->loop, &c, agent_route, agent, err);
}

struct agent *
agent_start(struct loop *loop, const struct conf *conf, struct store *store,
            struct scanner *scanner, struct reg_hub *hub, struct httpc *httpc,
            struct err *err)
{
    struct agent *agent = xnew(struct agent);

    agent->loop = loop;
    agent->conf = conf;
    agent->store = store;
    agent->hub = hub;
    list_init(&agent->visits);
    /* The listener first: when it fails, no job has been touched. */
    agent->httpd = listen_for(agent, err);
    if (agent->httpd == NULL) {
        free(agent);
        return NULL;
    }
    agent->callbacks = callbacks_start(loop, conf, store, httpc);
    agent->jobs =
        jobs_start(loop, conf, store, scanner, hub, agent->callbacks);
    log_info("agent is listening", LOG_INT("port", agent_port(agent)));
    return agent;
}

uint16_t
agent_port(const struct agent *agent)
{
    return httpd_port(agent->httpd);
}

static void
on_part_drained(void *arg)
{
    struct agent *agent = arg;

    if (--agent->n_draining == 0)
        agent->on_drained(agent->on_drained_arg);
}

/* What the last scans had to say goes out as far as it is under way. */
static void
on_jobs_drained(void *arg)
{
    struct agent *agent = arg;

    callbacks_drain(agent->callbacks, on_part_drained, agent);
}

void
agent_drain(struct agent *agent, void (*done)(void *arg), void *arg)
{
    agent->draining = true;
    agent->on_drained = done;
    agent->on_drained_arg = arg;
    agent->n_draining = 2;
    httpd_drain(agent->httpd, on_part_drained, agent);
    jobs_drain(agent->jobs, agent->conf->drain_ms / 4 * 3, on_jobs_drained,
               agent);
}

void
agent_free(struct agent *agent)
{
    if (agent == NULL)
        return;
    /* Visits end with their connections, before what they wait for goes. */
    httpd_free(agent->httpd);
    jobs_stop(agent->jobs);
    callbacks_stop(agent->callbacks);
    free(agent);
}
