/* GitLab (registries.md §B12): no catalog for users, so a listing is empty. */
#include "engine/registry/flavours/flavour.h"

#include <stddef.h>

const struct flavour flavour_gitlab = {
    .name = "gitlab-cr",
    .hosts = (const char *const[]){ "registry.gitlab.com", NULL },
    .no_catalog = true,
};
