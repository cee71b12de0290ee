/* Two METADATA files with a NUL between them, from the layer to the facts. */
#include "fuzz-image.h"

#define SITE "usr/lib/python3/site-packages/"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_two_files(SITE "a.dist-info/METADATA", SITE "b.dist-info/METADATA",
                   data, size);
    return 0;
}
