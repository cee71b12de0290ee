/*
 * worker/analyze/jserror.h: what JSON.parse() of Node 20 says of a text it
 * refuses. Some scans of the peer end with that sentence.
 */
#ifndef WORKER_ANALYZE_JSERROR_H
#define WORKER_ANALYZE_JSERROR_H

#include "base/buf.h"
#include "base/bytes.h"

/* Appends the sentence for text that is no JSON; nothing for one that is. The
 * text is valid UTF-8; a byte order mark is a fault. */
void js_error(struct bytes text, struct buf *out);

#endif
