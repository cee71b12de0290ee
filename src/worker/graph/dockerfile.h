/*
 * worker/graph/dockerfile.h: what a Dockerfile says of its image: what it is
 * built upon, and what it runs (scan-facts.md §10, last paragraph).
 */
#ifndef WORKER_GRAPH_DOCKERFILE_H
#define WORKER_GRAPH_DOCKERFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"

struct dockerfile;

/* Never fails: what is not understood says nothing. */
struct dockerfile *dockerfile_new(struct bytes text, bool compat);
void dockerfile_free(struct dockerfile *d);

/* The image below the last stage, NULL when it is not known. Borrowed. */
const char *dockerfile_base(const struct dockerfile *d);
/* Why not: "BASE_IMAGE_NAME_NOT_FOUND", "BASE_IMAGE_NON_RESOLVABLE"; NULL
 * otherwise. Static. */
const char *dockerfile_error(const struct dockerfile *d);

/* Its RUN instructions, of all stages, variables replaced; those beyond a
 * ceiling of bytes are left out. Borrowed. */
const char *const *dockerfile_runs(const struct dockerfile *d, size_t *n);

/* Some are left out, or have variables that are not replaced. */
bool dockerfile_full(const struct dockerfile *d);

AUTO_DEFINE(struct dockerfile, dockerfile, dockerfile_free)
#define auto_dockerfile __attribute__((cleanup(auto_cleanup_dockerfile)))

#endif
