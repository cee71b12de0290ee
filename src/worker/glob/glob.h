/*
 * worker/glob/glob.h: sets of path patterns in the manner of npm's
 * minimatch 9: "*" "?" "[a-z]" within a component, "**" across, "{a,b}",
 * "{1..3}", "@(a|b)" "!(x)" and their kin; a wildcard does not match a
 * leading dot, a backslash is a slash, "!" in front negates, "#" comments out.
 *
 * Matching takes time in proportion to path and pattern, never more.
 */
#ifndef WORKER_GLOB_H
#define WORKER_GLOB_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"

struct globs;

struct globs *globs_new(void);
/* A set of n patterns; NULL when globs_add() fails for one. */
struct globs *globs_of(const char *const *patterns, size_t n, struct err *err);
void globs_free(struct globs *g);
/* Ceilings: analyzer.h, and what the pattern unfolds to. ERR_LIMIT names the
 * pattern. */
int globs_add(struct globs *g, const char *pattern, struct err *err);
/* Whether any of them takes the path: absolute, normalised, any bytes. */
bool globs_match(const struct globs *g, struct bytes path);
size_t globs_count(const struct globs *g);

AUTO_DEFINE(struct globs, globs, globs_free)
#define auto_globs __attribute__((cleanup(auto_cleanup_globs)))

#endif
