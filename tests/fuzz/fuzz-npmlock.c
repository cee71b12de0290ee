/*
 * A lock file beside a manifest that wants much of it, and the same bytes as
 * an installed package's manifest: from the layer to the facts.
 */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char manifest[] =
    "{\"name\":\"r\",\"dependencies\":{\"a\":\"^1\",\"b\":\"npm:c@2\",\"w\":"
    "\"*\"},\"optionalDependencies\":{\"c\":\"*\"},\"peerDependencies\":{"
    "\"d\":\"1\"},\"overrides\":{\"a\":{\"c\":\"2\",\".\":\"1\"},\"c@^1\":\"$a\"}}";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes body = bytes_of(data, size);
    auto_buf struct buf tar = RIG_BUF;

    rig_bytes(&tar, "l/package.json", bytes_str(manifest));
    rig_bytes(&tar, "l/package-lock.json", body);
    rig_bytes(&tar, "m/package.json", bytes_str(manifest));
    rig_bytes(&tar, "m/node_modules/a/package.json", body);
    rig_bytes(&tar, "m/node_modules/a/node_modules/c/package.json", body);
    rig_bytes(&tar, "m/node_modules/b/package.json", body);
    fuzz_layer(&tar, size % 600);
    return 0;
}
