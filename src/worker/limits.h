/*
 * worker/limits.h: the ceilings of one run: a table of options, their presets
 * and their texts. Where a ceiling is applied, and what passing it says, is
 * with whoever does the work.
 */
#ifndef WORKER_LIMITS_H
#define WORKER_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "worker/archive/ar.h"

struct limits {
    uint64_t plain_bytes;   /* uncompressed bytes of the input; 0: none */
    uint64_t ratio;         /* uncompressed per compressed byte; 0: none */
    uint64_t entries;       /* of a tar; 0: none */
    uint64_t path_bytes;    /* of a name in a tar; 0: none */
    uint64_t product_bytes; /* of one body kept in memory; 0: none */
    uint64_t hold_bytes;    /* of bodies read at random, what memory holds;
                               0: all */
    uint64_t scratch_bytes; /* of the scratch file, for the rest; 0: none */
    uint64_t nesting;       /* archives in archives; 0: none are opened */
    uint64_t memory_bytes;  /* address space of this process; 0: none */
    uint64_t cpu_s;         /* processor time of this process; 0: none */
};

struct limit_option {
    const char *name; /* "plain-limit" */
    const char *unit; /* "BYTES", "COUNT", "SECONDS": how it is parsed */
    size_t at;        /* offset in struct limits, of a uint64_t */
    uint64_t preset;
    const char *doc;
};

/* Static; ends with a row without a name. */
extern const struct limit_option limit_options[];

/* The presets. */
void limits_init(struct limits *limits);

/* One option's text; ERR_INPUT names the option. */
int limits_set(struct limits *limits, const struct limit_option *option,
               const char *text, struct err *err);

/* What of it is the archive's. */
struct ar_limits limits_for_archive(const struct limits *limits);

#endif
