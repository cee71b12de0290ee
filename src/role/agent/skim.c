/* A walk over JSON text, level by level. */
#include "role/agent/skim.h"

#include <string.h>

static void
skip_blanks(struct skim *s)
{
    while (s->at < s->text.n && s->text.p[s->at] != '\0' &&
           strchr(" \t\r\n", s->text.p[s->at]) != NULL)
        s->at++;
}

static bool
eat(struct skim *s, uint8_t c)
{
    skip_blanks(s);
    if (s->at >= s->text.n || s->text.p[s->at] != c)
        return false;
    s->at++;
    return true;
}

/* At the opening quote; moves behind the closing one. */
static bool
skip_string(struct skim *s)
{
    for (s->at++; s->at < s->text.n; s->at++) {
        if (s->text.p[s->at] == '\\')
            s->at++;
        else if (s->text.p[s->at] == '"')
            return s->at++, true;
    }
    return false;
}

/* Number or word: up to what may follow one. */
static bool
skip_scalar(struct skim *s)
{
    size_t from = s->at;

    while (s->at < s->text.n && s->text.p[s->at] != '\0' &&
           strchr(" \t\r\n,:[]{}\"", s->text.p[s->at]) == NULL)
        s->at++;
    return s->at > from;
}

/* At an opening bracket; moves behind its partner. */
static bool
skip_nested(struct skim *s)
{
    char closers[SKIM_MAX_DEPTH];
    size_t depth = 0;

    do {
        uint8_t c = s->at < s->text.n ? s->text.p[s->at] : '\0';

        if (c == '\0')
            return false;
        if (c == '"') {
            if (!skip_string(s))
                return false;
            continue;
        }
        if (c == '{' || c == '[') {
            if (depth == SKIM_MAX_DEPTH)
                return false;
            closers[depth++] = c == '{' ? '}' : ']';
        } else if (c == '}' || c == ']') {
            if (closers[--depth] != (char)c)
                return false;
        }
        s->at++;
    } while (depth > 0);
    return true;
}

static bool
next_value(struct skim *s, struct bytes *value)
{
    size_t from;
    bool ok;

    skip_blanks(s);
    from = s->at;
    if (from >= s->text.n)
        return false;
    if (s->text.p[from] == '"')
        ok = skip_string(s);
    else if (s->text.p[from] == '{' || s->text.p[from] == '[')
        ok = skip_nested(s);
    else
        ok = skip_scalar(s);
    *value = bytes_of(s->text.p + from, s->at - from);
    return ok;
}

bool
skim_is_object(struct bytes text)
{
    struct skim s = { .text = text };
    struct bytes value, key;
    enum skim_step step;

    if (!next_value(&s, &value) || value.p[0] != '{')
        return false;
    skip_blanks(&s);
    if (s.at != text.n)
        return false;
    skim_enter(&s, value);
    while ((step = skim_member(&s, &key, &value)) == SKIM_ITEM)
        continue;
    return step == SKIM_END;
}

bool
skim_enter(struct skim *s, struct bytes value)
{
    *s = (struct skim){ .text = value, .first = true };
    return eat(s, '{') || eat(s, '[');
}

/* Behind the separator, before the next item. */
static enum skim_step
separate(struct skim *s, uint8_t closer)
{
    if (eat(s, closer))
        return SKIM_END;
    if (!s->first && !eat(s, ','))
        return SKIM_BAD;
    s->first = false;
    return SKIM_ITEM;
}

enum skim_step
skim_item(struct skim *s, struct bytes *value)
{
    enum skim_step step = separate(s, ']');

    if (step == SKIM_ITEM && !next_value(s, value))
        return SKIM_BAD;
    return step;
}

enum skim_step
skim_member(struct skim *s, struct bytes *key, struct bytes *value)
{
    enum skim_step step = separate(s, '}');

    if (step != SKIM_ITEM)
        return step;
    if (!next_value(s, key) || key->p[0] != '"' || !eat(s, ':') ||
        !next_value(s, value))
        return SKIM_BAD;
    *key = bytes_of(key->p + 1, key->n - 2);
    return SKIM_ITEM;
}

size_t
skim_count(struct bytes value)
{
    struct skim s;
    struct bytes k, v;
    size_t n = 0;

    if (!skim_enter(&s, value))
        return 0;
    while ((value.p[0] == '{' ? skim_member(&s, &k, &v) : skim_item(&s, &v)) ==
           SKIM_ITEM)
        n++;
    return n;
}
