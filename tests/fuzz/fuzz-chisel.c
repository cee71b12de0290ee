/* A manifest of chisel, from the layer to the facts. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("var/lib/chisel/manifest.wall", data, size);
    return 0;
}
