/*
 * worker/archive/gzip.h: gzip members (RFC 1952) and zlib streams (RFC 1950):
 * headers, trailers, what comes after.
 */
#ifndef WORKER_ARCHIVE_GZIP_H
#define WORKER_ARCHIVE_GZIP_H

#include "worker/archive/feed.h"

struct gzip;

/* in: borrowed for the life of the gzip. coding: AR_GZIP or AR_ZLIB. */
struct gzip *gzip_new(struct feed *in, enum ar_coding coding, bool use_zlib);
void gzip_free(struct gzip *g);

/*
 * Up to `room` plain bytes into `out`: 1 with *n_out over 0; 0 at the end,
 * the source read to its end too; -1 with err (ERR_INPUT names the member and
 * the place).
 */
int gzip_step(struct gzip *g, uint8_t *out, size_t room, size_t *n_out,
              struct err *err);

#endif
