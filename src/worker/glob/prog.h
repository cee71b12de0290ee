/*
 * worker/glob/prog.h: one component of a glob as a machine that
 * tells whether it takes a whole name. Its time is the product of both
 * lengths, whatever the pattern.
 */
#ifndef WORKER_GLOB_PROG_H
#define WORKER_GLOB_PROG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/err.h"
#include "worker/glob/class.h"

struct glob_prog;

/* The component is copied as far as needed. ERR_LIMIT: too complex. */
struct glob_prog *glob_prog_new(struct units component, struct err *err);
void glob_prog_free(struct glob_prog *p);
bool glob_prog_match(const struct glob_prog *p, struct units name);
/* How large it is; for the ceiling of a set of patterns. */
size_t glob_prog_states(const struct glob_prog *p);

AUTO_DEFINE(struct glob_prog, glob_prog, glob_prog_free)
#define auto_glob_prog __attribute__((cleanup(auto_cleanup_glob_prog)))

#endif
