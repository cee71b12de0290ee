/* HTTP header fields: an ordered list; names are compared without case. */
#include "engine/net/headers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

void
headers_init(struct headers *h)
{
    *h = (struct headers)HEADERS_INIT;
}

static void
header_clear(struct header *f)
{
    free(f->name);
    free(f->value);
}

void
headers_clear(struct headers *h)
{
    for (size_t i = 0; i < h->n; i++)
        header_clear(&h->at[i]);
    free(h->at);
    headers_init(h);
}

/* Spaces and tabs only: the blanks that HTTP knows. */
static char *
trimmed(const char *value)
{
    size_t n;

    value += strspn(value, " \t");
    n = strlen(value);
    while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
        n--;
    return xstrndup(value, n);
}

void
headers_add(struct headers *h, const char *name, const char *value)
{
    if (h->n == h->cap) {
        h->cap = h->cap > 0 ? h->cap * 2 : 16;
        h->at = xrealloc(h->at, h->cap * sizeof(*h->at));
    }
    h->at[h->n++] = (struct header){ xstrdup(name), trimmed(value) };
}

/* Remove all of that name from place `from` on. */
static void
remove_from(struct headers *h, size_t from, const char *name)
{
    size_t kept = from;

    for (size_t i = from; i < h->n; i++) {
        if (str_ieq(h->at[i].name, name))
            header_clear(&h->at[i]);
        else
            h->at[kept++] = h->at[i];
    }
    h->n = kept;
}

static size_t
place_of(const struct headers *h, const char *name)
{
    size_t i = 0;

    while (i < h->n && !str_ieq(h->at[i].name, name))
        i++;
    return i;
}

void
headers_set(struct headers *h, const char *name, const char *value)
{
    size_t i = place_of(h, name);
    struct header fresh;

    if (i == h->n) {
        headers_add(h, name, value);
        return;
    }
    /* Made first: name and value may point into the header replaced. */
    fresh = (struct header){ xstrdup(name), trimmed(value) };
    remove_from(h, i + 1, fresh.name);
    header_clear(&h->at[i]);
    h->at[i] = fresh;
}

void
headers_setf(struct headers *h, const char *name, const char *fmt, ...)
{
    auto_free char *value = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&value, fmt, ap);
    va_end(ap);
    if (n < 0)
        die_no_memory();
    headers_set(h, name, value);
}

void
headers_remove(struct headers *h, const char *name)
{
    auto_free char *own = xstrdup(name); /* may be one of ours */

    remove_from(h, 0, own);
}

const char *
headers_get(const struct headers *h, const char *name)
{
    size_t i = place_of(h, name);

    return i < h->n ? h->at[i].value : NULL;
}

bool
headers_has(const struct headers *h, const char *name)
{
    return place_of(h, name) < h->n;
}

static bool
list_has(const char *value, const char *token)
{
    struct bytes rest = bytes_str(value), piece;
    size_t n = strlen(token);

    while (bytes_next(&rest, ',', &piece)) {
        piece = bytes_trim(piece);
        if (piece.n == n && strncasecmp((const char *)piece.p, token, n) == 0)
            return true;
    }
    return false;
}

bool
headers_has_token(const struct headers *h, const char *name, const char *token)
{
    for (size_t i = 0; i < h->n; i++) {
        if (str_ieq(h->at[i].name, name) && list_has(h->at[i].value, token))
            return true;
    }
    return false;
}

void
headers_copy(struct headers *to, const struct headers *from)
{
    size_t n = from->n; /* `from` may be `to` */

    for (size_t i = 0; i < n; i++)
        headers_add(to, from->at[i].name, from->at[i].value);
}

/* What Connection names is meant for the next hop only. */
static void
drop_named_by_connection(struct headers *h)
{
    auto_headers struct headers lists = HEADERS_INIT;
    struct bytes rest, piece;

    for (size_t i = 0; i < h->n; i++) {
        if (str_ieq(h->at[i].name, "Connection"))
            headers_add(&lists, "", h->at[i].value);
    }
    for (size_t i = 0; i < lists.n; i++) {
        rest = bytes_str(lists.at[i].value);
        while (bytes_next(&rest, ',', &piece)) {
            auto_free char *name = bytes_dup(bytes_trim(piece));

            headers_remove(h, name);
        }
    }
}

void
headers_drop_hop_by_hop(struct headers *h)
{
    static const char *const names[] = {
        "Connection", "Keep-Alive", "Transfer-Encoding", "TE",
        "Trailer",    "Upgrade",    "Proxy-Connection",
    };

    drop_named_by_connection(h);
    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        headers_remove(h, names[i]);
}

bool
header_name_valid(const char *name)
{
    return *name != '\0' &&
           name[strspn(name, "!#$%&'*+-.^_`|~0123456789"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

bool
header_value_valid(const char *value)
{
    return value[strcspn(value, "\r\n")] == '\0';
}
