/*
 * worker/image/whiteout.h: names that say "gone".
 *
 * A marker is what the OCI image format means: a base name that begins with
 * ".wh.". A loose whiteout is what the peer takes for one (scan-facts.md
 * §4.2): any path with some character, "wh", and some character in it.
 */
#ifndef WORKER_IMAGE_WHITEOUT_H
#define WORKER_IMAGE_WHITEOUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

bool whiteout_is_loose(struct bytes path);
/* What the peer believes to be removed, appended: the path without the first
 * match. Only for a loose whiteout. */
void whiteout_loose_target(struct bytes path, struct buf *out);

bool whiteout_is_marker(struct bytes path);
/* "D/.wh..wh..opq": the lower content of D is hidden. */
bool whiteout_is_opaque(struct bytes path);
/* What a marker removes, appended: "D/x" for "D/.wh.x", D when opaque. */
void whiteout_marker_target(struct bytes path, struct buf *out);

#endif
