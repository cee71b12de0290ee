/*
 * role/agent/login.h: whose registry a request is about (agent-api.md §2).
 */
#ifndef ROLE_AGENT_LOGIN_H
#define ROLE_AGENT_LOGIN_H

#include "base/conf/conf.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "base/secret.h"
#include "engine/net/headers.h"
#include "engine/registry/credentials.h"
#include "engine/registry/registry.h"

/*
 * The first document that can be read: Authorization, x-cr-credentials,
 * x-registry-credentials, the body's "credentials" (text or object; body may
 * be NULL), our own settings. ERR_AUTH: CREDENTIALS_MISSING when there is
 * none, or when one still reads ${...}; CREDENTIALS_MALFORMED.
 */
int login_find(struct credentials **out, const struct headers *headers,
               const struct jx *body, const struct conf *conf,
               struct err *err);

/* The registry a document is for; the caller owns a reference. */
struct registry *login_registry(struct reg_hub *hub,
                                const struct credentials *login,
                                struct err *err);

/*
 * The registry as the document spells it, without scheme and final slashes;
 * the registry's own base when it spells none. The caller owns it.
 */
char *login_base(const struct credentials *login,
                 const struct registry *registry);

/* The document again, as JSON for credentials_parse(); the caller owns it. */
struct secret *login_document(const struct credentials *login);

#endif
