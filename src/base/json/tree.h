/* base/json/tree.h: a text becomes objects of json-c. For jx.c. */
#ifndef BASE_JSON_TREE_H
#define BASE_JSON_TREE_H

#include "base/bytes.h"
#include "base/err.h"

struct json_object;

/*
 * One strict RFC 8259 value, at most JX_MAX_DEPTH levels; the caller owns
 * *out, which is NULL for null. -1 with ERR_INPUT and the place of the first
 * fault: in the grammar, or a \u0000 in a member's name, for names are C
 * strings here. With ERR_LIMIT when there is no memory for all of it. The
 * text is UTF-8.
 */
int json_tree(struct json_object **out, struct bytes text, struct err *err);

#endif
