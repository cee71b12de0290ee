/* worker/archive/range.h: a part of a stream as a source of its own. */
#ifndef WORKER_ARCHIVE_RANGE_H
#define WORKER_ARCHIVE_RANGE_H

#include "worker/archive/ar.h"

struct ar_range {
    ar_pull pull; /* borrows, with arg */
    void *arg;
    uint64_t skip_bytes; /* still in front of it */
    uint64_t left_bytes; /* of it, still to come */
};

/* An ar_pull. The stream ending before the range does is ERR_INPUT. Behind
 * the range nothing is read. */
int ar_range_pull(struct bytes *chunk, void *range, struct err *err);

#endif
