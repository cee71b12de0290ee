/* base/json/check.h: is this text one strict RFC 8259 value? For jx.c. */
#ifndef BASE_JSON_CHECK_H
#define BASE_JSON_CHECK_H

#include "base/bytes.h"
#include "base/err.h"

/*
 * ERR_INPUT with the place of the first fault, otherwise. Looks at grammar
 * and depth (JX_MAX_DEPTH) only, not at UTF-8. A \u0000 in a member's name is
 * refused too: names are C strings here.
 */
int json_check(struct bytes text, struct err *err);

#endif
