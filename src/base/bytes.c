/* Runs of bytes: comparing, searching, cutting. Nothing here allocates but
 * bytes_dup(). */
#include "base/bytes.h"

#include "base/str.h"

bool
bytes_equal(struct bytes a, struct bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
bytes_is(struct bytes a, const char *s)
{
    return bytes_equal(a, bytes_str(s));
}

bool
bytes_starts(struct bytes a, const char *s)
{
    size_t n = strlen(s);

    return a.n >= n && memcmp(a.p, s, n) == 0;
}

bool
bytes_ends(struct bytes a, const char *s)
{
    size_t n = strlen(s);

    return a.n >= n && memcmp(a.p + a.n - n, s, n) == 0;
}

int
bytes_cmp(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

    if (c != 0)
        return c < 0 ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

size_t
bytes_find(struct bytes a, uint8_t c)
{
    const uint8_t *hit = a.n > 0 ? memchr(a.p, c, a.n) : NULL;

    return hit != NULL ? (size_t)(hit - a.p) : a.n;
}

size_t
bytes_find_str(struct bytes a, const char *s)
{
    const uint8_t *hit = a.n > 0 ? memmem(a.p, a.n, s, strlen(s)) : NULL;

    return hit != NULL ? (size_t)(hit - a.p) : a.n;
}

struct bytes
bytes_from(struct bytes a, size_t from)
{
    if (from >= a.n)
        return BYTES_NONE;
    return bytes_of(a.p + from, a.n - from);
}

struct bytes
bytes_to(struct bytes a, size_t n)
{
    return bytes_of(a.p, n < a.n ? n : a.n);
}

static bool
is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct bytes
bytes_trim(struct bytes a)
{
    while (a.n > 0 && is_blank(a.p[0])) {
        a.p++;
        a.n--;
    }
    while (a.n > 0 && is_blank(a.p[a.n - 1]))
        a.n--;
    return a;
}

bool
bytes_next(struct bytes *rest, uint8_t sep, struct bytes *piece)
{
    size_t at;

    if (rest->n == 0)
        return false;
    at = bytes_find(*rest, sep);
    *piece = bytes_to(*rest, at);
    *rest = bytes_from(*rest, at + 1);
    return true;
}

char *
bytes_dup(struct bytes a)
{
    char *s = xalloc(a.n + 1);

    if (a.n > 0)
        memcpy(s, a.p, a.n);
    s[a.n] = '\0';
    return s;
}
