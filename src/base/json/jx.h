/*
 * base/json/jx.h: JSON from strangers: bounded parsing and typed getters.
 *
 * A document owns everything in it; a `struct jx *` got from one is borrowed
 * and lives as long as the document (jx_free() only what jx_parse, jx_new_*
 * or jx_copy gave). Getters never fail loudly: a member that is missing, null
 * or of another type gives NULL, 0 or the default. Hides json-c.
 */
#ifndef BASE_JSON_JX_H
#define BASE_JSON_JX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define JX_MAX_DEPTH 64

struct jx; /* opaque: a json_object */

/*
 * The whole of `text` as one strict RFC 8259 value; more than limit_bytes, or
 * than there is memory for, is ERR_LIMIT, deeper than JX_MAX_DEPTH or malformed
 * is ERR_INPUT. A byte order mark is allowed. Invalid UTF-8 inside strings is
 * ERR_INPUT, and so is a NUL in a member's name. Of equal names the last one
 * counts, at the first one's place. A lone null is ERR_INPUT: NULL stands for
 * "no such thing".
 */
struct jx *jx_parse(struct bytes text, size_t limit_bytes, struct err *err);
/* The same, but invalid UTF-8 is replaced by U+FFFD first. */
struct jx *jx_parse_lossy(struct bytes text, size_t limit_bytes,
                          struct err *err);
void jx_free(struct jx *doc);
struct jx *jx_copy(const struct jx *v); /* deep; the caller owns it */

enum jx_type { JX_NULL, JX_BOOL, JX_INT, JX_DOUBLE, JX_STR, JX_ARR, JX_OBJ };
enum jx_type jx_type(const struct jx *v); /* NULL counts as JX_NULL */
bool jx_is_obj(const struct jx *v);
bool jx_is_arr(const struct jx *v);
bool jx_is_str(const struct jx *v);

/* Members of an object. `obj` may be NULL or something else: then absent. */
bool jx_has(const struct jx *obj, const char *key); /* also when null */
struct jx *jx_get(const struct jx *obj, const char *key);
struct jx *jx_obj(const struct jx *obj, const char *key);
struct jx *jx_arr(const struct jx *obj, const char *key);
const char *jx_str(const struct jx *obj, const char *key);
int64_t jx_int(const struct jx *obj, const char *key, int64_t otherwise);
bool jx_bool(const struct jx *obj, const char *key, bool otherwise);

/* The value itself. */
const char *jx_str_value(const struct jx *v); /* NULL unless a string */
struct bytes jx_bytes_value(const struct jx *v);
int64_t jx_int_value(const struct jx *v, int64_t otherwise);
bool jx_bool_value(const struct jx *v, bool otherwise);
double jx_double_value(const struct jx *v, double otherwise);

/* Items of an array, members of an object. */
size_t jx_count(const struct jx *v);
struct jx *jx_at(const struct jx *arr, size_t i);

/* Members in order: start with *at = NULL; false at the end. */
bool jx_next(const struct jx *obj, void **at, const char **key,
             struct jx **value);

/* Building. set and append take `value` (NULL: null). */
struct jx *jx_new_obj(void);
struct jx *jx_new_arr(void);
struct jx *jx_new_str(struct bytes s);
struct jx *jx_new_int(int64_t v);
struct jx *jx_new_bool(bool v);
void jx_set(struct jx *obj, const char *key, struct jx *value);
void jx_set_str(struct jx *obj, const char *key, const char *s);
void jx_set_int(struct jx *obj, const char *key, int64_t v);
void jx_unset(struct jx *obj, const char *key);
void jx_append(struct jx *arr, struct jx *value);
void jx_put_at(struct jx *arr, size_t i, struct jx *value);

/* Compact text, appended; member order is kept; "/" is not escaped. */
int jx_write(const struct jx *v, struct buf *out);

AUTO_DEFINE(struct jx, jx, jx_free)
#define auto_jx __attribute__((cleanup(auto_cleanup_jx)))

#endif
