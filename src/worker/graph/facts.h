/*
 * worker/graph/facts.h: what we report of an image: one scan result for the
 * system, one for each application (scan-facts.md §1).
 */
#ifndef WORKER_GRAPH_FACTS_H
#define WORKER_GRAPH_FACTS_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jw.h"
#include "base/json/jx.h"
#include "worker/image/merge.h"
#include "worker/image/options.h"

/* What is known of the image. Everything is borrowed for the facts' life. */
struct image {
    bool compat;
    bool pulled; /* from a registry: the target and its digests are names */
    const struct image_options *options;
    const struct merge *files;
    const struct jx *config;      /* an object */
    const struct jx *layer_names; /* array, as fact imageLayers shows them */
    const char *image_id;
    struct bytes dockerfile;      /* its text; p NULL without one */
    const char *target;           /* names the image when no option does */
    const char *manifest_digest, *index_digest; /* of a pull; may be NULL */
    const struct jx *warnings;    /* array of texts: files not understood */
};

/* Files not understood that a result tells of. */
#define FACTS_MAX_WARNINGS 100

/* The text that names it: an option's, or the target's. Borrowed from it. */
const char *image_reference(const struct image *image);

struct facts;

/* One finished result, a line of JSON with its line feed; borrowed. */
typedef int (*facts_sink)(struct bytes line, void *arg, struct err *err);

/* What is wrong with the image as a whole is told here. */
struct facts *facts_new(const struct image *image, struct err *err);
void facts_free(struct facts *f);
/* The system's result, then those of the applications. -1: the sink said so, a
 * result is too large, or (compat) an application ends the peer's scan; lines
 * before that have been handed out. */
int facts_write(struct facts *f, facts_sink sink, void *arg, struct err *err);

AUTO_DEFINE(struct facts, facts, facts_free)
#define auto_facts __attribute__((cleanup(auto_cleanup_facts)))

#endif
