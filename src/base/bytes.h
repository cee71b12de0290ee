/*
 * base/bytes.h: a borrowed run of bytes, and a bounded reader over one.
 *
 * A struct bytes is a value; it never owns. Whoever lends it says until when.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *p;
    size_t n;
};

#define BYTES_NONE ((struct bytes){ NULL, 0 })
/* For printf("%.*s"). */
#define BYTES_FMT(b) (int)((b).n > 4096 ? 4096 : (b).n), (const char *)(b).p

static inline struct bytes
bytes_of(const void *p, size_t n)
{
    return (struct bytes){ p, n };
}

/* The text without its NUL; NULL gives no bytes. */
static inline struct bytes
bytes_str(const char *s)
{
    return (struct bytes){ (const uint8_t *)s, s != NULL ? strlen(s) : 0 };
}

bool bytes_equal(struct bytes a, struct bytes b);
bool bytes_is(struct bytes a, const char *s);
bool bytes_starts(struct bytes a, const char *s);
bool bytes_ends(struct bytes a, const char *s);
/* -1, 0, 1 in byte order, a prefix sorts first. */
int bytes_cmp(struct bytes a, struct bytes b);
/* Position of the first `c`, or a.n when there is none. */
size_t bytes_find(struct bytes a, uint8_t c);
/* Position of the first occurrence of `s`, or a.n when there is none. */
size_t bytes_find_str(struct bytes a, const char *s);
/* From `from` on; beyond the end gives no bytes. */
struct bytes bytes_from(struct bytes a, size_t from);
/* The first `n`; beyond the end gives all. */
struct bytes bytes_to(struct bytes a, size_t n);
/* Without blanks (space, \t, \r, \n, \f, \v) at both ends. */
struct bytes bytes_trim(struct bytes a);

/*
 * The next piece of *rest up to `sep`; *rest moves behind the separator.
 * False when nothing is left. "a,,b" gives "a", "", "b"; "" gives nothing;
 * "a," gives "a" alone.
 */
bool bytes_next(struct bytes *rest, uint8_t sep, struct bytes *piece);

/* A copy as a C string; the caller owns it. Never NULL. Inner NULs stay. */
char *bytes_dup(struct bytes a);

/* size_t sum, false on overflow. */
static inline bool
size_add(size_t a, size_t b, size_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}

static inline bool
size_mul(size_t a, size_t b, size_t *product)
{
    return !__builtin_mul_overflow(a, b, product);
}

#endif
