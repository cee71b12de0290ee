/* Errors: set, give context, and what follows from each kind. */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[ERR_KINDS] = {
    [ERR_NONE] = "none",
    [ERR_INPUT] = "input",
    [ERR_AUTH] = "auth",
    [ERR_DENIED] = "denied",
    [ERR_ABSENT] = "absent",
    [ERR_LIMIT] = "limit",
    [ERR_UNSUPPORTED] = "unsupported",
    [ERR_NET] = "net",
    [ERR_TLS] = "tls",
    [ERR_TIMEOUT] = "timeout",
    [ERR_RATE] = "rate",
    [ERR_BUSY] = "busy",
    [ERR_IO] = "io",
    [ERR_CANCELLED] = "cancelled",
    [ERR_INTERNAL] = "internal",
};

static const struct err_fate fates[ERR_KINDS] = {
    [ERR_NONE] = { 500, "INTERNAL_ERROR", false },
    [ERR_INPUT] = { 400, "BAD_REQUEST", false },
    [ERR_AUTH] = { 401, "REGISTRY_UNAUTHORIZED", false },
    [ERR_DENIED] = { 403, "REGISTRY_DENIED", false },
    [ERR_ABSENT] = { 404, "NOT_FOUND", false },
    [ERR_LIMIT] = { 413, "LIMIT_REACHED", false },
    [ERR_UNSUPPORTED] = { 422, "UNSUPPORTED", false },
    [ERR_NET] = { 502, "REGISTRY_UNREACHABLE", true },
    [ERR_TLS] = { 502, "REGISTRY_TLS", false },
    [ERR_TIMEOUT] = { 504, "REGISTRY_TIMEOUT", true },
    [ERR_RATE] = { 429, "REGISTRY_RATE_LIMITED", true },
    [ERR_BUSY] = { 503, "BUSY", true },
    [ERR_IO] = { 500, "IO_ERROR", true },
    [ERR_CANCELLED] = { 503, "CANCELLED", true },
    [ERR_INTERNAL] = { 500, "INTERNAL_ERROR", false },
};

/* Text of strangers lands here: one line, no control characters. */
static void
tidy(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f)
            *p = ' ';
    }
}

/* The arguments may point into *err: form the text first. */
static void
fill(struct err *err, enum err_kind kind, const char *code, const char *fmt,
     va_list ap)
{
    char text[sizeof(err->text)];

    vsnprintf(text, sizeof(text), fmt, ap);
    tidy(text);
    *err = (struct err){ .kind = kind, .code = code };
    memcpy(err->text, text, sizeof(text));
}

void
err_clear(struct err *err)
{
    if (err != NULL)
        *err = (struct err){ .kind = ERR_NONE };
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL)
        return -1;
    va_start(ap, fmt);
    fill(err, kind, NULL, fmt, ap);
    va_end(ap);
    return -1;
}

int
err_set_code(struct err *err, enum err_kind kind, const char *code,
             const char *fmt, ...)
{
    va_list ap;

    if (err == NULL)
        return -1;
    va_start(ap, fmt);
    fill(err, kind, code, fmt, ap);
    va_end(ap);
    return -1;
}

static enum err_kind
kind_of_errno(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
        return ERR_ABSENT;
    case EACCES:
    case EPERM:
        return ERR_DENIED;
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return ERR_NET;
    case ETIMEDOUT:
        return ERR_TIMEOUT;
    case EFBIG:
    case EDQUOT:
        return ERR_LIMIT;
    default:
        return ERR_IO;
    }
}

int
err_set_errno(struct err *err, int errnum, const char *fmt, ...)
{
    va_list ap;
    size_t n;

    if (err == NULL)
        return -1;
    va_start(ap, fmt);
    fill(err, kind_of_errno(errnum), NULL, fmt, ap);
    va_end(ap);
    n = strlen(err->text);
    snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(errnum));
    return -1;
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
    char text[sizeof(err->text) * 2 + 2]; /* takes both and ": " */
    va_list ap;
    size_t n;

    if (err == NULL)
        return -1;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(err->text), fmt, ap);
    va_end(ap);
    tidy(text);
    n = strlen(text);
    memcpy(text + n, ": ", 2);
    memcpy(text + n + 2, err->text, sizeof(err->text));
    memcpy(err->text, text, sizeof(err->text) - 1);
    err->text[sizeof(err->text) - 1] = '\0';
    return -1;
}

const char *
err_kind_name(enum err_kind kind)
{
    return (unsigned)kind < ERR_KINDS ? kind_names[kind] : "internal";
}

const struct err_fate *
err_fate(enum err_kind kind)
{
    return &fates[(unsigned)kind < ERR_KINDS ? kind : ERR_INTERNAL];
}

const char *
err_code(const struct err *err)
{
    return err->code != NULL ? err->code : err_fate(err->kind)->code;
}
