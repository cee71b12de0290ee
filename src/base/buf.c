/* Growing bytes with a ceiling. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

void
buf_init(struct buf *b, size_t limit_bytes)
{
    *b = (struct buf)BUF_INIT(limit_bytes);
}

void
buf_clear(struct buf *b)
{
    free(b->p);
    *b = (struct buf)BUF_INIT(b->limit);
}

void
buf_reset(struct buf *b)
{
    b->n = 0;
    b->full = false;
}

uint8_t *
buf_room(struct buf *b, size_t n)
{
    size_t want, cap;

    if (!size_add(b->n, n, &want) || want > b->limit) {
        b->full = true;
        return NULL;
    }
    /* One byte more than asked for: buf_cstr() needs it for its NUL. */
    if (want + 1 > b->cap) {
        cap = b->cap > 0 ? b->cap : 64;
        while (cap < want + 1)
            cap = cap > SIZE_MAX / 2 ? want + 1 : cap * 2;
        if (b->limit < SIZE_MAX && cap > b->limit + 1)
            cap = b->limit + 1;
        b->p = xrealloc(b->p, cap);
        b->cap = cap;
    }
    return b->p + b->n;
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
    uint8_t *to = buf_room(b, n);

    if (to == NULL)
        return -1;
    if (n > 0)
        memcpy(to, p, n);
    b->n += n;
    return 0;
}

int
buf_add_bytes(struct buf *b, struct bytes a)
{
    return buf_add(b, a.p, a.n);
}

int
buf_add_str(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

int
buf_add_char(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

int
buf_addv(struct buf *b, const char *fmt, va_list ap)
{
    auto_free char *text = NULL;
    int n = vasprintf(&text, fmt, ap);

    if (n < 0)
        die_no_memory();
    return buf_add(b, text, (size_t)n);
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    int rc;

    va_start(ap, fmt);
    rc = buf_addv(b, fmt, ap);
    va_end(ap);
    return rc;
}

void
buf_eat(struct buf *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

const char *
buf_cstr(struct buf *b)
{
    if (b->p == NULL) {
        b->p = xalloc(1);
        b->cap = 1;
    }
    b->p[b->n] = '\0';
    return (const char *)b->p;
}

char *
buf_steal(struct buf *b)
{
    char *s;

    buf_cstr(b);
    s = (char *)b->p;
    *b = (struct buf)BUF_INIT(b->limit);
    return s;
}

int
buf_check(const struct buf *b, const char *what, struct err *err)
{
    if (!b->full)
        return 0;
    return err_set(err, ERR_LIMIT, "%s: more than %zu bytes", what, b->limit);
}
