/*
 * worker/graph/namedfiles.h: files that the scan's patterns name, reported as
 * they are (scan-facts.md §17.1).
 */
#ifndef WORKER_GRAPH_NAMEDFILES_H
#define WORKER_GRAPH_NAMEDFILES_H

#include "base/auto.h"
#include "base/err.h"
#include "base/json/jw.h"
#include "base/json/jx.h"
#include "worker/image/merge.h"

struct namedfiles;

/* From a scan's options (NULL: none); they are borrowed for the call. */
struct namedfiles *namedfiles_new(const struct jx *options, struct err *err);
void namedfiles_free(struct namedfiles *n);

/* Fact imageManifestFiles; nothing when no file is named. */
void namedfiles_fact(const struct namedfiles *n, const struct merge *files,
                     struct jw *jw);

AUTO_DEFINE(struct namedfiles, namedfiles, namedfiles_free)
#define auto_namedfiles __attribute__((cleanup(auto_cleanup_namedfiles)))

#endif
