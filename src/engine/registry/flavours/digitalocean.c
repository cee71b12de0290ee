/*
 * DigitalOcean (registries.md §B11): CR_BASE is "host/registry", and the
 * registry's name leads every repository name, not the address.
 */
#include "engine/registry/flavours/flavour.h"

#include <stddef.h>

const struct flavour flavour_digitalocean = {
    .name = "digitalocean-cr",
    .hosts = (const char *const[]){ "registry.digitalocean.com", NULL },
    .path_is_name = true,
};
