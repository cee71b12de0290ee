/*
 * role/broker/broker.h: the broker client: two sockets to the server, a
 * filter, and a relay each way.
 *
 *     server ══ request ══► filter ─► agent      (request.c, answer.c)
 *     agent ──► local listener ─► filter ═══► server          (relay.c)
 *
 * Reactor only.
 */
#ifndef ROLE_BROKER_BROKER_H
#define ROLE_BROKER_BROKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf/conf.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/net/httpc.h"

struct broker;

/*
 * Connects in the background and listens at once. Everything is borrowed and
 * must outlive the broker.
 *   ERR_INPUT  code MISSING_BROKER_TOKEN or MISSING_BROKER_SERVER_URL; rules
 *              or a URL that cannot be understood
 */
struct broker *broker_start(struct loop *loop, const struct conf *conf,
                            struct httpc *httpc, struct err *err);
/* Of the local listener. */
uint16_t broker_port(const struct broker *b);
/* Is at least one socket open? */
bool broker_is_connected(const struct broker *b);
/* Did it give up (30 attempts without a connection)? It stopped the loop then;
 * err says why. */
bool broker_failed(const struct broker *b, struct err *err);
/*
 * Take no new request, answer what runs, close the sockets, then call done
 * (never from within). What is still unanswered when it is freed is broken.
 */
void broker_drain(struct broker *b, void (*done)(void *arg), void *arg);
/* NULL is fine. Nobody is called any more. */
void broker_free(struct broker *b);

#endif
