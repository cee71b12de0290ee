/*
 * engine/filter/filter.h: what may pass the tunnel (broker-protocol.md §g).
 *
 * Rules are compiled once and matched many times, in the order of the file;
 * the first that fits decides, and without one nothing passes. What cannot be
 * understood is refused: a rule at loading, a request at matching. Pure.
 */
#ifndef ENGINE_FILTER_FILTER_H
#define ENGINE_FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jx.h"
#include "engine/filter/vars.h"
#include "engine/net/headers.h"

struct filter;
struct filter_rule;

/* On the client: private is what the server may ask, public what local
 * callers may send out. On the server the other way round. */
enum filter_side { FILTER_PUBLIC, FILTER_PRIVATE };

/* {"public":[…],"private":[…]}. */
int filter_parse(struct filter **out, struct bytes json, struct err *err);
/*
 * From the setting ACCEPT.
 *   accept  a file; NULL, "" or a missing "accept.json": the rules of the
 *           container-registry agent (g.5)
 */
int filter_load(struct filter **out, const char *accept, struct err *err);
void filter_free(struct filter *f);

/* The rules as they were written, comments included and ${NAME} not replaced;
 * for identify and GET /filters. Borrowed. */
const struct jx *filter_rules(const struct filter *f);
/* The built-in rules. Static. */
extern const char filter_registry_rules[];

/* All borrowed. */
struct filter_query {
    const char *method;
    const char *target; /* path and query as received */
    const struct headers *headers;
    struct bytes body;
};

/*
 * The rule that lets it pass, or NULL; borrowed from f. `why` (may be NULL)
 * gets a short static text when none does, for the log.
 */
const struct filter_rule *filter_match(const struct filter *f,
                                       enum filter_side side,
                                       const struct filter_query *q,
                                       const char **why);

/* Does any rule look into bodies? If not, q->body may be left out. */
bool filter_reads_bodies(const struct filter *f, enum filter_side side);

/* Place in its list, from 0; its pattern. */
size_t filter_rule_index(const struct filter_rule *rule);
const char *filter_rule_path(const struct filter_rule *rule);

/*
 * Where the request goes by this rule: origin and target as one URL, without
 * user-info; the rule's credentials are put into `headers` (§g.2).
 *   ERR_INPUT  the rule has no origin, or its variables make no URL of it
 */
int filter_resolve(const struct filter_rule *rule, struct vars *vars,
                   const char *target, struct headers *headers,
                   struct buf *url, struct err *err);

AUTO_DEFINE(struct filter, filter, filter_free)
#define auto_filter __attribute__((cleanup(auto_cleanup_filter)))

#endif
