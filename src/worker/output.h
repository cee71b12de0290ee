/* worker/output.h: all of it to a descriptor, or an error. */
#ifndef WORKER_OUTPUT_H
#define WORKER_OUTPUT_H

#include "base/bytes.h"
#include "base/err.h"

/* A record_sink; arg points to the descriptor (int). Blocks. */
int output_write(struct bytes bytes, void *fd, struct err *err);

#endif
