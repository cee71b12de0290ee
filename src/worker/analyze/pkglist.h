/*
 * worker/analyze/pkglist.h: packages of a database, as they go into a record.
 *
 *   {"pkgs":[{"n":name,"v":version,"s":source,"sv":source version,
 *             "p":[provided],"d":[depends on],"a":arch,"l":licence,
 *             "st":status,"nv":true,
 *             "e":epoch,"sr":source rpm,"m":module label,"only":reading}, …],
 *    "broken":true,"lost":true}
 *
 * Members without a value are left out ("nv": the key was there, its value
 * was not). "only" ("right", "compat"): the other reading has no such entry.
 * "broken": the peer gives up the scan at this file (§18); "lost": it gives
 * up the file. We do neither.
 *
 * No system has more packages, names or text than the ceilings let in, and a
 * small file may claim as many as it likes: what does not fit is left out, and
 * so is a package of a name or version that is longer than any; a warning
 * tells.
 */
#ifndef WORKER_ANALYZE_PKGLIST_H
#define WORKER_ANALYZE_PKGLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/map.h"
#include "worker/analyze/analyzer.h"

#define PKG_LIST_MAX_PACKAGES   50000u
#define PKG_LIST_MAX_NAMES      250000u /* provided and depended on */
#define PKG_LIST_MAX_TEXT_BYTES (16u << 20)
#define PKG_MAX_TEXT_BYTES      1024u /* of a name or a version */

#define PKG_RIGHT_ONLY  "right"
#define PKG_COMPAT_ONLY "compat"

struct pkg_list;

/* Texts are borrowed, until the list is written. */
struct pkg_entry {
    struct pkg_list *list;  /* borrows: the one it is in */
    struct bytes name, version;
    struct bytes source, source_version; /* p NULL: none */
    struct bytes arch, licence, status;  /* p NULL: none */
    struct bytes *provides; /* owns the array */
    size_t n_provides;
    struct bytes *deps;     /* owns the array; no text twice */
    size_t n_deps;
    struct map *deps_seen;  /* owns; NULL while there are few */
    char *cleaned;          /* owns; NULL, or what source_version points to */
    struct bytes source_rpm, module; /* p NULL: none */
    const char *only;       /* PKG_…_ONLY; NULL: both readings */
    int64_t epoch;
    bool has_epoch;
    bool no_name;           /* "Package" without a value */
    bool no_version;        /* "Version" without a value */
};

struct pkg_list {
    struct pkg_entry *at; /* owns */
    size_t n;
    size_t n_names, n_text_bytes;
    bool full;            /* something did not fit */
    bool own_ceilings;    /* whoever fills it has some: none of ours */
    bool broken, lost;
    struct pkg_entry beyond; /* owns: takes what does not fit */
};

void pkg_list_clear(struct pkg_list *l);
/* A new entry at the end, or one that will be left out once the list is full;
 * valid until the next call. */
struct pkg_entry *pkg_list_add(struct pkg_list *l);
void pkg_add_provide(struct pkg_entry *p, struct bytes name);
void pkg_add_dep(struct pkg_entry *p, struct bytes name);
/* One record line, and a warning of what is not in it. */
int pkg_list_write(struct pkg_list *l, struct an_out *out, const char *kind,
                   struct err *err);

#define auto_pkg_list __attribute__((cleanup(pkg_list_clear)))

#endif
