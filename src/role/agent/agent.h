/*
 * role/agent/agent.h: the HTTP door of the scanner (agent-api.md §4): answers
 * listings, promises scans, runs them, and calls back.
 */
#ifndef ROLE_AGENT_AGENT_H
#define ROLE_AGENT_AGENT_H

#include <stdint.h>

#include "base/conf/conf.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/net/httpc.h"
#include "engine/registry/registry.h"
#include "engine/scan/scan.h"
#include "engine/store/store.h"

struct agent;

/*
 * Listen on conf->agent_port, take up the jobs and callbacks an earlier life
 * left behind. All is borrowed for the agent's life. NULL when there is no
 * listening.
 */
struct agent *agent_start(struct loop *loop, const struct conf *conf,
                          struct store *store, struct scanner *scanner,
                          struct reg_hub *hub, struct httpc *httpc,
                          struct err *err);
uint16_t agent_port(const struct agent *agent);

/*
 * Take no request and start no scan any more. Scans that are not done after
 * three quarters of conf->drain_ms are parked: a later life starts them anew.
 * done(arg) once, not from within, when nothing is under way.
 */
void agent_drain(struct agent *agent, void (*done)(void *arg), void *arg);
/* Breaks off what runs; the store may still answer asks of ours. */
void agent_free(struct agent *agent);

#endif
