/*
 * Harbor (registries.md §B2): plain protocol; its token answers may hold an
 * empty access_token beside the real token, which token.c expects of anyone.
 */
#include "engine/registry/flavours/flavour.h"

#include <stddef.h>

const struct flavour flavour_harbor = {
    .name = "harbor-cr",
    .aliases = (const char *const[]){ "HarborCR", NULL },
};
