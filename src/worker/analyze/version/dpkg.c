/* Texts and numbers by turns; a tilde comes before everything, even the end. */
#include "worker/analyze/version/dpkg.h"

#include <stdbool.h>

#include "worker/analyze/version/digits.h"

struct parts {
    struct bytes epoch, upstream, revision;
};

static struct parts
split(struct bytes s)
{
    struct parts p = { .epoch = bytes_of(NULL, 0) };
    size_t colon = bytes_find(s, ':'), dash;

    if (colon < s.n) {
        p.epoch = bytes_to(s, colon);
        s = bytes_from(s, colon + 1);
    }
    for (dash = s.n; dash > 0 && s.p[dash - 1] != '-'; dash--)
        ;
    p.upstream = dash > 0 ? bytes_to(s, dash - 1) : s;
    p.revision = dash > 0 ? bytes_from(s, dash) : bytes_of(NULL, 0);
    return p;
}

/* Where a character stands: tilde, end and digits, letters, the rest. */
static int
rank(struct bytes s)
{
    uint8_t c = s.n > 0 ? s.p[0] : '0';

    if (c == '~')
        return -1;
    if (c >= '0' && c <= '9')
        return 0;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? c : c + 256;
}

static bool
is_text(struct bytes s)
{
    return s.n > 0 && !(s.p[0] >= '0' && s.p[0] <= '9');
}

static int
part_cmp(struct bytes a, struct bytes b)
{
    while (a.n > 0 || b.n > 0) {
        struct bytes x, y;
        int order;

        while (is_text(a) || is_text(b)) {
            order = rank(a) - rank(b);
            if (order != 0)
                return order < 0 ? -1 : 1;
            a = bytes_from(a, 1);
            b = bytes_from(b, 1);
        }
        x = digits_of(a);
        y = digits_of(b);
        order = digits_cmp(x, y);
        if (order != 0)
            return order;
        a = bytes_from(a, x.n);
        b = bytes_from(b, y.n);
    }
    return 0;
}

int
dpkg_version_cmp(struct bytes a, struct bytes b)
{
    const struct parts x = split(a), y = split(b);
    int order = digits_cmp(x.epoch, y.epoch);

    if (order == 0)
        order = part_cmp(x.upstream, y.upstream);
    return order != 0 ? order : part_cmp(x.revision, y.revision);
}
