/* What stands in one place of TOML: strings of four kinds, keys, numbers,
 * dates. */
#include "worker/analyze/toml-private.h"

#include <string.h>

#include "base/str.h"

bool
toml_fail(struct toml_input *in, const char *why)
{
    if (in->why == NULL)
        in->why = why;
    return false;
}

static int
at(struct bytes s, size_t i)
{
    return i < s.n ? s.p[i] : -1;
}

static bool
is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* ---- strings ----------------------------------------------------------- */

static bool
add_code_point(struct toml_input *in, uint32_t c)
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return toml_fail(in, "an escape that is no character");
    utf8_add(in->texts, c);
    return true;
}

/* \uXXXX or \UXXXXXXXX; *n bytes behind the backslash. */
static bool
add_unicode(struct toml_input *in, struct bytes s, size_t *n)
{
    uint32_t c = 0;

    *n = s.p[0] == 'u' ? 5 : 9;
    if (s.n < *n)
        return toml_fail(in, "a broken escape");
    for (size_t i = 1; i < *n; i++) {
        int d = s.p[i];
        int v = is_digit(d)                          ? d - '0'
                : (d | 0x20) >= 'a' && (d | 0x20) <= 'f' ? (d | 0x20) - 'a' + 10
                                                         : -1;

        if (v < 0)
            return toml_fail(in, "a broken escape");
        c = c << 4 | (uint32_t)v;
    }
    return add_code_point(in, c);
}

/* Behind a backslash at the end of a line: all blanks go. False: it is not
 * at the end of one. */
static bool
skip_line_end(struct bytes s, size_t *n)
{
    size_t i = 0;
    bool end = false;

    while (at(s, i) == ' ' || at(s, i) == '\t')
        i++;
    for (; at(s, i) == ' ' || at(s, i) == '\t' || at(s, i) == '\n' ||
           (at(s, i) == '\r' && at(s, i + 1) == '\n'); i++)
        end |= at(s, i) == '\n';
    *n = i;
    return end;
}

static bool
add_escape(struct toml_input *in, struct bytes s, bool lines, size_t *n)
{
    static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
    int c = at(s, 0);
    const char *known = c > 0 ? strchr(from, c) : NULL;

    *n = 1;
    if (known != NULL) {
        buf_add_char(in->texts, to[known - from]);
        return true;
    }
    if (c == 'u' || c == 'U')
        return add_unicode(in, s, n);
    if (lines && skip_line_end(s, n))
        return true;
    return toml_fail(in, "an unknown escape");
}

/* What no string may hold as it is. */
static bool
is_control(struct bytes s, size_t i, bool lines)
{
    int c = at(s, i);

    if (c == '\t')
        return false;
    if (lines && (c == '\n' || (c == '\r' && at(s, i + 1) == '\n')))
        return false;
    return (c >= 0 && c < 0x20) || c == 0x7f;
}

/*
 * Where the string in such quotes ends. Of three quotes one or two more may
 * belong to the text. SIZE_MAX: nowhere.
 */
static size_t
find_end(struct bytes s, uint8_t quote, bool three)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && quote == '"') {
            i++;
        } else if (s.p[i] == quote && !three) {
            return i;
        } else if (s.p[i] == quote && at(s, i + 1) == quote &&
                   at(s, i + 2) == quote) {
            for (int more = 0; more < 2 && at(s, i + 3) == quote; more++)
                i++;
            return i;
        }
    }
    return SIZE_MAX;
}

static bool
unescape(struct toml_input *in, struct bytes s, bool lines,
         struct toml_text *out)
{
    size_t n;

    out->offset = in->texts->n;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\\') {
            buf_add_char(in->texts, (char)s.p[i]);
            continue;
        }
        if (!add_escape(in, bytes_from(s, i + 1), lines, &n))
            return false;
        i += n;
    }
    out->raw.n = in->texts->n - out->offset;
    return true;
}

bool
toml_read_string(struct toml_input *in, bool lines, struct toml_text *out)
{
    struct bytes s = in->rest;
    uint8_t quote = s.p[0];
    bool three = lines && at(s, 1) == quote && at(s, 2) == quote;
    size_t end;

    s = bytes_of(s.p + (three ? 3 : 1), s.n - (three ? 3 : 1));
    /* A line feed right behind the quotes does not count. */
    if (three && at(s, 0) == '\r' && at(s, 1) == '\n')
        s = bytes_from(s, 2);
    else if (three && at(s, 0) == '\n')
        s = bytes_from(s, 1);
    end = find_end(s, quote, three);
    if (end == SIZE_MAX)
        return toml_fail(in, "a string without end");
    in->rest = bytes_from(s, end + (three ? 3 : 1));
    *out = (struct toml_text){ bytes_to(s, end), SIZE_MAX };
    for (size_t i = 0; i < end; i++) {
        if (is_control(s, i, three))
            return toml_fail(in, "a control character in a string");
    }
    if (quote == '"' && bytes_find(out->raw, '\\') < end)
        return unescape(in, out->raw, three, out);
    return true;
}

bool
toml_read_bare(struct toml_input *in, struct bytes *out)
{
    size_t n = 0;

    for (int c = at(in->rest, 0);
         is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
         c == '-';
         c = at(in->rest, n))
        n++;
    *out = bytes_to(in->rest, n);
    in->rest = bytes_from(in->rest, n);
    return n > 0 || toml_fail(in, "a key is missing");
}

/* ---- numbers ----------------------------------------------------------- */

static bool
is_digit_of(int c, int base)
{
    if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return true;
    return c >= '0' && c < '0' + (base < 10 ? base : 10);
}

/* Digits with single underscores between them; how many bytes, 0: none. */
static size_t
count_digits(struct bytes s, int base)
{
    size_t n = 0;

    while (is_digit_of(at(s, n), base) ||
           (n > 0 && at(s, n) == '_' && at(s, n - 1) != '_' &&
            is_digit_of(at(s, n + 1), base)))
        n++;
    return n;
}

static bool
is_prefixed(struct bytes s)
{
    int base = at(s, 0) != '0'   ? 0
               : at(s, 1) == 'x' ? 16
               : at(s, 1) == 'o' ? 8
               : at(s, 1) == 'b' ? 2
                                 : 0;

    return base != 0 && s.n > 2 && count_digits(bytes_from(s, 2), base) ==
                                       s.n - 2;
}

static bool
is_decimal(struct bytes s)
{
    size_t n;

    if (at(s, 0) == '+' || at(s, 0) == '-')
        s = bytes_from(s, 1);
    if (bytes_is(s, "inf") || bytes_is(s, "nan"))
        return true;
    n = count_digits(s, 10);
    if (n == 0 || (n > 1 && s.p[0] == '0'))
        return false;
    s = bytes_from(s, n);
    if (at(s, 0) == '.') {
        n = count_digits(bytes_from(s, 1), 10);
        if (n == 0)
            return false;
        s = bytes_from(s, n + 1);
    }
    if ((at(s, 0) | 0x20) == 'e') {
        s = bytes_from(s, at(s, 1) == '+' || at(s, 1) == '-' ? 2 : 1);
        n = count_digits(s, 10);
        return n > 0 && n == s.n;
    }
    return s.n == 0;
}

/* ---- dates ------------------------------------------------------------- */

/* "dddd-dd-dd": d is a digit, the rest stands for itself. */
static bool
looks_like(struct bytes s, const char *form)
{
    for (size_t i = 0; form[i] != '\0'; i++) {
        if (form[i] == 'd' ? !is_digit(at(s, i)) : at(s, i) != form[i])
            return false;
    }
    return true;
}

static int
two(struct bytes s, size_t i)
{
    return (s.p[i] - '0') * 10 + s.p[i + 1] - '0';
}

static bool
is_day(struct bytes s)
{
    int month = two(s, 5), day = two(s, 8);

    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* "07:32:00.5"; moves behind it. */
static bool
take_time(struct bytes *s)
{
    size_t n = 8;

    if (!looks_like(*s, "dd:dd:dd") || two(*s, 0) > 23 || two(*s, 3) > 59 ||
        two(*s, 6) > 60)
        return false;
    if (at(*s, n) == '.') {
        if (!is_digit(at(*s, ++n)))
            return false;
        while (is_digit(at(*s, n)))
            n++;
    }
    *s = bytes_from(*s, n);
    return true;
}

static bool
is_offset(struct bytes s)
{
    if (s.n == 1)
        return (s.p[0] | 0x20) == 'z';
    return s.n == 6 && (s.p[0] == '+' || s.p[0] == '-') &&
           looks_like(bytes_from(s, 1), "dd:dd") && two(s, 1) <= 23 &&
           two(s, 4) <= 59;
}

static bool
is_date(struct bytes s)
{
    if (take_time(&s))
        return s.n == 0;
    if (!looks_like(s, "dddd-dd-dd") || !is_day(s))
        return false;
    if (s.n == 10)
        return true;
    if ((s.p[10] | 0x20) != 't' && s.p[10] != ' ')
        return false;
    s = bytes_from(s, 11);
    return take_time(&s) && (s.n == 0 || is_offset(s));
}

/* ---- any of them ------------------------------------------------------- */

static size_t
word_length(struct bytes s)
{
    size_t n = 0;

    while (n < s.n && (at(s, n) > ' ' && strchr(",]}#=\"'", at(s, n)) == NULL))
        n++;
    /* A blank may stand between day and time. */
    if (n == 10 && looks_like(s, "dddd-dd-dd") &&
        looks_like(bytes_from(s, 10), " dd")) {
        for (n = 11; n < s.n && (is_digit(at(s, n)) || at(s, n) == ':' ||
                                 at(s, n) == '.' || at(s, n) == '+' ||
                                 at(s, n) == '-' || (at(s, n) | 0x20) == 'z');)
            n++;
    }
    return n;
}

bool
toml_read_scalar(struct toml_input *in, enum toml_type *type,
                 struct bytes *out)
{
    size_t n = word_length(in->rest);
    struct bytes word = bytes_to(in->rest, n);

    if (bytes_is(word, "true") || bytes_is(word, "false"))
        *type = TOML_BOOL;
    else if (is_decimal(word) || is_prefixed(word))
        *type = TOML_NUMBER;
    else if (is_date(word))
        *type = TOML_DATE;
    else
        return toml_fail(in, n == 0 ? "a value is missing"
                                    : "a value of no known kind");
    in->rest = bytes_from(in->rest, n);
    *out = word;
    return true;
}
