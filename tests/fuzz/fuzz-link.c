/* Link headers from strangers. */
#include <stdlib.h>

#include "engine/registry/linkhdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    free(link_next_in(bytes_of(data, size)));
    return 0;
}
