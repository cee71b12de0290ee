/* Versions: grammar, order, and what can be made of a text that is none.
 * Ranges live in semver-range.c. */
#include "worker/analyze/version/semver.h"

#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/version/semver-private.h"

/* More than that in one identifier is not looked at. */
#define IDENTIFIER_MAX_BYTES 250

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool
is_identifier(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-';
}

static size_t
count_digits(struct bytes s, size_t at)
{
    size_t n = 0;

    while (at + n < s.n && is_digit(s.p[at + n]))
        n++;
    return n;
}

/* ---- grammar ----------------------------------------------------------- */

size_t
semver_number(struct bytes s, size_t at, enum semver_mode mode)
{
    size_t n = count_digits(s, at);

    return n > 1 && s.p[at] == '0' && mode == SEMVER_STRICT ? 0 : n;
}

static size_t
identifier(struct bytes s, size_t at)
{
    size_t n = 0;

    while (at + n < s.n && is_identifier(s.p[at + n]))
        n++;
    return n > 0 && n <= IDENTIFIER_MAX_BYTES ? n : 0;
}

/* Numbers among them have no zero in front, unless loose. */
static size_t
pre_identifier(struct bytes s, size_t at, enum semver_mode mode)
{
    size_t n = identifier(s, at);

    if (n > 1 && mode == SEMVER_STRICT && s.p[at] == '0' &&
        count_digits(s, at) == n)
        return 0;
    return n;
}

static size_t
pre_identifiers(struct bytes s, size_t at, enum semver_mode mode)
{
    size_t from = at, n = pre_identifier(s, at, mode);

    if (n == 0)
        return 0;
    for (at += n; at < s.n && s.p[at] == '.'; at += 1 + n) {
        if ((n = pre_identifier(s, at + 1, mode)) == 0)
            break;
    }
    return at - from;
}

size_t
semver_pre(struct bytes s, size_t at, enum semver_mode mode,
           struct bytes *pre)
{
    size_t hyphen = at < s.n && s.p[at] == '-' ? 1 : 0;
    size_t n = hyphen > 0 || mode == SEMVER_LOOSE
                   ? pre_identifiers(s, at + hyphen, mode)
                   : 0;

    /* A lone hyphen is an identifier where none is needed in front. */
    if (n == 0 && hyphen > 0 && mode == SEMVER_LOOSE) {
        hyphen = 0;
        n = pre_identifiers(s, at, mode);
    }
    if (n == 0)
        return 0;
    *pre = bytes_of(s.p + at + hyphen, n);
    return hyphen + n;
}

size_t
semver_build(struct bytes s, size_t at)
{
    size_t from = at, n;

    if (at >= s.n || s.p[at] != '+' || (n = identifier(s, at + 1)) == 0)
        return 0;
    for (at += 1 + n; at < s.n && s.p[at] == '.'; at += 1 + n) {
        if ((n = identifier(s, at + 1)) == 0)
            break;
    }
    return at - from;
}

bool
semver_value(struct bytes digits, uint64_t *out)
{
    return digits.n <= SEMVER_MAX_BYTES && bytes_to_u64(digits, out) &&
           *out <= SEMVER_MAX_NUMBER;
}

static size_t
skip_front(struct bytes s, enum semver_mode mode)
{
    size_t at = 0, n;

    if (mode == SEMVER_STRICT)
        return s.n > 0 && s.p[0] == 'v' ? 1 : 0;
    while (at < s.n) {
        n = s.p[at] == 'v' || s.p[at] == '=' ? 1 : js_space(bytes_from(s, at));
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

bool
semver_parse(struct semver *out, struct bytes s, enum semver_mode mode)
{
    size_t at = skip_front(s, mode), n;

    out->pre = BYTES_NONE;
    for (int i = 0; i < 3; i++) {
        if (i > 0 && (at >= s.n || s.p[at++] != '.'))
            return false;
        n = semver_number(s, at, mode);
        if (n == 0 || !semver_value(bytes_of(s.p + at, n), &out->n[i]))
            return false;
        at += n;
    }
    at += semver_pre(s, at, mode, &out->pre);
    return at + semver_build(s, at) == s.n;
}

/* ---- order ------------------------------------------------------------- */

static bool
all_digits(struct bytes s)
{
    return count_digits(s, 0) == s.n;
}

/* Numbers come before texts. Those too long for a number are rounded. */
static int
compare_identifiers(struct bytes a, struct bytes b)
{
    bool a_number = all_digits(a), b_number = all_digits(b);
    double x = 0, y = 0;

    if (!a_number && !b_number)
        return bytes_cmp(a, b);
    if (!a_number || !b_number)
        return a_number ? -1 : 1;
    js_number(a, &x);
    js_number(b, &y);
    return x < y ? -1 : x > y;
}

static int
compare_pre(struct bytes a, struct bytes b)
{
    struct bytes x, y;
    int order;

    if (a.n == 0 || b.n == 0)
        return (a.n == 0) - (b.n == 0);
    for (;;) {
        bool more_a = bytes_next(&a, '.', &x), more_b = bytes_next(&b, '.', &y);

        if (!more_a || !more_b)
            return more_a - more_b;
        order = compare_identifiers(x, y);
        if (order != 0)
            return order;
    }
}

int
semver_compare(const struct semver *a, const struct semver *b)
{
    for (int i = 0; i < 3; i++) {
        if (a->n[i] != b->n[i])
            return a->n[i] < b->n[i] ? -1 : 1;
    }
    return compare_pre(a->pre, b->pre);
}

/* ---- the door ---------------------------------------------------------- */

static bool
parse_text(struct semver *out, struct bytes text, enum semver_mode mode)
{
    return text.n <= SEMVER_MAX_BYTES &&
           semver_parse(out, js_trim(text), mode);
}

bool
semver_valid(struct bytes version, enum semver_mode mode)
{
    struct semver v;

    return parse_text(&v, version, mode);
}

int
semver_cmp(struct bytes a, struct bytes b, enum semver_mode mode)
{
    struct semver x, y;

    if (!parse_text(&x, a, mode) || !parse_text(&y, b, mode))
        return 0;
    return semver_compare(&x, &y);
}

/* ---- coerce ------------------------------------------------------------ */

#define COERCE_DIGITS 16

/* Digits at `at` that no digit follows and that are not too many. */
static size_t
short_number(struct bytes s, size_t at)
{
    size_t n = count_digits(s, at);

    return n <= COERCE_DIGITS ? n : 0;
}

static bool
coerce_at(struct bytes s, size_t at, struct buf *out)
{
    auto_buf struct buf text = BUF_INIT(4 * (COERCE_DIGITS + 1));
    struct semver v;

    for (int i = 0; i < 3; i++) {
        size_t n = i == 0 || (at < s.n && s.p[at] == '.')
                       ? short_number(s, at + (i > 0))
                       : 0;

        at += n > 0 ? (i > 0) : 0;
        buf_addf(&text, "%s%.*s", i > 0 ? "." : "", n > 0 ? (int)n : 1,
                 n > 0 ? (const char *)s.p + at : "0");
        at = n > 0 ? at + n : s.n;
    }
    return semver_parse(&v, buf_bytes(&text), SEMVER_STRICT) &&
           buf_add_bytes(out, buf_bytes(&text)) == 0;
}

bool
semver_coerce(struct bytes text, struct buf *out)
{
    size_t at = 0, n;

    while (at < text.n) {
        n = count_digits(text, at);
        if (n > 0 && n <= COERCE_DIGITS)
            return coerce_at(text, at, out);
        at += n > 0 ? n : 1;
    }
    return false;
}
