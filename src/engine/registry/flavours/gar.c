/*
 * Google Artifact Registry (registries.md §B5).  A path in CR_BASE is
 * project/repository, the beginning of every name.
 */
#include "engine/registry/flavours/flavour.h"

#include <stddef.h>

#include "engine/registry/flavours/google.h"

const struct flavour flavour_gar = {
    .name = "google-artifact-cr",
    .hosts = (const char *const[]){ ".pkg.dev", NULL },
    .path_is_name = true,
    .realm_hosts = (const char *const[]){ "oauth2.googleapis.com", NULL },
    .redirect_hint = google_redirect_hint,
};
