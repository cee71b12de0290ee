/*
 * JFrog Artifactory (registries.md §B1).  A path in CR_BASE is part of every
 * address ("repository path" access).  Challenges may lack the scope, and some
 * installations refuse the token they gave but accept Basic.
 */
#include "engine/registry/flavours/flavour.h"

#include "base/str.h"

static const char *
redirect_hint(const struct url *to)
{
    if (str_eq(to->host, "landing.jfrog.com"))
        return "the Artifactory instance appears to be deactivated";
    return NULL;
}

const struct flavour flavour_artifactory = {
    .name = "artifactory-cr",
    .aliases = (const char *const[]){ "ArtifactoryCR", NULL },
    .own_scope = true,
    .basic_after_bearer = true,
    .redirect_hint = redirect_hint,
};
