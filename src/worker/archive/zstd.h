/* worker/archive/zstd.h: zstd frames (RFC 8878), skippable ones among them. */
#ifndef WORKER_ARCHIVE_ZSTD_H
#define WORKER_ARCHIVE_ZSTD_H

#include "worker/archive/feed.h"

struct zstd;

/* in: borrowed. window_bytes: largest window to allow; 0: 128 MiB. */
struct zstd *zstd_new(struct feed *in, uint64_t window_bytes);
void zstd_free(struct zstd *z);

/* As gzip_step(). A window over the ceiling is ERR_LIMIT "ZSTD_WINDOW". */
int zstd_step(struct zstd *z, uint8_t *out, size_t room, size_t *n_out,
              struct err *err);

#endif
