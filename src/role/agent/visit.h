/*
 * role/agent/visit.h: one request at our door, from its headers to its
 * answer.
 *
 * A visit ends with visit_reply...() or visit_fail(), exactly once; then, or
 * when the caller goes away, whatever it was waiting for is cancelled. Who
 * asks the store on its behalf takes a reference: a store cannot be asked to
 * forget, so its answer may find a visit that is over.
 */
#ifndef ROLE_AGENT_VISIT_H
#define ROLE_AGENT_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "base/list.h"
#include "engine/loop/timer.h"
#include "engine/net/httpd.h"
#include "engine/registry/credentials.h"
#include "engine/registry/registry.h"

struct agent;

struct visit {
    struct link link;    /* in the agent's visits while not over */
    struct agent *agent; /* borrows; only while not over */
    struct httpd_ex *ex; /* borrows; NULL once over */
    const struct httpd_request *req; /* borrows, likewise */
    char *request_id;    /* owns; NULL without */
    char *rest;          /* owns; what "*" of the route stood for, decoded */
    struct credentials *login;   /* owns; NULL before visit_login() */
    struct registry *registry;   /* shares, likewise */
    struct reg_op *op;           /* owns while it runs */
    struct timer deadline;       /* of op */
    unsigned refs;
};

struct visit *visit_new(struct agent *agent, struct httpd_ex *ex);
struct visit *visit_ref(struct visit *v);
void visit_unref(struct visit *v);
static inline bool
visit_is_over(const struct visit *v)
{
    return v->ex == NULL;
}

/*
 * Find the credentials (agent-api.md §2.2) and make the registry they are
 * for. body: the request's JSON body, NULL without.
 */
int visit_login(struct visit *v, const struct jx *body, struct err *err);

/*
 * Wait for `op`, at most `timeout_ms`, then fail with REGISTRY_TIMEOUT. The
 * operation's callback must set v->op to NULL first of all. 0: it has a
 * timeout of its own.
 */
void visit_wait(struct visit *v, struct reg_op *op, uint64_t timeout_ms);

void visit_reply(struct visit *v, int status, struct bytes json);
void visit_fail(struct visit *v, const struct err *err);
/* The same with {"ok":false, ...}: for the two checks. */
void visit_fail_check(struct visit *v, const struct err *err);

/* A query parameter, decoded; the caller owns it. NULL without. */
char *visit_query(const struct visit *v, const char *name);
/* The first of the names a repository may have. */
char *visit_query_repository(const struct visit *v);

#endif
