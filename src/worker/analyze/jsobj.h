/*
 * worker/analyze/jsobj.h: the members of a JSON object, as JavaScript would
 * list them: of equal names the last value at the first one's place, names
 * that are numbers first. For lock files: values stay text until asked for.
 */
#ifndef WORKER_ANALYZE_JSOBJ_H
#define WORKER_ANALYZE_JSOBJ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jr.h"
#include "base/json/jw.h"

struct js_value {
    enum jr_token type; /* JR_OBJ, JR_ARR, JR_STR, JR_NUM, JR_TRUE, ...;
                         * JR_BAD: there is no such member */
    struct bytes text;  /* all of it, a string with its quotes; borrowed */
};

struct js_member {
    char *key; /* owns */
    struct js_value value;
};

struct js_object {
    struct js_member *at; /* owns */
    size_t n;
    struct map *places;   /* owns: key to its place, from 1 */
};

/* Values in one text; what is built of one stays below 100 MB. */
#define JS_MAX_VALUES 500000

/*
 * The one value that is all of `text` (a byte order mark may be in front).
 * The other functions take what came from here, so it is well-formed. More
 * than JS_MAX_VALUES in it are ERR_LIMIT.
 */
int js_value_read(struct js_value *out, struct bytes text, struct err *err);

/* Members of an object, items of an array under their numbers; anything else,
 * and no value, has none. */
void js_object_read(struct js_object *out, struct js_value value);
void js_object_clear(struct js_object *o);
#define auto_js_object __attribute__((cleanup(js_object_clear)))

/* Type JR_BAD: there is no such member. */
struct js_value js_get(const struct js_object *o, const char *key);
/* The same without reading all the others into memory. */
struct js_value js_member_of(struct js_value object, const char *key);

/*
 * Items of an array, one after the other: start with a zeroed `it`. False at
 * the end, and at once for what is no array.
 */
struct js_items {
    struct jr r;
    bool begun;
};
bool js_items_next(struct js_items *it, struct js_value array,
                   struct js_value *item);

/* Members of an object, items of an array; 0 for others. Equal names count
 * each time. */
size_t js_count(struct js_value v);

/* What counts as true: all but none, null, false, 0 and "". */
bool js_truthy(struct js_value v);
/* A string's content, a number as written; NULL for others. The caller's. */
char *js_text(struct js_value v);

#endif
