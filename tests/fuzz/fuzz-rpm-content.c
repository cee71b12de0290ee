/* A Red Hat content manifest. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("root/buildinfo/content_manifests/a.json", data, size);
    return 0;
}
