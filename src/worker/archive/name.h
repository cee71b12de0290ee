/* worker/archive/name.h: names of an archive as paths of an image. */
#ifndef WORKER_ARCHIVE_NAME_H
#define WORKER_ARCHIVE_NAME_H

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Appends the absolute, normalised path of a name to an empty `out`: "/" in
 * front, no empty, "." or ".." parts, no slash at the end. ".." does not
 * climb above the root. Bytes are bytes: no encoding is assumed. -1 at the
 * buffer's ceiling.
 */
int ar_name_to_path(struct bytes name, struct buf *out);

#endif
