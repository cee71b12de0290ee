/* A pnpm-lock.yaml. */
#include "fuzz-node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_lock("app/pnpm-lock.yaml", data, size);
    return 0;
}
