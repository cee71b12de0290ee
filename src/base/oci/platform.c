/* Platforms: one spelling for each, whatever it was written as. */
#include "base/oci/platform.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"

/* As uname, Debian and people spell architectures; from -> arch, variant. */
static const struct alias {
    const char *from, *arch, *variant;
} aliases[] = {
    { "x86_64", "amd64", "" }, { "x86-64", "amd64", "" },
    { "aarch64", "arm64", "" }, { "i386", "386", "" },
    { "i686", "386", "" },     { "armhf", "arm", "v7" },
    { "armv7l", "arm", "v7" }, { "armel", "arm", "v6" },
    { "armv6l", "arm", "v6" }, { "armv5l", "arm", "v5" },
};

static void
copy_lower(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from != NULL ? from : "");
    str_lower(to);
}

static void
normalise(struct platform *p)
{
    for (size_t i = 0; i < N_ELEMENTS(aliases); i++) {
        if (strcmp(p->arch, aliases[i].from) != 0)
            continue;
        strcpy(p->arch, aliases[i].arch);
        if (p->variant[0] == '\0')
            strcpy(p->variant, aliases[i].variant);
        break;
    }
    if (strcmp(p->os, "macos") == 0)
        strcpy(p->os, "darwin");
    /* "8" for "v8". */
    if (p->variant[0] >= '1' && p->variant[0] <= '9' && p->variant[1] == '\0')
        snprintf(p->variant, sizeof(p->variant), "v%c", p->variant[0]);
    if (strcmp(p->arch, "arm64") == 0 && strcmp(p->variant, "v8") == 0)
        p->variant[0] = '\0';
    if (strcmp(p->arch, "amd64") == 0 && strcmp(p->variant, "v1") == 0)
        p->variant[0] = '\0';
    if (strcmp(p->arch, "arm") == 0 && p->variant[0] == '\0')
        strcpy(p->variant, "v7");
}

void
platform_set(struct platform *out, const char *os, const char *arch,
             const char *variant)
{
    copy_lower(out->os, sizeof(out->os), os);
    copy_lower(out->arch, sizeof(out->arch), arch);
    copy_lower(out->variant, sizeof(out->variant), variant);
    normalise(out);
}

static bool
member_valid(struct bytes m)
{
    if (m.n == 0 || m.n >= sizeof(((struct platform *)0)->os))
        return false;
    for (size_t i = 0; i < m.n; i++) {
        uint8_t c = m.p[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
            return false;
    }
    return true;
}

int
platform_parse(struct platform *out, const char *text, struct err *err)
{
    char members[3][sizeof(out->os)] = { "", "", "" };
    struct bytes rest = bytes_str(text), m;
    size_t n = 0;

    /* A slash at the end would go unseen by bytes_next(). */
    if (rest.n == 0 || rest.p[rest.n - 1] == '/')
        goto malformed;
    while (bytes_next(&rest, '/', &m)) {
        if (n == N_ELEMENTS(members) || !member_valid(m))
            goto malformed;
        memcpy(members[n], m.p, m.n);
        members[n++][m.n] = '\0';
    }
    if (n < 2)
        goto malformed;
    platform_set(out, members[0], members[1], members[2]);
    return 0;

malformed:
    return err_set(err, ERR_INPUT,
                   "not a platform: %.100s (os/architecture[/variant], such "
                   "as linux/arm64)",
                   text != NULL ? text : "(none)");
}

bool
platform_like(const struct platform *a, const struct platform *b)
{
    return strcmp(a->os, b->os) == 0 && strcmp(a->arch, b->arch) == 0;
}

bool
platform_eq(const struct platform *a, const struct platform *b)
{
    return platform_like(a, b) && strcmp(a->variant, b->variant) == 0;
}

void
platform_format(const struct platform *p, char out[100])
{
    snprintf(out, 100, "%s/%s%s%s", p->os, p->arch,
             p->variant[0] != '\0' ? "/" : "", p->variant);
}
