/*
 * worker/analyze/go-match.h: which packages of which modules are in a
 * program, by the names of its source files.
 *
 * Two answers: the peer's (scan-facts.md §16.3), and the right one. A package
 * is what follows the name of its module: "", "/sub/x".
 */
#ifndef WORKER_ANALYZE_GO_MATCH_H
#define WORKER_ANALYZE_GO_MATCH_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"
#include "worker/analyze/go-modules.h"
#include "worker/analyze/go-pclntab.h"

/* Of all modules, and their bytes. */
#define GO_PACKAGES_MAX       200000
#define GO_PACKAGES_MAX_BYTES (16u << 20)

/* In the order of first appearance; the array is owned, texts borrow from the
 * files. */
struct go_packages {
    struct bytes *list;
    size_t n;
};

/*
 * One list for each module; the caller frees what *out points to with
 * go_packages_free(). -1: ERR_LIMIT, nothing to free.
 */
int go_match_as_peer(const struct go_modules *modules,
                     const struct go_files *files, struct go_packages **out,
                     struct err *err);
int go_match(const struct go_modules *modules, const struct go_files *files,
             struct go_packages **out, struct err *err);
void go_packages_free(struct go_packages *packages, size_t n_modules);

#endif
