/*
 * cli/login.h: which registry, and as whom.
 *
 * What is given on the command line counts first, then the options file, then
 * SNYK_REGISTRY_USERNAME and SNYK_REGISTRY_PASSWORD, then the CR_* settings;
 * the last only for the registry that CR_BASE names, so that its password
 * never travels elsewhere.
 */
#ifndef CLI_LOGIN_H
#define CLI_LOGIN_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/conf/conf.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "base/secret.h"
#include "cli/args.h"
#include "engine/registry/registry.h"

/* As given on the command line. */
struct login_args {
    const char *type, *username; /* borrow; NULL when absent */
    bool password_stdin;
};

/* The three options, for a command's table. */
#define LOGIN_OPTIONS(given) \
    { .name = "type", .value = "TYPE", .text = &(given).type, \
      .doc = "of the registry: harbor-cr, docker-hub, ... generic" }, \
    { .name = "username", .value = "U", .text = &(given).username, \
      .doc = "at the registry" }, \
    { .name = "password-stdin", .on = &(given).password_stdin, \
      .doc = "read its password from standard input" }

struct login {
    char *base;              /* own, all of them */
    char *type, *username, *role_arn, *region, *external_id;
    struct secret *password;
};

void login_clear(struct login *l);
#define auto_login __attribute__((cleanup(login_clear)))

/*
 * base     "host[:port][/path]", without a scheme; NULL: that of the settings
 * options  of the options file, or NULL
 * Reads standard input when it is told to.
 */
int login_find(struct login *out, const struct login_args *given,
               const char *base, const struct jx *options,
               const struct conf *conf, struct err *err);
struct registry *login_registry(const struct login *l, struct reg_hub *hub,
                                struct err *err);

/*
 * Take "http://" (*plain = true) or "https://" off the front. What is left
 * begins in `text`.
 */
const char *login_strip_scheme(const char *text, bool *plain);

/*
 * The registry and the reference of "HOST[:PORT]/REPO[:TAG][@DIGEST]": a base
 * the settings name is taken off whole, its path included; without a host it
 * is Docker Hub. Both are owned by the caller.
 */
int login_split(char **base, char **ref, const char *text,
                const char *settings_base, struct err *err);

#endif
