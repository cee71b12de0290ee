/*
 * worker/graph/pnpm-key.h: how versions of pnpm's lock file spell packages
 * and versions (scan-facts.md §11.7):
 *
 *   5  /@s/name/1.0.0_peer@2.0.0        1.0.0_peer@2.0.0
 *   6  /@s/name@1.0.0(peer@2.0.0)       1.0.0(peer@2.0.0)
 *   9  @s/name@1.0.0(peer@2.0.0)        1.0.0(peer@2.0.0)
 */
#ifndef WORKER_GRAPH_PNPM_KEY_H
#define WORKER_GRAPH_PNPM_KEY_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

/* A key or a version without what it says of peers; a part of it. */
struct bytes pnpm_without_peers(struct bytes text, char lock_version);

struct pnpm_name {
    char *name, *version; /* own; NULL: the key does not tell */
};

/* Of a key without peers. ERR_INPUT when the peer (the program) gives up. */
int pnpm_parse_key(struct pnpm_name *out, struct bytes key, char lock_version,
                   struct err *err);

/* Where "link:<to>" of the importer `from` points: "packages/a", ".". Owned
 * by the caller. */
char *pnpm_link_path(struct bytes from, struct bytes to);

#endif
