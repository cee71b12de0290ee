/* Client versions: semver precedence, as far as a floor needs it. */
#include "role/server/server-private.h"

#include <string.h>

struct semver {
    uint64_t part[3];
    bool pre; /* a pre-release: below the release itself */
};

static bool
parse(const char *text, struct semver *out)
{
    size_t core = strcspn(text, "-+");
    struct bytes rest = bytes_of(text, core), piece;
    size_t n = 0;

    while (n < 3 && bytes_next(&rest, '.', &piece)) {
        if (!bytes_to_u64(piece, &out->part[n++]))
            return false;
    }
    out->pre = text[core] == '-';
    return n == 3 && rest.n == 0;
}

static bool
is_below(const struct semver *v, const char *floor)
{
    struct semver f;

    parse(floor, &f);
    for (int i = 0; i < 3; i++) {
        if (v->part[i] != f.part[i])
            return v->part[i] < f.part[i];
    }
    return v->pre;
}

enum version_verdict
version_judge(const char *version)
{
    struct semver v;

    if (str_eq(version, "local"))
        return VERSION_FINE;
    if (version == NULL || !parse(version, &v) ||
        is_below(&v, VERSION_SUPPORTED))
        return VERSION_OUTDATED;
    return is_below(&v, VERSION_RECOMMENDED) ? VERSION_DEPRECATED
                                             : VERSION_FINE;
}
