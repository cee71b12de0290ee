/*
 * base/json/jw.h: writes JSON into a buffer, as it goes.
 *
 * Commas and nesting are kept; keys come in the order they are written. A
 * value that does not fit marks the buffer full: check once with buf_check().
 */
#ifndef BASE_JSON_JW_H
#define BASE_JSON_JW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

#define JW_MAX_DEPTH 64

struct jw {
    struct buf *out; /* borrows */
    unsigned depth;
    bool comma;             /* something stands before us at this level */
    char closer[JW_MAX_DEPTH];
};

void jw_init(struct jw *w, struct buf *out);
void jw_obj(struct jw *w); /* { */
void jw_arr(struct jw *w); /* [ */
void jw_end(struct jw *w); /* } or ] */
void jw_key(struct jw *w, const char *key);
void jw_key_bytes(struct jw *w, struct bytes key);

/* Invalid UTF-8 becomes U+FFFD. NULL writes null. */
void jw_str(struct jw *w, const char *s);
void jw_bytes(struct jw *w, struct bytes s);
void jw_int(struct jw *w, int64_t v);
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
/* Ready-made JSON, taken as it is. */
void jw_raw(struct jw *w, struct bytes json);

void jw_key_str(struct jw *w, const char *key, const char *s); /* NULL: null */
/* Nothing at all when s is NULL. */
void jw_key_opt(struct jw *w, const char *key, const char *s);
/* Nothing at all when s is empty. */
void jw_key_opt_bytes(struct jw *w, const char *key, struct bytes s);
void jw_key_int(struct jw *w, const char *key, int64_t v);
void jw_key_bool(struct jw *w, const char *key, bool v);

#endif
