/*
 * Reads JSON with one purpose: to find the first fault the way V8 does and to
 * say so in its words. Positions count UTF-16 units.
 */
#include "worker/analyze/jserror.h"

#include "base/jstext.h"
#include "base/str.h"

/* Characters of the text shown on each side of an unexpected one. */
#define CONTEXT 10

struct scan {
    struct bytes text;
    size_t at;
    struct buf open;  /* owns: '{' or '[' for each level */
    struct buf *out;  /* borrows */
};

static int
peek(const struct scan *s)
{
    return s->at < s->text.n ? s->text.p[s->at] : -1;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static void
skip_blanks(struct scan *s)
{
    while (peek(s) == ' ' || peek(s) == '\n' || peek(s) == '\t' ||
           peek(s) == '\r')
        s->at++;
}

/* ---- sentences: all return false --------------------------------------- */

static bool
at_position(struct scan *s, const char *what)
{
    buf_addf(s->out, "%s JSON at position %zu", what,
             utf16_length(bytes_to(s->text, s->at)));
    return false;
}

/* UTF-16 units from..to of the text; halves of a pair are shown as U+FFFD. */
static void
add_units(struct scan *s, size_t from, size_t to)
{
    size_t at = 0;

    for (size_t i = 0; i < s->text.n && at < to;) {
        uint8_t c = s->text.p[i];
        size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        size_t units = n == 4 ? 2 : 1;

        if (at >= from && at + units <= to)
            buf_add(s->out, s->text.p + i, n);
        else if (at + units > from)
            buf_add_str(s->out, "\xef\xbf\xbd");
        at += units;
        i += n;
    }
}

static bool
is_special(struct bytes text)
{
    return bytes_is(text, "NaN") || bytes_is(text, "Infinity") ||
           bytes_is(text, "undefined") || bytes_is(text, "[object Object]");
}

static void
add_context(struct scan *s, size_t unit)
{
    size_t n = utf16_length(s->text);
    bool cut_start = n > 2 * CONTEXT && unit >= CONTEXT;
    bool cut_end = n > 2 * CONTEXT && unit + CONTEXT < n;

    buf_add_str(s->out, cut_start ? "...\"" : "\"");
    add_units(s, cut_start ? unit - CONTEXT : 0,
              cut_end ? unit + CONTEXT : n);
    buf_add_str(s->out, cut_end ? "\"..." : "\"");
    buf_add_str(s->out, " is not valid JSON");
}

static bool
unexpected(struct scan *s)
{
    size_t unit = utf16_length(bytes_to(s->text, s->at));
    int c = peek(s);

    if (c == -1) {
        buf_add_str(s->out, "Unexpected end of JSON input");
    } else if (is_digit(c) || c == '-') {
        at_position(s, "Unexpected number in");
    } else if (c == '"') {
        at_position(s, "Unexpected string in");
    } else if (is_special(s->text)) {
        add_context(s, 0);
    } else {
        buf_add_str(s->out, "Unexpected token '");
        add_units(s, unit, unit + 1);
        buf_add_str(s->out, "', ");
        add_context(s, unit);
    }
    return false;
}

/* ---- scalars ----------------------------------------------------------- */

static bool
digits(struct scan *s, const char *why)
{
    if (!is_digit(peek(s)))
        return at_position(s, why);
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
            return unexpected(s);
    } else if (!digits(s, "No number after minus sign in")) {
        return false;
    }
    if (peek(s) == '.') {
        s->at++;
        if (!digits(s, "Unterminated fractional number in"))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        return digits(s, "Exponent part is missing a number in");
    }
    return true;
}

static bool
escape(struct scan *s)
{
    int c = peek(s);

    if (c == -1)
        return unexpected(s);
    if (strchr("\"\\/bfnrt", c) != NULL && c != '\0') {
        s->at++;
        return true;
    }
    if (c != 'u')
        return at_position(s, "Bad escaped character in");
    s->at++;
    for (int i = 0; i < 4; i++, s->at++) {
        c = peek(s) | 0x20;
        if (peek(s) == -1 || !(is_digit(peek(s)) || (c >= 'a' && c <= 'f')))
            return at_position(s, "Bad Unicode escape in");
    }
    return true;
}

static bool
string(struct scan *s)
{
    s->at++;
    while (peek(s) != '"') {
        int c = peek(s);

        if (c == -1)
            return at_position(s, "Unterminated string in");
        if (c < 0x20)
            return at_position(s, "Bad control character in string literal in");
        s->at++;
        if (c == '\\' && !escape(s))
            return false;
    }
    s->at++;
    return true;
}

static bool
literal(struct scan *s, const char *word)
{
    for (; *word != '\0'; word++, s->at++) {
        if (peek(s) != *word)
            return unexpected(s);
    }
    return true;
}

/* ---- structure --------------------------------------------------------- */

/* Only of the first name it is said that a colon was expected. */
static bool
member_name(struct scan *s, bool first)
{
    skip_blanks(s);
    if (peek(s) != '"')
        return at_position(s, first ? "Expected property name or '}' in"
                                    : "Expected double-quoted property name "
                                      "in");
    if (!string(s))
        return false;
    skip_blanks(s);
    if (peek(s) != ':')
        return first ? at_position(s, "Expected ':' after property name in")
                     : unexpected(s);
    s->at++;
    return true;
}

/* A scalar, or the start of a container: *opened. */
static bool
value(struct scan *s, bool *opened)
{
    int c;

    *opened = false;
    skip_blanks(s);
    c = peek(s);
    switch (c) {
    case '{':
    case '[':
        buf_add_char(&s->open, (char)c);
        s->at++;
        *opened = true;
        return true;
    case '"':
        return string(s);
    case 't':
        return literal(s, "true");
    case 'f':
        return literal(s, "false");
    case 'n':
        return literal(s, "null");
    default:
        return is_digit(c) || c == '-' ? number(s) : unexpected(s);
    }
}

/* Behind an opening bracket: true if there is something inside. */
static bool
first_inside(struct scan *s, bool *fault)
{
    bool object = s->open.p[s->open.n - 1] == '{';

    skip_blanks(s);
    if (peek(s) == (object ? '}' : ']'))
        return false;
    *fault = object && !member_name(s, true);
    return true;
}

/* Behind a value: closes levels until another one must follow. */
static bool
next_inside(struct scan *s, bool *fault)
{
    while (s->open.n > 0) {
        bool object = s->open.p[s->open.n - 1] == '{';
        int c;

        skip_blanks(s);
        c = peek(s);
        if (c == ',') {
            s->at++;
            *fault = object && !member_name(s, false);
            return true;
        }
        if (c != (object ? '}' : ']')) {
            *fault = true;
            at_position(s, object
                               ? "Expected ',' or '}' after property value in"
                               : "Expected ',' or ']' after array element in");
            return true;
        }
        s->at++;
        s->open.n--;
    }
    return false;
}

static void
find_fault(struct scan *s)
{
    bool more = true, fault = false, opened;

    while (more) {
        if (!value(s, &opened))
            return;
        more = opened && first_inside(s, &fault);
        if (!more)
            more = next_inside(s, &fault);
        if (fault)
            return;
    }
    skip_blanks(s);
    if (peek(s) != -1)
        at_position(s, "Unexpected non-whitespace character after");
}

void
js_error(struct bytes text, struct buf *out)
{
    struct scan s = { .text = text, .open = BUF_INIT(SIZE_MAX / 4),
                      .out = out };

    find_fault(&s);
    buf_clear(&s.open);
}
