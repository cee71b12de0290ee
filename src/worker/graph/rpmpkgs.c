/* From rpm's records to packages: which file is read, versions and purls. */
#include "worker/graph/rpmpkgs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/graph/purl.h"

enum form { FORM_BDB, FORM_NDB, FORM_SQLITE };

/* Where the peer looks for each. It takes one of rpm's own databases for one
 * of SQLite's, and cannot read it. */
static const char *const places[][3] = {
    [FORM_BDB] = { "/var/lib/rpm/Packages", "/usr/lib/sysimage/rpm/Packages" },
    [FORM_NDB] = { "/var/lib/rpm/Packages.db",
                   "/usr/lib/sysimage/rpm/Packages.db" },
    [FORM_SQLITE] = { "/var/lib/rpm/rpmdb.sqlite",
                      "/usr/lib/sysimage/rpm/rpmdb.sqlite",
                      "/usr/lib/sysimage/rpm/Packages.db" },
};

static bool
is_sqlite(struct bytes path)
{
    return bytes_ends(path, ".sqlite");
}

static bool
is_place_of(enum form form, struct bytes path)
{
    for (size_t i = 0; i < N_ELEMENTS(places[form]); i++) {
        if (places[form][i] != NULL && bytes_is(path, places[form][i]))
            return true;
    }
    return false;
}

/* ---- which file -------------------------------------------------------- */

/* Of several places the first in order; whether it can be read is not asked. */
static bool
find_as_peer(const struct merge *files, enum form form, struct merged *out)
{
    size_t at = 0;

    while (merge_next(files, "rpm", &at, out)) {
        if (is_place_of(form, out->path))
            return is_sqlite(out->path) == (form == FORM_SQLITE) &&
                   !jx_bool(out->data, "lost", false);
    }
    return false;
}

/* The first that has packages. */
static bool
find_right(const struct merge *files, enum form form, struct merged *out)
{
    size_t at = 0;

    while (merge_next(files, "rpm", &at, out)) {
        if (is_place_of(form, out->path) &&
            is_sqlite(out->path) == (form == FORM_SQLITE) &&
            jx_count(jx_arr(out->data, "pkgs")) > 0)
            return true;
    }
    return false;
}

bool
rpmpkgs_are_broken(const struct merge *files)
{
    static const enum form forms[] = { FORM_BDB, FORM_NDB, FORM_SQLITE };
    struct merged file;

    for (size_t i = 0; i < N_ELEMENTS(forms); i++) {
        if (find_as_peer(files, forms[i], &file) &&
            jx_bool(file.data, "broken", false))
            return true;
    }
    return false;
}

/* ---- purls ------------------------------------------------------------- */

/* The content sets of all manifests, "a,b"; NULL without any. */
static char *
repositories(const struct merge *files)
{
    auto_map struct map *seen = map_new();
    auto_buf struct buf out = BUF_INIT(SIZE_MAX / 4);
    struct merged file;
    struct bytes name;
    size_t at = 0, n = 0;

    while (merge_next(files, "rpmcontent", &at, &file)) {
        const struct jx *sets = jx_arr(file.data, "sets");

        for (size_t i = 0; i < jx_count(sets); i++)
            map_put(seen, jx_bytes_value(jx_at(sets, i)), seen);
    }
    for (at = 0; map_next(seen, &at, &name, NULL);) {
        if (n++ > 0)
            buf_add_char(&out, ',');
        buf_add_bytes(&out, name);
    }
    return out.n > 0 ? buf_steal(&out) : NULL;
}

/* "nodejs:18:…" gives "nodejs:18". */
static char *
module_of(const char *label, bool compat)
{
    struct bytes rest = bytes_str(label), name, stream;

    if (str_is_empty(label))
        return NULL;
    name = bytes_to(rest, bytes_find(rest, ':'));
    if (name.n == rest.n)
        return compat ? xasprintf("%s:undefined", label) : NULL;
    stream = bytes_from(rest, name.n + 1);
    stream = bytes_to(stream, bytes_find(stream, ':'));
    return xasprintf("%.*s:%.*s", (int)name.n, (const char *)name.p,
                     (int)stream.n, (const char *)stream.p);
}

/* "bash-5.1.8-6.el9.src.rpm" gives "bash@5.1.8-6.el9". */
static char *
upstream_of(const char *file)
{
    static const char ending[] = ".src.rpm";
    auto_free char *name = NULL;
    char *release, *version;

    if (file == NULL || !str_ends(file, ending))
        return NULL;
    name = xstrndup(file, strlen(file) - strlen(ending));
    release = strrchr(name, '-');
    if (release == NULL || release[1] == '\0')
        return NULL;
    *release = '\0';
    version = strrchr(name, '-');
    if (version == NULL || version[1] == '\0' || version == name)
        return NULL;
    *version = '\0';
    return xasprintf("%s@%s-%s", name, version + 1, release + 1);
}

/* What purls of one database share, and where they go. */
struct collecting {
    struct ospkgs *out;     /* borrows */
    const struct os *os;    /* borrows */
    bool compat;
    char *distro;           /* owns */
    char *repositories;     /* owns; NULL: none */
};

static char *
rpm_purl(const struct collecting *c, const struct pkg *p, const struct jx *d)
{
    auto_buf struct buf out = BUF_INIT(SIZE_MAX / 4);
    auto_free char *module = module_of(jx_str(d, "m"), c->compat);
    auto_free char *upstream = upstream_of(jx_str(d, "sr"));
    auto_free char *epoch = jx_has(d, "e")
                                ? xasprintf("%" PRId64, jx_int(d, "e", 0))
                                : NULL;
    const struct purl_qualifier quals[] = {
        { "distro", c->distro },     { "epoch", epoch },
        { "module", module },        { "repositories", c->repositories },
        { "upstream", upstream },    { NULL, NULL },
    };

    purl_write(&out, "rpm", c->os->name, p->name, p->version, quals);
    return buf_steal(&out);
}

/* ---- packages ---------------------------------------------------------- */

/* Keys of vendors are kept as packages without files. */
static bool
is_left_out(const struct collecting *c, const struct jx *d)
{
    const char *only = jx_str(d, "only");

    if (only != NULL && !str_eq(only, c->compat ? "compat" : "right"))
        return true;
    return !c->compat && str_eq(jx_str(d, "n"), "gpg-pubkey");
}

static void
add_package(struct collecting *c, const struct jx *d,
            const struct merged *file)
{
    struct pkg *p = ospkgs_add(c->out, d, file);
    int64_t epoch = jx_int(d, "e", 0);

    if (epoch != 0) {
        p->whole_version = xasprintf("%" PRId64 ":%s", epoch, p->version);
        p->version = p->whole_version;
    }
    if (c->compat)
        p->n_deps = 0;
    p->purl = rpm_purl(c, p, d);
}

static void
collect(struct collecting *c, const struct merge *files, enum form form)
{
    struct merged file;
    const struct jx *list;

    if (!(c->compat ? find_as_peer : find_right)(files, form, &file))
        return;
    list = jx_arr(file.data, "pkgs");
    for (size_t i = 0; i < jx_count(list); i++) {
        if (!is_left_out(c, jx_at(list, i)))
            add_package(c, jx_at(list, i), &file);
    }
}

static struct collecting
begin(struct ospkgs *out, const struct merge *files, const struct os *os,
      bool compat)
{
    return (struct collecting){ out, os, compat,
                                xasprintf("%s-%s", os->name, os->version),
                                repositories(files) };
}

static void
end(struct collecting *c)
{
    free(c->distro);
    free(c->repositories);
}

void
rpmpkgs_collect_files(struct ospkgs *out, const struct merge *files,
                      const struct os *os, bool compat)
{
    struct collecting c = begin(out, files, os, compat);

    collect(&c, files, FORM_BDB);
    collect(&c, files, FORM_NDB);
    end(&c);
}

void
rpmpkgs_collect_sqlite(struct ospkgs *out, const struct merge *files,
                       const struct os *os, bool compat)
{
    struct collecting c = begin(out, files, os, compat);

    collect(&c, files, FORM_SQLITE);
    end(&c);
}
