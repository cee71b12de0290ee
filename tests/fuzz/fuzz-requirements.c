/* requirements.txt, a NUL, METADATA of what is installed. */
#include "fuzz-image.h"

#define SITE "usr/lib/python3/site-packages/"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_two_files("app/requirements.txt", SITE "a.dist-info/METADATA", data,
                   size);
    return 0;
}
