/* From records to packages, one database after the other. */
#include "worker/graph/ospkgs.h"

#include <stdlib.h>
#include <string.h>

#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/purl.h"
#include "worker/graph/rpmpkgs.h"

/* A row: how one kind of database is gathered. */
struct database {
    const char *manager;
    void (*collect)(struct ospkgs *out, const struct merge *files,
                    const struct os *os, bool compat);
};

#define DPKG_STATUS     "/var/lib/dpkg/status"
#define EXTENDED_STATES "/var/lib/apt/extended_states"

void
ospkgs_clear(struct ospkgs *pkgs)
{
    for (size_t i = 0; i < pkgs->n; i++) {
        struct pkg *p = &pkgs->at[i];

        free(p->provides);
        free(p->deps);
        free(p->full_name);
        free(p->whole_version);
        free(p->purl);
    }
    free(pkgs->at);
    *pkgs = (struct ospkgs){ 0 };
}

static struct pkg *
add_pkg(struct ospkgs *out)
{
    out->at = xgrown(out->at, out->n, sizeof(*out->at));
    out->at[out->n] = (struct pkg){ 0 };
    return &out->at[out->n++];
}

static const char **
read_names(const struct jx *arr, size_t *n)
{
    const char **names = xcalloc(jx_count(arr), sizeof(*names));

    *n = 0;
    for (size_t i = 0; jx_is_arr(arr) && i < jx_count(arr); i++) {
        const char *s = jx_str_value(jx_at(arr, i));

        if (s != NULL)
            names[(*n)++] = s;
    }
    return names;
}

struct pkg *
ospkgs_add(struct ospkgs *out, const struct jx *d, const struct merged *file)
{
    struct pkg *p = add_pkg(out);
    const char *version = jx_str(d, "v"), *name = jx_str(d, "n");

    /* The peer prints a name that is missing as JavaScript does. */
    p->name = name != NULL ? name : "undefined";
    p->version = version != NULL ? version : jx_has(d, "nv") ? NULL : "";
    p->source = jx_str(d, "s");
    p->source_version = jx_str(d, "sv");
    p->arch = jx_str(d, "a");
    p->licence = jx_str(d, "l");
    p->provides = read_names(jx_arr(d, "p"), &p->n_provides);
    p->deps = read_names(jx_arr(d, "d"), &p->n_deps);
    js_order_keys(p->deps, p->n_deps);
    p->full_name = str_is_empty(p->source)
                       ? xstrdup(p->name)
                       : xasprintf("%s/%s", p->source, p->name);
    p->layer = file->layer;
    return p;
}

/* ---- deb --------------------------------------------------------------- */

static char *
deb_purl(const struct pkg *p, const struct os *os, bool compat)
{
    auto_buf struct buf out = BUF_INIT(SIZE_MAX / 4);
    auto_free char *distro = purl_deb_distro(os->name, os->version,
                                               compat);
    auto_free char *upstream = NULL;

    if (*p->name == '\0' || str_is_empty(p->version))
        return NULL;
    if (!str_is_empty(p->source) && !str_is_empty(p->source_version))
        upstream = xasprintf("%s@%s", p->source, p->source_version);
    else if (!str_is_empty(p->source))
        upstream = xstrdup(p->source);
    const struct purl_qualifier quals[] = { { "distro", distro },
                                            { "upstream", upstream },
                                            { NULL, NULL } };
    purl_write(&out, "deb", os->name, p->name, p->version, quals);
    return buf_steal(&out);
}

/* Removed, be it with its configuration left: the third word says. */
static bool
is_installed(const struct jx *d)
{
    const char *status = jx_str(d, "st");

    return status == NULL || !(str_ends(status, " not-installed") ||
                               str_ends(status, " config-files"));
}

static void
read_dpkg(struct ospkgs *out, const struct merged *file, const struct os *os,
          bool compat)
{
    const struct jx *list = jx_arr(file->data, "pkgs");

    for (size_t i = 0; i < jx_count(list); i++) {
        const struct jx *d = jx_at(list, i);
        struct pkg *p;

        if (!compat && (!is_installed(d) || !jx_has(d, "n")))
            continue;
        p = ospkgs_add(out, d, file);
        if (jx_has(d, "n"))
            p->purl = deb_purl(p, os, compat);
    }
}

static void
mark_auto(struct ospkgs *out, const struct merge *files)
{
    auto_map struct map *names = map_new();
    struct merged file;
    const struct jx *list;

    if (!merge_find(files, EXTENDED_STATES, "autoinst", &file))
        return;
    list = jx_arr(file.data, "auto");
    for (size_t i = 0; i < jx_count(list); i++)
        map_put(names, jx_bytes_value(jx_at(list, i)), names);
    for (size_t i = 0; i < out->n; i++)
        out->at[i].auto_installed = map_get_str(names, out->at[i].name) != NULL;
}

static void
collect_status(struct ospkgs *out, const struct merge *files,
               const struct os *os, bool compat)
{
    struct merged file;

    if (!merge_find(files, DPKG_STATUS, "dpkg", &file))
        return;
    read_dpkg(out, &file, os, compat);
    mark_auto(out, files);
}

static void
collect_status_d(struct ospkgs *out, const struct merge *files,
                 const struct os *os, bool compat)
{
    struct merged file;
    size_t at = 0;

    while (merge_next(files, "dpkg", &at, &file))
        read_dpkg(out, &file, os, compat);
}

/* ---- apk, chisel ------------------------------------------------------- */

typedef char *(*purl_maker)(const struct pkg *p, const struct os *os);

/* The peer has no purl for these; NULL: none is made. */
static void
collect_plain(struct ospkgs *out, const struct merge *files, const char *kind,
              const struct os *os, purl_maker purl_of)
{
    struct merged file;
    const struct jx *list;
    size_t at = 0;

    /* Of two databases the first in order is the only one. */
    if (!merge_next(files, kind, &at, &file))
        return;
    list = jx_arr(file.data, "pkgs");
    for (size_t i = 0; i < jx_count(list); i++) {
        struct pkg *p = ospkgs_add(out, jx_at(list, i), &file);

        if (purl_of != NULL && *p->name != '\0' && !str_is_empty(p->version))
            p->purl = purl_of(p, os);
    }
}

static char *
apk_purl(const struct pkg *p, const struct os *os)
{
    auto_buf struct buf out = BUF_INIT(SIZE_MAX / 4);
    auto_free char *distro = xasprintf("%s-%s", os->name, os->version);
    const struct purl_qualifier quals[] = {
        { "arch", str_is_empty(p->arch) ? NULL : p->arch },
        { "distro", distro },
        { "upstream", str_is_empty(p->source) ? NULL : p->source },
        { NULL, NULL },
    };

    purl_write(&out, "apk", os->name, p->name, p->version, quals);
    return buf_steal(&out);
}

static void
collect_apk(struct ospkgs *out, const struct merge *files, const struct os *os,
            bool compat)
{
    collect_plain(out, files, "apk", os, compat ? NULL : apk_purl);
}

/* Slices are cut from the packages of Ubuntu. Without a release file the
 * system has the name of the tool, which is no distribution. */
static char *
chisel_purl(const struct pkg *p, const struct os *os)
{
    auto_buf struct buf out = BUF_INIT(SIZE_MAX / 4);
    bool named = !str_eq(os->name, "chisel");
    auto_free char *distro = named ? purl_deb_distro(os->name, os->version,
                                                     false)
                                   : NULL;
    const struct purl_qualifier quals[] = {
        { "arch", str_is_empty(p->arch) ? NULL : p->arch },
        { "distro", distro },
        { NULL, NULL },
    };

    purl_write(&out, "deb", named ? os->name : "ubuntu", p->name, p->version,
               quals);
    return buf_steal(&out);
}

static void
collect_chisel(struct ospkgs *out, const struct merge *files,
               const struct os *os, bool compat)
{
    collect_plain(out, files, "chisel", os, compat ? NULL : chisel_purl);
}

static const struct database databases[] = {
    { "apk", collect_apk },
    { "deb", collect_status },
    { "rpm", rpmpkgs_collect_files },
    { "rpm", rpmpkgs_collect_sqlite },
    { "deb", collect_status_d },
    { "deb", collect_chisel },
};

/* Which database would have won does not matter to the peer: all are read. */
static int
refuse_broken(const struct merge *files, struct err *err)
{
    struct merged file;
    size_t at = 0;
    bool broken = rpmpkgs_are_broken(files);

    while (!broken && merge_next(files, "dpkg", &at, &file))
        broken = jx_bool(file.data, "broken", false);
    return broken ? err_set(err, ERR_INPUT,
                            "Failed to detect installed OS packages")
                  : 0;
}

int
ospkgs_select(struct ospkgs *out, const struct merge *files,
              const struct os *os, bool compat, struct err *err)
{
    *out = (struct ospkgs){ 0 };
    if (compat && refuse_broken(files, err) < 0)
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(databases) && out->n == 0; i++) {
        databases[i].collect(out, files, os, compat);
        out->manager = databases[i].manager;
    }
    if (out->n == 0)
        out->manager = "linux";
    return 0;
}
