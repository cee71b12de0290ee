/*
 * Sonatype Nexus (registries.md §B9).  A path in CR_BASE is part of every
 * address; challenges often lack the scope, and the token realm may be
 * announced where only Basic works.
 */
#include "engine/registry/flavours/flavour.h"

const struct flavour flavour_nexus = {
    .name = "nexus-cr",
    .own_scope = true,
    .basic_after_bearer = true,
};
