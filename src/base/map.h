/*
 * base/map.h: byte-string keys to pointers, in order of insertion.
 *
 * Re-assigning a key keeps its place; a removed key that is put again comes
 * last. Keys are copied. Values are borrowed: the owner frees them.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"

struct map;

struct map *map_new(void);
void map_free(struct map *m); /* not the values */
/* The value before, or NULL. `value` must not be NULL. */
void *map_put(struct map *m, struct bytes key, void *value);
void *map_put_str(struct map *m, const char *key, void *value);
/* NULL when absent. */
void *map_get(const struct map *m, struct bytes key);
void *map_get_str(const struct map *m, const char *key);
/* The value that was there, or NULL. */
void *map_remove(struct map *m, struct bytes key);
size_t map_count(const struct map *m);

/*
 * Iterate in insertion order: start with *at = 0; false at the end. Putting
 * existing keys and removing are allowed meanwhile; new keys will be visited.
 * `key` (may be NULL) is lent until the key is removed or the map freed.
 */
bool map_next(const struct map *m, size_t *at, struct bytes *key, void **value);

AUTO_DEFINE(struct map, map, map_free)
#define auto_map __attribute__((cleanup(auto_cleanup_map)))

#endif
