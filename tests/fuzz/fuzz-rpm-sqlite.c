/* rpm's database in SQLite, from the layer to the facts. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("var/lib/rpm/rpmdb.sqlite", data, size);
    return 0;
}
