/* Google Container Registry (registries.md §B4), and what it shares with
 * Artifact Registry. */
#include "engine/registry/flavours/flavour.h"

#include "base/str.h"
#include "engine/registry/flavours/google.h"

const char *
google_redirect_hint(const struct url *to)
{
    if (str_eq(to->host, "cloud.google.com"))
        return "this registry has no catalog for this account";
    return NULL;
}

const struct flavour flavour_gcr = {
    .name = "gcr",
    .aliases = (const char *const[]){ "GoogleCR", NULL },
    .hosts = (const char *const[]){ "gcr.io", ".gcr.io", NULL },
    .path_is_name = true,
    .redirect_hint = google_redirect_hint,
};
