/* A yarn.lock of either generation. */
#include "fuzz-node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_lock("app/yarn.lock", data, size);
    return 0;
}
