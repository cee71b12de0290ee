/* worker/image/options.h: the scanner's options (scan-facts.md §2). */
#ifndef WORKER_IMAGE_OPTIONS_H
#define WORKER_IMAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/json/jx.h"

#define OPTIONS_MAX_WARNINGS 2

/* Texts and arrays are borrowed from the document; NULL when not given. */
struct image_options {
    const char *image_name_and_tag;
    const char *image_name_and_digest;
    const char *manifest_digest, *index_digest; /* digests.* */
    const char *target_reference;
    const char *file; /* a Dockerfile's path; the engine reads it */
    const struct jx *document; /* all of them, as they were given */
    bool exclude_app_vulns;
    bool exclude_node_modules;
    bool exclude_base_image;
    bool include_system_jars;
    bool collect_application_files;
    double nested_jars_depth;
    const char *warnings[OPTIONS_MAX_WARNINGS]; /* static texts */
    size_t n_warnings;
};

/*
 * Checks and reads them; the errors are in the peer's words. `options` may be
 * NULL: none are given.
 */
int options_read(struct image_options *out, const struct jx *options,
                 struct err *err);

#endif
