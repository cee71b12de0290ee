/* Paths: nothing here touches a file system. */
#include "worker/image/path.h"

static void
drop_last(struct buf *out, size_t start)
{
    while (out->n > start && out->p[out->n - 1] != '/')
        out->n--;
    if (out->n > start)
        out->n--;
}

void
path_normalise(struct bytes path, struct buf *out)
{
    size_t start = out->n;
    struct bytes part;

    while (bytes_next(&path, '/', &part)) {
        if (part.n == 0 || bytes_is(part, "."))
            continue;
        if (bytes_is(part, "..")) {
            drop_last(out, start);
            continue;
        }
        buf_add_char(out, '/');
        buf_add_bytes(out, part);
    }
    if (out->n == start)
        buf_add_char(out, '/');
}

bool
path_up(struct bytes *up)
{
    size_t n = up->n;

    if (n <= 1)
        return false;
    while (n > 0 && up->p[n - 1] != '/')
        n--;
    up->n = n > 1 ? n - 1 : 1;
    return true;
}

struct bytes
path_base(struct bytes path)
{
    size_t n = path.n;

    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return n < path.n ? bytes_from(path, n) : bytes_of(path.p, 0);
}
