/* A lock file beside a manifest that asks for it in every way, to the graph. */
#ifndef TESTS_FUZZ_FUZZ_NODE_H
#define TESTS_FUZZ_FUZZ_NODE_H

#include "fuzz-image.h"

static inline void
fuzz_lock(const char *path, const uint8_t *data, size_t size)
{
    static const char manifest[] =
        "{\"name\":\"r\",\"version\":\"1.0.0\",\"dependencies\":{"
        "\"a\":\"^1\",\"al\":\"npm:b@^1\",\"m\":\"\"},\"optionalDependencies\":{"
        "\"@s/o\":\"1\"},\"resolutions\":{\"a/b\":\"2\",\"b@^1\":\"npm%3A2\"}}";
    auto_buf struct buf tar = RIG_BUF;

    rig_file(&tar, "app/package.json", manifest);
    rig_bytes(&tar, path, bytes_of(data, size));
    fuzz_layer(&tar, size % 600);
}

#endif
