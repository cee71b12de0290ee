/*
 * GitHub packages (registries.md §B10): no catalog, so a listing is empty.
 * "ghcr.io/acme" names the organisation.
 */
#include "engine/registry/flavours/flavour.h"

#include <stddef.h>

const struct flavour flavour_github = {
    .name = "github-cr",
    .hosts = (const char *const[]){ "ghcr.io", NULL },
    .path_is_name = true,
    .no_catalog = true,
};
