/*
 * worker/analyze/manifestmf.h: what a jar's META-INF/MANIFEST.MF says of the
 * jar as a whole: its main section.
 */
#ifndef WORKER_ANALYZE_MANIFESTMF_H
#define WORKER_ANALYZE_MANIFESTMF_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/json/jw.h"

/* Beyond that a main section is not read on. */
#define MANIFESTMF_MAX_BYTES (64u << 10)

/*
 * Takes a piece of the file into `text`, which is born with at least that
 * ceiling: true when the main section is complete, or large enough.
 */
bool manifestmf_feed(struct buf *text, struct bytes chunk);

/*
 * {"title","symbol","module","version","vendorId","l"} of what has been fed,
 * as a value; members that are not stated are left out.
 */
void manifestmf_write(struct buf *text, struct jw *jw);

#endif
