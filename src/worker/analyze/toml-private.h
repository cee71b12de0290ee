/* worker/analyze/toml-private.h: what toml.c and toml-scalar.c share. */
#ifndef WORKER_ANALYZE_TOML_PRIVATE_H
#define WORKER_ANALYZE_TOML_PRIVATE_H

#include "base/buf.h"
#include "worker/analyze/toml.h"

/* Text to the end, and where texts without their escapes are kept. */
struct toml_input {
    struct bytes rest;
    const char *why;    /* static; what is wrong, NULL as long as nothing is */
    struct buf *texts;  /* borrows */
};

/*
 * Each reads at the start of `rest` and moves it behind what was read; false:
 * malformed, `why` tells. Texts with escapes are appended to `texts`, which
 * may move: *offset tells where; else *offset is SIZE_MAX and *out borrows
 * from the input.
 */
struct toml_text {
    struct bytes raw;
    size_t offset;
};

bool toml_fail(struct toml_input *in, const char *why);
/* "…", '…', and (if `lines`) their kinds of three quotes. */
bool toml_read_string(struct toml_input *in, bool lines,
                      struct toml_text *out);
/* true, false, numbers, dates. */
bool toml_read_scalar(struct toml_input *in, enum toml_type *type,
                      struct bytes *out);
/* A bare key. */
bool toml_read_bare(struct toml_input *in, struct bytes *out);

#endif
