/* Names inside an archive: one spelling for each. */
#include "engine/source/member-path.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/str.h"

#define PATH_MAX_BYTES 4096

char *
member_path(struct bytes name)
{
    struct buf out = BUF_INIT(PATH_MAX_BYTES);
    struct bytes piece;

    if (name.n > PATH_MAX_BYTES || bytes_find(name, '\0') < name.n)
        return NULL;
    while (bytes_next(&name, '/', &piece)) {
        if (piece.n == 0 || bytes_is(piece, "."))
            continue;
        if (bytes_is(piece, "..")) {
            if (out.n == 0) {
                buf_clear(&out);
                return NULL;
            }
            while (out.n > 0 && out.p[out.n - 1] != '/')
                out.n--;
            out.n -= out.n > 0;
            continue;
        }
        if (out.n > 0)
            buf_add_char(&out, '/');
        buf_add_bytes(&out, piece);
    }
    return buf_steal(&out);
}

char *
member_link(const char *at, struct bytes target)
{
    auto_free char *whole = NULL;
    int folder = (int)(member_base(at) - at);

    if (bytes_starts(target, "/") || target.n > PATH_MAX_BYTES)
        return member_path(target);
    whole = xasprintf("%.*s%.*s", folder, at, BYTES_FMT(target));
    return member_path(bytes_str(whole));
}

const char *
member_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}
