/* worker/graph/configfacts.h: facts that are the image config's own words
 * (scan-facts.md §1.1, §9.3, §9.4). */
#ifndef WORKER_GRAPH_CONFIGFACTS_H
#define WORKER_GRAPH_CONFIGFACTS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json/jx.h"

/* compat: a config without rootfs is an error, as for the peer. */
int configfacts_check(const struct jx *config, bool compat, struct err *err);

/* Owned by the caller; NULL: no such fact. What is cut goes into `told`. */
struct jx *configfacts_container(const struct jx *config, struct jx *told);
struct jx *configfacts_history(const struct jx *config, struct jx *told);
/* "os/architecture", owned by the caller; NULL unless both are stated. */
char *configfacts_platform(const struct jx *config);

/* Borrowed; NULL: no such fact. */
const struct jx *configfacts_labels(const struct jx *config);
const struct jx *configfacts_diff_ids(const struct jx *config);

#endif
