/*
 * worker/analyze/analyze.h: entries of a layer become products of its record.
 *
 * analyze_entry() decides by one look at the name whether anybody wants the
 * body; a row in table.c is an analyzer. An analyzer is pure: bytes in,
 * record lines out. A damaged body is a warning in the record, never the end.
 */
#ifndef WORKER_ANALYZE_ANALYZE_H
#define WORKER_ANALYZE_ANALYZE_H

#include "base/analyzer.h"
#include "base/err.h"
#include "worker/archive/ar.h"
#include "worker/archive/body.h"
#include "worker/image/record.h"

struct analyze;
struct globs;

struct analyze_limits {
    uint64_t product_bytes; /* of one body kept in memory; 0: none */
    uint64_t nesting;       /* archives in archives; 0: none are opened */
    struct ar_scratch *scratch; /* borrows; where bodies read at random lie */
    const struct globs *include, *exclude; /* borrow; NULL: no globs at all */
};

/* out: where record lines go; borrowed. */
struct analyze *analyze_new(struct record_writer *out,
                            const struct analyze_limits *limits);
void analyze_free(struct analyze *a);

/*
 * One entry, in tar order; reads its body from `ar` if somebody wants it. -1
 * only when the archive itself is broken, or the record cannot be written.
 */
int analyze_entry(struct analyze *a, struct ar *ar,
                  const struct ar_entry *entry, struct err *err);

AUTO_DEFINE(struct analyze, analyze, analyze_free)
#define auto_analyze __attribute__((cleanup(auto_cleanup_analyze)))

#endif
