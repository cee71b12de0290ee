/*
 * base/buf.h: bytes that grow up to a ceiling they are born with.
 *
 * For every size a peer chooses. Reaching the ceiling is an answer, not a
 * crash: the call returns -1, the buffer keeps what it had and remembers
 * (`full`), so a builder may check once at its end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"

struct buf {
    uint8_t *p;   /* owns; NULL while empty */
    size_t n;     /* bytes in use */
    size_t cap;   /* bytes allocated */
    size_t limit; /* ceiling in bytes */
    bool full;    /* something did not fit */
};

#define BUF_INIT(limit_bytes) { .limit = (limit_bytes) }

void buf_init(struct buf *b, size_t limit_bytes);
/* Free the memory; the buffer stays usable with the same ceiling. */
void buf_clear(struct buf *b);
/* Forget the content, keep the memory. */
void buf_reset(struct buf *b);

/* Append; 0, or -1 when the ceiling would be passed (nothing is added). */
int buf_add(struct buf *b, const void *p, size_t n);
int buf_add_bytes(struct buf *b, struct bytes a);
int buf_add_str(struct buf *b, const char *s);
int buf_add_char(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int buf_addv(struct buf *b, const char *fmt, va_list ap);

/*
 * Room for `n` more bytes to be written by the caller at the returned
 * address, then counted with b->n += written. NULL at the ceiling.
 */
uint8_t *buf_room(struct buf *b, size_t n);

/* Drop the first `n` bytes. */
void buf_eat(struct buf *b, size_t n);

static inline struct bytes
buf_bytes(const struct buf *b)
{
    return bytes_of(b->p, b->n);
}

/* The content as a C string that the buffer owns, until its next change. */
const char *buf_cstr(struct buf *b);

/* Hand the content over as a C string (the caller owns it); b is empty then. */
char *buf_steal(struct buf *b);

/* 0, or ERR_LIMIT "<what>: more than N bytes" once something did not fit. */
int buf_check(const struct buf *b, const char *what, struct err *err);

#define auto_buf __attribute__((cleanup(buf_clear)))

#endif
