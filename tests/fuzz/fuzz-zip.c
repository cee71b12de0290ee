/* A zip archive: the directory, and every member of it. */
#include "../unit/tar-rig.h"

#include "worker/archive/zip.h"

#define FUZZ_MEMBER_BYTES (1u << 20)
#define FUZZ_MEMBERS      200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
count(struct bytes chunk, void *arg, struct err *err)
{
    uint64_t *n = arg;

    (void)err;
    *n += chunk.n;
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ar_scratch scratch = { .fd = -1, .hold_bytes = 4u << 20 };
    auto_ar_body struct ar_body *body = ar_body_new(&scratch);
    struct zip_entry e;
    struct err err;

    if (ar_body_add(body, bytes_of(data, size), &err) < 0)
        return 0;
    auto_zip struct zip *z = zip_new(body, &err);
    for (int i = 0; z != NULL && i < FUZZ_MEMBERS; i++) {
        struct zip_verdict v;
        uint64_t n = 0;
        int rc;

        if (zip_next(z, &e, &err) <= 0)
            break;
        rc = zip_read(z, &e, FUZZ_MEMBER_BYTES, count, &n, &v, &err);
        if (n > e.size || n > FUZZ_MEMBER_BYTES ||
            (rc == 0 && e.packed > 0 && n != e.size) ||
            (rc < 0 && v.fault == ZIP_FINE))
            abort();
    }
    return 0;
}
