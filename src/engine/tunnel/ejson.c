/* Reading and writing EJSON without building a document of it. */
#include "engine/tunnel/ejson.h"

#include <string.h>

#include "base/str.h"

/* A reader over text; `at` never passes text.n. */
struct scan {
    struct bytes text;
    size_t at;
    bool checked; /* went through ejson_value() before: just find the ends */
};

static bool skip_value(struct scan *s, unsigned depth);

static int
peek(const struct scan *s)
{
    return s->at < s->text.n ? s->text.p[s->at] : -1;
}

static void
skip_blanks(struct scan *s)
{
    while (s->at < s->text.n && memchr(" \t\r\n", s->text.p[s->at], 4) != NULL)
        s->at++;
}

static bool
eat(struct scan *s, char c)
{
    skip_blanks(s);
    if (peek(s) != c)
        return false;
    s->at++;
    return true;
}

static bool
is_hex(int c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F');
}

static bool
skip_escape(struct scan *s)
{
    int c = peek(s);

    if (c < 0)
        return false;
    s->at++;
    if (c != 'u')
        return memchr("\"\\/bfnrt", c, 8) != NULL;
    for (int i = 0; i < 4; i++, s->at++) {
        if (!is_hex(peek(s)))
            return false;
    }
    return true;
}

/* Behind the next quote that no backslash escapes. */
static bool
find_quote(struct scan *s)
{
    struct bytes rest = bytes_from(s->text, s->at);
    size_t from = 0, quote, n_slashes;

    while ((quote = from + bytes_find(bytes_from(rest, from), '"')) < rest.n) {
        for (n_slashes = 0; n_slashes < quote - from; n_slashes++) {
            if (rest.p[quote - 1 - n_slashes] != '\\')
                break;
        }
        from = quote + 1;
        if (n_slashes % 2 == 0) {
            s->at += from;
            return true;
        }
    }
    return false;
}

static bool
skip_string(struct scan *s)
{
    if (!eat(s, '"'))
        return false;
    if (s->checked)
        return find_quote(s);
    while (s->at < s->text.n) {
        uint8_t c = s->text.p[s->at++];

        if (c == '"')
            return true;
        if (c < 0x20 || (c == '\\' && !skip_escape(s)))
            return false;
    }
    return false;
}

static size_t
skip_digits(struct scan *s)
{
    size_t from = s->at;

    while (peek(s) >= '0' && peek(s) <= '9')
        s->at++;
    return s->at - from;
}

static bool
skip_number(struct scan *s)
{
    size_t n;
    bool zero;

    if (peek(s) == '-')
        s->at++;
    zero = peek(s) == '0';
    n = skip_digits(s);
    if (n == 0 || (zero && n > 1))
        return false;
    if (peek(s) == '.') {
        s->at++;
        if (skip_digits(s) == 0)
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (skip_digits(s) == 0)
            return false;
    }
    return true;
}

static bool
skip_word(struct scan *s, const char *word)
{
    if (!bytes_starts(bytes_from(s->text, s->at), word))
        return false;
    s->at += strlen(word);
    return true;
}

static bool
skip_items(struct scan *s, bool object, unsigned depth)
{
    char closer = object ? '}' : ']';

    if (depth == 0)
        return false;
    s->at++;
    if (eat(s, closer))
        return true;
    do {
        if (object && (!skip_string(s) || !eat(s, ':')))
            return false;
        if (!skip_value(s, depth - 1))
            return false;
    } while (eat(s, ','));
    return eat(s, closer);
}

static bool
skip_value(struct scan *s, unsigned depth)
{
    skip_blanks(s);
    switch (peek(s)) {
    case '{':
        return skip_items(s, true, depth);
    case '[':
        return skip_items(s, false, depth);
    case '"':
        return skip_string(s);
    case 't':
        return skip_word(s, "true");
    case 'f':
        return skip_word(s, "false");
    case 'n':
        return skip_word(s, "null");
    default:
        return skip_number(s);
    }
}

int
ejson_value(struct bytes text, struct bytes *value, struct err *err)
{
    struct scan s = { .text = text };
    size_t from, end;

    skip_blanks(&s);
    from = s.at;
    if (!skip_value(&s, EJSON_MAX_DEPTH))
        return err_set(err, ERR_INPUT, "malformed JSON near byte %zu", s.at);
    end = s.at;
    skip_blanks(&s);
    if (s.at < text.n)
        return err_set(err, ERR_INPUT, "more text behind the JSON, at byte %zu",
                       s.at);
    *value = bytes_of(text.p + from, end - from);
    return 0;
}

enum ejson_type
ejson_type(struct bytes value)
{
    switch (value.n > 0 ? value.p[0] : 'n') {
    case '{':
        return EJ_OBJ;
    case '[':
        return EJ_ARR;
    case '"':
        return EJ_STR;
    case 't':
    case 'f':
        return EJ_BOOL;
    case 'n':
        return EJ_NULL;
    default:
        return EJ_NUM;
    }
}

void
ejson_iter(struct ejson_iter *it, struct bytes value)
{
    enum ejson_type t = ejson_type(value);

    it->object = t == EJ_OBJ;
    it->rest = t == EJ_OBJ || t == EJ_ARR ? bytes_from(value, 1) : BYTES_NONE;
}

bool
ejson_next(struct ejson_iter *it, struct bytes *key, struct bytes *value)
{
    struct scan s = { .text = it->rest, .checked = true };
    size_t from;

    eat(&s, ',');
    skip_blanks(&s);
    from = s.at;
    if (it->object) {
        if (!skip_string(&s))
            return false;
        if (key != NULL)
            *key = bytes_of(s.text.p + from, s.at - from);
        eat(&s, ':');
        skip_blanks(&s);
        from = s.at;
    }
    if (!skip_value(&s, EJSON_MAX_DEPTH))
        return false;
    *value = bytes_of(s.text.p + from, s.at - from);
    it->rest = bytes_from(it->rest, s.at);
    return true;
}

bool
ejson_key_is(struct bytes key, const char *name)
{
    size_t n = strlen(name);
    auto_buf struct buf plain = BUF_INIT(256);

    if (key.n < 2)
        return false;
    if (memchr(key.p, '\\', key.n) == NULL)
        return key.n == n + 2 && memcmp(key.p + 1, name, n) == 0;
    return ejson_text(key, &plain) == 0 && bytes_is(buf_bytes(&plain), name);
}

struct bytes
ejson_get(struct bytes object, const char *name)
{
    struct bytes key, value, found = BYTES_NONE;
    struct ejson_iter it;

    ejson_iter(&it, object);
    while (it.object && ejson_next(&it, &key, &value)) {
        if (ejson_key_is(key, name))
            found = value;
    }
    return found;
}

static uint32_t
hex4(const uint8_t *p)
{
    uint8_t two[2];

    return hex_decode(bytes_of(p, 4), two) < 0
               ? 0xfffd
               : (uint32_t)two[0] << 8 | two[1];
}

/* `s` begins behind "\u"; says how much of it was used. Half a surrogate pair
 * is no character. */
static int
add_unicode_escape(struct bytes s, size_t *used, struct buf *out)
{
    uint32_t hi = hex4(s.p), lo;

    *used = 4;
    if (hi < 0xd800 || hi > 0xdfff)
        return utf8_add(out, hi);
    if (hi < 0xdc00 && s.n >= 10 && s.p[4] == '\\' && s.p[5] == 'u') {
        lo = hex4(s.p + 6);
        if (lo >= 0xdc00 && lo <= 0xdfff) {
            *used = 10;
            return utf8_add(out, 0x10000 + ((hi - 0xd800) << 10) +
                                     (lo - 0xdc00));
        }
    }
    return utf8_add(out, 0xfffd);
}

/* Text without escapes. */
static int
add_raw(struct buf *out, struct bytes s)
{
    return utf8_valid(s) ? buf_add_bytes(out, s) : utf8_add_lossy(out, s);
}

int
ejson_text(struct bytes value, struct buf *out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    struct bytes s;

    if (ejson_type(value) != EJ_STR || value.n < 2)
        return -1;
    s = bytes_of(value.p + 1, value.n - 2);
    while (s.n > 0) {
        size_t plain = bytes_find(s, '\\'), used = 0;
        const char *named;
        int rc;

        if (plain > 0 && add_raw(out, bytes_to(s, plain)) < 0)
            return -1;
        s = bytes_from(s, plain);
        if (s.n < 2)
            break;
        named = memchr(from, s.p[1], sizeof(from) - 1);
        if (s.p[1] == 'u' && s.n >= 6)
            rc = add_unicode_escape(bytes_from(s, 2), &used, out);
        else
            rc = buf_add_char(out, named != NULL ? to[named - from]
                                                 : (char)s.p[1]);
        if (rc < 0)
            return -1;
        s = bytes_from(s, 2 + used);
    }
    return 0;
}

int64_t
ejson_int(struct bytes value, int64_t otherwise)
{
    bool negative = value.n > 0 && value.p[0] == '-';
    uint64_t v;

    if (ejson_type(value) != EJ_NUM ||
        !bytes_to_u64(bytes_from(value, negative ? 1 : 0), &v) ||
        v > INT64_MAX)
        return otherwise;
    return negative ? -(int64_t)v : (int64_t)v;
}
