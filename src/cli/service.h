/*
 * cli/service.h: the roles of one process and what they share.
 */
#ifndef CLI_SERVICE_H
#define CLI_SERVICE_H

#include <stdbool.h>

#include "base/conf/conf.h"
#include "base/err.h"
#include "engine/loop/loop.h"

struct service;

/* Starts every role of conf->roles. conf is borrowed for the service's life. */
struct service *service_start(struct loop *loop, const struct conf *conf,
                              struct err *err);
/*
 * No new work; finish or park what runs, at most conf->drain_ms long; then
 * done(arg), once.
 */
void service_drain(struct service *s, void (*done)(void *arg), void *arg);
/* True with the reason when a role gave up and stopped the loop. */
bool service_failed(const struct service *s, struct err *err);
void service_free(struct service *s);

#endif
