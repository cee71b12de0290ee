/* A stored layer to its record, and the same bytes as an outer archive to its
 * index: inflate, tar and every analyzer, without the cage. */
#include "worker/index.h"
#include "worker/layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    struct bytes rest;
    size_t chunk;
};

static int
pull(struct bytes *chunk, void *arg, struct err *err)
{
    struct input *in = arg;

    err_clear(err);
    *chunk = bytes_to(in->rest, in->chunk);
    in->rest = bytes_from(in->rest, chunk->n);
    return chunk->n > 0;
}

static int
drop(struct bytes lines, void *arg, struct err *err)
{
    err_clear(err);
    *(size_t *)arg += lines.n;
    return 0;
}

/* Small ceilings: a bomb is an answer here too, and soon. */
static const struct limits limits = {
    .plain_bytes = 4u << 20,
    .ratio = 1100,
    .entries = 1000,
    .path_bytes = 4096,
    .product_bytes = 1u << 20,
    .nesting = 3,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t chunks[] = { 1, 511, 65536 };

    for (size_t i = 0; i < 3; i++) {
        /* Every engine, every chunking; the diff id in one of them. */
        const struct layer_options options = { .use_zlib = i == 1,
                                               .diff_id = i == 2 };
        struct input in = { bytes_of(data, size), chunks[i] };
        size_t n = 0;
        auto_record_writer struct record_writer *w =
            record_writer_new(drop, &n);
        struct err err;

        layer_read(pull, &in, w, &options, &limits, &err);
        in = (struct input){ bytes_of(data, size), chunks[i] };
        index_read(pull, &in, drop, &n, &limits, &err);
    }
    return 0;
}
