/*
 * engine/store/inbox.h: what a server received: newest kept, oldest dropped.
 */
#ifndef ENGINE_STORE_INBOX_H
#define ENGINE_STORE_INBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "engine/store/store.h"

typedef void (*inbox_add_cb)(int64_t id, const struct err *err, void *arg);

/*
 * Keep a body under `path`; all is copied. The callback means: on disk.
 *   headers      a JSON object's text, as the caller wants it back; NULL: "{}"
 *   limit_bytes  the oldest go (with a log line) until all bodies together
 *                fit; 0: never. One body above it is ERR_LIMIT.
 */
void inbox_add(struct store *store, const char *path, const char *headers,
               struct bytes body, uint64_t limit_bytes, inbox_add_cb fn,
               void *arg);

struct inbox_item {
    int64_t id; /* greater is newer */
    const char *path;
    const char *headers;
    int64_t received_wall_ms;
    uint64_t size;     /* of the body */
    struct bytes body; /* inbox_get() only */
};

typedef void (*inbox_list_cb)(const struct inbox_item *items, size_t n,
                              const struct err *err, void *arg);
/* Newest first, without bodies. before: only ids below it; 0: all. */
void inbox_list(struct store *store, size_t max, int64_t before,
                inbox_list_cb fn, void *arg);

/* ERR_ABSENT when it was dropped or never was. */
typedef void (*inbox_get_cb)(const struct inbox_item *item,
                             const struct err *err, void *arg);
void inbox_get(struct store *store, int64_t id, inbox_get_cb fn, void *arg);

#endif
