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
 */
#ifndef WORKER_ANALYZE_PKGLIST_H
#define WORKER_ANALYZE_PKGLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/map.h"
#include "worker/analyze/analyzer.h"

#define PKG_RIGHT_ONLY  "right"
#define PKG_COMPAT_ONLY "compat"

/* Texts are borrowed, until the list is written. */
struct pkg_entry {
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
    bool broken, lost;
};

void pkg_list_clear(struct pkg_list *l);
/* A new entry at the end; valid until the next one. */
struct pkg_entry *pkg_list_add(struct pkg_list *l);
void pkg_add_provide(struct pkg_entry *p, struct bytes name);
void pkg_add_dep(struct pkg_entry *p, struct bytes name);
/* One record line. */
int pkg_list_write(struct pkg_list *l, struct an_out *out, const char *kind,
                   struct err *err);

#define auto_pkg_list __attribute__((cleanup(pkg_list_clear)))

#endif
