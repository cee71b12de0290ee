/*
 * engine/registry/credentials.h: the credentials document (CR_CREDENTIALS):
 * reading it with its traps (agent-api.md §2.1), and writing it.  Pure.
 */
#ifndef ENGINE_REGISTRY_CREDENTIALS_H
#define ENGINE_REGISTRY_CREDENTIALS_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/conf/conf.h"
#include "base/err.h"
#include "base/secret.h"

struct credentials {
    char *type;     /* as written; canonical name from reg_type_canonical() */
    char *username; /* NULL when absent, empty or "undefined" */
    struct secret *password;
    char *base;
    char *role_arn, *region, *external_id;
};

/*
 * Base64 text, maybe behind "Bearer "/"Basic "/"Token ", or the JSON itself.
 * ERR_AUTH with code CREDENTIALS_MALFORMED; a value that still reads ${...}:
 * CREDENTIALS_MISSING, saying that the broker client has no such variable.
 */
int credentials_parse(struct credentials **out, const char *text,
                      struct err *err);
/* From the CR_* settings, as the broker client would. NULL and err_kind
 * ERR_AUTH CREDENTIALS_MISSING when none are set. */
int credentials_from_conf(struct credentials **out, const struct conf *conf,
                          struct err *err);
void credentials_free(struct credentials *c);

/* The document of broker-protocol.md §h from CR_* settings, base64, escaped
 * properly; CR_CREDENTIALS itself when set. NULL when no CR_TYPE is set. */
struct secret *credentials_document(const struct conf *conf);

/* Canonical type for any alias (agent-api.md §2.4), or NULL. Static. */
const char *reg_type_canonical(const char *type);

AUTO_DEFINE(struct credentials, credentials, credentials_free)
#define auto_credentials __attribute__((cleanup(auto_cleanup_credentials)))

#endif
