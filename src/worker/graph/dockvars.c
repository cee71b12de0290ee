/* Definitions, and two ways to use them. */
#include "worker/graph/dockvars.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/varpattern.h"

#define TEXT_MAX_BYTES (4u << 20) /* of one expanded text */
#define MAX_NAMES      1000       /* in one instruction; more are left alone */
/* Characters that all replacements look at; further names are left alone. */
#define MAX_STEPS      (64u << 20)

/* A value that is not there: "ARG a". */
static char no_value[] = "";

struct stage {
    size_t parent;
    struct map *env, *arg; /* own; values owned unless no_value */
};

struct dockvars {
    bool compat;
    char escape;
    struct map *global;   /* owns: ARG before the first stage */
    struct stage *stages; /* owns */
    size_t n_stages;
    size_t steps;         /* left of MAX_STEPS */
};

static void
free_map(struct map *m)
{
    size_t at = 0;
    void *value;

    while (map_next(m, &at, NULL, &value)) {
        if (value != no_value)
            free(value);
    }
    map_free(m);
}

struct dockvars *
dockvars_new(bool compat, char escape)
{
    struct dockvars *v = xnew(struct dockvars);

    v->compat = compat;
    v->escape = escape;
    v->global = map_new();
    v->steps = MAX_STEPS;
    return v;
}

void
dockvars_free(struct dockvars *v)
{
    if (v == NULL)
        return;
    free_map(v->global);
    for (size_t i = 0; i < v->n_stages; i++) {
        free_map(v->stages[i].env);
        free_map(v->stages[i].arg);
    }
    free(v->stages);
    free(v);
}

size_t
dockvars_begin_stage(struct dockvars *v, size_t parent)
{
    v->stages = xrealloc(v->stages, (v->n_stages + 1) * sizeof(*v->stages));
    v->stages[v->n_stages] = (struct stage){
        v->compat ? DOCK_NO_PARENT : parent, map_new(), map_new()
    };
    return v->n_stages++;
}

/* ---- looking up -------------------------------------------------------- */

/* NULL: not set, or without a value. */
static const char *
find_global(const struct dockvars *v, struct bytes name)
{
    const char *value = map_get(v->global, name);

    return value != no_value ? value : NULL;
}

static const char *
find(const struct dockvars *v, struct bytes name)
{
    const struct stage *s;
    const char *value;

    if (v->n_stages == 0)
        return NULL;
    /* A parent has a smaller number. */
    for (size_t i = v->n_stages - 1; i != DOCK_NO_PARENT;
         i = v->stages[i].parent) {
        value = map_get(v->stages[i].env, name);
        if (value == no_value && find_global(v, name) != NULL)
            return find_global(v, name);
        if (value != NULL)
            return value;
    }
    s = &v->stages[v->n_stages - 1];
    value = map_get(s->arg, name);
    return value == no_value ? find_global(v, name) : value;
}

static const char *
find_at(const struct dockvars *v, struct bytes name, bool is_from)
{
    return is_from ? find_global(v, name) : find(v, name);
}

/* ---- references -------------------------------------------------------- */

static bool
is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* "$name", "${name}", "${name:-word}". */
struct reference {
    struct bytes name;
    struct bytes word; /* what follows the name in braces */
    size_t n;          /* bytes of it all */
};

/* Whether one begins with the "$" that s begins with. */
static bool
read_reference(struct bytes s, struct reference *r)
{
    size_t n = 1, end;

    *r = (struct reference){ .n = 0 };
    if (s.n < 2)
        return false;
    if (s.p[1] != '{') {
        while (n < s.n && is_name_char(s.p[n]))
            n++;
        r->name = bytes_of(s.p + 1, n - 1);
        r->n = n;
        return true;
    }
    end = bytes_find(s, '}');
    if (end == s.n)
        return false;
    r->n = end + 1;
    r->name = bytes_of(s.p + 2, end - 2);
    n = bytes_find(r->name, ':');
    r->word = bytes_from(r->name, n);
    r->name = bytes_to(r->name, n);
    return true;
}

/* ---- the peer's way ---------------------------------------------------- */

/* Names in the words of a line, in the order of an object's keys; the value
 * is the map itself. */
static struct map *
names_in(const struct dockvars *v, const struct dock_line *line)
{
    struct map *names = map_new();

    for (size_t i = 0; i < line->n; i++) {
        struct bytes s = bytes_str(line->words[i].raw);

        for (size_t at = 0; at < s.n;) {
            struct reference r;

            if (s.p[at] == '$' &&
                !(at > 0 && s.p[at - 1] == (uint8_t)v->escape) &&
                read_reference(bytes_from(s, at), &r)) {
                map_put(names, r.name.n > 0 ? r.name : bytes_str(""), names);
                at += r.n;
                continue;
            }
            at++;
        }
    }
    return names;
}

/* The names as texts; the caller frees the array and each. */
static size_t
sorted_names(const struct map *names, char ***out)
{
    char **keys = xcalloc(map_count(names) + 1, sizeof(*keys));
    struct bytes key;
    size_t at = 0, n = 0;

    while (map_next(names, &at, &key, NULL))
        keys[n++] = bytes_dup(key);
    js_order_keys((const char **)(uintptr_t)keys, n);
    *out = keys;
    return n;
}

static char *
expand_compat(struct dockvars *v, const struct dock_line *line,
              const char *text, bool is_from, bool *all)
{
    auto_map struct map *names = names_in(v, line);
    char *done = xstrdup(text), **keys;
    size_t n = sorted_names(names, &keys);

    *all = true;
    for (size_t i = 0; i < n; i++) {
        auto_buf struct buf out = BUF_INIT(TEXT_MAX_BYTES);
        const char *value = find_at(v, bytes_str(keys[i]), is_from);

        *all = *all && !str_is_empty(value);
        if (n <= MAX_NAMES &&
            varpattern_replace(bytes_str(done), keys[i],
                               value != NULL ? value : "", &out,
                               &v->steps) == 0) {
            free(done);
            done = buf_steal(&out);
        }
        free(keys[i]);
    }
    free(keys);
    return done;
}

/* ---- the shell's way --------------------------------------------------- */

/* What a reference stands for: NULL when nothing tells. */
static const char *
value_of(const struct dockvars *v, const struct reference *r, bool is_from,
         struct buf *other)
{
    size_t plain = 0;
    struct bytes name = r->name, word = r->word;
    const char *value;

    while (plain < name.n && is_name_char(name.p[plain]))
        plain++;
    if (word.n == 0) {
        word = bytes_from(name, plain);
        name = bytes_to(name, plain);
    }
    if (plain != name.n || name.n == 0)
        return NULL;
    value = find_at(v, name, is_from);
    if (word.n == 0)
        return value;
    /* ":-" looks at empty values too, "-" does not. */
    if (bytes_starts(word, ":")) {
        word = bytes_from(word, 1);
        value = str_is_empty(value) ? NULL : value;
    }
    if (word.n == 0 || (word.p[0] != '-' && word.p[0] != '+'))
        return NULL;
    buf_add_bytes(other, bytes_from(word, 1));
    if (word.p[0] == '-')
        return value != NULL || !is_from ? value : buf_cstr(other);
    return value != NULL ? buf_cstr(other) : is_from ? "" : NULL;
}

static char *
expand_right(const struct dockvars *v, const char *text, bool is_from,
             bool *all)
{
    auto_buf struct buf out = BUF_INIT(TEXT_MAX_BYTES);
    struct bytes s = bytes_str(text);

    *all = true;
    for (size_t at = 0; at < s.n;) {
        auto_buf struct buf other = BUF_INIT(TEXT_MAX_BYTES);
        bool quoted = at > 0 && s.p[at - 1] == (uint8_t)v->escape;
        struct reference r = { .n = 1 };
        const char *value = NULL;

        if (s.p[at] == '$' && !quoted &&
            read_reference(bytes_from(s, at), &r)) {
            value = value_of(v, &r, is_from, &other);
            *all = *all && value != NULL;
        }
        if (r.n == 0)
            r.n = 1;
        if (value != NULL)
            buf_add_str(&out, value);
        else
            buf_add(&out, s.p + at, r.n);
        at += r.n;
    }
    return out.full ? xstrdup(text) : buf_steal(&out);
}

char *
dockvars_expand(struct dockvars *v, const struct dock_line *line,
                const char *text, bool is_from, bool *all)
{
    bool ignored;

    if (all == NULL)
        all = &ignored;
    return v->compat ? expand_compat(v, line, text, is_from, all)
                     : expand_right(v, text, is_from, all);
}

bool
dockvars_full(const struct dockvars *v)
{
    return v->steps == 0;
}

/* ---- definitions ------------------------------------------------------- */

static bool
is_quote(uint8_t c)
{
    return c == '"' || c == '\'';
}

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* The next word; blanks in quotes or behind an escape belong to it. */
static bool
next_word(const struct dockvars *v, struct bytes *rest, struct bytes *word)
{
    uint8_t quote = 0;
    size_t n = 0;

    *rest = bytes_trim(*rest);
    for (; n < rest->n && (quote != 0 || !is_space(rest->p[n])); n++) {
        uint8_t c = rest->p[n];

        if (c == (uint8_t)v->escape && n + 1 < rest->n)
            n++;
        else if (quote == 0 && is_quote(c))
            quote = c;
        else if (c == quote)
            quote = 0;
    }
    *word = bytes_to(*rest, n);
    *rest = bytes_from(*rest, n);
    return n > 0;
}

/* Without its quotes, or without its escapes; the caller owns it. */
static char *
unquoted(const struct dockvars *v, struct bytes s)
{
    auto_buf struct buf out = BUF_INIT(SIZE_MAX / 4);
    uint8_t quote = s.n >= 2 && is_quote(s.p[0]) && s.p[s.n - 1] == s.p[0]
                        ? s.p[0]
                        : 0;

    if (quote != 0)
        s = bytes_of(s.p + 1, s.n - 2);
    for (size_t i = 0; i < s.n; i++) {
        bool escaped = s.p[i] == (uint8_t)v->escape && i + 1 < s.n &&
                       (quote == 0 || s.p[i + 1] == quote ||
                        s.p[i + 1] == (uint8_t)v->escape);

        buf_add(&out, s.p + (escaped ? ++i : i), 1);
    }
    return buf_steal(&out);
}

/* Of the same line the first one counts. */
static void
define(const struct dockvars *v, struct map *to, struct map *seen,
       struct bytes name, const char *value)
{
    auto_free char *key = unquoted(v, name);
    void *old;

    if (map_put_str(seen, key, seen) != NULL)
        return;
    old = map_put_str(to, key,
                      value == NULL ? no_value
                      : v->compat   ? xstrdup(value)
                                    : expand_right(v, value, v->n_stages == 0,
                                                   &(bool){ false }));
    if (old != no_value)
        free(old);
}

static size_t
count_words(const struct dockvars *v, struct bytes rest)
{
    struct bytes word;
    size_t n = 0;

    while (next_word(v, &rest, &word))
        n++;
    return n;
}

/* "a=b c=d" */
static void
define_all(const struct dockvars *v, struct map *to, struct bytes rest)
{
    auto_map struct map *seen = map_new();
    struct bytes word;

    while (next_word(v, &rest, &word)) {
        size_t i = bytes_find(word, '=');
        auto_free char *value = i < word.n
                                    ? unquoted(v, bytes_from(word, i + 1))
                                    : NULL;

        define(v, to, seen, bytes_to(word, i), value);
    }
}

static void
define_env(const struct dockvars *v, struct map *to, struct bytes rest)
{
    auto_map struct map *seen = map_new();
    auto_free char *value = NULL;
    struct bytes all = rest, word;

    if (!next_word(v, &rest, &word))
        return;
    if (bytes_find(word, '=') < word.n) {
        define_all(v, to, all);
        return;
    }
    /* "ENV name all the rest" */
    rest = bytes_trim(rest);
    value = rest.n > 0 ? unquoted(v, rest) : NULL;
    define(v, to, seen, word, value);
}

void
dockvars_define(struct dockvars *v, const struct dock_line *line)
{
    bool is_env = strcmp(line->keyword, "ENV") == 0;
    struct bytes rest = bytes_str(line->rest);
    struct stage *s = v->n_stages > 0 ? &v->stages[v->n_stages - 1] : NULL;

    if (is_env && s != NULL)
        define_env(v, s->env, rest);
    else if (!is_env && (!v->compat || count_words(v, rest) == 1))
        define_all(v, s != NULL ? s->arg : v->global, rest);
}
