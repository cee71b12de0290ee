/* A release file; the first byte says which of the eight. */
#include "fuzz-image.h"

static const char *const paths[] = {
    "etc/os-release",      "usr/lib/os-release", "etc/lsb-release",
    "etc/debian_version",  "etc/alpine-release", "etc/oracle-release",
    "etc/redhat-release",  "etc/centos-release",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        fuzz_file(paths[data[0] % 8], data + 1, size - 1);
    return 0;
}
