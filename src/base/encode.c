/* How text is spelled on the wire: hex, base64, percent escapes, UTF-8. */
#include "base/str.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

void
hex_encode(const void *p, size_t n, char *out)
{
    const uint8_t *b = p;

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex_digits[b[i] >> 4];
        out[2 * i + 1] = hex_digits[b[i] & 15];
    }
    out[2 * n] = '\0';
}

static int
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int
hex_decode(struct bytes s, uint8_t *out)
{
    if (s.n % 2 != 0)
        return -1;
    for (size_t i = 0; i < s.n; i += 2) {
        int hi = hex_value(s.p[i]), lo = hex_value(s.p[i + 1]);

        if (hi < 0 || lo < 0)
            return -1;
        out[i / 2] = (uint8_t)(hi << 4 | lo);
    }
    return 0;
}

int
base64_encode(struct bytes in, struct buf *out)
{
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = (in.n + 2) / 3 * 4;
    char *to = (char *)buf_room(out, n);

    if (to == NULL)
        return -1;
    for (size_t i = 0; i < in.n; i += 3) {
        uint32_t v = (uint32_t)in.p[i] << 16;

        if (i + 1 < in.n)
            v |= (uint32_t)in.p[i + 1] << 8;
        if (i + 2 < in.n)
            v |= in.p[i + 2];
        *to++ = abc[v >> 18];
        *to++ = abc[v >> 12 & 63];
        *to++ = i + 1 < in.n ? abc[v >> 6 & 63] : '=';
        *to++ = i + 2 < in.n ? abc[v & 63] : '=';
    }
    out->n += n;
    return 0;
}

static int
base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    if (c == '/' || c == '_')
        return 63;
    return -1;
}

int
base64_decode(struct bytes in, struct buf *out)
{
    uint8_t *to = buf_room(out, in.n / 4 * 3 + 3);
    uint32_t v = 0;
    unsigned n_digits = 0;
    size_t n = 0, i;

    if (to == NULL)
        return -1;
    for (i = 0; i < in.n && in.p[i] != '='; i++) {
        int d = base64_value(in.p[i]);

        if (in.p[i] == ' ' || (in.p[i] >= '\t' && in.p[i] <= '\r'))
            continue;
        if (d < 0)
            return -1;
        v = v << 6 | (uint32_t)d;
        if (++n_digits % 4 == 0) {
            to[n++] = (uint8_t)(v >> 16);
            to[n++] = (uint8_t)(v >> 8);
            to[n++] = (uint8_t)v;
            v = 0;
        }
    }
    for (; i < in.n; i++) {
        if (in.p[i] != '=' && in.p[i] != ' ' &&
            (in.p[i] < '\t' || in.p[i] > '\r'))
            return -1;
    }
    switch (n_digits % 4) {
    case 1:
        return -1;
    case 2:
        to[n++] = (uint8_t)(v >> 4);
        break;
    case 3:
        to[n++] = (uint8_t)(v >> 10);
        to[n++] = (uint8_t)(v >> 2);
        break;
    default:
        break;
    }
    out->n += n;
    return 0;
}

int
percent_encode(const char *s, const char *keep, struct buf *out)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || strchr("-._~", c) != NULL ||
                     (keep != NULL && strchr(keep, c) != NULL);
        int rc = plain ? buf_add_char(out, (char)c)
                       : buf_addf(out, "%%%02X", c);

        if (rc < 0)
            return -1;
    }
    return 0;
}

int
percent_decode(struct bytes s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];

        if (c == '%') {
            if (s.n - i < 3 || hex_decode(bytes_of(s.p + i + 1, 2), &c) < 0 ||
                c == 0)
                return -1;
            i += 2;
        }
        if (buf_add(out, &c, 1) < 0)
            return -1;
    }
    return 0;
}

/*
 * Length of the valid sequence at p, or 0 - k when the first k bytes are a
 * maximal ill-formed part (the WHATWG rule: replace that part by one U+FFFD).
 */
static int
utf8_step(const uint8_t *p, size_t n)
{
    uint8_t lo = 0x80, hi = 0xbf;
    int want;

    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        want = 2;
    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        want = 3;
        if (p[0] == 0xe0)
            lo = 0xa0;
        if (p[0] == 0xed)
            hi = 0x9f;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        want = 4;
        if (p[0] == 0xf0)
            lo = 0x90;
        if (p[0] == 0xf4)
            hi = 0x8f;
    } else {
        return -1;
    }
    for (int i = 1; i < want; i++) {
        if ((size_t)i >= n || p[i] < lo || p[i] > hi)
            return -i;
        lo = 0x80;
        hi = 0xbf;
    }
    return want;
}

int
utf8_add_lossy(struct buf *out, struct bytes s)
{
    size_t i = 0, from = 0;

    while (i < s.n) {
        int k = utf8_step(s.p + i, s.n - i);

        if (k > 0) {
            i += (size_t)k;
            continue;
        }
        if (buf_add(out, s.p + from, i - from) < 0 ||
            buf_add(out, "\xef\xbf\xbd", 3) < 0)
            return -1;
        i += (size_t)-k;
        from = i;
    }
    return s.n > from ? buf_add(out, s.p + from, s.n - from) : 0;
}

struct bytes
utf8_mended(struct bytes s, struct buf *room)
{
    if (utf8_valid(s))
        return s;
    utf8_add_lossy(room, s);
    return buf_bytes(room);
}

int
utf8_add(struct buf *out, uint32_t code_point)
{
    const uint32_t c = code_point;
    uint8_t u[4];
    size_t n = 0;

    if (c < 0x80) {
        u[n++] = (uint8_t)c;
    } else if (c < 0x800) {
        u[n++] = (uint8_t)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        u[n++] = (uint8_t)(0xe0 | c >> 12);
        u[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    } else {
        u[n++] = (uint8_t)(0xf0 | c >> 18);
        u[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        u[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80)
        u[n++] = (uint8_t)(0x80 | (c & 0x3f));
    return buf_add(out, u, n);
}

int
utf8_add_latin1(struct buf *out, struct bytes s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (utf8_add(out, s.p[i]) < 0)
            return -1;
    }
    return 0;
}

bool
utf8_valid(struct bytes s)
{
    for (size_t i = 0; i < s.n;) {
        int k = utf8_step(s.p + i, s.n - i);

        if (k <= 0)
            return false;
        i += (size_t)k;
    }
    return true;
}

size_t
utf16_length(struct bytes s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if ((s.p[i] & 0xc0) != 0x80)
            n += s.p[i] >= 0xf0 ? 2 : 1;
    }
    return n;
}

size_t
utf16_prefix(struct bytes s, size_t n_units)
{
    size_t n = 0, i = 0;

    while (i < s.n) {
        uint8_t lead = s.p[i];
        size_t k = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        size_t units = k == 4 ? 2 : 1;

        if (n + units > n_units || i + k > s.n)
            break;
        n += units;
        i += k;
    }
    return i;
}
