/*
 * engine/scan/scan.h: the conductor: source → workers → records → result.
 *
 * Known layers come from the store, unknown ones are fetched and read by
 * workers side by side; scans that need the same layer share one download. A
 * last worker assembles the records.
 */
#ifndef ENGINE_SCAN_SCAN_H
#define ENGINE_SCAN_SCAN_H

#include "base/bytes.h"
#include "base/conf/conf.h"
#include "base/err.h"
#include "engine/loop/loop.h"
#include "engine/loop/proc.h"
#include "engine/source/source.h"
#include "engine/store/store.h"

struct scanner; /* what scans share: pool, store, running layers */
struct scan;

/* All borrowed for the scanner's life. */
struct scanner *scanner_new(struct loop *loop, const struct conf *conf,
                            struct proc_pool *pool, struct store *store,
                            struct err *err);
void scanner_free(struct scanner *s); /* cancels what runs */

/* The pool as the settings want it (path, ceilings). */
struct proc_pool *scanner_pool_new(struct loop *loop, const struct conf *conf,
                                   struct err *err);

enum layer_state { LAYER_KNOWN, LAYER_STARTED, LAYER_PROGRESS, LAYER_DONE };

#define DOCKERFILE_MAX_BYTES (256u << 10)

struct scan_request {
    struct source_spec source;  /* borrowed until on_done */
    const char *options;        /* JSON object, scan-facts.md §2; NULL: none */
    struct bytes dockerfile;    /* its text, for option `file`; copied; p NULL
                                   without one. Whoever gives it has read it:
                                   the option alone opens no file */
    bool compat;
};

struct scan_events {
    /* May be NULL. bytes/total: compressed bytes of this layer so far; total
     * 0: not known. */
    void (*on_layer)(size_t layer, size_t n_layers, const char *digest,
                     enum layer_state state, uint64_t n_bytes, uint64_t total,
                     void *arg);
    /* Once, before any result. May be NULL. */
    void (*on_image)(const struct source_image *image, void *arg);
    /* One scan result as compact JSON, in order; borrowed. */
    void (*on_result)(size_t index, struct bytes json, void *arg);
    /* Exactly once unless cancelled. err NULL: on_result came for each. */
    void (*on_done)(size_t n_results, const struct err *err, void *arg);
};

struct scan *scan_start(struct scanner *s, const struct scan_request *req,
                        const struct scan_events *events, void *arg,
                        struct err *err);
void scan_cancel(struct scan *scan); /* takes scan; no callback any more */

#endif
