/* Bracket expressions. Beyond ASCII a character counts as a letter without
 * case, but for the blocks of symbols: tables of Unicode's categories are not
 * worth their size. */
#include "worker/glob/class.h"

#include <string.h>

#include "base/str.h"

static bool
is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool
is_upper(uint32_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool
is_lower(uint32_t c)
{
    return c >= 'a' && c <= 'z';
}

static bool
is_symbol(uint32_t c)
{
    return c < 0xc0 || (c >= 0x2000 && c < 0x2c00) ||
           (c >= 0xd800 && c < 0xf900) || (c >= 0x1f000 && c < 0x20000);
}

static bool
is_alpha(uint32_t c)
{
    return is_upper(c) || is_lower(c) || !is_symbol(c);
}

static bool
is_alnum(uint32_t c)
{
    return is_alpha(c) || is_digit(c);
}

static bool
is_word(uint32_t c)
{
    return is_alnum(c) || c == '_';
}

static bool
is_ascii(uint32_t c)
{
    return c < 0x80;
}

static bool
is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == 0xa0;
}

static bool
is_cntrl(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

static bool
is_space(uint32_t c)
{
    return c == ' ' || c == 0xa0 || (c >= '\t' && c <= '\r');
}

/* Neither control nor separator. */
static bool
is_not_graph(uint32_t c)
{
    return is_cntrl(c) || c == ' ' || c == 0xa0;
}

/* Unicode calls nine of ASCII's symbols no punctuation. */
static bool
is_punct(uint32_t c)
{
    return c < 0x80 && c > ' ' && !is_alnum(c) &&
           strchr("$+<=>^`|~\x7f", (int)c) == NULL;
}

static bool
is_xdigit(uint32_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static const struct named {
    const char *name;
    bool (*has)(uint32_t c);
    bool code_point;
    bool without; /* means what is not in there */
} named[] = {
    { "[:alnum:]", is_alnum, true, false },
    { "[:alpha:]", is_alpha, true, false },
    { "[:ascii:]", is_ascii, false, false },
    { "[:blank:]", is_blank, true, false },
    { "[:cntrl:]", is_cntrl, true, false },
    { "[:digit:]", is_digit, true, false },
    { "[:graph:]", is_not_graph, true, true },
    { "[:lower:]", is_lower, true, false },
    /* npm's minimatch has it the wrong way round. */
    { "[:print:]", is_cntrl, true, false },
    { "[:punct:]", is_punct, true, false },
    { "[:space:]", is_space, true, false },
    { "[:upper:]", is_upper, true, false },
    { "[:word:]", is_word, true, false },
    { "[:xdigit:]", is_xdigit, false, false },
};

static bool
begins(struct units text, size_t at, const char *s)
{
    for (; *s != '\0'; s++, at++) {
        if (at >= text.n || text.p[at] != (uint8_t)*s)
            return false;
    }
    return true;
}

static void
add_range(struct glob_class *c, uint32_t from, uint32_t to)
{
    c->ranges = xrealloc(c->ranges, (c->n_ranges + 1) * sizeof(*c->ranges));
    c->ranges[c->n_ranges++] = (struct glob_range){ from, to };
}

/* Units of the named class at `at`; 0: there is none. */
static size_t
read_named(struct glob_class *c, struct units text, size_t at)
{
    for (size_t i = 0; i < N_ELEMENTS(named); i++) {
        if (!begins(text, at, named[i].name))
            continue;
        *(named[i].without ? &c->without : &c->with) |= 1u << i;
        c->code_point |= named[i].code_point;
        return strlen(named[i].name);
    }
    return 0;
}

/* One member or range that begins at `at`; returns its units. */
static size_t
read_member(struct glob_class *c, struct units text, size_t at)
{
    uint16_t from = text.p[at];

    if (begins(text, at + 1, "-]")) {
        add_range(c, from, from);
        add_range(c, '-', '-');
        return 2;
    }
    if (!begins(text, at + 1, "-") || at + 2 >= text.n) {
        add_range(c, from, from);
        return at + 1 < text.n && text.p[at + 1] == '-' ? 2 : 1;
    }
    /* A range the wrong way round holds nothing; the others still count. */
    if (text.p[at + 2] >= from)
        add_range(c, from, text.p[at + 2]);
    return 3;
}

/* "[a-[:alpha:]]" is nonsense that poisons the whole. */
static bool
ends_in_named(struct units text, size_t at)
{
    struct glob_class ignored = { 0 };

    return begins(text, at + 1, "-") && at + 2 < text.n &&
           text.p[at + 2] == '[' && read_named(&ignored, text, at + 2) > 0;
}

size_t
glob_class_read(struct glob_class *out, struct units text)
{
    size_t i = 1, first, k;

    *out = (struct glob_class){ 0 };
    if (i < text.n && (text.p[i] == '!' || text.p[i] == '^')) {
        out->negate = true;
        i++;
    }
    for (first = i; i < text.n; i += k) {
        if (text.p[i] == ']' && i > first)
            break;
        k = text.p[i] == '[' ? read_named(out, text, i) : 0;
        if (k == 0 && ends_in_named(text, i)) {
            out->never = true;
            return text.n;
        }
        if (k == 0)
            k = read_member(out, text, i);
    }
    if (i >= text.n) {
        glob_class_clear(out);
        return 0;
    }
    out->never = out->n_ranges == 0 && out->with == 0 && out->without == 0;
    return out->never ? text.n : i + 1;
}

void
glob_class_clear(struct glob_class *c)
{
    free(c->ranges);
    *c = (struct glob_class){ 0 };
}

bool
glob_class_is_plain(const struct glob_class *c)
{
    return !c->never && !c->negate && c->with == 0 && c->without == 0 &&
           c->n_ranges == 1 && c->ranges[0].from == c->ranges[0].to;
}

bool
glob_class_takes_dot(const struct glob_class *c)
{
    return (c->n_ranges > 0 || c->with != 0) && c->without != 0;
}

static bool
in_named(unsigned which, uint32_t character)
{
    for (size_t i = 0; i < N_ELEMENTS(named); i++) {
        if ((which & 1u << i) != 0 && named[i].has(character))
            return true;
    }
    return false;
}

bool
glob_class_has(const struct glob_class *c, uint32_t character)
{
    bool in = in_named(c->with, character);

    if (c->never)
        return false;
    for (size_t i = 0; i < c->n_ranges && !in; i++)
        in = character >= c->ranges[i].from && character <= c->ranges[i].to;
    if ((c->n_ranges > 0 || c->with != 0) && in != c->negate)
        return true;
    return c->without != 0 &&
           in_named(c->without, character) == c->negate;
}
