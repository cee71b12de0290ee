/* worker/image/path.h: absolute paths inside an image, as byte strings. */
#ifndef WORKER_IMAGE_PATH_H
#define WORKER_IMAGE_PATH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Appends "/a/b" for "a/b", "/a//b", "/a/./x/../b/". ".." stops at the root. */
void path_normalise(struct bytes path, struct buf *out);

/*
 * The folders above an absolute path, nearest first, "/" last: start with
 * *up = path; false behind the root.
 */
bool path_up(struct bytes *up);

/* Base name and folder ("/" for "/x"). */
struct bytes path_base(struct bytes path);

#endif
