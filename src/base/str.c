/* Memory that ends the process when it is gone, and small tests on text.
 * How text is spelled on the wire (hex, base64, percent, UTF-8) lives in
 * encode.c; units people write (sizes, durations, UUIDs) in units.c. */
#include "base/str.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void (*say_no_memory)(void);

void
on_no_memory(void (*say)(void))
{
    say_no_memory = say;
}

void
die_no_memory(void)
{
    if (say_no_memory != NULL)
        say_no_memory();
    fputs("out of memory\n", stderr);
    abort();
}

void *
xalloc(size_t n)
{
    void *p = malloc(n > 0 ? n : 1);

    if (p == NULL)
        die_no_memory();
    return p;
}

void *
xcalloc(size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

    if (p == NULL)
        die_no_memory();
    return p;
}

void *
xrealloc(void *p, size_t n)
{
    p = realloc(p, n > 0 ? n : 1);
    if (p == NULL)
        die_no_memory();
    return p;
}

void *
xgrown(void *array, size_t n, size_t size)
{
    if ((n & (n - 1)) != 0)
        return array;
    return xrealloc(array, (n > 0 ? n * 2 : 1) * size);
}

char *
xstrdup(const char *s)
{
    return s != NULL ? xstrndup(s, strlen(s)) : NULL;
}

char *
xstrndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = xalloc(len + 1);

    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *
xasprintf(const char *fmt, ...)
{
    va_list ap;
    char *s;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&s, fmt, ap);
    va_end(ap);
    if (n < 0)
        die_no_memory();
    return s;
}

bool
str_eq(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
str_ieq(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcasecmp(a, b) == 0;
}

bool
str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_istarts(const char *s, const char *prefix)
{
    return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
    return bytes_ends(bytes_str(s), suffix);
}

bool
str_is_empty(const char *s)
{
    return s == NULL || *s == '\0';
}

bool
str_is_true(const char *s)
{
    return str_ieq(s, "true") || str_ieq(s, "yes") || str_ieq(s, "1") ||
           str_ieq(s, "on");
}

bool
bytes_to_u64(struct bytes s, uint64_t *out)
{
    uint64_t v = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' ||
            __builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *out = v;
    return true;
}

bool
str_to_u64(const char *s, uint64_t *out)
{
    return bytes_to_u64(bytes_str(s), out);
}

char *
str_lower(char *s)
{
    for (char *p = s; *p != '\0'; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    }
    return s;
}

bool
str_eq_secret(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    unsigned diff = na != nb;

    for (size_t i = 0; i < na; i++)
        diff |= (unsigned char)a[i] ^ (unsigned char)(nb > 0 ? b[i % nb] : 0);
    return diff == 0;
}
