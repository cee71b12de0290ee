/*
 * base/err.h: why something failed: a kind for code, a text for people.
 *
 * A struct err lives on the caller's stack; there is nothing to free and
 * nothing global. Functions that can fail return 0 or -1 (or a pointer or
 * NULL) and fill it in; every err argument may be NULL when the caller does
 * not care.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum err_kind {
    ERR_NONE,
    ERR_INPUT,       /* malformed: asking again gives the same */
    ERR_AUTH,        /* credentials missing, malformed or refused */
    ERR_DENIED,      /* known, and not allowed */
    ERR_ABSENT,      /* no such thing */
    ERR_LIMIT,       /* a ceiling was reached */
    ERR_UNSUPPORTED, /* well-formed, but not ours to handle */
    ERR_NET,         /* connect, reset, nonsense from a peer: may pass */
    ERR_TLS,         /* certificate or handshake */
    ERR_TIMEOUT,     /* time is up */
    ERR_RATE,        /* the peer asks us to slow down */
    ERR_BUSY,        /* we are full: come back later */
    ERR_IO,          /* our own disk, pipe or process */
    ERR_CANCELLED,   /* we were told to stop */
    ERR_INTERNAL,    /* a fault of ours */
    ERR_KINDS
};

struct err {
    enum err_kind kind;
    const char *code;      /* static text such as "IMAGE_TOO_LARGE", or NULL */
    int peer_status;       /* HTTP status a peer gave, 0 without one */
    char peer_code[40];    /* what it called it, such as "UNAUTHORIZED"; "" */
    int64_t retry_after_s; /* what the peer asked for, 0 without */
    char text[1024];       /* one line, no secrets; cut, never overrun */
};

/*
 * What follows from a kind, in one table: the HTTP status for a caller, the
 * code used when err.code is NULL, and whether another try may help.
 */
struct err_fate {
    int status;
    const char *code;
    bool retry;
};

/* Forget everything: kind becomes ERR_NONE. */
void err_clear(struct err *err);

/* Say what failed. Always returns -1, so that `return err_set(...)` works. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a machine-readable code (static storage, borrowed for ever). */
int err_set_code(struct err *err, enum err_kind kind, const char *code,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* ERR_IO (or ABSENT, DENIED, LIMIT, NET, as fits) from an errno value. */
int err_set_errno(struct err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Put context in front: "fmt: old text". Keeps kind and code. Returns -1. */
int err_wrap(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "input", "auth", ... for logs. Static. */
const char *err_kind_name(enum err_kind kind);

/* Never NULL; ERR_NONE counts as ERR_INTERNAL. Static. */
const struct err_fate *err_fate(enum err_kind kind);

/* err->code, or the kind's own code. Static. */
const char *err_code(const struct err *err);

#endif
