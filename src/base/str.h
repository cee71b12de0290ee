/*
 * base/str.h: memory that does not fail, and text as strangers spell it.
 *
 * The x-functions end the process when memory does: they are for sizes we
 * choose ourselves. Sizes a peer chooses go through base/buf.h.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

void die_no_memory(void) __attribute__((noreturn));
/* What to say before the end; may end the process itself. */
void on_no_memory(void (*say)(void));
void *xalloc(size_t n);              /* uninitialised */
void *xcalloc(size_t n, size_t size); /* zeroed */
void *xrealloc(void *p, size_t n);
/*
 * Room for one more behind the n that an array has, of `size` bytes each: it
 * grows at powers of two, so there is no capacity to remember. The array may
 * move; the caller owns what is returned. Call it for each n, from 0 on: NULL
 * is an array of none.
 */
void *xgrown(void *array, size_t n, size_t size);
char *xstrdup(const char *s);         /* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define xnew(type) ((type *)xcalloc(1, sizeof(type)))

bool str_eq(const char *a, const char *b);  /* NULLs are equal to NULL only */
bool str_ieq(const char *a, const char *b); /* ASCII case is ignored */
bool str_starts(const char *s, const char *prefix);
bool str_istarts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_is_empty(const char *s); /* NULL counts as empty */
/* "true", "yes", "1", "on" in any case. */
bool str_is_true(const char *s);
/* Whole text, decimal digits only, no sign; false on anything else. */
bool str_to_u64(const char *s, uint64_t *out);
bool bytes_to_u64(struct bytes s, uint64_t *out);
/* In place, ASCII only; returns s. */
char *str_lower(char *s);
/* In constant time as far as lengths allow: for secrets. */
bool str_eq_secret(const char *a, const char *b);

/* Lower-case hex of n bytes; `out` takes 2n+1 chars. */
void hex_encode(const void *p, size_t n, char *out);
/* -1 unless all of it is hex and the length is even. `out` takes s.n/2. */
int hex_decode(struct bytes s, uint8_t *out);

/* Standard alphabet with padding, appended; -1 at the buffer's ceiling. */
int base64_encode(struct bytes in, struct buf *out);
/*
 * Appends the decoded bytes. Accepts the standard and the URL alphabet, with
 * or without padding, white space in between. -1 on anything else.
 */
int base64_decode(struct bytes in, struct buf *out);

/* Appends `s` with everything but unreserved characters and `keep` as %XX. */
int percent_encode(const char *s, const char *keep, struct buf *out);
/* Decodes %XX once; -1 on a broken escape or a decoded NUL. */
int percent_decode(struct bytes s, struct buf *out);

/* Appends `s` as UTF-8; U+FFFD for each maximal invalid part (WHATWG). */
int utf8_add_lossy(struct buf *out, struct bytes s);
/* `s` as it is when it is valid UTF-8, else as above, made in `room`: an empty
 * buffer of any ceiling that 3 * s.n bytes stay below. Borrows from either. */
struct bytes utf8_mended(struct bytes s, struct buf *room);
/* One character, up to U+10FFFF; a surrogate is written like any other. */
int utf8_add(struct buf *out, uint32_t code_point);
/* Bytes as the characters of the same number. */
int utf8_add_latin1(struct buf *out, struct bytes s);
bool utf8_valid(struct bytes s);
/* Length in UTF-16 code units of valid UTF-8. */
size_t utf16_length(struct bytes s);
/* Bytes of the longest prefix of valid UTF-8 of at most n UTF-16 units. */
size_t utf16_prefix(struct bytes s, size_t n_units);

/* A random version 4 UUID in lower case. */
#define UUID_LEN 36
void uuid_new(char out[UUID_LEN + 1]);
/* Versions 1 to 5, not nil, any case. */
bool uuid_valid(const char *s);

/* "4GiB", "512 MiB", "1.5k", "2147483648": bytes. -1 on anything else. */
int size_parse(const char *s, uint64_t *out_bytes);
/* "371.2 MiB"; `out` takes 24 chars. */
void size_format(uint64_t n_bytes, char out[24]);
/* "30s", "5m", "2h", "250ms", "1500" (milliseconds): -1 on anything else. */
int duration_parse(const char *s, uint64_t *out_ms);

#endif
