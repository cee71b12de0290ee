/* A small matcher: literals, sets and what repeats them; no groups. */
#include "worker/graph/varpattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/jstext.h"
#include "base/str.h"

#define MAX_NAME 256 /* bytes; longer ones match nothing */
#define MANY     SIZE_MAX

/* One character, or one of a set, so many times. */
struct atom {
    enum { CHAR, ANY, SET, BEGIN, END } kind;
    uint8_t c;
    struct bytes set; /* borrows; between the brackets, without "^" */
    bool negate;
    size_t min, max;
};

struct pattern {
    struct atom *atoms; /* owns */
    size_t n;
};

struct matcher {
    struct bytes text;
    size_t steps; /* left */
};

/* ---- reading ----------------------------------------------------------- */

static bool
read_set(struct bytes *rest, struct atom *a)
{
    size_t end;

    *rest = bytes_from(*rest, 1);
    a->kind = SET;
    a->negate = bytes_starts(*rest, "^");
    if (a->negate)
        *rest = bytes_from(*rest, 1);
    end = bytes_find(*rest, ']');
    if (end == rest->n)
        return false;
    a->set = bytes_to(*rest, end);
    *rest = bytes_from(*rest, end + 1);
    return true;
}

static bool
read_atom(struct bytes *rest, struct atom *a)
{
    uint8_t c = rest->p[0];

    *a = (struct atom){ .kind = CHAR, .c = c, .min = 1, .max = 1 };
    switch (c) {
    case '[':
        return read_set(rest, a);
    case '(':
    case ')':
    case '*':
    case '+':
    case '?':
        return false;
    case '.':
        a->kind = ANY;
        break;
    case '^':
        a->kind = BEGIN;
        break;
    case '$':
        a->kind = END;
        break;
    case '\\':
        if (rest->n < 2)
            return false;
        *rest = bytes_from(*rest, 1);
        a->c = rest->p[0];
        break;
    default:
        break;
    }
    *rest = bytes_from(*rest, 1);
    return true;
}

/* "{2}", "{2,}", "{2,5}"; anything else in braces is text. */
static bool
read_count(struct bytes *rest, struct atom *a)
{
    size_t end = bytes_find(*rest, '}');
    struct bytes body = bytes_of(rest->p + 1, end > 0 ? end - 1 : 0), low;
    size_t comma = bytes_find(body, ',');
    uint64_t min, max;

    if (end == rest->n)
        return false;
    low = bytes_to(body, comma);
    if (!bytes_to_u64(low, &min))
        return false;
    max = comma == body.n ? min : MANY;
    if (comma + 1 < body.n && !bytes_to_u64(bytes_from(body, comma + 1), &max))
        return false;
    a->min = min;
    a->max = max;
    *rest = bytes_from(*rest, end + 1);
    return true;
}

static void
read_repeat(struct bytes *rest, struct atom *a)
{
    if (rest->n == 0)
        return;
    if (rest->p[0] == '{') {
        read_count(rest, a);
        return;
    }
    if (strchr("*+?", rest->p[0]) == NULL || rest->p[0] == '\0')
        return;
    a->min = rest->p[0] == '+';
    a->max = rest->p[0] == '?' ? 1 : MANY;
    *rest = bytes_from(*rest, 1);
}

static bool
read_pattern(struct pattern *p, struct bytes source)
{
    p->atoms = xcalloc(source.n + 1, sizeof(*p->atoms));
    while (source.n > 0) {
        if (!read_atom(&source, &p->atoms[p->n]))
            return false;
        read_repeat(&source, &p->atoms[p->n]);
        p->n++;
    }
    return true;
}

/* ---- matching ---------------------------------------------------------- */

static bool
in_set(const struct atom *a, uint8_t c)
{
    for (size_t i = 0; i < a->set.n; i++) {
        uint8_t from = a->set.p[i], to = from;

        if (i + 2 < a->set.n && a->set.p[i + 1] == '-') {
            to = a->set.p[i + 2];
            i += 2;
        }
        if (c >= from && c <= to)
            return true;
    }
    return false;
}

static bool
takes(const struct atom *a, struct bytes text, size_t at)
{
    if (at >= text.n)
        return false;
    switch (a->kind) {
    case ANY:
        return js_terminator(bytes_from(text, at)) == 0;
    case SET:
        return in_set(a, text.p[at]) != a->negate;
    default:
        return text.p[at] == a->c;
    }
}

static bool
spend(struct matcher *m)
{
    if (m->steps == 0)
        return false;
    m->steps--;
    return true;
}

static bool
match(struct matcher *m, const struct pattern *p, size_t k, size_t at,
      size_t *end)
{
    const struct atom *a = &p->atoms[k];
    size_t n = 0;

    if (k == p->n) {
        *end = at;
        return true;
    }
    if (a->kind == BEGIN || a->kind == END)
        return at == (a->kind == BEGIN ? 0 : m->text.n) &&
               match(m, p, k + 1, at, end);
    while (n < a->max && takes(a, m->text, at + n) && spend(m))
        n++;
    for (size_t i = n + 1; i-- > a->min && spend(m);) {
        if (match(m, p, k + 1, at + i, end))
            return true;
    }
    return false;
}

/* ---- replacing --------------------------------------------------------- */

/* The value, as JavaScript reads a replacement. */
static void
add_value(struct buf *out, const char *value, struct bytes text, size_t at,
          size_t end)
{
    for (const char *s = value; *s != '\0'; s++) {
        char next = *s == '$' ? s[1] : '\0';

        if (next == '$')
            buf_add_char(out, '$');
        else if (next == '&')
            buf_add(out, text.p + at, end - at);
        else if (next == '`')
            buf_add_bytes(out, bytes_to(text, at));
        else if (next == '\'')
            buf_add_bytes(out, bytes_from(text, end));
        else
            buf_add_char(out, *s);
        if (next != '\0' && strchr("$&`'", next) != NULL)
            s++;
    }
}

static void
replace(struct matcher *m, const struct pattern *any, size_t n,
        const char *value, struct buf *out)
{
    for (size_t at = 0; at <= m->text.n && !out->full && spend(m);) {
        size_t end = 0;
        bool found = false;

        for (size_t i = 0; i < n && !found; i++)
            found = match(m, &any[i], 0, at, &end);
        if (found)
            add_value(out, value, m->text, at, end);
        if ((!found || end == at) && at < m->text.n)
            buf_add(out, m->text.p + at, 1);
        at = found && end > at ? end : at + 1;
    }
}

int
varpattern_replace(struct bytes text, const char *name, const char *value,
                   struct buf *out, size_t *steps)
{
    auto_free char *source = xasprintf("\\${%s}|\\$%s", name, name);
    auto_free struct pattern *any = NULL;
    struct matcher m = { text, *steps };
    struct js_split split = { .rest = bytes_str(source) };
    struct bytes piece;
    size_t n = 0;
    bool fine = strlen(name) <= MAX_NAME;

    any = xcalloc(strlen(source) + 1, sizeof(*any));
    while (fine && js_split_next(&split, "|", &piece))
        fine = read_pattern(&any[n++], piece);
    if (fine)
        replace(&m, any, n, value, out);
    else
        buf_add_bytes(out, text);
    for (size_t i = 0; i < n; i++)
        free(any[i].atoms);
    *steps = m.steps;
    return out->full || m.steps == 0 ? -1 : 0;
}
