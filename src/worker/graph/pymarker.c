/* Markers: the peer's glance at them, and their grammar (PEP 508). */
#include "worker/graph/pymarker.h"

#include <string.h>

#include "base/str.h"

#define MAX_DEPTH 32

char *
py_normal_name(const char *name)
{
    char *out = str_lower(xstrdup(name)), *to = out;

    for (const char *from = out; *from != '\0'; from++) {
        if (*from != '-' && *from != '_' && *from != '.')
            *to++ = *from;
        else if (to == out || to[-1] != '-')
            *to++ = '-';
    }
    *to = '\0';
    return out;
}

/* ---- the peer's -------------------------------------------------------- */

static bool
is_quote(uint8_t c)
{
    return c == '"' || c == '\'';
}

static bool
looks_like(struct bytes text, struct bytes extra)
{
    for (size_t i = 0; i < extra.n; i++) {
        if (text.p[i] != extra.p[i] && extra.p[i] != '.')
            return false;
    }
    return true;
}

bool
pymarker_names(struct bytes marker, const char *extra)
{
    struct bytes e = bytes_str(extra);
    size_t at = bytes_find_str(marker, "extra") + strlen("extra");

    for (; at + e.n + 2 <= marker.n; at++) {
        if (is_quote(marker.p[at]) && is_quote(marker.p[at + e.n + 1]) &&
            looks_like(bytes_of(marker.p + at + 1, e.n), e))
            return true;
    }
    return false;
}

/* ---- PEP 508 ----------------------------------------------------------- */

struct reading {
    struct bytes rest;
    const struct jx *asked; /* borrows */
    unsigned depth;
    bool malformed;
};

/* What stands on a side of a comparison. */
struct side {
    struct bytes text;
    bool quoted;
};

static bool
is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.';
}

static struct bytes
peek_word(struct reading *r)
{
    size_t n = 0;

    r->rest = bytes_trim(r->rest);
    while (n < r->rest.n && is_word(r->rest.p[n]))
        n++;
    return bytes_to(r->rest, n);
}

static bool
eat_word(struct reading *r, const char *word)
{
    if (!bytes_is(peek_word(r), word))
        return false;
    r->rest = bytes_from(r->rest, strlen(word));
    return true;
}

static bool
read_side(struct reading *r, struct side *side)
{
    size_t end;

    side->text = peek_word(r);
    side->quoted = r->rest.n > 0 && is_quote(r->rest.p[0]);
    if (side->quoted) {
        end = bytes_find(bytes_from(r->rest, 1), r->rest.p[0]);
        side->text = bytes_to(bytes_from(r->rest, 1), end);
        r->rest = bytes_from(r->rest, end + 2);
        return true;
    }
    r->rest = bytes_from(r->rest, side->text.n);
    return side->text.n > 0;
}

static struct bytes
read_operator(struct reading *r)
{
    size_t n = 0;

    r->rest = bytes_trim(r->rest);
    if (eat_word(r, "not"))
        return eat_word(r, "in") ? bytes_str("not in") : BYTES_NONE;
    if (eat_word(r, "in"))
        return bytes_str("in");
    while (n < r->rest.n && memchr("<>=!~", r->rest.p[n], 5) != NULL)
        n++;
    struct bytes op = bytes_to(r->rest, n);

    r->rest = bytes_from(r->rest, n);
    return op;
}

static bool
is_asked(const struct jx *asked, struct bytes extra)
{
    auto_free char *text = bytes_dup(extra);
    auto_free char *want = py_normal_name(text);

    for (size_t i = 0; i < jx_count(asked); i++) {
        const char *one = jx_str_value(jx_at(asked, i));
        auto_free char *name = py_normal_name(one != NULL ? one : "");

        if (strcmp(name, want) == 0)
            return true;
    }
    return false;
}

/* What we know of every image: it is Linux. */
static const char *
known_value(struct bytes variable)
{
    static const struct {
        const char *variable, *value;
    } known[] = {
        { "sys_platform", "linux" },
        { "platform_system", "Linux" },
        { "os_name", "posix" },
    };

    for (size_t i = 0; i < N_ELEMENTS(known); i++) {
        if (bytes_is(variable, known[i].variable))
            return known[i].value;
    }
    return NULL;
}

static bool
compare(const struct reading *r, struct bytes variable, struct bytes op,
        struct bytes value)
{
    const char *known = known_value(variable);
    bool equal, negated = bytes_is(op, "!=");

    if (!negated && !bytes_is(op, "==") && !bytes_is(op, "==="))
        return true;
    if (bytes_is(variable, "extra"))
        equal = is_asked(r->asked, value);
    else if (known != NULL)
        equal = bytes_is(value, known);
    else
        return true;
    return equal != negated;
}

static bool read_or(struct reading *r);

static bool
read_one(struct reading *r)
{
    struct side left, right;
    struct bytes op;
    bool holds;

    r->rest = bytes_trim(r->rest);
    if (r->rest.n > 0 && r->rest.p[0] == '(' && r->depth < MAX_DEPTH) {
        r->rest = bytes_from(r->rest, 1);
        r->depth++;
        holds = read_or(r);
        r->depth--;
        r->rest = bytes_trim(r->rest);
        r->malformed |= r->rest.n == 0 || r->rest.p[0] != ')';
        r->rest = bytes_from(r->rest, 1);
        return holds;
    }
    if (!read_side(r, &left) || (op = read_operator(r)).n == 0 ||
        !read_side(r, &right)) {
        r->malformed = true;
        return true;
    }
    return left.quoted ? compare(r, right.text, op, left.text)
                       : compare(r, left.text, op, right.text);
}

static bool
read_and(struct reading *r)
{
    bool holds = read_one(r);

    while (!r->malformed && eat_word(r, "and"))
        holds &= read_one(r);
    return holds;
}

static bool
read_or(struct reading *r)
{
    bool holds = read_and(r);

    while (!r->malformed && eat_word(r, "or"))
        holds |= read_and(r);
    return holds;
}

bool
pymarker_holds(struct bytes marker, const struct jx *asked)
{
    struct reading r = { .rest = bytes_trim(marker), .asked = asked };
    bool holds = r.rest.n == 0 || read_or(&r);

    return holds || r.malformed || bytes_trim(r.rest).n > 0;
}
