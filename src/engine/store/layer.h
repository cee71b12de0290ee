/*
 * engine/store/layer.h: layer records by digest and analyzer version.
 */
#ifndef ENGINE_STORE_LAYER_H
#define ENGINE_STORE_LAYER_H

#include "base/bytes.h"
#include "base/digest.h"
#include "engine/store/store.h"

/* record.n == 0 and err NULL: not known. Borrowed until it returns. */
typedef void (*layer_get_cb)(struct bytes record, const struct err *err,
                             void *arg);

/* Counts as a use of the record (the least recently used go first). */
void layer_get(struct store *store, const char *digest,
               const char *analyzer_version, layer_get_cb fn, void *arg);

/* record is copied. Oldest uses are dropped above limit_bytes (0: never). */
void layer_put(struct store *store, const char *digest,
               const char *analyzer_version, struct bytes record,
               uint64_t limit_bytes, store_done_cb fn, void *arg);

#endif
