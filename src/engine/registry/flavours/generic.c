/* Plain OCI distribution: no oddities. */
#include "engine/registry/flavours/flavour.h"

const struct flavour flavour_generic = {
    .name = "generic",
};
