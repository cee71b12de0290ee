/* Names of an archive as paths of an image. */
#include "worker/archive/name.h"

/* Up to the last slash: the root stays empty until the end. */
static void
drop_last(struct buf *out)
{
    while (out->n > 0 && out->p[--out->n] != '/')
        ;
}

int
ar_name_to_path(struct bytes name, struct buf *out)
{
    struct bytes part;

    while (bytes_next(&name, '/', &part)) {
        if (part.n == 0 || bytes_is(part, "."))
            continue;
        if (bytes_is(part, "..")) {
            drop_last(out);
            continue;
        }
        if (buf_add_char(out, '/') < 0 || buf_add_bytes(out, part) < 0)
            return -1;
    }
    return out->n > 0 ? 0 : buf_add_char(out, '/');
}
