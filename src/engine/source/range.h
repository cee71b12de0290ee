/*
 * engine/source/range.h: a range of a file, read in bounded pieces, one for
 * each turn of the loop, as fast as the reader of the pieces allows.
 */
#ifndef ENGINE_SOURCE_RANGE_H
#define ENGINE_SOURCE_RANGE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/source/source.h"

#define RANGE_TO_END UINT64_MAX

struct range;

struct range_events {
    /* At most 256 KiB, borrowed until it returns. May cancel the range. */
    enum source_flow (*on_chunk)(struct bytes chunk, void *arg);
    /* Exactly once unless cancelled; the range is freed after it. err NULL:
     * all of it came. ERR_CANCELLED after SOURCE_STOP; ERR_INPUT when the
     * file ends before the range does. */
    void (*on_end)(const struct err *err, void *arg);
};

/*
 *   fd      borrowed; must stay open until on_end or range_cancel(). Its file
 *           position is not used.
 *   size    bytes; RANGE_TO_END: whatever there is
 */
struct range *range_start(struct loop *loop, int fd, uint64_t offset,
                          uint64_t size, const struct range_events *events,
                          void *arg);
void range_resume(struct range *r);
void range_cancel(struct range *r); /* takes r; no callback any more */

#endif
