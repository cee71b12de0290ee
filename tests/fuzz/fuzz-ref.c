/* Image references and platforms. What was understood and written out again
 * must be understood in the same way. */
#include <stdlib.h>

#include "base/oci/platform.h"
#include "base/oci/ref.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *text = bytes_dup(bytes_of(data, size));
    auto_ref struct ref r = { 0 }, again = { 0 }, in = { 0 };
    struct platform p;
    struct err err;

    if (ref_parse(&r, text, &err) == 0) {
        auto_free char *out = ref_format(&r);

        if (ref_parse(&again, out, &err) < 0 || !str_eq(r.repo, again.repo) ||
            !str_eq(r.host, again.host) || !str_eq(r.tag, again.tag) ||
            !str_eq(r.digest, again.digest))
            abort();
    }
    ref_parse_in(&in, text, "https://reg.example:5000/base/", &err);
    if (platform_parse(&p, text, &err) == 0) {
        char out[100];

        platform_format(&p, out);
    }
    return 0;
}
