/* WWW-Authenticate from strangers. */
#include "engine/registry/challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_challenge struct challenge c = CHALLENGE_INIT;

    challenge_read(&c, bytes_of(data, size));
    return 0;
}
