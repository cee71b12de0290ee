/* worker/graph/jsdate.h: points in time as JavaScript's Date() reads them. */
#ifndef WORKER_GRAPH_JSDATE_H
#define WORKER_GRAPH_JSDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json/jx.h"

/* Milliseconds since 1970; false when it is no date. v NULL is JavaScript's
 * null, which is 1970, if there is such a value (`present`), else no date. */
bool js_date(const struct jx *v, bool present, int64_t *out_ms);

#endif
