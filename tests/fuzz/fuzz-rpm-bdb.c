/* rpm's database in Berkeley DB, from the layer to the facts. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("var/lib/rpm/Packages", data, size);
    return 0;
}
