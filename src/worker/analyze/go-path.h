/* worker/analyze/go-path.h: paths in Go programs: of the machine they were
 * made on, absolute or not. */
#ifndef WORKER_ANALYZE_GO_PATH_H
#define WORKER_ANALYZE_GO_PATH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Appended as node's path.normalize() has it: relative paths stay relative, a
 * slash at the end stays, nothing is ".". */
void go_path_add(struct buf *out, struct bytes path);

#endif
