/*
 * worker/image/image.h: `crab-worker image`: the records of an image's layers
 * become its scan results (docs/internals/records.md).
 */
#ifndef WORKER_IMAGE_IMAGE_H
#define WORKER_IMAGE_IMAGE_H

#include "base/err.h"

struct limits;

/*
 * Reads the header and the records from in_fd, writes results to out_fd, a
 * line each. Errors the peer would have are in its words, without context.
 */
int image_run(int in_fd, int out_fd, const struct limits *limits,
              struct err *err);

#endif
