/* A part of a stream as a source of its own. */
#include "worker/archive/range.h"

int
ar_range_pull(struct bytes *chunk, void *arg, struct err *err)
{
    struct ar_range *range = arg;
    int r;

    *chunk = BYTES_NONE;
    while (range->left_bytes > 0 && chunk->n == 0) {
        r = range->pull(chunk, range->arg, err);
        if (r < 0)
            return -1;
        if (r == 0)
            return err_set(err, ERR_INPUT,
                           "member: the archive ends %llu bytes before it does",
                           (unsigned long long)(range->skip_bytes +
                                                range->left_bytes));
        if (range->skip_bytes >= chunk->n) {
            range->skip_bytes -= chunk->n;
            *chunk = BYTES_NONE;
            continue;
        }
        *chunk = bytes_from(*chunk, (size_t)range->skip_bytes);
        range->skip_bytes = 0;
        if (range->left_bytes < chunk->n)
            *chunk = bytes_to(*chunk, (size_t)range->left_bytes);
        range->left_bytes -= chunk->n;
    }
    return chunk->n > 0;
}
