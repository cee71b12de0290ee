/* engine/scan/scan-private.h: what scanner, flights, scans and assembling
 * share. */
#ifndef ENGINE_SCAN_SCAN_PRIVATE_H
#define ENGINE_SCAN_SCAN_PRIVATE_H

#include "base/analyzer.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json/jx.h"
#include "base/list.h"
#include "base/map.h"
#include "engine/scan/scan.h"

/* Ceilings of what workers send back, in bytes. */
#define RECORD_MAX_BYTES  ((size_t)128 << 20)
#define RECORDS_MAX_BYTES ((uint64_t)256 << 20) /* of one scan */
#define RESULT_MAX_BYTES  ((size_t)256 << 20)   /* one result */
#define WORKER_ARGS       24

/* Arguments of a worker: ceilings from the settings, then others. */
struct worker_args {
    char text[8][24];              /* the numbers */
    const char *at[WORKER_ARGS + 1]; /* NULL-terminated */
    size_t n;
};

struct scanner {
    struct loop *loop;       /* borrows, all four */
    const struct conf *conf;
    struct proc_pool *pool;
    struct store *store;
    struct worker_args args;
    struct list scans;
    struct map *flights; /* digest and version -> one that others may join */
    unsigned n_flights;  /* the unnamed ones too; for tests and logs */
};

/* ---- records ------------------------------------------------------------- */

/* A layer's record; shared by the scans that wait for it. */
struct record {
    unsigned n_refs;
    struct buf bytes;
    struct digest digest; /* of the layer as stored; "" when unknown */
};
struct record *record_new(void);
struct record *record_ref(struct record *r); /* shares */
void record_unref(struct record *r);

/*
 * What a scan wants of its records beyond what every record holds (patterns
 * of files, base/analyzer.h). Shared by the scan and its flights.
 */
struct variant {
    unsigned n_refs;
    char version[ANALYZER_TEXT]; /* records are kept by it */
    char **args; /* owns, and the texts: arguments of a layer's worker */
    size_t n_args;
};
/* From a scan's options, NULL without; NULL and err when they are wrong. */
struct variant *variant_new(const struct jx *options, struct err *err);
struct variant *variant_ref(struct variant *v); /* shares */
void variant_unref(struct variant *v);

/* What a record says of itself in its first and last line. */
struct record_facts {
    bool same_analyzer;    /* it is of the version that was wanted */
    bool is_plain;         /* the layer is not compressed */
    struct digest diff_id; /* of the plain layer; "" when not asked for */
};
/* ERR_INTERNAL when it has no end line or is no record at all. */
int record_read(struct record_facts *out, struct bytes record,
                const char *version, struct err *err);

/* ---- flights: one layer becomes a record --------------------------------- */

struct flight;
struct passenger; /* who waits for one */

struct passenger_events {
    void (*on_state)(enum layer_state state, uint64_t n_bytes, void *arg);
    /* Once unless left: record (share it to keep it) or why not. `broken`:
     * the layer's own bytes are to blame. */
    void (*on_record)(struct record *record, const struct err *err,
                      bool broken, void *arg);
};

struct passenger {
    struct link link;      /* in the flight's list */
    struct flight *flight; /* borrows while aboard, NULL otherwise */
    struct source *source; /* borrows while aboard */
    size_t layer;
    const struct source_layer *layer_info; /* borrows; that layer */
    struct variant *variant; /* borrows while aboard */
    const struct passenger_events *events; /* borrows */
    void *arg;
};

/*
 * Board a flight for p->layer of p->source: a running one to the same digest
 * and variant, or a new one. Answers never come from within. -1: the pool is
 * full.
 */
int flight_board(struct scanner *s, struct passenger *p, struct err *err);
/* Leave: no callback any more. The last one aboard ends the flight. */
void flight_leave(struct passenger *p);

/* ---- assembling ---------------------------------------------------------- */

struct assembly;

struct assembly_events {
    void (*on_result)(struct bytes json, void *arg);
    void (*on_end)(const struct err *err, void *arg);
};

struct assembly_spec {
    const struct source_image *image; /* borrows until the end */
    struct jx *options;               /* borrows; object or NULL */
    struct bytes dockerfile;          /* borrows; p NULL without one */
    bool compat;
    struct record **records; /* one a layer, NULL: contributes nothing; the
                                array is copied, the records are borrowed
                                until the end */
};

/* NULL and err when the pool is full. */
struct assembly *assembly_start(struct scanner *s,
                                const struct assembly_spec *spec,
                                const struct assembly_events *events,
                                void *arg, struct err *err);
void assembly_cancel(struct assembly *a); /* takes a */
/* The header of records.md, without its length; pure, for tests. */
int assembly_header(struct buf *out, const struct assembly_spec *spec,
                    struct err *err);

/* scan.c */
void scan_free_all(struct scanner *s);

#endif
