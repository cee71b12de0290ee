/* worker/layer.h: mode `layer`: a stored layer in, its record out
 * (docs/internals/records.md). */
#ifndef WORKER_LAYER_H
#define WORKER_LAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/analyzer.h"
#include "worker/limits.h"
#include "worker/image/record.h"

struct layer_options {
    bool has_member; /* the input is an outer archive, the layer this range */
    uint64_t member_offset;
    uint64_t member_bytes;
    bool diff_id;  /* hash the plain bytes too: about a third more work */
    bool use_zlib; /* even where ISA-L is there */
    struct analyzer_variant variant; /* borrows; patterns of files to keep */
    int scratch_fd; /* borrows; 0: none */
};

/* The record goes to the writer, its end line included. Reads the input to
 * its end, but for what lies behind a member. */
int layer_read(ar_pull pull, void *arg, struct record_writer *out,
               const struct layer_options *options,
               const struct limits *limits, struct err *err);

/* From and to descriptors. */
int layer_run(int in_fd, int out_fd, const struct layer_options *options,
              const struct limits *limits, struct err *err);

#endif
