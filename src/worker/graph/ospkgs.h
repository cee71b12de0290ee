/*
 * worker/graph/ospkgs.h: the packages of the system: of several databases
 * the first with at least one package decides (scan-facts.md §7).
 */
#ifndef WORKER_GRAPH_OSPKGS_H
#define WORKER_GRAPH_OSPKGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "worker/graph/osdetect.h"
#include "worker/image/merge.h"

/* Texts are borrowed from the merge unless they say otherwise. */
struct pkg {
    const char *name;
    const char *version; /* NULL: not stated; often "" */
    const char *source;  /* NULL without */
    const char *source_version;
    const char *arch, *licence; /* NULL when not stated */
    const char **provides; /* owns the array */
    size_t n_provides;
    const char **deps; /* owns the array; in the order of the peer's keys */
    size_t n_deps;
    char *full_name;   /* owns: "source/name", or the name */
    char *whole_version; /* owns: what version points to, if need be */
    char *purl;        /* owns; NULL without */
    size_t layer;      /* where its database lies, from 0 at the bottom */
    bool auto_installed;
};

struct ospkgs {
    const char *manager; /* static: "deb" "apk" "rpm" "linux" */
    struct pkg *at;      /* owns */
    size_t n;
};

/* compat: a database the peer cannot read is an error, and packages count
 * whatever their status. */
int ospkgs_select(struct ospkgs *out, const struct merge *files,
                  const struct os *os, bool compat, struct err *err);
void ospkgs_clear(struct ospkgs *pkgs);

/* For whoever reads a database: one member of a record's "pkgs" (records.md)
 * becomes a package, without purl. Valid until the next one. */
struct pkg *ospkgs_add(struct ospkgs *out, const struct jx *d,
                       const struct merged *file);

#define auto_ospkgs __attribute__((cleanup(ospkgs_clear)))

#endif
