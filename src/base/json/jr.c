/* The grammar of JSON, by the letter, as a machine that gives one value after
 * the other. */
#include "base/json/jr.h"

#include "base/str.h"

static bool
fail(struct jr *r, const char *why)
{
    if (r->why == NULL)
        r->why = why;
    return false;
}

static int
peek(const struct jr *r)
{
    return r->at < r->end ? *r->at : -1;
}

static void
skip_blanks(struct jr *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' ||
                              *r->at == '\t' || *r->at == '\r'))
        r->at++;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static int
hex_value(int c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ---- scalars ----------------------------------------------------------- */

static bool
digits(struct jr *r)
{
    if (!is_digit(peek(r)))
        return fail(r, "a digit is missing");
    while (is_digit(peek(r)))
        r->at++;
    return true;
}

static bool
number(struct jr *r)
{
    if (peek(r) == '-')
        r->at++;
    if (peek(r) == '0') {
        r->at++;
        if (is_digit(peek(r)))
            return fail(r, "a number begins with 0");
    } else if (!digits(r)) {
        return false;
    }
    if (peek(r) == '.') {
        r->at++;
        if (!digits(r))
            return false;
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        r->at++;
        if (peek(r) == '+' || peek(r) == '-')
            r->at++;
        if (!digits(r))
            return false;
    }
    return true;
}

/* Behind the backslash. */
static bool
escape(struct jr *r)
{
    int c = peek(r);

    if (c != -1)
        r->at++;
    switch (c) {
    case '"': case '\\': case '/': case 'b':
    case 'f': case 'n': case 'r': case 't':
        return true;
    case 'u':
        break;
    default:
        return fail(r, "an unknown escape");
    }
    for (int i = 0; i < 4; i++, r->at++) {
        if (hex_value(peek(r)) < 0)
            return fail(r, "a broken \\u escape");
    }
    return true;
}

static bool
string(struct jr *r, struct bytes *raw)
{
    const uint8_t *from = ++r->at;

    while (r->at < r->end && *r->at != '"') {
        uint8_t c = *r->at;

        if (c < 0x20)
            return fail(r, "a control character in a string");
        r->at++;
        if (c == '\\' && !escape(r))
            return false;
    }
    if (r->at == r->end)
        return fail(r, "a string without end");
    *raw = bytes_of(from, (size_t)(r->at - from));
    r->at++;
    return true;
}

static bool
literal(struct jr *r, const char *word)
{
    if (!bytes_starts(bytes_of(r->at, (size_t)(r->end - r->at)), word))
        return fail(r, "an unexpected character");
    r->at += strlen(word);
    return true;
}

/* ---- structure --------------------------------------------------------- */

static bool
in_object(const struct jr *r)
{
    unsigned level = r->depth - 1;

    return (r->in_object[level / 8] >> (level % 8) & 1) != 0;
}

static bool
open_level(struct jr *r, bool object)
{
    uint8_t bit = (uint8_t)(1u << (r->depth % 8));

    r->at++;
    if (r->depth == r->max_depth)
        return fail(r, "nested too deeply");
    if (object)
        r->in_object[r->depth / 8] |= bit;
    else
        r->in_object[r->depth / 8] &= (uint8_t)~bit;
    r->depth++;
    r->fresh = true;
    return true;
}

/* "name": in front of a member's value. */
static bool
member_name(struct jr *r)
{
    skip_blanks(r);
    if (peek(r) != '"')
        return fail(r, "a member's name is missing");
    if (!string(r, &r->key))
        return false;
    skip_blanks(r);
    if (peek(r) != ':')
        return fail(r, "a colon is missing");
    r->at++;
    return true;
}

static enum jr_token
value(struct jr *r)
{
    switch (peek(r)) {
    case '{':
        return open_level(r, true) ? JR_OBJ : JR_BAD;
    case '[':
        return open_level(r, false) ? JR_ARR : JR_BAD;
    case '"':
        return string(r, &r->raw) ? JR_STR : JR_BAD;
    case 't':
        return literal(r, "true") ? JR_TRUE : JR_BAD;
    case 'f':
        return literal(r, "false") ? JR_FALSE : JR_BAD;
    case 'n':
        return literal(r, "null") ? JR_NULL : JR_BAD;
    default:
        break;
    }
    const uint8_t *from = r->at;

    if (peek(r) == -1 || (peek(r) != '-' && !is_digit(peek(r)))) {
        fail(r, peek(r) == -1 ? "unexpected end" : "an unexpected character");
        return JR_BAD;
    }
    if (!number(r))
        return JR_BAD;
    r->raw = bytes_of(from, (size_t)(r->at - from));
    return JR_NUM;
}

/* Inside a container: its end, or what stands in front of its next value. */
static enum jr_token
next_inside(struct jr *r)
{
    bool first = r->fresh;

    r->fresh = false;
    if (peek(r) == (in_object(r) ? '}' : ']')) {
        r->at++;
        r->depth--;
        return JR_CLOSE;
    }
    if (!first) {
        if (peek(r) != ',') {
            fail(r, peek(r) == -1 ? "unexpected end" : "a comma is missing");
            return JR_BAD;
        }
        r->at++;
    }
    if (in_object(r) && !member_name(r))
        return JR_BAD;
    skip_blanks(r);
    return value(r);
}

static enum jr_token
next_outside(struct jr *r)
{
    if (!r->begun) {
        r->begun = true;
        return value(r);
    }
    if (r->at == r->end)
        return JR_END;
    fail(r, "more text behind the value");
    return JR_BAD;
}

enum jr_token
jr_next(struct jr *r)
{
    r->key = r->raw = BYTES_NONE;
    if (r->why != NULL)
        return r->token = JR_BAD;
    skip_blanks(r);
    r->token = r->depth > 0 ? next_inside(r) : next_outside(r);
    return r->token;
}

void
jr_init(struct jr *r, struct bytes text, unsigned max_depth)
{
    r->start = text.p;
    r->end = text.p + text.n;
    r->at = text.p + (bytes_starts(text, "\xef\xbb\xbf") ? 3 : 0);
    r->token = JR_END;
    r->key = r->raw = BYTES_NONE;
    r->depth = 0;
    r->max_depth = max_depth < JR_MAX_DEPTH ? max_depth : JR_MAX_DEPTH;
    r->why = NULL;
    r->begun = r->fresh = false;
}

void
jr_skip(struct jr *r)
{
    unsigned outside = r->depth - 1;

    if (r->token != JR_OBJ && r->token != JR_ARR)
        return;
    while (jr_next(r) != JR_BAD && r->depth > outside)
        continue;
}

int
jr_error(const struct jr *r, struct err *err)
{
    return err_set(err, ERR_INPUT, "malformed JSON near byte %zu: %s",
                   (size_t)(r->at - r->start),
                   r->why != NULL ? r->why : "an unexpected value");
}

/* ---- texts ------------------------------------------------------------- */

static unsigned
four_hex(const uint8_t *p)
{
    unsigned v = 0;

    for (int i = 0; i < 4; i++)
        v = v << 4 | (unsigned)hex_value(p[i]);
    return v;
}

/* The code point of the \uXXXX at s; *n bytes were used. */
static unsigned
surrogates(struct bytes s, size_t *n)
{
    unsigned c = four_hex(s.p + 2), low;

    *n = 6;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    if (c > 0xdbff || s.n < 12 || s.p[6] != '\\' || s.p[7] != 'u')
        return 0xfffd;
    low = four_hex(s.p + 8);
    if (low < 0xdc00 || low > 0xdfff)
        return 0xfffd;
    *n = 12;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* The escape s begins with; returns its length. */
static size_t
add_escape(struct buf *out, struct bytes s)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *known;
    size_t n = 2;

    if (s.p[1] == 'u') {
        utf8_add(out, surrogates(s, &n));
        return n;
    }
    known = strchr(from, s.p[1]);
    buf_add_char(out, known != NULL ? to[known - from] : (char)s.p[1]);
    return n;
}

void
jr_text(struct bytes raw, struct buf *out)
{
    size_t plain;

    while (raw.n > 0) {
        plain = bytes_find(raw, '\\');
        buf_add_bytes(out, bytes_to(raw, plain));
        raw = bytes_from(raw, plain);
        if (raw.n > 0)
            raw = bytes_from(raw, add_escape(out, raw));
    }
}

bool
jr_is(struct bytes raw, const char *text)
{
    auto_buf struct buf plain = BUF_INIT(SIZE_MAX / 4);

    if (bytes_find(raw, '\\') == raw.n)
        return bytes_is(raw, text);
    jr_text(raw, &plain);
    return bytes_is(buf_bytes(&plain), text);
}
