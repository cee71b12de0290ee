/*
 * worker/analyze/go-prefix.h: many texts at once: which of them does another
 * one begin with?
 *
 * Sorted, each knowing the longest other one it begins with itself: all that
 * a text begins with are then one chain. A look-up takes time with the length
 * of the text and the logarithm of their number.
 */
#ifndef WORKER_ANALYZE_GO_PREFIX_H
#define WORKER_ANALYZE_GO_PREFIX_H

#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"

struct go_prefix {
    struct bytes key;               /* borrows from the set */
    size_t owner;                   /* as given */
    const struct go_prefix *next;   /* the same key of a later owner, else the
                                     * longest shorter one; NULL: none */
};

struct go_prefixes;
struct go_prefixes *go_prefixes_new(void);
void go_prefixes_free(struct go_prefixes *set);
/* Add "a", "a@b" or, with an end, "a@b/": all of it copied. b may be empty. */
void go_prefixes_add(struct go_prefixes *set, struct bytes a, struct bytes b,
                     const char *end, size_t owner);
/* After the last one. */
void go_prefixes_seal(struct go_prefixes *set);
/* The longest that `text` begins with; NULL: none. */
const struct go_prefix *go_prefixes_find(struct go_prefixes *set,
                                         struct bytes text);
/* How many bytes have been compared so far: hostile sets are slow. */
uint64_t go_prefixes_work(const struct go_prefixes *set);

AUTO_DEFINE(struct go_prefixes, go_prefixes, go_prefixes_free)
#define auto_go_prefixes __attribute__((cleanup(auto_cleanup_go_prefixes)))

#endif
