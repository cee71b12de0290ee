/* Conditions on body, query and headers. */
#include "engine/filter/valid.h"

#include <string.h>

#include "base/str.h"
#include "engine/filter/path.h"
#include "engine/filter/re.h"

/* A larger body meets no condition on its content. */
#define BODY_MAX_BYTES (1024 * 1024)
#define RE_TEXT_MAX    4096
#define PATH_DEPTH_MAX 32
#define WALK_MAX       10000 /* values a path with wildcards may lead to */

enum kind { BODY_VALUE, BODY_REGEX, QUERY, HEADER };

struct entry {
    enum kind kind;
    char *name;         /* body path, parameter, header */
    struct jx *value;   /* BODY_VALUE; owns */
    struct re **res;    /* BODY_REGEX: one; QUERY: any of */
    size_t n_res;
    char **texts;       /* HEADER: any of */
    size_t n_texts;
};

struct valid {
    struct entry *entries; /* owns */
    size_t n;
};

static void
entry_clear(struct entry *e)
{
    free(e->name);
    jx_free(e->value);
    for (size_t i = 0; i < e->n_res; i++)
        re_free(e->res[i]);
    for (size_t i = 0; i < e->n_texts; i++)
        free(e->texts[i]);
    free(e->res);
    free(e->texts);
}

void
valid_free(struct valid *v)
{
    if (v == NULL)
        return;
    for (size_t i = 0; i < v->n; i++)
        entry_clear(&v->entries[i]);
    free(v->entries);
    free(v);
}

static int
add_regex(struct entry *e, const char *pattern, struct err *err)
{
    struct re *re;

    if (re_compile(&re, pattern, false, err) < 0)
        return -1;
    e->res = xrealloc(e->res, (e->n_res + 1) * sizeof(struct re *));
    e->res[e->n_res++] = re;
    return 0;
}

static int
add_glob(struct entry *e, const char *glob, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(RE_TEXT_MAX);

    if (glob_to_re(glob, &text, err) < 0)
        return -1;
    return add_regex(e, buf_cstr(&text), err);
}

static int
add_values(struct entry *e, const struct jx *values, struct err *err)
{
    for (size_t i = 0; i < jx_count(values); i++) {
        const char *text = jx_str_value(jx_at(values, i));

        if (text == NULL)
            return err_set(err, ERR_INPUT, "valid: a value is no text");
        if (e->kind == QUERY) {
            if (add_glob(e, text, err) < 0)
                return -1;
            continue;
        }
        e->texts = xrealloc(e->texts, (e->n_texts + 1) * sizeof(char *));
        e->texts[e->n_texts++] = xstrdup(text);
    }
    return 0;
}

static int
compile_entry(struct entry *e, const struct jx *doc, struct err *err)
{
    const char *path = jx_str(doc, "path"), *query = jx_str(doc, "queryParam"),
               *header = jx_str(doc, "header"), *regex = jx_str(doc, "regex");

    if (path != NULL && jx_has(doc, "value")) {
        *e = (struct entry){ .kind = BODY_VALUE, .name = xstrdup(path),
                             .value = jx_copy(jx_get(doc, "value")) };
        return 0;
    }
    if (path != NULL && regex != NULL) {
        *e = (struct entry){ .kind = BODY_REGEX, .name = xstrdup(path) };
        return add_regex(e, regex, err);
    }
    if (jx_arr(doc, "values") != NULL && (query != NULL || header != NULL)) {
        *e = (struct entry){ .kind = query != NULL ? QUERY : HEADER,
                             .name = xstrdup(query != NULL ? query : header) };
        return add_values(e, jx_arr(doc, "values"), err);
    }
    return err_set(err, ERR_UNSUPPORTED, "valid: an entry of unknown kind");
}

int
valid_compile(struct valid **out, const struct jx *list, struct err *err)
{
    struct valid *v;

    if (!jx_is_arr(list))
        return err_set(err, ERR_INPUT, "valid is no array");
    v = xnew(struct valid);
    v->entries = xcalloc(jx_count(list) + 1, sizeof(*v->entries));
    for (size_t i = 0; i < jx_count(list); i++) {
        v->n = i + 1;
        if (compile_entry(&v->entries[i], jx_at(list, i), err) < 0) {
            valid_free(v);
            return -1;
        }
    }
    *out = v;
    return 0;
}

/* --- body --- */

struct walk {
    const struct entry *entry;
    const char *part[PATH_DEPTH_MAX]; /* borrows */
    size_t n_parts;
    unsigned visited;
};

static bool
same_value(const struct jx *a, const struct jx *b)
{
    if (jx_type(a) != jx_type(b))
        return false;
    switch (jx_type(a)) {
    case JX_STR:
        return bytes_equal(jx_bytes_value(a), jx_bytes_value(b));
    case JX_BOOL:
        return jx_bool_value(a, false) == jx_bool_value(b, false);
    case JX_INT:
        return jx_int_value(a, 0) == jx_int_value(b, 0);
    case JX_DOUBLE:
        return jx_double_value(a, 0) == jx_double_value(b, 0);
    default:
        return false;
    }
}

/* A missing value reads "undefined", as it does in JavaScript. */
static bool
holds_here(const struct entry *e, const struct jx *v)
{
    struct bytes text = jx_is_str(v) ? jx_bytes_value(v)
                                     : bytes_str("undefined");

    if (e->kind == BODY_VALUE)
        return same_value(e->value, v);
    return (v == NULL || jx_is_str(v)) && re_matches(e->res[0], text);
}

static const struct jx *
member(const struct jx *v, const char *name)
{
    uint64_t i;

    if (!jx_is_arr(v))
        return jx_get(v, name);
    return str_to_u64(name, &i) ? jx_at(v, i) : NULL;
}

/* Depth is bounded by the parts of the path. */
static bool
holds_below(struct walk *w, const struct jx *v, size_t depth)
{
    const char *key;
    struct jx *child;

    if (depth == w->n_parts)
        return ++w->visited <= WALK_MAX && holds_here(w->entry, v);
    if (strcmp(w->part[depth], "*") != 0)
        return holds_below(w, member(v, w->part[depth]), depth + 1);
    for (size_t i = 0; jx_is_arr(v) && i < jx_count(v); i++) {
        if (holds_below(w, jx_at(v, i), depth + 1))
            return true;
    }
    for (void *at = NULL; jx_next(v, &at, &key, &child);) {
        if (holds_below(w, child, depth + 1))
            return true;
    }
    return false;
}

static bool
body_holds(const struct entry *e, const struct jx *doc)
{
    struct walk w = { .entry = e };
    auto_free char *path = xstrdup(e->name);

    for (char *p = strtok(path, "."); p != NULL; p = strtok(NULL, ".")) {
        if (w.n_parts == PATH_DEPTH_MAX)
            return false;
        w.part[w.n_parts++] = p;
    }
    return holds_below(&w, doc, 0);
}

/* --- query and headers --- */

/* The decoded value; false: broken, or there twice. Missing is "". */
static bool
query_param(const char *query, const char *name, struct buf *out)
{
    struct bytes rest = bytes_str(query), pair;
    bool found = false;

    while (bytes_next(&rest, '&', &pair)) {
        auto_buf struct buf key = BUF_INIT(pair.n + 1);
        size_t eq = bytes_find(pair, '=');

        if (percent_decode(bytes_to(pair, eq), &key) < 0)
            return false;
        if (!bytes_is(buf_bytes(&key), name))
            continue;
        if (found || percent_decode(bytes_from(pair, eq + 1), out) < 0)
            return false;
        found = true;
    }
    for (size_t i = 0; i < out->n; i++)
        out->p[i] = out->p[i] == '+' ? ' ' : out->p[i];
    return true;
}

static bool
query_holds(const struct entry *e, const char *query)
{
    auto_buf struct buf value = BUF_INIT(strlen(query) + 1);

    if (!query_param(query, e->name, &value))
        return false;
    for (size_t i = 0; i < e->n_res; i++) {
        if (re_matches(e->res[i], buf_bytes(&value)))
            return true;
    }
    return false;
}

static bool
header_holds(const struct entry *e, const struct headers *headers)
{
    const char *value = NULL;

    for (size_t i = 0; headers != NULL && i < headers->n; i++) {
        if (!str_ieq(headers->at[i].name, e->name))
            continue;
        if (value != NULL) /* twice is a list, and no exact value */
            return false;
        value = headers->at[i].value;
    }
    for (size_t i = 0; value != NULL && i < e->n_texts; i++) {
        if (strcmp(value, e->texts[i]) == 0)
            return true;
    }
    return false;
}

bool
valid_reads_bodies(const struct valid *v)
{
    for (size_t i = 0; i < v->n; i++) {
        enum kind kind = v->entries[i].kind;

        if (kind == BODY_VALUE || kind == BODY_REGEX)
            return true;
    }
    return false;
}

struct tally {
    bool any_entry, any_value, any_regex, has_query, all_queries, all_headers;
};

bool
valid_holds(const struct valid *v, const char *query,
            const struct headers *headers, struct bytes body)
{
    struct tally t = { .all_queries = true, .all_headers = true };
    auto_jx struct jx *doc = NULL;

    for (size_t i = 0; i < v->n; i++) {
        const struct entry *e = &v->entries[i];

        t.any_entry = t.any_entry || e->kind != HEADER;
        switch (e->kind) {
        case HEADER:
            t.all_headers = t.all_headers && header_holds(e, headers);
            break;
        case QUERY:
            t.has_query = true;
            t.all_queries = t.all_queries && query_holds(e, query);
            break;
        default:
            if (doc == NULL)
                doc = jx_parse(body, BODY_MAX_BYTES, NULL);
            if (doc == NULL || !body_holds(e, doc))
                break;
            t.any_value = t.any_value || e->kind == BODY_VALUE;
            t.any_regex = t.any_regex || e->kind == BODY_REGEX;
            break;
        }
    }
    return t.all_headers && (!t.any_entry || t.any_value || t.any_regex ||
                             (t.has_query && t.all_queries));
}
