/*
 * worker/graph/names.h: the names an image goes by (scan-facts.md §2.2, §2.3).
 */
#ifndef WORKER_GRAPH_NAMES_H
#define WORKER_GRAPH_NAMES_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json/jw.h"

#define NAMES_MAX 8

struct names {
    char *at[NAMES_MAX]; /* own */
    size_t n;
};

/*
 * "repo:tag", "repo@<manifest digest>", "repo@<index digest>", "repo@<digest
 * in the text>", appended as far as they are known. The digests may be NULL.
 * ERR_INPUT with the peer's words for what is no reference.
 */
int names_add(struct names *names, const char *reference,
              const char *manifest_digest, const char *index_digest,
              struct err *err);
void names_clear(struct names *names);

/* Whether fact ociDistributionMetadata can be told: the reference has a host
 * and a repository, short enough, and the digests are whole (index_digest may
 * be NULL). */
bool names_distribution_ok(const char *reference, const char *manifest_digest,
                           const char *index_digest);
/* Its data: {registryHost, repository, manifestDigest, indexDigest?,
 * imageTag?}. To be asked for when it can be told. */
void names_write_distribution(struct jw *jw, const char *reference,
                              const char *manifest_digest,
                              const char *index_digest);

#define auto_names __attribute__((cleanup(names_clear)))

#endif
