/*
 * engine/registry/flavours/flavour.h: what one registry type does otherwise
 * than plain OCI distribution.  A new type is a file with a row here, and a
 * line in the table of flavours/table.c.  An absent member means the ordinary
 * way.
 */
#ifndef ENGINE_REGISTRY_FLAVOURS_FLAVOUR_H
#define ENGINE_REGISTRY_FLAVOURS_FLAVOUR_H

#include <stdbool.h>

#include "base/err.h"
#include "engine/net/url.h"

struct flavour {
    const char *name;                /* canonical type */
    const char *const *aliases;      /* older names; NULL-terminated */
    const char *const *hosts;        /* hosts that are of this type when no type
                                        is named: "ghcr.io", ".azurecr.io" */
    const char *base;                /* used when the login has none */
    bool path_is_name;  /* a path in CR_BASE leads names, not addresses */
    bool no_catalog;    /* there is none: a listing is empty */
    bool own_scope;     /* challenges may lack the scope: send our own */
    bool basic_after_bearer; /* a token refused: try Basic once */
    bool jwt_life;      /* tokens without expires_in tell it in their "exp" */
    const char *const *realm_hosts;  /* where else its tokens come from */
    const char *unsupported;         /* why we cannot speak to it yet */

    /* The host to speak to, when another one is written ("docker.io"); static
     * or `host` itself. */
    const char *(*api_host)(const char *host);
    /* The full name of `repo` at this host; the caller owns it. */
    char *(*repo_name)(const char *host, const char *repo);
    /* What a redirect to this place means, or NULL; static. */
    const char *(*redirect_hint)(const struct url *to);
    /* Is the password a refresh token, to be sent by POST? */
    bool (*is_refresh)(const char *username);
};

/* By canonical name or alias, in any case; NULL when unknown. */
const struct flavour *flavour_find(const char *type);
/* For a login that names no type: by its host, else generic. Never NULL. */
const struct flavour *flavour_guess(const char *host);
/* "artifactory-cr, harbor-cr, ..." for messages; static. */
const char *flavour_names(void);

extern const struct flavour flavour_artifactory, flavour_harbor, flavour_acr,
    flavour_gcr, flavour_ecr, flavour_gar, flavour_dockerhub, flavour_quay,
    flavour_nexus, flavour_github, flavour_digitalocean, flavour_gitlab,
    flavour_generic;

#endif
