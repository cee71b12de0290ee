/* All registry types, and finding one of them. */
#include "engine/registry/flavours/flavour.h"

#include <string.h>

#include "base/str.h"
#include "engine/registry/credentials.h"

static const struct flavour *const table[] = {
    &flavour_artifactory, &flavour_harbor, &flavour_acr,
    &flavour_gcr,         &flavour_ecr,    &flavour_gar,
    &flavour_dockerhub,   &flavour_quay,   &flavour_nexus,
    &flavour_github,      &flavour_digitalocean, &flavour_gitlab,
    &flavour_generic,
};

static bool
has_name(const struct flavour *f, const char *type)
{
    if (str_ieq(f->name, type))
        return true;
    for (size_t i = 0; f->aliases != NULL && f->aliases[i] != NULL; i++) {
        if (str_ieq(f->aliases[i], type))
            return true;
    }
    return false;
}

const struct flavour *
flavour_find(const char *type)
{
    for (size_t i = 0; type != NULL && i < N_ELEMENTS(table); i++) {
        if (has_name(table[i], type))
            return table[i];
    }
    return NULL;
}

/* ".azurecr.io" stands for what is below it, "ghcr.io" for itself. */
static bool
has_host(const struct flavour *f, const char *host)
{
    for (size_t i = 0; f->hosts != NULL && f->hosts[i] != NULL; i++) {
        const char *h = f->hosts[i];

        if (h[0] == '.' ? str_ends(host, h) : str_eq(host, h))
            return true;
    }
    return false;
}

const struct flavour *
flavour_guess(const char *host)
{
    for (size_t i = 0; i < N_ELEMENTS(table); i++) {
        if (has_host(table[i], host))
            return table[i];
    }
    return &flavour_generic;
}

const char *
flavour_names(void)
{
    return "artifactory-cr, harbor-cr, acr, gcr, ecr, google-artifact-cr, "
           "docker-hub, quay-cr, nexus-cr, github-cr, digitalocean-cr, "
           "gitlab-cr";
}

const char *
reg_type_canonical(const char *type)
{
    const struct flavour *f = flavour_find(type);

    return f != NULL ? f->name : NULL;
}
