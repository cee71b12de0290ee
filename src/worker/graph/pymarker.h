/*
 * worker/graph/pymarker.h: environment markers of Python's requirements:
 * "extra == 'socks' and python_version < '3'".
 */
#ifndef WORKER_GRAPH_PYMARKER_H
#define WORKER_GRAPH_PYMARKER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/json/jx.h"

/* A name in the form of PEP 503: "Foo__bar.x" is "foo-bar-x". The
 * caller's. */
char *py_normal_name(const char *name);

/*
 * The peer's test: "extra", and somewhere behind it this one in quotes. A dot
 * in it stands for any character.
 */
bool pymarker_names(struct bytes marker, const char *extra);

/*
 * PEP 508. `asked`: the extras asked for (an array of texts; NULL: none). What
 * depends on more than extras and Linux is taken to hold, and so is what is
 * malformed.
 */
bool pymarker_holds(struct bytes marker, const struct jx *asked);

#endif
