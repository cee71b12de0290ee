/* Link headers: <uri>; param; param, <uri>; ... */
#include "engine/registry/linkhdr.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

#define LINKS_MAX 64 /* of one header */

enum rel { REL_ABSENT, REL_OTHER, REL_NEXT };

static void
skip(struct bytes *rest, const char *chars)
{
    while (rest->n > 0 && rest->p[0] != '\0' &&
           strchr(chars, rest->p[0]) != NULL)
        *rest = bytes_from(*rest, 1);
}

/* Up to any of `ends`; *rest moves to it. */
static struct bytes
until(struct bytes *rest, const char *ends)
{
    size_t n = 0;
    struct bytes piece;

    while (n < rest->n &&
           (rest->p[n] == '\0' || strchr(ends, rest->p[n]) == NULL))
        n++;
    piece = bytes_to(*rest, n);
    *rest = bytes_from(*rest, n);
    return piece;
}

/* A value, without its quotes (no one escapes in a rel). */
static struct bytes
value(struct bytes *rest)
{
    struct bytes v;

    if (rest->n == 0 || rest->p[0] != '"')
        return bytes_trim(until(rest, ";,"));
    *rest = bytes_from(*rest, 1);
    v = until(rest, "\"");
    *rest = bytes_from(*rest, 1);
    return v;
}

static bool
is_word(struct bytes a, const char *word)
{
    return a.n == strlen(word) &&
           strncasecmp((const char *)a.p, word, a.n) == 0;
}

static enum rel
rel_of(struct bytes list)
{
    struct bytes word;

    while (bytes_next(&list, ' ', &word)) {
        if (is_word(bytes_trim(word), "next"))
            return REL_NEXT;
    }
    return REL_OTHER;
}

/* The parameters of one link, up to its comma. The first rel counts. */
static enum rel
params(struct bytes *rest)
{
    enum rel rel = REL_ABSENT;

    for (;;) {
        struct bytes name, v = BYTES_NONE;

        skip(rest, " \t");
        if (rest->n == 0 || rest->p[0] != ';')
            return rel;
        skip(rest, "; \t");
        name = bytes_trim(until(rest, "=;,"));
        if (rest->n > 0 && rest->p[0] == '=') {
            *rest = bytes_from(*rest, 1);
            skip(rest, " \t");
            v = value(rest);
        }
        if (rel == REL_ABSENT && is_word(name, "rel"))
            rel = rel_of(v);
    }
}

/* One link; false at the end, or when this is no Link header. */
static bool
next_link(struct bytes *rest, struct bytes *uri, enum rel *rel)
{
    skip(rest, ", \t");
    if (rest->n == 0 || rest->p[0] != '<')
        return false;
    *rest = bytes_from(*rest, 1);
    *uri = until(rest, ">");
    if (rest->n == 0)
        return false;
    *rest = bytes_from(*rest, 1);
    *rel = params(rest);
    return memchr(uri->p, '\0', uri->n) == NULL;
}

/* *bare: the first one without rel, if the caller has none yet. */
static char *
search(struct bytes rest, char **bare)
{
    struct bytes uri;
    enum rel rel;

    for (unsigned n = 0; n < LINKS_MAX && next_link(&rest, &uri, &rel); n++) {
        if (rel == REL_NEXT)
            return bytes_dup(bytes_trim(uri));
        if (rel == REL_ABSENT && *bare == NULL)
            *bare = bytes_dup(bytes_trim(uri));
    }
    return NULL;
}

char *
link_next_in(struct bytes text)
{
    auto_free char *bare = NULL;
    char *next = search(text, &bare);

    return next != NULL ? next : steal(bare);
}

char *
link_next(const struct headers *headers)
{
    auto_free char *bare = NULL;

    for (size_t i = 0; i < headers->n; i++) {
        char *next = NULL;

        if (str_ieq(headers->at[i].name, "link"))
            next = search(bytes_str(headers->at[i].value), &bare);
        if (next != NULL)
            return next;
    }
    return steal(bare);
}
