/* Paths as the peer normalises them. */
#include "worker/analyze/go-path.h"

static bool
is_normal(struct bytes path)
{
    struct bytes part;

    if (path.n == 0)
        return false;

    if (path.p[0] == '/')
        path = bytes_from(path, 1);
    while (bytes_next(&path, '/', &part)) {
        if (part.n == 0 || bytes_is(part, ".") || bytes_is(part, ".."))
            return false;
    }
    return true;
}

/* The last part of what stands in `out` from `start` on. */
static struct bytes
last_part(const struct buf *out, size_t start)
{
    size_t n = out->n;

    while (n > start && out->p[n - 1] != '/')
        n--;
    return n < out->n ? bytes_of(out->p + n, out->n - n) : BYTES_NONE;
}

static void
go_up(struct buf *out, size_t start, bool is_absolute)
{
    struct bytes last = last_part(out, start);

    if (last.n == 0 || bytes_is(last, "..")) {
        if (is_absolute)
            return;
        buf_add_str(out, last.n > 0 ? "/.." : "..");
        return;
    }
    out->n -= last.n;
    if (out->n > start)
        out->n--;
}

void
go_path_add(struct buf *out, struct bytes path)
{
    bool is_absolute = path.n > 0 && path.p[0] == '/';
    bool is_folder = path.n > 0 && path.p[path.n - 1] == '/';
    size_t start;
    struct bytes part;

    if (is_normal(path)) {
        buf_add_bytes(out, path);
        return;
    }
    if (is_absolute)
        buf_add_char(out, '/');
    start = out->n;
    while (bytes_next(&path, '/', &part)) {
        if (part.n == 0 || bytes_is(part, "."))
            continue;
        if (bytes_is(part, "..")) {
            go_up(out, start, is_absolute);
            continue;
        }
        if (out->n > start)
            buf_add_char(out, '/');
        buf_add_bytes(out, part);
    }
    if (out->n == start && !is_absolute)
        buf_add_char(out, '.');
    if (is_folder && (out->n > start || !is_absolute))
        buf_add_char(out, '/');
}
