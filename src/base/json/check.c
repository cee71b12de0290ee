/*
 * The grammar of JSON, by the letter. json-c's strict mode still takes NaN,
 * 'single quotes', raw line feeds in strings and numbers such as "1." and
 * "00"; those who send them to us have other readers that do not, and two
 * readings of one text are one too many.
 */
#include "base/json/check.h"

#include <stdbool.h>

#include "base/json/jx.h"

struct scan {
    const uint8_t *at, *end;
    const uint8_t *start;
    const char *why; /* NULL as long as all is well */
    unsigned depth;
    char closer[JX_MAX_DEPTH];
};

static bool
fail(struct scan *s, const char *why)
{
    if (s->why == NULL)
        s->why = why;
    return false;
}

static int
peek(const struct scan *s)
{
    return s->at < s->end ? *s->at : -1;
}

static void
skip_blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' ||
                              *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool
is_hex(int c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
digits(struct scan *s)
{
    if (!is_digit(peek(s)))
        return fail(s, "a digit is missing");
    while (is_digit(peek(s)))
        s->at++;
    return true;
}

static bool
number(struct scan *s)
{
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0') {
        s->at++;
        if (is_digit(peek(s)))
            return fail(s, "a number begins with 0");
    } else if (!digits(s)) {
        return false;
    }
    if (peek(s) == '.') {
        s->at++;
        if (!digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (!digits(s))
            return false;
    }
    return true;
}

/* Behind the backslash. */
static bool
escape(struct scan *s, bool is_name)
{
    bool zero = true;
    int c = peek(s);

    if (c != -1)
        s->at++;
    switch (c) {
    case '"': case '\\': case '/': case 'b':
    case 'f': case 'n': case 'r': case 't':
        return true;
    case 'u':
        break;
    default:
        return fail(s, "an unknown escape");
    }
    for (int i = 0; i < 4; i++) {
        if (!is_hex(peek(s)))
            return fail(s, "a broken \\u escape");
        zero = zero && peek(s) == '0';
        s->at++;
    }
    return zero && is_name ? fail(s, "a NUL in a member's name") : true;
}

static bool
string(struct scan *s, bool is_name)
{
    s->at++;
    while (s->at < s->end && *s->at != '"') {
        uint8_t c = *s->at;

        if (c < 0x20)
            return fail(s, "a control character in a string");
        s->at++;
        if (c == '\\' && !escape(s, is_name))
            return false;
    }
    if (s->at == s->end)
        return fail(s, "a string without end");
    s->at++;
    return true;
}

static bool
literal(struct scan *s, const char *word)
{
    if (!bytes_starts(bytes_of(s->at, (size_t)(s->end - s->at)), word))
        return fail(s, "an unexpected character");
    s->at += strlen(word);
    return true;
}

/* "name": in front of a member's value. */
static bool
member_name(struct scan *s)
{
    skip_blanks(s);
    if (peek(s) != '"')
        return fail(s, "a member's name is missing");
    if (!string(s, true))
        return false;
    skip_blanks(s);
    if (peek(s) != ':')
        return fail(s, "a colon is missing");
    s->at++;
    return true;
}

static bool
open_level(struct scan *s, char closer)
{
    s->at++;
    if (s->depth == JX_MAX_DEPTH)
        return fail(s, "nested too deeply");
    s->closer[s->depth++] = closer;
    return true;
}

/* One scalar, or the beginning of a container; *opened tells which. */
static bool
value(struct scan *s, bool *opened)
{
    *opened = false;
    skip_blanks(s);
    switch (peek(s)) {
    case '{':
        *opened = true;
        return open_level(s, '}');
    case '[':
        *opened = true;
        return open_level(s, ']');
    case '"':
        return string(s, false);
    case 't':
        return literal(s, "true");
    case 'f':
        return literal(s, "false");
    case 'n':
        return literal(s, "null");
    case -1:
        return fail(s, "unexpected end");
    default:
        if (peek(s) == '-' || is_digit(peek(s)))
            return number(s);
        return fail(s, "an unexpected character");
    }
}

/*
 * After a value: closers as many as there are, then a comma if the level
 * goes on. *more: another value is due.
 */
static bool
after_value(struct scan *s, bool *more)
{
    for (;;) {
        *more = s->depth > 0;
        if (s->depth == 0)
            return true;
        skip_blanks(s);
        if (peek(s) == s->closer[s->depth - 1]) {
            s->at++;
            s->depth--;
            continue;
        }
        if (peek(s) != ',')
            return fail(s, peek(s) == -1 ? "unexpected end"
                                         : "a comma is missing");
        s->at++;
        return s->closer[s->depth - 1] == '}' ? member_name(s) : true;
    }
}

/* Behind an opener: an empty container ends at once. */
static bool
after_open(struct scan *s, bool *more)
{
    skip_blanks(s);
    if (peek(s) == s->closer[s->depth - 1])
        return after_value(s, more);
    *more = true;
    return s->closer[s->depth - 1] == '}' ? member_name(s) : true;
}

int
json_check(struct bytes text, struct err *err)
{
    struct scan s = { .at = text.p, .end = text.p + text.n, .start = text.p };
    bool more = true, opened;

    while (more && value(&s, &opened)) {
        if (!(opened ? after_open(&s, &more) : after_value(&s, &more)))
            break;
    }
    if (s.why == NULL)
        skip_blanks(&s);
    if (s.why == NULL && s.at < s.end)
        fail(&s, "more text behind the value");
    if (s.why == NULL)
        return 0;
    return err_set(err, ERR_INPUT, "malformed JSON near byte %zu: %s",
                   (size_t)(s.at - s.start), s.why);
}
