/* A program, from the layer to the facts: headers, build information, line
 * table, modules. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("usr/bin/tool", data, size);
    return 0;
}
