/* A server's answer to our upgrade, and the key of a client that asks us. */
#include <stdlib.h>

#include "base/str.h"
#include "engine/net/ws-private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *key = bytes_dup(bytes_of(data, size));
    struct err err;
    ssize_t n = handshake_check(bytes_of(data, size),
                                "dGhlIHNhbXBsZSBub25jZQ==", NULL, &err);

    if (n > (ssize_t)size)
        abort();
    handshake_key_valid(key);
    return 0;
}
