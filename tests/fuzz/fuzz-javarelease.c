/* The release file of a Java runtime. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("opt/java/openjdk/release", data, size);
    return 0;
}
