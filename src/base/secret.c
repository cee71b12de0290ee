/* Secrets: kept apart from text, so that no format reaches inside. */
#include "base/secret.h"

#include <string.h>

#include "base/digest.h"
#include "base/str.h"

struct secret {
    unsigned n_refs;
    size_t n;
    char text[]; /* n bytes and a NUL */
};

struct secret *
secret_new_bytes(struct bytes text)
{
    struct secret *s = xalloc(sizeof(*s) + text.n + 1);

    s->n_refs = 1;
    s->n = text.n;
    if (text.n > 0)
        memcpy(s->text, text.p, text.n);
    s->text[text.n] = '\0';
    return s;
}

struct secret *
secret_new(const char *text)
{
    return text != NULL ? secret_new_bytes(bytes_str(text)) : NULL;
}

struct secret *
secret_ref(struct secret *s)
{
    if (s != NULL)
        s->n_refs++;
    return s;
}

void
secret_free(struct secret *s)
{
    if (s == NULL || --s->n_refs > 0)
        return;
    wipe(s->text, s->n);
    free(s);
}

const char *
secret_reveal(const struct secret *s)
{
    return s != NULL ? s->text : "";
}

void
secret_fingerprint(const struct secret *s, char out[9])
{
    char hex[SHA256_HEX + 1];

    sha256_hex(bytes_str(secret_reveal(s)), hex);
    memcpy(out, hex, 8);
    out[8] = '\0';
}

bool
secret_is_empty(const struct secret *s)
{
    return s == NULL || s->n == 0;
}

void
wipe(void *p, size_t n)
{
    if (n > 0)
        explicit_bzero(p, n);
}
