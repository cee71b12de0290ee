/* worker/graph/purl.h: package URLs, spelled as the peer spells them. */
#ifndef WORKER_GRAPH_PURL_H
#define WORKER_GRAPH_PURL_H

#include <stdbool.h>

#include "base/buf.h"

/* A qualifier; a NULL value leaves it out. Rows are sorted by key already. */
struct purl_qualifier {
    const char *key, *value;
};

/*
 * Appends pkg:TYPE/NAMESPACE/NAME@VERSION?KEY=VALUE&… (scan-facts.md §7.2).
 * namespace and version may be NULL or empty. quals ends with a NULL key.
 */
void purl_write(struct buf *out, const char *type, const char *name_space,
                const char *name, const char *version,
                const struct purl_qualifier *quals);

/* "debian-bookworm" for debian 12: the code name, where there is one. compat:
 * Debian's code names are any system's. */
char *purl_deb_distro(const char *os_name, const char *os_version,
                      bool compat);

#endif
