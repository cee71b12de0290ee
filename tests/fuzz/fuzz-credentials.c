/* Credentials documents, and error bodies of registries: texts that two kinds
 * of strangers send. */
#include <stdlib.h>

#include "engine/registry/credentials.h"
#include "engine/registry/error-body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct credentials *c = NULL;
    auto_free char *text = bytes_dup(bytes_of(data, size));
    struct err err;

    if (credentials_parse(&c, text, &err) == 0)
        credentials_free(c);
    free(reg_error_message(bytes_of(data, size)));
    reg_error_is_quota(bytes_of(data, size));
    return 0;
}
