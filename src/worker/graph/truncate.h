/*
 * worker/graph/truncate.h: facts are cut to the sizes consumers accept
 * (scan-facts.md §1.2), and the cuts are told.
 */
#ifndef WORKER_GRAPH_TRUNCATE_H
#define WORKER_GRAPH_TRUNCATE_H

#include "base/json/jx.h"

/*
 * The data of one fact, cut; takes `data`, the caller owns what it returns.
 * Every path that was too long goes into `told` (an object):
 * {"history.data":{"type":"array","countAboveLimit":2}}.
 */
struct jx *truncate_fact(const char *fact, struct jx *data, struct jx *told);

#endif
