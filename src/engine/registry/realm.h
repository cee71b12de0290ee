/*
 * engine/registry/realm.h: where a password may go (registries.md §2.3).
 * Pure.
 */
#ifndef ENGINE_REGISTRY_REALM_H
#define ENGINE_REGISTRY_REALM_H

#include <stdbool.h>

#include "base/err.h"
#include "engine/net/url.h"

/*
 * May the login of `registry` be shown to the token server `realm`?
 *   pairs   further hosts of this registry type; NULL-terminated, may be NULL
 *   listed  the operator's list (CRAB_REALM_HOSTS); may be NULL
 * Else ERR_DENIED, code REALM_REFUSED, with both names.
 */
int realm_check(const struct url *registry, const struct url *realm,
                const char *const *pairs, const char *listed, struct err *err);

/*
 * The part of a host name that one owner registers: "b.example.co.uk" gives
 * "example.co.uk". Points into `host`; NULL for addresses, single labels and
 * names that are public suffixes themselves.
 */
const char *realm_registrable(const char *host);

#endif
