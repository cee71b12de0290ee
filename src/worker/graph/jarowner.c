/* Whose coordinates: the text test of the peer, and the one we make. */
#include "worker/graph/jarowner.h"

#include <string.h>

#include "base/str.h"

/* ---- reading ----------------------------------------------------------- */

/* Has a checksum of its own in no index: its version lacks a part. */
static bool
is_unusable(const struct jar_pom *p)
{
    return bytes_is(p->group, "com.microsoft.sqlserver") &&
           bytes_is(p->artifact, "mssql-jdbc");
}

/* A text of three lines, and maybe one more with letters of what is unusual
 * (records.md). */
static void
add_pom(struct jar_poms *out, struct bytes text, bool compat)
{
    struct bytes flags = BYTES_NONE;
    struct jar_pom p = { .is_own = false };

    if (!bytes_next(&text, '\n', &p.group) ||
        !bytes_next(&text, '\n', &p.artifact) ||
        !bytes_next(&text, '\n', &p.version))
        return;
    bytes_next(&text, '\n', &flags);
    p.is_home = bytes_find(flags, 'a') == flags.n;
    if (p.group.n > 0 && p.artifact.n > 0 && p.version.n > 0 &&
        !is_unusable(&p) && !(compat && bytes_find(flags, 'l') < flags.n))
        out->at[out->n++] = p;
}

static void
read_poms(struct jar_poms *out, const struct jx *archive, bool compat)
{
    const struct jx *poms = jx_arr(archive, "poms");

    out->at = xcalloc(jx_count(poms), sizeof(*out->at));
    if (compat && jx_bool(archive, "blind", false))
        return;
    for (size_t i = 0; i < jx_count(poms); i++)
        add_pom(out, jx_bytes_value(jx_at(poms, i)), compat);
}

void
jar_poms_clear(struct jar_poms *poms)
{
    free(poms->at);
}

/* ---- as the peer decides ----------------------------------------------- */

static void
own_by_location(struct jar_poms *poms, struct bytes location)
{
    for (size_t i = 0; i < poms->n; i++) {
        struct jar_pom *p = &poms->at[i];

        /* Earlier ones are forgotten, not among the dependencies. */
        p->is_own = memmem(location.p, location.n, p->artifact.p,
                           p->artifact.n) != NULL;
        if (p->is_own)
            poms->own = p;
    }
}

/* ---- as it is ---------------------------------------------------------- */

static struct bytes
without_extension(struct bytes name)
{
    size_t start = name.n, end;

    while (start > 0 && name.p[start - 1] != '/' && name.p[start - 1] != '\\')
        start--;
    name = bytes_from(name, start);
    for (end = name.n; end > 0 && name.p[end - 1] != '.';)
        end--;
    return end > 0 ? bytes_to(name, end - 1) : name;
}

static bool
begins(struct bytes text, struct bytes with)
{
    return text.n >= with.n && memcmp(text.p, with.p, with.n) == 0;
}

/*
 * How well a file's name tells that artifact: 3 with its version, 2 all by
 * itself, 1 with some version.
 */
static int
rank_by_name(struct bytes name, const struct jar_pom *p)
{
    struct bytes rest;

    if (!p->is_home || !begins(name, p->artifact))
        return 0;
    rest = bytes_from(name, p->artifact.n);
    if (rest.n == 0)
        return 2;
    if (rest.n < 2 || (rest.p[0] != '-' && rest.p[0] != '_'))
        return 0;
    rest = bytes_from(rest, 1);
    if (begins(rest, p->version) &&
        (rest.n == p->version.n ||
         strchr("-_.", rest.p[p->version.n]) != NULL))
        return 3;
    return rest.p[0] >= '0' && rest.p[0] <= '9' ? 1 : 0;
}

static void
own_by_name(struct jar_poms *poms, struct bytes name)
{
    struct jar_pom *best = NULL;
    int rank = 0;

    for (size_t i = 0; i < poms->n; i++) {
        struct jar_pom *p = &poms->at[i];
        int its = rank_by_name(name, p);

        if (its == 0 || its < rank ||
            (its == rank && p->artifact.n < best->artifact.n))
            continue;
        best = p;
        rank = its;
    }
    if (best != NULL)
        best->is_own = true;
    poms->own = best;
}

/* "org.g.a" is artifact a of org.g, and that of org.g.a too. */
static bool
is_named(const struct jar_pom *p, struct bytes symbol)
{
    size_t n = p->group.n;

    if (bytes_equal(symbol, p->artifact) || bytes_equal(symbol, p->group))
        return symbol.n > 0;
    return symbol.n == n + 1 + p->artifact.n && begins(symbol, p->group) &&
           symbol.p[n] == '.' &&
           bytes_equal(bytes_from(symbol, n + 1), p->artifact);
}

/* A file may have been renamed; its manifest speaks of one of them. */
static void
own_by_manifest(struct jar_poms *poms, const struct jx *manifest)
{
    struct bytes title = jx_bytes_value(jx_get(manifest, "title"));
    struct bytes symbol = jx_bytes_value(jx_get(manifest, "symbol"));
    struct jar_pom *only = NULL;
    size_t n = 0;

    for (size_t i = 0; i < poms->n; i++) {
        struct jar_pom *p = &poms->at[i];

        if (!p->is_home || !(bytes_equal(title, p->artifact) ||
                             is_named(p, symbol)))
            continue;
        only = p;
        n++;
    }
    if (n != 1)
        return;
    only->is_own = true;
    poms->own = only;
}

/* A version, or nothing; glued to the artifact or behind a separator. */
static bool
is_version(struct bytes rest)
{
    if (rest.n > 1 && strchr("-_.", rest.p[0]) != NULL)
        rest = bytes_from(rest, 1);
    return rest.n == 0 || (rest.p[0] >= '0' && rest.p[0] <= '9');
}

static bool
ends_with_artifact(struct bytes name, struct bytes artifact)
{
    for (size_t at = 1; at + artifact.n <= name.n; at++) {
        if (strchr("-_.", name.p[at - 1]) != NULL &&
            begins(bytes_from(name, at), artifact) &&
            is_version(bytes_from(name, at + artifact.n)))
            return true;
    }
    return begins(name, artifact) && is_version(bytes_from(name, artifact.n));
}

/* The only coordinates there are, behind a distributor's or a group's name:
 * "jetty9-http2-client-9.4", "org-acme-ext", "plexus-utils2". */
static void
own_by_end_of_name(struct jar_poms *poms, struct bytes name)
{
    if (poms->n != 1 || !poms->at[0].is_home ||
        !ends_with_artifact(name, poms->at[0].artifact))
        return;
    poms->at[0].is_own = true;
    poms->own = &poms->at[0];
}

void
jar_poms_read(struct jar_poms *out, const struct jx *archive,
              struct bytes location, struct bytes name, bool compat)
{
    read_poms(out, archive, compat);
    if (compat)
        own_by_location(out, location);
    else
        own_by_name(out, without_extension(name));
    if (!compat && out->own == NULL)
        own_by_manifest(out, jx_obj(archive, "manifest"));
    if (!compat && out->own == NULL)
        own_by_end_of_name(out, without_extension(name));
}
