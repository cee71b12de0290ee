/* engine/registry/blob-range.h: Content-Range of a resumed blob. Pure. */
#ifndef ENGINE_REGISTRY_BLOB_RANGE_H
#define ENGINE_REGISTRY_BLOB_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * "bytes <from>-<size - 1>/<size>" ("*" for the total is fine): the rest of a
 * blob of `size` bytes from byte `from` on. NULL: false.
 */
bool blob_range_fits(const char *content_range, uint64_t from, uint64_t size);

#endif
