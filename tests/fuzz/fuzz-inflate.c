/* Compressed request bodies: the first byte chooses the coding, the second
 * how the rest is split. Output never passes its ceiling, nor depends on the
 * split. */
#include <assert.h>

#include "engine/net/inflate.h"

#define PLAIN_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
inflate_in_steps(const char *coding, struct bytes in, size_t step,
                 struct buf *out)
{
    struct inflater *inf;
    struct err err;
    int rc = inflater_new(&inf, coding, &err);

    assert(rc == 0 && inf != NULL);
    for (; rc == 0 && in.n > 0; in = bytes_from(in, step))
        rc = inflater_feed(inf, bytes_to(in, step), out, &err);
    if (rc == 0)
        rc = inflater_end(inf, &err);
    assert(out->n <= PLAIN_MAX);
    inflater_free(inf);
    return rc == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF_INIT(PLAIN_MAX), apart = BUF_INIT(PLAIN_MAX);
    const char *coding;
    struct bytes in;

    if (size < 3)
        return 0;
    coding = data[0] & 1 ? "gzip" : "deflate";
    in = bytes_of(data + 2, size - 2);
    if (inflate_in_steps(coding, in, in.n, &whole)) {
        assert(inflate_in_steps(coding, in, (size_t)data[1] + 1, &apart));
        assert(bytes_equal(buf_bytes(&whole), buf_bytes(&apart)));
    } else {
        assert(!inflate_in_steps(coding, in, (size_t)data[1] + 1, &apart));
    }
    buf_clear(&whole);
    buf_clear(&apart);
    return 0;
}
