/*
 * From pattern to program: single steps whose jumps are relative, so that a
 * piece of program can be moved and repeated as it is.
 */
#include "engine/filter/re.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "engine/filter/re-private.h"

#define MAX_DEPTH  32
#define MAX_REPEAT 255
#define MAX_ALTS   128

struct parser {
    struct re *re;
    const char *at;
    unsigned depth;
    struct err *err;
};

static int parse_alternatives(struct parser *p);

static void
set_add(struct set *s, uint8_t c)
{
    s->bits[c >> 5] |= 1u << (c & 31);
}

static void
set_invert(struct set *s)
{
    for (size_t i = 0; i < N_ELEMENTS(s->bits); i++)
        s->bits[i] = ~s->bits[i];
}

static int
malformed(struct parser *p, const char *what)
{
    return err_set(p->err, ERR_INPUT, "regular expression: %s at \"%.20s\"",
                   what, p->at);
}

static int
unsupported(struct parser *p, const char *what)
{
    return err_set(p->err, ERR_UNSUPPORTED,
                   "regular expression: %s is not supported (at \"%.20s\")",
                   what, p->at);
}

static int
emit(struct parser *p, struct step step)
{
    struct re *re = p->re;

    if (re->n_steps == RE_MAX_STEPS)
        return err_set(p->err, ERR_LIMIT,
                       "regular expression: more than %d steps", RE_MAX_STEPS);
    re->steps[re->n_steps++] = step;
    return 0;
}

/* Make room for one step in front of `at`. */
static int
emit_before(struct parser *p, size_t at, struct step step)
{
    struct step *steps = p->re->steps;

    if (emit(p, step) < 0)
        return -1;
    memmove(steps + at + 1, steps + at,
            (p->re->n_steps - 1 - at) * sizeof(*steps));
    steps[at] = step;
    return 0;
}

static int
emit_set(struct parser *p, struct set set)
{
    struct re *re = p->re;
    struct step step = { .op = OP_SET };

    if (re->ignore_case) {
        for (int c = 'a'; c <= 'z'; c++) {
            if (set_has(&set, (uint8_t)c) || set_has(&set, (uint8_t)(c - 32))) {
                set_add(&set, (uint8_t)c);
                set_add(&set, (uint8_t)(c - 32));
            }
        }
    }
    re->sets = xrealloc(re->sets, (re->n_sets + 1) * sizeof(set));
    step.set = (uint16_t)re->n_sets;
    re->sets[re->n_sets++] = set;
    return emit(p, step);
}

static int
emit_char(struct parser *p, uint8_t c)
{
    if (p->re->ignore_case)
        c = (uint8_t)tolower(c);
    return emit(p, (struct step){ .op = OP_CHAR, .c = c });
}

/* \d \w \s and their opposites; false for any other letter. */
static bool
named_set(char letter, struct set *out)
{
    const char *members;

    *out = (struct set){ 0 };
    switch (tolower((unsigned char)letter)) {
    case 'd':
        members = "0123456789";
        break;
    case 'w':
        members = "0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                  "abcdefghijklmnopqrstuvwxyz";
        break;
    case 's':
        members = " \t\n\r\f\v";
        break;
    default:
        return false;
    }
    for (; *members != '\0'; members++)
        set_add(out, (uint8_t)*members);
    if (isupper((unsigned char)letter))
        set_invert(out);
    return true;
}

/* One character behind a backslash; p->at is behind it afterwards. */
static int
escaped_char(struct parser *p, uint8_t *out)
{
    static const char from[] = "nrtfv0", to[] = "\n\r\t\f\v";
    const char *hit = *p->at != '\0' ? strchr(from, *p->at) : NULL;
    uint8_t code[2];
    size_t n_hex = *p->at == 'x' ? 2 : *p->at == 'u' ? 4 : 0;

    if (*p->at == '\0')
        return malformed(p, "a lone backslash");
    if (n_hex > 0) {
        if (strlen(p->at + 1) < n_hex ||
            hex_decode(bytes_of(p->at + 1, n_hex), code) < 0)
            return malformed(p, "bad escape");
        if (n_hex == 4 && (code[0] != 0 || code[1] >= 0x80))
            return unsupported(p, "a character beyond ASCII");
        *out = code[n_hex / 2 - 1];
        p->at += 1 + n_hex;
        return 0;
    }
    if (hit == NULL && isalnum((unsigned char)*p->at))
        return unsupported(p, "this escape");
    *out = (uint8_t)(hit != NULL ? to[hit - from] : *p->at);
    p->at++;
    return 0;
}

/* One member of a [class]: a character, or a named set that is added. */
static int
class_member(struct parser *p, struct set *set, uint8_t *c, bool *is_char)
{
    struct set named;

    *is_char = true;
    if (*p->at != '\\') {
        *c = (uint8_t)*p->at++;
        return 0;
    }
    p->at++;
    if (!named_set(*p->at, &named)) {
        if (*p->at != 'b')
            return escaped_char(p, c);
        *c = '\b';
        p->at++;
        return 0;
    }
    p->at++;
    *is_char = false;
    for (size_t i = 0; i < N_ELEMENTS(set->bits); i++)
        set->bits[i] |= named.bits[i];
    return 0;
}

static int
class_range(struct parser *p, struct set *set, uint8_t first)
{
    uint8_t last = first;
    bool is_char;

    if (p->at[0] == '-' && p->at[1] != ']' && p->at[1] != '\0') {
        p->at++;
        if (class_member(p, set, &last, &is_char) < 0)
            return -1;
        if (!is_char || last < first)
            return malformed(p, "bad range");
    }
    for (unsigned c = first; c <= last; c++)
        set_add(set, (uint8_t)c);
    return 0;
}

static int
parse_class(struct parser *p)
{
    struct set set = { 0 };
    bool invert = *p->at == '^', is_char;
    uint8_t c;

    p->at += invert;
    while (*p->at != ']') {
        if (*p->at == '\0')
            return malformed(p, "class without end");
        if (class_member(p, &set, &c, &is_char) < 0 ||
            (is_char && class_range(p, &set, c) < 0))
            return -1;
    }
    p->at++;
    if (invert) {
        /* "[^a]" ignoring case must not let "A" in. */
        for (int l = 'a'; p->re->ignore_case && l <= 'z'; l++) {
            if (set_has(&set, (uint8_t)l) || set_has(&set, (uint8_t)(l - 32))) {
                set_add(&set, (uint8_t)l);
                set_add(&set, (uint8_t)(l - 32));
            }
        }
        set_invert(&set);
    }
    return emit_set(p, set);
}

static int
parse_group(struct parser *p)
{
    int rc;

    if (p->at[0] == '?') {
        if (p->at[1] != ':')
            return unsupported(p, "look-around or a named group");
        p->at += 2;
    }
    if (++p->depth > MAX_DEPTH)
        return unsupported(p, "nesting this deep");
    rc = parse_alternatives(p);
    p->depth--;
    if (rc < 0)
        return -1;
    if (*p->at != ')')
        return malformed(p, "group without end");
    p->at++;
    return 0;
}

static int
parse_escape(struct parser *p)
{
    struct set set;
    uint8_t c;

    if (named_set(*p->at, &set)) {
        p->at++;
        return emit_set(p, set);
    }
    return escaped_char(p, &c) < 0 ? -1 : emit_char(p, c);
}

static int
parse_atom(struct parser *p)
{
    struct set any = { 0 };
    char c = *p->at++;

    switch (c) {
    case '(':
        return parse_group(p);
    case '[':
        return parse_class(p);
    case '\\':
        return parse_escape(p);
    case '^':
        return emit(p, (struct step){ .op = OP_BEGIN });
    case '$':
        return emit(p, (struct step){ .op = OP_END });
    case '.':
        set_add(&any, '\n');
        set_add(&any, '\r');
        set_invert(&any);
        return emit_set(p, any);
    case '*':
    case '+':
    case '?':
        p->at--;
        return malformed(p, "nothing to repeat");
    default:
        return emit_char(p, (uint8_t)c);
    }
}

/* "{2}", "{2,}", "{2,5}"; false: it is not one, a brace is a brace then. */
static bool
read_braces(struct parser *p, unsigned *least, int *most)
{
    const char *s = p->at + 1;
    char *end;

    if (*p->at != '{' || !isdigit((unsigned char)*s))
        return false;
    *least = (unsigned)strtoul(s, &end, 10);
    *most = (int)*least;
    if (*end == ',') {
        s = end + 1;
        *most = isdigit((unsigned char)*s) ? (int)strtol(s, &end, 10) : -1;
        if (*most < 0)
            end = (char *)(uintptr_t)s;
    }
    if (*end != '}')
        return false;
    p->at = end + 1;
    return true;
}

/* The last `n` steps, once more at the end. */
static int
emit_copy(struct parser *p, const struct step *piece, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (emit(p, piece[i]) < 0)
            return -1;
    }
    return 0;
}

static int
emit_star(struct parser *p, const struct step *piece, size_t n)
{
    if (emit(p, (struct step){ .op = OP_SPLIT, .x = 1, .y = (int16_t)(n + 2) })
            < 0 ||
        emit_copy(p, piece, n) < 0)
        return -1;
    return emit(p, (struct step){ .op = OP_JUMP, .x = (int16_t)-(int)(n + 1) });
}

/* What stands from `from` on: `least` to `most` (-1: any number of) times. */
static int
repeat(struct parser *p, size_t from, unsigned least, int most)
{
    size_t n = p->re->n_steps - from;
    auto_free struct step *piece = xalloc((n + 1) * sizeof(*piece));

    if (least > MAX_REPEAT || most > MAX_REPEAT)
        return err_set(p->err, ERR_LIMIT,
                       "regular expression: more than %d repeats", MAX_REPEAT);
    if (most >= 0 && (unsigned)most < least)
        return malformed(p, "bad repeat");
    memcpy(piece, p->re->steps + from, n * sizeof(*piece));
    p->re->n_steps = from;
    for (unsigned i = 0; i < least; i++) {
        if (emit_copy(p, piece, n) < 0)
            return -1;
    }
    if (most < 0)
        return emit_star(p, piece, n);
    for (size_t left = (unsigned)most - least; left > 0; left--) {
        size_t over = left * (n + 1);

        if (over > RE_MAX_STEPS)
            return err_set(p->err, ERR_LIMIT, "regular expression: too large");
        if (emit(p, (struct step){ .op = OP_SPLIT, .x = 1,
                                   .y = (int16_t)over }) < 0 ||
            emit_copy(p, piece, n) < 0)
            return -1;
    }
    return 0;
}

static int
parse_repeated(struct parser *p)
{
    size_t from = p->re->n_steps;
    unsigned least = 0;
    int most = -1;

    if (parse_atom(p) < 0)
        return -1;
    switch (*p->at) {
    case '+':
        least = 1;
        p->at++;
        break;
    case '?':
        most = 1;
        p->at++;
        break;
    case '*':
        p->at++;
        break;
    default:
        if (!read_braces(p, &least, &most))
            return 0;
        break;
    }
    if (*p->at == '?') /* lazy */
        p->at++;
    return repeat(p, from, least, most);
}

static int
parse_sequence(struct parser *p)
{
    while (*p->at != '\0' && *p->at != '|' && *p->at != ')') {
        if (parse_repeated(p) < 0)
            return -1;
    }
    return 0;
}

static int
parse_alternatives(struct parser *p)
{
    size_t ends[MAX_ALTS], n_ends = 0, from = p->re->n_steps;

    if (parse_sequence(p) < 0)
        return -1;
    while (*p->at == '|') {
        size_t n = p->re->n_steps - from;

        if (n_ends == MAX_ALTS)
            return unsupported(p, "that many alternatives");
        if (emit_before(p, from, (struct step){ .op = OP_SPLIT, .x = 1,
                                                .y = (int16_t)(n + 2) }) < 0)
            return -1;
        ends[n_ends++] = p->re->n_steps;
        if (emit(p, (struct step){ .op = OP_JUMP }) < 0)
            return -1;
        p->at++;
        from = p->re->n_steps;
        if (parse_sequence(p) < 0)
            return -1;
    }
    for (size_t i = 0; i < n_ends; i++)
        p->re->steps[ends[i]].x = (int16_t)(p->re->n_steps - ends[i]);
    return 0;
}

void
re_free(struct re *re)
{
    if (re == NULL)
        return;
    free(re->steps);
    free(re->sets);
    free(re);
}

int
re_compile(struct re **out, const char *pattern, bool ignore_case,
           struct err *err)
{
    auto_re struct re *re = xnew(struct re);
    struct parser p = { .re = re, .at = pattern, .err = err };

    re->ignore_case = ignore_case;
    re->steps = xcalloc(RE_MAX_STEPS, sizeof(*re->steps));
    if (parse_alternatives(&p) < 0)
        return -1;
    if (*p.at == ')')
        return malformed(&p, "group without beginning");
    if (emit(&p, (struct step){ .op = OP_MATCH }) < 0)
        return -1;
    re->steps = xrealloc(re->steps, re->n_steps * sizeof(*re->steps));
    *out = steal(re);
    return 0;
}
