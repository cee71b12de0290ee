/* Manifests and indexes as a registry may send them, and a choice among what
 * an index offers. */
#include "base/oci/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {
        NULL,
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json; charset=utf-8",
    };
    const struct platform wanted = PLATFORM_DEFAULT;

    for (size_t i = 0; i < N_ELEMENTS(types); i++) {
        auto_manifest struct manifest *m = NULL;
        struct err err;
        uint64_t sum;

        if (manifest_parse(&m, bytes_of(data, size), types[i], &err) < 0)
            continue;
        if (m->kind == MANIFEST_INDEX)
            manifest_choose(m, &wanted, &err);
        else
            manifest_size(m, &sum);
    }
    return 0;
}
