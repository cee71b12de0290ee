/* Runs of digits and of letters; what stands between them only separates. */
#include "worker/analyze/version/rpm.h"

#include <stdbool.h>

#include "worker/analyze/version/digits.h"

static bool
is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
counts(uint8_t c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '~' || c == '^';
}

static struct bytes
skip_separators(struct bytes s)
{
    size_t n = 0;

    while (n < s.n && !counts(s.p[n]))
        n++;
    return bytes_from(s, n);
}

static struct bytes
letters_of(struct bytes s)
{
    size_t n = 0;

    while (n < s.n && is_letter(s.p[n]))
        n++;
    return bytes_to(s, n);
}

static bool
begins(struct bytes s, uint8_t c)
{
    return s.n > 0 && s.p[0] == c;
}

/* ~ comes before the end, ^ right behind it. 2: both have it. */
static int
mark_cmp(struct bytes a, struct bytes b)
{
    if (begins(a, '~') || begins(b, '~'))
        return !begins(a, '~') ? 1 : !begins(b, '~') ? -1 : 2;
    if (begins(a, '^') || begins(b, '^')) {
        if (a.n == 0 || b.n == 0)
            return a.n == 0 ? -1 : 1;
        return !begins(a, '^') ? 1 : !begins(b, '^') ? -1 : 2;
    }
    return 0;
}

int
rpm_segment_cmp(struct bytes a, struct bytes b)
{
    while (a.n > 0 || b.n > 0) {
        struct bytes x, y;
        int order;

        a = skip_separators(a);
        b = skip_separators(b);
        order = mark_cmp(a, b);
        if (order == 2) {
            a = bytes_from(a, 1);
            b = bytes_from(b, 1);
            continue;
        }
        if (order != 0)
            return order;
        if (a.n == 0 || b.n == 0)
            break;
        x = digits_of(a);
        y = x.n > 0 ? digits_of(b) : letters_of(b);
        /* A number is newer than letters. */
        if (y.n == 0)
            return x.n > 0 ? 1 : -1;
        order = x.n > 0 ? digits_cmp(x, y) : bytes_cmp(x = letters_of(a), y);
        if (order != 0)
            return order < 0 ? -1 : 1;
        a = bytes_from(a, x.n);
        b = bytes_from(b, y.n);
    }
    return a.n == b.n ? 0 : a.n == 0 ? -1 : b.n == 0 ? 1 : 0;
}

struct parts {
    struct bytes epoch, version, release;
    bool has_release;
};

static struct parts
split(struct bytes s)
{
    struct parts p = { .epoch = bytes_of(NULL, 0) };
    struct bytes number = digits_of(s);
    size_t dash;

    if (number.n < s.n && s.p[number.n] == ':') {
        p.epoch = number;
        s = bytes_from(s, number.n + 1);
    }
    for (dash = s.n; dash > 0 && s.p[dash - 1] != '-'; dash--)
        ;
    p.has_release = dash > 0;
    p.version = dash > 0 ? bytes_to(s, dash - 1) : s;
    p.release = dash > 0 ? bytes_from(s, dash) : bytes_of(NULL, 0);
    return p;
}

int
rpm_version_cmp(struct bytes a, struct bytes b)
{
    const struct parts x = split(a), y = split(b);
    int order = digits_cmp(x.epoch, y.epoch);

    if (order == 0)
        order = rpm_segment_cmp(x.version, y.version);
    if (order != 0)
        return order;
    if (!x.has_release || !y.has_release)
        return (int)x.has_release - (int)y.has_release;
    return rpm_segment_cmp(x.release, y.release);
}
