/*
 * base/json/jr.h: JSON from strangers read value by value; nothing is built,
 * so a text of any size costs no memory.
 *
 *     jr_init(&r, text, JR_MAX_DEPTH);
 *     if (jr_next(&r) == JR_OBJ)
 *         while (jr_next(&r) != JR_CLOSE && r.token != JR_BAD)
 *             if (jr_is(r.key, "name")) … else jr_skip(&r);
 *
 * Strict RFC 8259; a byte order mark is allowed. UTF-8 is not looked at. Of
 * members with equal names all are seen; it is the caller who lets the last
 * one count. Everything is borrowed from the text.
 */
#ifndef BASE_JSON_JR_H
#define BASE_JSON_JR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define JR_MAX_DEPTH 16384

enum jr_token {
    JR_BAD,   /* malformed, or too deep; stays so */
    JR_END,   /* the one value and the text have ended */
    JR_OBJ,   /* { */
    JR_ARR,   /* [ */
    JR_CLOSE, /* of either */
    JR_STR,
    JR_NUM,
    JR_TRUE,
    JR_FALSE,
    JR_NULL
};

struct jr {
    enum jr_token token; /* the one jr_next() returned last */
    struct bytes key;    /* of a member: its name as written, in no quotes */
    struct bytes raw;    /* a string as written, in no quotes; a number */
    unsigned depth;      /* containers that are open now */
    const uint8_t *start, *at, *end;
    const char *why;     /* static; NULL as long as all is well */
    unsigned max_depth;
    bool begun;          /* the first value has been seen */
    bool fresh;          /* a container has just been opened */
    uint8_t in_object[JR_MAX_DEPTH / 8]; /* a bit for each level */
};

/* Levels beyond max_depth (JR_MAX_DEPTH at most) are malformed text. */
void jr_init(struct jr *r, struct bytes text, unsigned max_depth);
enum jr_token jr_next(struct jr *r);
/* Behind the value at hand: a container goes with all that is in it. */
void jr_skip(struct jr *r);
/* ERR_INPUT with the place of the fault; -1. */
int jr_error(const struct jr *r, struct err *err);

/*
 * A name or string without its escapes, appended as UTF-8 (lone surrogates
 * become U+FFFD).
 */
void jr_text(struct bytes raw, struct buf *out);
/* Whether it is this text (which needs no escapes). */
bool jr_is(struct bytes raw, const char *text);

#endif
