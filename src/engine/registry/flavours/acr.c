/*
 * Azure Container Registry (registries.md §B3).  Tokens come without
 * expires_in; the null GUID as user means that the password is a refresh
 * token, which only the POST form takes.
 */
#include "engine/registry/flavours/flavour.h"

#include "base/str.h"

static bool
is_refresh(const char *username)
{
    return str_eq(username, "00000000-0000-0000-0000-000000000000");
}

const struct flavour flavour_acr = {
    .name = "acr",
    .aliases = (const char *const[]){ "AzureCR", NULL },
    .hosts = (const char *const[]){ ".azurecr.io", ".azurecr.cn", ".azurecr.us",
                                    NULL },
    .jwt_life = true,
    .realm_hosts = (const char *const[]){ "login.microsoftonline.com", NULL },
    .is_refresh = is_refresh,
};
