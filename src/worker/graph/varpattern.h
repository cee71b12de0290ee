/*
 * worker/graph/varpattern.h: what the peer looks for when it replaces a
 * variable in an instruction.
 *
 * It makes the regular expression \${NAME}|\$NAME of the name without quoting
 * it, so that "${v%.*}" takes all up to the last brace, and "$1" every
 * dollar sign. Groups are not supported: such a name matches nothing.
 */
#ifndef WORKER_GRAPH_VARPATTERN_H
#define WORKER_GRAPH_VARPATTERN_H

#include "base/bytes.h"
#include "base/buf.h"

/*
 * All matches in `text` replaced by `value`, in which "$&" and its kin mean
 * what they do to JavaScript; appended to `out`, whose ceiling counts. -1: it
 * was reached, or the work was too much; out holds a part then.
 *   *steps  what is left of a budget, in characters looked at; goes down
 */
int varpattern_replace(struct bytes text, const char *name, const char *value,
                       struct buf *out, size_t *steps);

#endif
