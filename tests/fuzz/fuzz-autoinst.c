/* What apt marked as installed automatically. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("var/lib/apt/extended_states", data, size);
    return 0;
}
