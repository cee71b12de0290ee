/* A record from a stranger, merged and reported. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    log_setup("fuzz", STDERR_FILENO, LOG_LEVEL_NONE, LOG_FORM_JSON);
    fuzz_facts(bytes_of(data, size), false);
    fuzz_facts(bytes_of(data, size), true);
    return 0;
}
