/*
 * worker/graph/berry-descriptor.h: what a key of a newer yarn.lock may be
 * asked for by. "c@patch:c@npm%3A^1#./fix.patch::locator=…" answers to itself,
 * and to "c@patch:c@npm:^1#./fix.patch" as a manifest states it.
 */
#ifndef WORKER_GRAPH_BERRY_DESCRIPTOR_H
#define WORKER_GRAPH_BERRY_DESCRIPTOR_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * each(key, arg) for every way of asking; `keys` may be several descriptors
 * with commas. ERR_INPUT when one of them is none; what comes before it has
 * been told then.
 */
int berry_descriptors(struct bytes keys,
                      void (*each)(const char *key, void *arg), void *arg,
                      struct err *err);

#endif
