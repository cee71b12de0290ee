/*
 * engine/registry/challenge.h: what WWW-Authenticate asks for
 * (registries.md §2.1).  Pure.
 */
#ifndef ENGINE_REGISTRY_CHALLENGE_H
#define ENGINE_REGISTRY_CHALLENGE_H

#include "base/bytes.h"
#include "engine/net/headers.h"

enum challenge_scheme {
    CHALLENGE_NONE,  /* no challenge at all: a 401 is final */
    CHALLENGE_OTHER, /* only foreign schemes, or Bearer without a realm */
    CHALLENGE_BASIC,
    CHALLENGE_BEARER
};

struct challenge {
    enum challenge_scheme scheme;
    char *realm;   /* owns, like the rest; NULL when absent */
    char *service;
    char *scope;   /* maybe several, separated by blanks */
    char *error;   /* "insufficient_scope", "invalid_token" */
};

#define CHALLENGE_INIT { CHALLENGE_NONE, NULL, NULL, NULL, NULL }

/*
 * The best of all challenges in all WWW-Authenticate headers: Bearer, else
 * Basic. `out` is overwritten (it must be cleared or fresh).
 */
void challenge_choose(struct challenge *out, const struct headers *headers);
/* The same for one header value; improves on what `out` has. */
void challenge_read(struct challenge *out, struct bytes value);
void challenge_clear(struct challenge *c);

#define auto_challenge __attribute__((cleanup(challenge_clear)))

#endif
