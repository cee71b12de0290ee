/* Package URLs: which characters stay differs from part to part. */
#include "worker/graph/purl.h"

#include "base/str.h"

/* What encodeURIComponent() leaves besides letters, digits and "-_.~". */
#define KEEP "!*'()"

void
purl_write(struct buf *out, const char *type, const char *name_space,
           const char *name, const char *version,
           const struct purl_qualifier *quals)
{
    char sep = '?';

    buf_addf(out, "pkg:%s/", type);
    if (!str_is_empty(name_space)) {
        percent_encode(name_space, KEEP ":/", out);
        buf_add_char(out, '/');
    }
    percent_encode(name, KEEP ":", out);
    if (!str_is_empty(version)) {
        buf_add_char(out, '@');
        percent_encode(version, KEEP ":", out);
    }
    for (; quals->key != NULL; quals++) {
        if (quals->value == NULL)
            continue;
        buf_addf(out, "%c%s=", sep, quals->key);
        percent_encode(quals->value, KEEP "/", out);
        sep = '&';
    }
}

char *
purl_deb_distro(const char *os_name, const char *os_version, bool compat)
{
    static const struct {
        const char *version, *name;
    } codes[] = {
        { "8", "jessie" },     { "9", "stretch" },   { "10", "buster" },
        { "11", "bullseye" },  { "12", "bookworm" }, { "13", "trixie" },
        { "unstable", "sid" },
    };

    for (size_t i = 0; i < N_ELEMENTS(codes); i++) {
        if ((compat || str_eq(os_name, "debian")) &&
            str_eq(codes[i].version, os_version))
            os_version = codes[i].name;
    }
    return xasprintf("%s-%s", os_name, os_version);
}
