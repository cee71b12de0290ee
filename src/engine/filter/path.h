/*
 * engine/filter/path.h: path patterns as rules write them (path-to-regexp
 * 1.x, broker-protocol.md §g.1): "/r/:repo", "/a/:b?", stars. Pure.
 */
#ifndef ENGINE_FILTER_PATH_H
#define ENGINE_FILTER_PATH_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the regular expression (to be used ignoring case) that a pattern
 * stands for. */
int path_to_re(const char *pattern, struct buf *out, struct err *err);

/* The same for minimatch globs, as `valid` query conditions have them. */
int glob_to_re(const char *glob, struct buf *out, struct err *err);

#endif
