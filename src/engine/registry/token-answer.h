/*
 * engine/registry/token-answer.h: the request to a token server, and what its
 * answer says.  Pure.
 */
#ifndef ENGINE_REGISTRY_TOKEN_ANSWER_H
#define ENGINE_REGISTRY_TOKEN_ANSWER_H

#include "base/err.h"
#include "base/secret.h"
#include "engine/net/httpc.h"
#include "engine/net/url.h"
#include "engine/registry/token.h"

#define TOKEN_ANSWER_MAX_BYTES (256 * 1024)

/*
 * *url is always made (the caller owns it). GET form: *basic holds the
 * Authorization header, NULL for an anonymous login. POST form (a refresh
 * token): *form is the body.
 */
void token_request(const struct registry *r, const struct url *realm,
                   const struct token_want *want, char **url,
                   struct secret **basic, struct secret **form);

struct token_answer {
    struct secret *token; /* the caller frees it */
    uint64_t life_ms;     /* how long to use it: shorter than it lives */
};

/* jwt_life: without expires_in, go by the token's own "exp". */
int token_answer_read(struct token_answer *out, const struct httpc_reply *reply,
                      bool jwt_life, struct err *err);

#endif
