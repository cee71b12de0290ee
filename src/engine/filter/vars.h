/*
 * engine/filter/vars.h: ${NAME} in rules and requests
 * (broker-protocol.md §g.2, §g.3). Pure but for whom it asks.
 */
#ifndef ENGINE_FILTER_VARS_H
#define ENGINE_FILTER_VARS_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "engine/net/headers.h"

struct vars;

/* The value of a setting, or NULL; borrowed until the next question. */
typedef const char *(*vars_lookup)(const char *name, void *arg);

struct vars *vars_new(vars_lookup lookup, void *arg);
void vars_free(struct vars *v);

/*
 * Appends `text` with each ${NAME} replaced: by the next entry of the list
 * NAME_POOL if there is one, else by NAME, else by NAME_LIKE_THIS when it is
 * written nameLikeThis, else by nothing. Plain $NAME stays.
 */
int vars_expand(struct vars *v, struct bytes text, struct buf *out);

/*
 * Request bodies: JSON whose BROKER_VAR_SUB lists dotted paths: the strings
 * there are expanded, the list is removed, and the JSON written anew. A path
 * that leads nowhere, or to something else, changes nothing.
 *   returns  true: `out` holds the new body; false: send the old one
 *            as it is (that much JSON is not looked at: 24 MiB)
 */
bool vars_body(struct vars *v, struct bytes body, struct buf *out);

/* Header values whose names "x-broker-var-sub" lists; it stays itself. */
void vars_headers(struct vars *v, struct headers *h);

AUTO_DEFINE(struct vars, vars, vars_free)
#define auto_vars __attribute__((cleanup(auto_cleanup_vars)))

#endif
