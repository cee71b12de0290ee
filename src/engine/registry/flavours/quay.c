/*
 * Quay (registries.md §B8): plain protocol with next_page links, which the
 * pager takes as they are; tokens come without expires_in.
 */
#include "engine/registry/flavours/flavour.h"

#include <stddef.h>

const struct flavour flavour_quay = {
    .name = "quay-cr",
    .aliases = (const char *const[]){ "QuayCR", NULL },
    .hosts = (const char *const[]){ "quay.io", NULL },
    .jwt_life = true,
};
