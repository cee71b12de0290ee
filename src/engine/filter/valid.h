/*
 * engine/filter/valid.h: the conditions a rule may have besides method and
 * path: its "valid" list (broker-protocol.md §g.1, item 5). Pure.
 */
#ifndef ENGINE_FILTER_VALID_H
#define ENGINE_FILTER_VALID_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "engine/net/headers.h"

struct valid;

/* An entry of unknown kind is ERR_UNSUPPORTED: ignoring it would let more
 * pass than was meant. */
int valid_compile(struct valid **out, const struct jx *list, struct err *err);
void valid_free(struct valid *v);

/*
 * Header entries must all hold. Of the rest: one body value, else one body
 * regex, else all queries; none at all is fine.
 *   query  behind "?", "" without
 */
bool valid_holds(const struct valid *v, const char *query,
                 const struct headers *headers, struct bytes body);
/* Is any of them about the body? */
bool valid_reads_bodies(const struct valid *v);

#endif
