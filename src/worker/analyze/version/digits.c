#include "worker/analyze/version/digits.h"

#include "base/bytes.h"

struct bytes
digits_of(struct bytes s)
{
    size_t n = 0;

    while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
        n++;
    return bytes_to(s, n);
}

static struct bytes
without_zeros(struct bytes s)
{
    size_t n = 0;

    while (n < s.n && s.p[n] == '0')
        n++;
    return bytes_from(s, n);
}

int
digits_cmp(struct bytes a, struct bytes b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return bytes_cmp(a, b);
}
