/* Patterns, a line each, and behind an empty line a path. */
#include <stdint.h>

#include "base/bytes.h"
#include "worker/glob/glob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = bytes_of(data, size), line;
    auto_globs struct globs *g = globs_new();
    struct err err;

    while (bytes_next(&rest, '\n', &line) && line.n > 0) {
        auto_free char *pattern = bytes_dup(line);

        globs_add(g, pattern, &err);
    }
    globs_match(g, rest);
    return 0;
}
