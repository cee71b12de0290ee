/* worker/graph/facts-private.h: what the files that make results share. */
#ifndef WORKER_GRAPH_FACTS_PRIVATE_H
#define WORKER_GRAPH_FACTS_PRIVATE_H

#include "base/buf.h"
#include "worker/graph/dockerfile.h"
#include "worker/graph/facts.h"
#include "worker/graph/instructions.h"
#include "worker/graph/namedfiles.h"
#include "worker/graph/names.h"
#include "worker/graph/osdetect.h"
#include "worker/graph/ospkgs.h"
#include "worker/graph/ostree.h"
#include "worker/graph/report.h"

struct facts {
    struct image image;        /* borrows what it points to */
    struct os os;
    struct ospkgs pkgs;
    struct instructions *history; /* owns: what it tells was installed */
    struct dockerfile *dockerfile; /* owns; NULL without one */
    struct instructions *runs;     /* owns: what the Dockerfile installs */
    struct ostree *tree;               /* owns */
    struct namedfiles *named;          /* owns */
    struct names names;
    bool distribution;         /* ociDistributionMetadata is complete */
    struct jx *truncated;      /* owns: an object, what was cut */
    struct jx *app_warnings;   /* owns: an array of texts */
    size_t n_untold;           /* warnings beyond their ceiling */
};

struct report {
    struct facts *f;       /* borrows */
    struct buf line;       /* owns */
    struct jw jw;
    facts_sink sink;
    void *arg;
};

/* Warnings about files, of the records and of reporters. */
size_t facts_count_warnings(const struct facts *f);
/* One more, logged too; beyond FACTS_MAX_WARNINGS it is only counted. */
void facts_warn(struct facts *f, struct bytes text);

/* The facts of the system's result, in order (osfacts.c). */
void facts_of_system(struct facts *f, struct jw *jw);

/* ---- the frame of a result (report.c) ------------------------------------ */

/* Nothing at all when there is nothing to say: NULL, or an empty text. */
void fact_text(struct jw *jw, const char *type, const char *text);
void fact_json(struct jw *jw, const char *type, const struct jx *data);
/* imageNames and ociDistributionMetadata, which every result has. */
void facts_names(const struct facts *f, struct jw *jw);

/* A result as it begins, and as it is handed on. platform NULL: not known. */
struct jw *report_open(struct report *out);
void report_identity(struct jw *jw, const char *type, const char *target_file,
                     const char *platform);
void report_target(const struct facts *f, struct jw *jw);
int report_close(struct report *out, struct err *err);

#endif
