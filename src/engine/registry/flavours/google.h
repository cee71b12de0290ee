/* engine/registry/flavours/google.h: what gcr and google-artifact-cr share. */
#ifndef ENGINE_REGISTRY_FLAVOURS_GOOGLE_H
#define ENGINE_REGISTRY_FLAVOURS_GOOGLE_H

#include "engine/net/url.h"

/* A catalog that redirects to documentation pages is none. */
const char *google_redirect_hint(const struct url *to);

#endif
