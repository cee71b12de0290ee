/*
 * worker/analyze/locktree.h: what yarn's and pnpm's lock files have in
 * common once they are trees: packages, and lists of dependencies.
 */
#ifndef WORKER_ANALYZE_LOCKTREE_H
#define WORKER_ANALYZE_LOCKTREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json/jw.h"
#include "base/map.h"
#include "worker/analyze/texttree.h"

/* Of one lock file: several times what the largest known ones have, and a
 * graph of so many takes a hundred megabytes. */
#define LOCK_MAX_PKGS 30000
#define LOCK_MAX_DEPS 120000
/* More than a package, an importer or a file has that is kept, unless some of
 * them are repeated. */
#define LOCK_MEMBERS 8

/* Names to nodes in the order of JavaScript's objects: the value of a name
 * met again replaces the one before; TREE_NULL is left out. `lists` are maps
 * or NULL. The caller owns the map. */
struct map *lock_members(const struct tree_node *const *lists, size_t n);

/* How much of a lock file would be written. */
struct lock_count {
    size_t pkgs, deps;
};
/* One more package (or importer) with its two lists of dependencies.
 * ERR_LIMIT once it is too much. */
int lock_count_pkg(struct lock_count *count, const struct tree_node *pkg,
                   struct err *err);
/* The lists alone: of the file, or of what adds to a package. `of` may be
 * NULL. ERR_LIMIT likewise. */
int lock_count_deps(struct lock_count *count, const struct tree_node *of,
                    struct err *err);

/*
 * [name, version, name, version, …]: `deps`, overridden by `optional`; either
 * may be NULL. A version that is no text is null; of a map (an importer's) its
 * "version" counts.
 */
void lock_write_deps(struct jw *jw, const struct tree_node *deps,
                     const struct tree_node *optional);

/* A text or null. */
void lock_write_text(struct jw *jw, struct bytes text);

/* Packages bring lock files along that nobody installs by. */
bool lock_is_of_a_project(struct bytes path);

#endif
