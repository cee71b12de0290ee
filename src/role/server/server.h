/*
 * role/server/server.h: the broker server: a directory of tunnels, and
 * routing (broker-protocol.md §k).
 *
 *     caller ── /broker/TOKEN/path ──► ask ══ request ══► tunnel
 *     tunnel ── POST /response-data or ack ──► ask ──► caller
 *     tunnel ══ request ══► callback ──► origin of the rule, or the inbox
 *
 * Reactor only.
 */
#ifndef ROLE_SERVER_SERVER_H
#define ROLE_SERVER_SERVER_H

#include <stdint.h>

#include "base/conf/conf.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/net/httpc.h"
#include "engine/store/store.h"

struct server;

/*
 * Listens at once. Everything is borrowed and must outlive the server. Without
 * rules (CRAB_SERVER_ACCEPT) every path is passed to the tunnel, whose client
 * has rules of its own, and callbacks go into the store's inbox.
 */
struct server *server_start(struct loop *loop, const struct conf *conf,
                            struct store *store, struct httpc *httpc,
                            struct err *err);
uint16_t server_port(const struct server *s);
/* Refuse new requests, wait for the answers of those that run, close the
 * tunnels (clients come back elsewhere), then call done, never from within. */
void server_drain(struct server *s, void (*done)(void *arg), void *arg);
/* NULL is fine. Nobody is called any more. */
void server_free(struct server *s);

#endif
