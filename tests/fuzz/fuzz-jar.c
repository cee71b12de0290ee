/* A jar, from the layer to the facts. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("app/lib-1.0.jar", data, size);
    return 0;
}
