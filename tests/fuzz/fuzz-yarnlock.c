/* A yarn.lock of either generation beside a manifest, to the graph. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char manifest[] =
        "{\"name\":\"r\",\"version\":\"1.0.0\",\"dependencies\":{"
        "\"a\":\"^1\",\"al\":\"npm:b@^1\",\"m\":\"\"},\"optionalDependencies\":{"
        "\"@s/o\":\"1\"},\"resolutions\":{\"a/b\":\"2\",\"b@^1\":\"npm%3A2\"}}";
    auto_buf struct buf tar = RIG_BUF;

    rig_file(&tar, "app/package.json", manifest);
    rig_bytes(&tar, "app/yarn.lock", bytes_of(data, size));
    fuzz_layer(&tar, 0);
    return 0;
}
