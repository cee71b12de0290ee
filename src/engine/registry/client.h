/*
 * engine/registry/client.h: one GET to a registry as its login: the 401
 * dance (registries.md §2.2), redirects by hand (§2.3), retries (attempt.h).
 */
#ifndef ENGINE_REGISTRY_CLIENT_H
#define ENGINE_REGISTRY_CLIENT_H

#include "engine/registry/attempt.h"

struct reg_call;

enum reg_call_auth {
    REG_AUTH_USUAL, /* what is known, else what the challenge asks for */
    REG_AUTH_NONE,  /* no Authorization, and a 401 is an answer */
    REG_AUTH_FRESH, /* nothing known, no token from the cache */
    REG_AUTH_EAGER, /* the same, but Basic at once */
    REG_AUTH_BASIC  /* Basic at once, and a 401 is an answer */
};

struct reg_call_spec {
    const char *url;     /* of the registry's own origin */
    const char *accept;  /* NULL: none */
    const char *scope;   /* the one a challenge will ask for, NULL: unknown */
    enum reg_call_auth auth;
    bool stay;           /* a redirect to another origin is an answer */
    uint64_t range_from;
    size_t body_limit_bytes;
    uint64_t timeout_ms, idle_timeout_ms;
    int retries;         /* ATTEMPT_RETRIES: as the settings say */
};

struct reg_call_events {
    /* Both or none: see attempt.h. */
    enum httpc_flow (*on_headers)(const struct httpc_reply *reply, void *arg);
    enum httpc_flow (*on_body)(struct bytes chunk, void *arg);
    /* Any status, the final 401 too. Errors carry the codes of agent-api §3. */
    void (*on_done)(const struct httpc_reply *reply, const struct err *err,
                    void *arg);
};

struct reg_call *reg_call_start(struct registry *r,
                                const struct reg_call_spec *spec,
                                const struct reg_call_events *events,
                                void *arg);
void reg_call_resume(struct reg_call *c);
void reg_call_cancel(struct reg_call *c); /* takes c; NULL is fine */

/* Did the answer come from another origin than the registry's (an object
 * store)? For use in callbacks. */
bool reg_call_is_away(const struct reg_call *c);
/* Was a token given to these credentials, although the registry refused it? */
bool reg_call_was_accepted(const struct reg_call *c);

#endif
