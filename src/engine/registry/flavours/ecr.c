/*
 * Amazon ECR (registries.md §B6) needs an AWS identity, a role to assume and
 * signed requests before the first byte of plain protocol; until that is
 * here, a login of this type is refused in plain words.
 */
#include "engine/registry/flavours/flavour.h"

#include <stddef.h>

const struct flavour flavour_ecr = {
    .name = "ecr",
    .aliases = (const char *const[]){ "ElasticCR", NULL },
    .unsupported = "ecr: not supported by this version yet",
};
