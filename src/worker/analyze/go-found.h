/*
 * worker/analyze/go-found.h: packages found so far, for the two ways of
 * matching. For go-match*.c only.
 */
#ifndef WORKER_ANALYZE_GO_FOUND_H
#define WORKER_ANALYZE_GO_FOUND_H

#include <stdint.h>

#include "worker/analyze/go-match.h"
#include "worker/analyze/go-prefix.h"

/* Enough for any program; only made-up ones pass it. */
#define GO_WORK_MAX (4000000000u)

struct go_found;
struct go_found *go_found_new(size_t n_modules);
void go_found_free(struct go_found *found);

/* `rest` is what follows the module's name in a file's: its folder is a
 * package. -1: ERR_LIMIT. */
int go_found_add(struct go_found *found, size_t module, struct bytes rest,
                 struct err *err);
/* The lists; the rest is freed. */
struct go_packages *go_found_finish(struct go_found *found);

/* ERR_LIMIT once `work`, the steps taken so far, is more than any program that
 * was not made to be slow asks for. */
int go_check_work(uint64_t work, struct err *err);

AUTO_DEFINE(struct go_found, go_found, go_found_free)
#define auto_go_found __attribute__((cleanup(auto_cleanup_go_found)))

#endif
