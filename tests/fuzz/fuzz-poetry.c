/* Poetry's project: pyproject.toml, a NUL, poetry.lock. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_two_files("a/pyproject.toml", "a/poetry.lock", data, size);
    return 0;
}
