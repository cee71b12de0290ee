/* worker/index.h: mode `index`: an outer archive in, a list of its members
 * out (docs/internals/records.md). */
#ifndef WORKER_INDEX_H
#define WORKER_INDEX_H

#include "worker/image/record.h"
#include "worker/limits.h"

int index_read(ar_pull pull, void *arg, record_sink sink, void *sink_arg,
               const struct limits *limits, struct err *err);

/* From and to descriptors. */
int index_run(int in_fd, int out_fd, const struct limits *limits,
              struct err *err);

#endif
