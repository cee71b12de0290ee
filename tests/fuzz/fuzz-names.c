/* References to images, as a scan's options and its target give them. */
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/graph/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SHA \
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
write_place(const char *reference, const char *manifest, const char *index)
{
    auto_buf struct buf out = BUF_INIT(1 << 20);
    struct jw jw;

    jw_init(&jw, &out);
    names_write_distribution(&jw, reference, manifest, index);
}

/* A reference, and maybe, in lines of their own, two digests. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = bytes_of(data, size), line[3] = { BYTES_NONE };
    struct names names = { .n = 0 };
    struct err err;

    for (int i = 0; i < 3; i++)
        bytes_next(&rest, '\n', &line[i]);
    auto_free char *reference = bytes_dup(line[0]);
    auto_free char *manifest = line[1].n > 0 ? bytes_dup(line[1])
                                             : xstrdup(SHA);
    auto_free char *index = bytes_dup(line[2]);

    names_add(&names, reference, manifest, index, &err);
    names_clear(&names);
    names_add(&names, reference, NULL, NULL, &err);
    names_clear(&names);
    if (names_distribution_ok(reference, manifest, index))
        write_place(reference, manifest, index);
    return 0;
}
