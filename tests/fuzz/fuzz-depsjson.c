/* A .NET program's deps.json, from the layer to the facts. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("app/x.deps.json", data, size);
    return 0;
}
