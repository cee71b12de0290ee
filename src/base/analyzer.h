/*
 * base/analyzer.h: the version of what workers make of a layer. The worker
 * writes it into each record, the engine keeps records by it.
 *
 * A record holds what any scan may want of a layer, but for one thing: files
 * that the scan's own patterns name. A scan with patterns gets records of its
 * own variant, and the variant is part of the version.
 */
#ifndef BASE_ANALYZER_H
#define BASE_ANALYZER_H

#include <stddef.h>

#include "base/digest.h"

/* Raised whenever a record would come out different for the same bytes. */
#define ANALYZER_VERSION "3"

/* Ceilings of a variant: include and exclude patterns together. */
#define GLOBS_MAX      256
#define GLOB_MAX_BYTES 1024

/* Patterns of files whose content the record is to hold; all borrowed. */
struct analyzer_variant {
    const char *const *include;
    size_t n_include; /* 0: no variant, whatever is excluded */
    const char *const *exclude;
    size_t n_exclude;
};

#define ANALYZER_TEXT (sizeof(ANALYZER_VERSION) + 7 + SHA256_HEX)

/* The version; of a variant with "+globs:<hex>" behind it, a digest of the
 * patterns in their order. */
void analyzer_version(char out[ANALYZER_TEXT],
                      const struct analyzer_variant *variant);

#endif
