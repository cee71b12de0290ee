/* White space, lines, order and numbers as JavaScript defines them. */
#include "base/jstext.h"

#include <math.h>
#include <stdlib.h>

#include "base/str.h"

size_t
js_terminator(struct bytes s)
{
    if (s.n > 0 && (s.p[0] == '\n' || s.p[0] == '\r'))
        return 1;
    if (s.n >= 3 && s.p[0] == 0xe2 && s.p[1] == 0x80 &&
        (s.p[2] == 0xa8 || s.p[2] == 0xa9))
        return 3;
    return 0;
}

/* The white space of three bytes: U+1680, U+2000-200A, U+2028, U+2029,
 * U+202F, U+205F, U+3000, U+FEFF. */
static bool
is_wide_space(const uint8_t *p)
{
    uint32_t c = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 |
                 (p[2] & 0x3f);

    if ((p[0] & 0xf0) != 0xe0 || (p[1] & 0xc0) != 0x80 ||
        (p[2] & 0xc0) != 0x80)
        return false;
    return c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 ||
           c == 0xfeff;
}

static bool
is_ascii_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t
js_space(struct bytes s)
{
    if (s.n == 0)
        return 0;
    if (is_ascii_space(s.p[0]))
        return 1;
    if (s.n >= 2 && s.p[0] == 0xc2 && s.p[1] == 0xa0)
        return 2;
    return s.n >= 3 && is_wide_space(s.p) ? 3 : 0;
}

size_t
js_space_end(struct bytes s)
{
    if (s.n == 0)
        return 0;
    if (is_ascii_space(s.p[s.n - 1]))
        return 1;
    if (s.n >= 2 && s.p[s.n - 2] == 0xc2 && s.p[s.n - 1] == 0xa0)
        return 2;
    return s.n >= 3 && is_wide_space(s.p + s.n - 3) ? 3 : 0;
}

struct bytes
js_trim_start(struct bytes s)
{
    for (size_t k; (k = js_space(s)) > 0;)
        s = bytes_of(s.p + k, s.n - k);
    return s;
}

struct bytes
js_trim(struct bytes s)
{
    s = js_trim_start(s);
    for (size_t k; (k = js_space_end(s)) > 0;)
        s.n -= k;
    return s;
}

bool
js_next_line(struct bytes *rest, struct bytes *line)
{
    size_t i = 0, k = 0;

    if (rest->n == 0)
        return false;
    while (i < rest->n && (k = js_terminator(bytes_from(*rest, i))) == 0)
        i++;
    *line = bytes_to(*rest, i);
    *rest = bytes_from(*rest, i + k);
    return true;
}

bool
js_split_next(struct js_split *it, const char *sep, struct bytes *piece)
{
    size_t at;

    if (it->done)
        return false;
    at = bytes_find_str(it->rest, sep);
    *piece = bytes_to(it->rest, at);
    it->done = at == it->rest.n;
    it->rest = bytes_from(it->rest, at + strlen(sep));
    return true;
}

int
js_cmp(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;

    while (i < n && a.p[i] == b.p[i])
        i++;
    if (i == n)
        return a.n < b.n ? -1 : a.n > b.n;
    /* Surrogates (4-byte sequences) sort below U+E000 and above. */
    if ((a.p[i] >= 0xf0) != (b.p[i] >= 0xf0) && a.p[i] >= 0xee &&
        b.p[i] >= 0xee)
        return a.p[i] >= 0xf0 ? -1 : 1;
    return a.p[i] < b.p[i] ? -1 : 1;
}

bool
js_is_index(struct bytes key, uint32_t *out)
{
    uint64_t v;

    if (key.n == 0 || key.n > 10 || (key.p[0] == '0' && key.n > 1) ||
        !bytes_to_u64(key, &v) || v >= UINT32_MAX)
        return false;
    *out = (uint32_t)v;
    return true;
}

static int
by_index(const void *a, const void *b)
{
    uint32_t x = 0, y = 0;

    js_is_index(bytes_str(*(const char *const *)a), &x);
    js_is_index(bytes_str(*(const char *const *)b), &y);
    return x < y ? -1 : x > y;
}

void
js_order_keys(const char **keys, size_t n)
{
    const char **rest;
    size_t n_first = 0, n_rest = 0;
    uint32_t ignored;

    for (size_t i = 0; i < n; i++)
        n_first += js_is_index(bytes_str(keys[i]), &ignored);
    if (n_first == 0)
        return;
    rest = xcalloc(n, sizeof(*rest));
    n_first = 0;
    for (size_t i = 0; i < n; i++) {
        if (js_is_index(bytes_str(keys[i]), &ignored))
            keys[n_first++] = keys[i];
        else
            rest[n_rest++] = keys[i];
    }
    qsort(keys, n_first, sizeof(*keys), by_index);
    memcpy(keys + n_first, rest, n_rest * sizeof(*rest));
    free(rest);
}

/* "0x1f", "0o17", "0b101" without the first two characters. */
static bool
radix_number(const char *s, int base, double *out)
{
    double v = 0;

    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++) {
        int d = *s >= '0' && *s <= '9'   ? *s - '0'
                : *s >= 'a' && *s <= 'f' ? *s - 'a' + 10
                : *s >= 'A' && *s <= 'F' ? *s - 'A' + 10
                                         : 99;
        if (d >= base)
            return false;
        v = v * base + d;
    }
    *out = v;
    return true;
}

/* Of the number behind "0x", "0o", "0b"; 0: that is no such prefix. */
static int
radix_of(char c)
{
    switch (c) {
    case 'x':
    case 'X':
        return 16;
    case 'o':
    case 'O':
        return 8;
    case 'b':
    case 'B':
        return 2;
    default:
        return 0;
    }
}

/* digits [. digits] [e digits]: what strtod() takes beyond that (hex, nan,
 * inf) is no number here. */
static bool
is_decimal(const char *s)
{
    size_t n_digits = 0;

    s += *s == '+' || *s == '-';
    for (; *s >= '0' && *s <= '9'; s++)
        n_digits++;
    if (*s == '.')
        for (s++; *s >= '0' && *s <= '9'; s++)
            n_digits++;
    if (n_digits == 0)
        return false;
    if (*s != 'e' && *s != 'E')
        return *s == '\0';
    s++;
    s += *s == '+' || *s == '-';
    if (*s == '\0')
        return false;
    return s[strspn(s, "0123456789")] == '\0';
}

bool
js_number(struct bytes text, double *out)
{
    struct bytes t = js_trim(text);
    auto_free char *s = bytes_dup(t);
    const char *digits = s + (*s == '+' || *s == '-');

    if (strlen(s) != t.n)
        return false;
    if (t.n == 0) {
        *out = 0;
        return true;
    }
    if (strcmp(digits, "Infinity") == 0) {
        *out = *s == '-' ? -INFINITY : INFINITY;
        return true;
    }
    if (s[0] == '0' && radix_of(s[1]) != 0)
        return radix_number(s + 2, radix_of(s[1]), out);
    if (!is_decimal(s))
        return false;
    *out = strtod(s, NULL);
    return true;
}
