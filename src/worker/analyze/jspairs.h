/*
 * worker/analyze/jspairs.h: an object of texts ("dependencies") as one text:
 * names and values alternate, a line each. A record may hold a hundred
 * thousand of them, and a JSON object costs its reader ten times as much.
 */
#ifndef WORKER_ANALYZE_JSPAIRS_H
#define WORKER_ANALYZE_JSPAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Appends the members of the object written as `object`; without `values`
 * names alone, whatever their values are. Members that are no text, or have a
 * line feed or NUL in them, are left out. How many members there were.
 */
size_t jspairs_add(struct buf *out, struct bytes object, bool values);

#endif
