/*
 * worker/graph/rpmpkgs.h: the packages of rpm's databases (scan-facts.md
 * §7.3), for ospkgs.c.
 *
 *   compat  a flat list, as the peer reads it, keys of vendors included
 *   right   what each header says, with dependencies; keys are no packages
 */
#ifndef WORKER_GRAPH_RPMPKGS_H
#define WORKER_GRAPH_RPMPKGS_H

#include "worker/graph/ospkgs.h"

/* Berkeley DB, then rpm's own database. */
void rpmpkgs_collect_files(struct ospkgs *out, const struct merge *files,
                           const struct os *os, bool compat);
void rpmpkgs_collect_sqlite(struct ospkgs *out, const struct merge *files,
                            const struct os *os, bool compat);

/* One of them ends the peer's scan. */
bool rpmpkgs_are_broken(const struct merge *files);

#endif
