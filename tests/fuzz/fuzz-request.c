/* HTTP requests as strangers send them: whatever comes, however it is split,
 * the same events come out. */
#include <assert.h>

#include "engine/net/h1.h"

#define HEAD_MAX 2048
#define OUT_MAX  (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* False after an error: nothing may follow it. */
static bool
feed(struct h1 *h, struct bytes in, struct buf *out)
{
    struct bytes body;
    struct err err;

    for (;;) {
        switch (h1_step(h, &in, &body, &err)) {
        case H1_MORE:
            assert(in.n == 0);
            return true;
        case H1_HEAD:
            buf_addf(out, "%s %s %zu", h->method, buf_cstr(&h->target),
                     h->headers.n);
            for (size_t i = 0; i < h->headers.n; i++)
                buf_addf(out, "|%s: %s", h->headers.at[i].name,
                         h->headers.at[i].value);
            if (h->complete)
                h1_next(h);
            break;
        case H1_BODY:
            assert(body.n > 0);
            buf_add_bytes(out, body);
            break;
        case H1_END:
            buf_add_char(out, '\n');
            h1_next(h);
            break;
        case H1_ERROR:
            assert(h->status >= 400);
            buf_addf(out, "!%d", h->status);
            return false;
        }
    }
}

static void
read_in_steps(struct bytes in, size_t step, struct buf *out)
{
    struct h1 h;

    h1_init(&h, HEAD_MAX);
    while (in.n > 0 && feed(&h, bytes_to(in, step), out))
        in = bytes_from(in, step);
    h1_clear(&h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF_INIT(OUT_MAX), apart = BUF_INIT(OUT_MAX);

    read_in_steps(bytes_of(data, size), size, &whole);
    read_in_steps(bytes_of(data, size), 1, &apart);
    assert(bytes_equal(buf_bytes(&whole), buf_bytes(&apart)));
    read_in_steps(bytes_of(data, size), 7, &apart);
    buf_clear(&whole);
    buf_clear(&apart);
    return 0;
}
