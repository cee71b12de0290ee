/* role/agent/agent-private.h: what the files of this room share. */
#ifndef ROLE_AGENT_AGENT_PRIVATE_H
#define ROLE_AGENT_AGENT_PRIVATE_H

#include "base/list.h"
#include "engine/net/httpd.h"
#include "role/agent/agent.h"
#include "role/agent/callbacks.h"
#include "role/agent/jobs.h"
#include "role/agent/visit.h"

struct agent {
    struct loop *loop;       /* borrow, as agent_start() says */
    const struct conf *conf;
    struct store *store;
    struct reg_hub *hub;
    struct httpd *httpd;         /* owns */
    struct jobs *jobs;           /* owns */
    struct callbacks *callbacks; /* owns */
    struct list visits;          /* of struct visit, not over */
    bool draining;
    unsigned n_draining;
    void (*on_drained)(void *arg);
    void *on_drained_arg;
};

/* The handler of a new request: routes.c. */
void agent_route(struct httpd_ex *ex, const struct httpd_request *req,
                 void *agent);

/* A row's duty: end the visit, now or later. */
typedef void agent_serve(struct visit *v);
agent_serve agent_healthcheck, agent_systemcheck, agent_validate, agent_list,
    agent_list_tags, agent_scan;

#endif
