/* A PHP project: composer.json, a NUL, composer.lock. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_two_files("w/composer.json", "w/composer.lock", data, size);
    return 0;
}
