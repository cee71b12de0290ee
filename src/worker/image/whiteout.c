/* Whiteouts, as meant and as misread. */
#include "worker/image/whiteout.h"

#include <string.h>

#include "base/jstext.h"
#include "base/str.h"

#define MARKER ".wh."
#define OPAQUE ".wh..wh..opq"

/* Bytes of one character as a "." in a pattern takes it; 0: none. A byte
 * that is no UTF-8 counts as one (the peer sees U+FFFD). */
static size_t
any_char(struct bytes s)
{
    size_t k;

    if (s.n == 0 || js_terminator(s) > 0)
        return 0;
    k = s.p[0] < 0xc0 ? 1 : s.p[0] < 0xe0 ? 2 : s.p[0] < 0xf0 ? 3 : 4;
    return k <= s.n && utf8_valid(bytes_to(s, k)) ? k : 1;
}

/* First match of ".wh.": false, or where and how long. */
static bool
find_loose(struct bytes path, size_t *at, size_t *len)
{
    for (size_t i = 0; i < path.n;) {
        size_t first = any_char(bytes_from(path, i)), last;
        struct bytes rest = bytes_from(path, i + first);

        if (first > 0 && bytes_starts(rest, "wh") &&
            (last = any_char(bytes_from(rest, 2))) > 0) {
            *at = i;
            *len = first + 2 + last;
            return true;
        }
        i += first > 0 ? first : js_terminator(bytes_from(path, i));
    }
    return false;
}

bool
whiteout_is_loose(struct bytes path)
{
    size_t at, len;

    /* Nearly every path ends here, without a look at its characters. */
    if (bytes_find_str(path, "wh") == path.n)
        return false;
    return find_loose(path, &at, &len);
}

void
whiteout_loose_target(struct bytes path, struct buf *out)
{
    size_t at = 0, len = 0;

    find_loose(path, &at, &len);
    buf_add_bytes(out, bytes_to(path, at));
    buf_add_bytes(out, bytes_from(path, at + len));
}

static size_t
base_at(struct bytes path)
{
    size_t i = path.n;

    while (i > 0 && path.p[i - 1] != '/')
        i--;
    return i;
}

bool
whiteout_is_marker(struct bytes path)
{
    return bytes_starts(bytes_from(path, base_at(path)), MARKER);
}

bool
whiteout_is_opaque(struct bytes path)
{
    return bytes_is(bytes_from(path, base_at(path)), OPAQUE);
}

void
whiteout_marker_target(struct bytes path, struct buf *out)
{
    size_t at = base_at(path);

    if (whiteout_is_opaque(path)) {
        buf_add_bytes(out, bytes_to(path, at > 1 ? at - 1 : at));
        return;
    }
    buf_add_bytes(out, bytes_to(path, at));
    buf_add_bytes(out, bytes_from(path, at + strlen(MARKER)));
}
