/*
 * engine/registry/attempt.h: one HTTP request, tried again as
 * registries.md §3.10 says.  Knows nothing of logins.
 */
#ifndef ENGINE_REGISTRY_ATTEMPT_H
#define ENGINE_REGISTRY_ATTEMPT_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"
#include "engine/net/httpc.h"
#include "engine/registry/registry.h"

struct attempt;

#define ATTEMPT_RETRIES (-1) /* as the settings say */

struct attempt_spec {
    const char *method;          /* NULL: GET */
    const char *url;
    const char *accept;          /* NULL: none */
    struct secret *authorization; /* shares; NULL: none */
    uint64_t range_from;         /* > 0: "Range: bytes=N-" */
    struct secret *form;         /* POST body, x-www-form-urlencoded; shares */
    size_t body_limit_bytes;     /* of a collected 2xx body */
    uint64_t timeout_ms;         /* of each try; 0: none */
    uint64_t idle_timeout_ms;    /* 0: none */
    int retries;                 /* or ATTEMPT_RETRIES */
};

struct attempt_events {
    /*
     * Both or none. A 2xx answer as it comes; from its headers on there is no
     * further try. Any other answer is collected (its first 64 KiB).
     */
    enum httpc_flow (*on_headers)(const struct httpc_reply *reply, void *arg);
    enum httpc_flow (*on_body)(struct bytes chunk, void *arg);
    /* Exactly once unless cancelled; exactly one of the two. Any status. */
    void (*on_done)(const struct httpc_reply *reply, const struct err *err,
                    void *arg);
};

/* Never NULL: a bad request is told by on_done, which never comes from within.
 * spec is copied, events are borrowed. */
struct attempt *attempt_start(struct reg_hub *hub,
                              const struct attempt_spec *spec,
                              const struct attempt_events *events, void *arg);
void attempt_resume(struct attempt *a);
/* No callback any more. Takes a; NULL is fine. */
void attempt_cancel(struct attempt *a);

#endif
