/*
 * role/agent/skim.h: finding the way through large JSON without parsing it.
 * Pure; nothing is copied.
 *
 * For scan results of several megabytes: one pass, no tree. Brackets and
 * strings are checked everywhere, separators where one walks; the inside of
 * numbers and words is not.
 */
#ifndef ROLE_AGENT_SKIM_H
#define ROLE_AGENT_SKIM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

#define SKIM_MAX_DEPTH 256

enum skim_step { SKIM_ITEM, SKIM_END, SKIM_BAD };

struct skim {
    struct bytes text; /* borrows */
    size_t at;
    bool first;        /* no item of this level was seen yet */
};

/* True when `text` is one whole JSON object and nothing else. */
bool skim_is_object(struct bytes text);

/* Begin to walk the members of `value`, an object or array with its
 * brackets. False when it is neither. */
bool skim_enter(struct skim *s, struct bytes value);
/* The next member of an object (key without quotes, as written) or item of
 * an array; values as they stand, without blanks around them. */
enum skim_step skim_member(struct skim *s, struct bytes *key,
                           struct bytes *value);
enum skim_step skim_item(struct skim *s, struct bytes *value);
/* Items of an array or members of an object; 0 for anything else. */
size_t skim_count(struct bytes value);

#endif
