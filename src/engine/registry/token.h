/*
 * engine/registry/token.h: Bearer tokens: fetch, remember, share, forget
 * (registries.md §2.2).
 *
 * A token belongs to one login, realm, service and set of scopes. Whoever
 * needs one that is being fetched already waits for that answer.
 */
#ifndef ENGINE_REGISTRY_TOKEN_H
#define ENGINE_REGISTRY_TOKEN_H

#include "base/err.h"
#include "base/secret.h"

struct registry;
struct reg_hub;
struct tokens;
struct token_wait;

struct token_want {
    const char *realm;
    const char *service; /* NULL: none */
    const char *scope;   /* scopes separated by blanks; NULL: none */
};

struct tokens *tokens_new(struct reg_hub *hub);
/* No callback of those who wait. */
void tokens_free(struct tokens *t);

/* A token that still lives, or NULL; shares: the caller frees it. */
struct secret *token_cached(const struct registry *r,
                            const struct token_want *want);
/* It was refused: forget it, unless a newer one has taken its place. */
void token_refused(const struct registry *r, const struct token_want *want,
                   const struct secret *token);

/* Exactly one of the two; token borrowed until it returns. */
typedef void (*token_cb)(struct secret *token, const struct err *err,
                         void *arg);

/*
 * Get a new one. Never NULL; fn never comes from within. r must live until
 * then. Errors: REGISTRY_UNAUTHORIZED, REALM_REFUSED, ...
 */
struct token_wait *token_fetch(struct registry *r,
                               const struct token_want *want, token_cb fn,
                               void *arg);
void token_wait_cancel(struct token_wait *w); /* takes w; NULL is fine */

/* Sorted, without doubles, one blank between; the caller owns it. Pure. */
char *token_sort_scopes(const char *scope);
/* "exp" of a JWT in seconds since 1970; 0 when it is none. Pure. */
int64_t token_jwt_exp_s(const char *jwt);

#endif
