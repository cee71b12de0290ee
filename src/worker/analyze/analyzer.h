/*
 * worker/analyze/analyzer.h: what an analyzer is; for its room only.
 *
 * A new one is a file and a row in table.c. It is pure: bytes in, record
 * lines out, through `struct an_out` alone. It takes bodies whole (.read),
 * piece by piece (.begin, .feed, .end) when they must never be held, or at
 * random (.inspect) when they may be too large for memory. Several may want
 * the same entry; each sees the whole body.
 */
#ifndef WORKER_ANALYZE_ANALYZER_H
#define WORKER_ANALYZE_ANALYZER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jw.h"
#include "worker/analyze/analyze.h"
#include "worker/archive/body.h"

struct an_out;

#define AN_SNIFF_BYTES 4

struct analyzer {
    const char *name; /* for messages; usually the kind of its lines */
    /*
     * Which paths, NULL-terminated:
     *   "/etc/os-release"           this path
     *   "package.json"              this base name, anywhere
     *   "/var/lib/dpkg/status.d/" + "*"  everything below this folder
     *   "*node"                     paths that end so
     *   "*"                         every file (give a `sniff`)
     */
    const char *const *wants;
    /* A finer test behind `wants`; NULL: they suffice. */
    bool (*also)(struct bytes path);
    /* Nobody asks for the bytes of an empty body unless this is set: such a
     * file becomes a line without "d" (it hides what is below, no more). */
    bool takes_empty;

    /* The name says it all: a line with empty data, without for an empty file.
     * None of the functions below then. */
    bool name_only;

    /* The whole body. -1: damaged; a warning is written, the rest goes on. */
    int (*read)(struct bytes body, struct an_out *out, struct err *err);

    /* Or at random, small and large ones alike; -1 as above. An empty body is
     * seen here too if takes_empty is set. */
    int (*inspect)(struct ar_body *body, struct an_out *out, struct err *err);
    /* What the body begins with (AN_SNIFF_BYTES, or all of a shorter one)
     * decides whether it is gathered for .inspect; NULL: always. One that is
     * not becomes a line without "d": its name asked for one. */
    bool (*sniff)(struct bytes head);
    /* He asks for everything, and .sniff decides. Of what is not his only an
     * executable without extension gets that line: it hides one of his in a
     * lower layer. Folders do not. */
    bool by_content;

    /* Or piece by piece. begin: NULL means no interest after all. */
    void *(*begin)(const struct ar_entry *entry);
    /* false: enough seen, end is called without more. */
    bool (*feed)(void *state, struct bytes chunk);
    int (*end)(void *state, struct an_out *out, struct err *err); /* takes */
};

extern const struct analyzer *const analyzers[]; /* NULL-terminated */
/* Wants what the scan's patterns name, and is in no table. */
extern const struct analyzer analyzer_glob;

/* The entry at hand, borrowed for the call. */
const struct ar_entry *an_entry(const struct an_out *out);
/* Archives in archives that may be opened; 0: none are. */
uint64_t an_nesting(const struct an_out *out);
/* Where bodies inside of bodies may be put; borrowed. */
struct ar_scratch *an_scratch(const struct an_out *out);
/* One record line of kind `kind`; data as in record_item(). -1, to be handed
 * up: stdout is gone, which ends the layer, or the line is too long: ERR_LIMIT,
 * and it costs this file alone. */
int an_item(struct an_out *out, const char *kind,
            void (*data)(struct jw *jw, void *arg), void *arg,
            struct err *err);
/* The line {"bad":true}: the file is there, and of no use. -1 as above. */
int an_bad(struct an_out *out, const char *kind, struct err *err);
/* We coped; the record says so. */
int an_warn(struct an_out *out, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
