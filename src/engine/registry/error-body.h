/*
 * engine/registry/error-body.h: from what a registry answered to a struct err
 * with the codes of agent-api.md §3.  Pure.
 */
#ifndef ENGINE_REGISTRY_ERROR_BODY_H
#define ENGINE_REGISTRY_ERROR_BODY_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/net/httpc.h"

/* What was asked for: decides what a 404 without a code means. */
enum reg_asked { REG_ASKED_PING, REG_ASKED_CATALOG, REG_ASKED_TAGS,
                 REG_ASKED_MANIFEST, REG_ASKED_BLOB, REG_ASKED_TOKEN };

/* An answer that is no success. Always returns -1. */
int reg_error_reply(struct err *err, enum reg_asked asked,
                    const struct httpc_reply *reply);

/*
 * What kept an answer from arriving, in place: REGISTRY_UNREACHABLE,
 * REGISTRY_TLS, REGISTRY_TIMEOUT instead of the code of net.
 */
void reg_error_transport(struct err *err);

/* Well-formed HTTP, nonsense inside: ERR_NET, code REGISTRY_ERROR. */
int reg_error_nonsense(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Does the body tell of a spent quota, whatever its status? */
bool reg_error_is_quota(struct bytes body);

/*
 * Retry-After of an answer (seconds or a date), or X-Retry-After (unix time),
 * in seconds from now; 0 without one.
 */
int64_t reg_retry_after_s(const struct headers *headers);

/* errors[0].message, else errors[0].code, else the body's beginning as one
 * line of text ("" for HTML); the caller owns it. */
char *reg_error_message(struct bytes body);

#endif
