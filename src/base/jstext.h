/*
 * base/jstext.h: text as JavaScript sees it.
 *
 * The facts we report are compared with those of a program in that language,
 * so its idea of white space, lines, order and numbers decides. All text here
 * is UTF-8 without invalid parts (str.h: utf8_add_lossy). Nothing allocates.
 */
#ifndef BASE_JSTEXT_H
#define BASE_JSTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Bytes of the white-space character (\s) s begins with; 0: none. */
size_t js_space(struct bytes s);
/* The same at its end. */
size_t js_space_end(struct bytes s);
/* Bytes of the line terminator (what "." never matches) s begins with. */
size_t js_terminator(struct bytes s);
struct bytes js_trim(struct bytes s);
/* Without white space at the start. */
struct bytes js_trim_start(struct bytes s);

/*
 * The next line in the sense of a multi-line regular expression; *rest moves
 * behind its terminator. False when nothing is left.
 */
bool js_next_line(struct bytes *rest, struct bytes *line);

/*
 * Pieces as split() gives them: "" gives one empty piece, "a," gives "a" and
 * "". Start with { .rest = text }.
 */
struct js_split {
    struct bytes rest;
    bool done;
};
bool js_split_next(struct js_split *it, const char *sep, struct bytes *piece);

/* Order of sort(): by UTF-16 code units. */
int js_cmp(struct bytes a, struct bytes b);

/* Whether a property of that name comes before all texts, in numeric order:
 * canonical integers below 2^32 - 1. */
bool js_is_index(struct bytes key, uint32_t *out);

/* Object.keys(): those that are indexes first, ascending; the rest stays. */
void js_order_keys(const char **keys, size_t n);

/* Number(text); false for NaN. */
bool js_number(struct bytes text, double *out);

#endif
