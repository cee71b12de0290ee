/*
 * engine/tunnel/ejson.h: EJSON, what the tunnel's messages are written in
 * (broker-protocol.md §c.2): JSON plus {"$binary": base64}, {"$escape": {…}}
 * and a few wrappers that no peer sends.
 *
 * A message may hold 14 MB of base64, so it is not turned into a document:
 * values stay spans of its text, and only what is wanted is copied. Pure.
 */
#ifndef ENGINE_TUNNEL_EJSON_H
#define ENGINE_TUNNEL_EJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json/jw.h"
#include "base/json/jx.h"

#define EJSON_MAX_DEPTH 64

/*
 * The one value that `text` is (blanks around it allowed), checked to its end:
 * grammar, depth, nothing behind it. *value is a span of text.
 */
int ejson_value(struct bytes text, struct bytes *value, struct err *err);

enum ejson_type { EJ_NULL, EJ_BOOL, EJ_NUM, EJ_STR, EJ_ARR, EJ_OBJ };
/* Of a span got from here. */
enum ejson_type ejson_type(struct bytes value);

/* Walks over the items of an array or the members of an object. */
struct ejson_iter {
    struct bytes rest;
    bool object;
};
/* `value` is a checked span; anything but an array or object has no items. */
void ejson_iter(struct ejson_iter *it, struct bytes value);
/* False at the end. `key` (may be NULL) is the name's span with its quotes. */
bool ejson_next(struct ejson_iter *it, struct bytes *key, struct bytes *value);
/* Does this name's span spell `name`? Escapes are understood. */
bool ejson_key_is(struct bytes key, const char *name);
/* The last member of that name (as JSON.parse takes it), or no bytes. */
struct bytes ejson_get(struct bytes object, const char *name);

/* Appends the text a string's span spells, as UTF-8 (what is invalid becomes
 * U+FFFD). -1: not a string, or the buffer's ceiling. */
int ejson_text(struct bytes value, struct buf *out);
/* A number without fraction or exponent within int64; else `otherwise`. */
int64_t ejson_int(struct bytes value, int64_t otherwise);

/* The wrappers. An object is one only if the "$" member stands alone (regexp:
 * with its "$flags"). */
enum ejson_wrapper {
    EJW_NONE,
    EJW_BINARY,
    EJW_DATE,
    EJW_INFNAN,
    EJW_REGEXP,
    EJW_ESCAPE,
    EJW_CUSTOM
};
enum ejson_wrapper ejson_wrapper(struct bytes value);
/* What {"$escape": x} stands for; any other value is itself. */
struct bytes ejson_plain(struct bytes value);
/* Appends the bytes of a {"$binary": …}. -1: it is none, bad base64, or the
 * buffer's ceiling (buf.full tells). */
int ejson_binary(struct bytes value, struct buf *out);

/* {"$binary":"…"} in one go. */
void ejson_add_binary(struct jw *w, struct bytes data);
/*
 * The same in pieces, so that a body need not be in memory twice: begin, any
 * number of pieces of any size, end.
 */
struct ejson_binary_writer {
    struct jw *w; /* borrows */
    uint8_t left[3];
    size_t n_left;
};
void ejson_binary_begin(struct ejson_binary_writer *b, struct jw *w);
int ejson_binary_add(struct ejson_binary_writer *b, struct bytes piece);
void ejson_binary_end(struct ejson_binary_writer *b);

/* Writes a document's value; objects that would look like a wrapper get
 * their $escape. */
void ejson_add(struct jw *w, const struct jx *value);

#endif
