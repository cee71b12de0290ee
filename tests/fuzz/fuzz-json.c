/* Text from strangers through the JSON parser, written out again. */
#include "base/json/jx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct buf out = BUF_INIT((size_t)1 << 20);
    auto_jx struct jx *strict = jx_parse(bytes_of(data, size), 65536, &err);
    auto_jx struct jx *lossy =
        jx_parse_lossy(bytes_of(data, size), 65536, &err);

    if (strict != NULL)
        jx_write(strict, &out);
    if (lossy != NULL)
        jx_write(lossy, &out);
    buf_clear(&out);
    return 0;
}
