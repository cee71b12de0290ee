/* A Dockerfile, in both modes, and what its commands install. */
#include <stdint.h>

#include "worker/graph/dockerfile.h"
#include "worker/graph/instructions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_one(struct bytes text, bool compat)
{
    auto_dockerfile struct dockerfile *d = dockerfile_new(text, compat);
    auto_instructions struct instructions *ins = NULL;
    const char *const *runs;
    size_t n;

    runs = dockerfile_runs(d, &n);
    ins = instructions_of_runs(runs, n);
    if ((dockerfile_base(d) == NULL) != (dockerfile_error(d) != NULL))
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_one(bytes_of(data, size), false);
    read_one(bytes_of(data, size), true);
    return 0;
}
