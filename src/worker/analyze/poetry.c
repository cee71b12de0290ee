/*
 * Poetry's projects: pyproject.toml and poetry.lock (scan-facts.md §13.2).
 * pyproject.toml belongs to many tools; one that is not Poetry's is `foreign`.
 */
#include "worker/analyze/analyzer.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"
#include "worker/analyze/toml.h"

/* What is held of a project when an image's results are made, stays small. */
#define MAX_PACKAGES     30000
#define MAX_REQUIREMENTS 60000

/* A file; the peer refuses byte order marks and what is new in TOML 1.0. */
struct source {
    struct toml *toml; /* borrows */
    bool refused;
};

static const struct toml_node *
find(const struct toml *t, const char *const *path)
{
    const struct toml_node *n = toml_root(t);

    for (; *path != NULL; path++)
        n = toml_get(t, n, *path);
    return n;
}

#define FIND(t, ...) find(t, (const char *const[]){ __VA_ARGS__, NULL })

/* What JavaScript takes for true. */
static bool
is_set(const struct toml_node *n)
{
    struct bytes text = toml_text(n);
    double number;

    switch (toml_type(n)) {
    case TOML_NONE:
        return false;
    case TOML_STRING:
        return text.n > 0;
    case TOML_BOOL:
        return bytes_is(text, "true");
    case TOML_NUMBER:
        return !js_number(text, &number) || number != 0;
    default:
        return true;
    }
}

static void
write_scalar(struct jw *jw, const char *key, const struct toml_node *n)
{
    if (toml_type(n) == TOML_NONE || toml_type(n) == TOML_ARRAY ||
        toml_type(n) == TOML_TABLE)
        return;
    jw_key(jw, key);
    jw_bytes(jw, toml_text(n));
}

/* ---- keys of a table, those that are numbers first --------------------- */

struct keyed {
    struct bytes key;
    uint32_t index;
    size_t place;
    bool is_index;
};

static int
by_place(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->is_index != y->is_index)
        return x->is_index ? -1 : 1;
    if (x->is_index && x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static size_t
list_keys(const struct toml *t, const struct toml_node *table,
          struct keyed **out)
{
    struct keyed *keys = NULL;
    size_t n = 0;

    if (toml_type(table) == TOML_TABLE) {
        for (const struct toml_node *m = toml_first(t, table); m != NULL;
             m = toml_next(t, m)) {
            keys = xgrown(keys, n, sizeof(*keys));
            keys[n] = (struct keyed){ .key = toml_key(m), .place = n };
            keys[n].is_index = js_is_index(keys[n].key, &keys[n].index);
            n++;
        }
    }
    if (n > 1)
        qsort(keys, n, sizeof(*keys), by_place);
    *out = keys;
    return n;
}

static void
write_keys(struct jw *jw, const struct toml *t, const struct toml_node *table,
           const char *without)
{
    auto_free struct keyed *keys = NULL;
    size_t n = list_keys(t, table, &keys);

    for (size_t i = 0; i < n; i++) {
        if (without == NULL || !bytes_is(keys[i].key, without))
            jw_bytes(jw, keys[i].key);
    }
}

/* ---- pyproject.toml ---------------------------------------------------- */

/* The name in front of a requirement; the peer knows no dots in it. */
static struct bytes
leading_name(struct bytes text, bool dots)
{
    size_t n = 0;

    while (n < text.n) {
        uint8_t c = text.p[n];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

        if (!letter && (n == 0 || !((c >= '0' && c <= '9') || c == '_' ||
                                    c == '-' || (c == '.' && dots))))
            break;
        n++;
    }
    return bytes_to(text, n);
}

static void
write_project_names(struct jw *jw, const struct toml *t, bool dots)
{
    const struct toml_node *deps = FIND(t, "project", "dependencies");

    if (toml_type(deps) != TOML_ARRAY)
        return;
    for (const struct toml_node *d = toml_first(t, deps); d != NULL;
         d = toml_next(t, d)) {
        struct bytes name = leading_name(toml_text(d), dots);

        if (name.n > 0 && !bytes_is(name, "python"))
            jw_bytes(jw, name);
    }
}

/* `dots`: names as they are, for us; else as the peer cuts them. */
static void
write_names(struct jw *jw, const char *key, const struct toml *t, bool dots)
{
    jw_key(jw, key);
    jw_arr(jw);
    if (is_set(FIND(t, "project")))
        write_project_names(jw, t, dots);
    write_keys(jw, t, FIND(t, "tool", "poetry", "dependencies"), "python");
    jw_end(jw);
}

static bool
any_dotted(const struct toml *t)
{
    const struct toml_node *d = toml_first(t, FIND(t, "project",
                                                   "dependencies"));

    for (; d != NULL; d = toml_next(t, d)) {
        if (leading_name(toml_text(d), true).n !=
            leading_name(toml_text(d), false).n)
            return true;
    }
    return false;
}

/* Where the peer stumbles; NULL: nowhere. */
static const char *
manifest_error(const struct toml *t)
{
    const struct toml_node *deps = FIND(t, "project", "dependencies"), *d;

    if (is_set(deps) && toml_type(deps) != TOML_ARRAY)
        return "deps.map is not a function";
    for (d = toml_first(t, deps); d != NULL; d = toml_next(t, d)) {
        if (toml_type(d) != TOML_STRING)
            return "dep.match is not a function";
    }
    return NULL;
}

static void
write_manifest(struct jw *jw, void *arg)
{
    const struct source *s = arg;
    const struct toml *t = s->toml;
    const struct toml_node *project = FIND(t, "project");
    const struct toml_node *from = is_set(project)
                                       ? project
                                       : FIND(t, "tool", "poetry");

    jw_obj(jw);
    if (s->refused)
        jw_key_bool(jw, "refused", true);
    if (!is_set(from)) {
        jw_key_bool(jw, "foreign", true);
        jw_end(jw);
        return;
    }
    write_scalar(jw, "n", toml_get(t, from, "name"));
    write_scalar(jw, "v", toml_get(t, from, "version"));
    write_names(jw, "d", t, false);
    if (is_set(project) && any_dotted(t))
        write_names(jw, "rd", t, true);
    jw_key_opt(jw, "e", manifest_error(t));
    jw_end(jw);
}

/* ---- poetry.lock ------------------------------------------------------- */

static const char *
name_error(const struct toml_node *name)
{
    if (toml_type(name) == TOML_STRING)
        return NULL;
    return toml_type(name) == TOML_NONE
               ? "Cannot read properties of undefined (reading 'toLowerCase')"
               : "lockItem.name.toLowerCase is not a function";
}

static void
write_package(struct jw *jw, const struct toml *t, const struct toml_node *pkg)
{
    const struct toml_node *name = toml_get(t, pkg, "name");
    const struct toml_node *deps = toml_get(t, pkg, "dependencies");

    jw_obj(jw);
    write_scalar(jw, "n", name);
    write_scalar(jw, "v", toml_get(t, pkg, "version"));
    if (toml_type(deps) == TOML_TABLE && toml_first(t, deps) != NULL) {
        jw_key(jw, "d");
        jw_arr(jw);
        write_keys(jw, t, deps, NULL);
        jw_end(jw);
    }
    jw_key_opt(jw, "e", name_error(name));
    jw_end(jw);
}

static void
write_lock(struct jw *jw, void *arg)
{
    const struct source *s = arg;
    const struct toml *t = s->toml;
    const struct toml_node *pkgs = FIND(t, "package");

    jw_obj(jw);
    if (s->refused)
        jw_key_bool(jw, "refused", true);
    if (toml_type(pkgs) == TOML_ARRAY) {
        jw_key(jw, "pkgs");
        jw_arr(jw);
        for (const struct toml_node *p = toml_first(t, pkgs); p != NULL;
             p = toml_next(t, p))
            write_package(jw, t, p);
        jw_end(jw);
    } else if (is_set(pkgs)) {
        jw_key_str(jw, "e", "lockFile.package.map is not a function");
    }
    jw_end(jw);
}

/* ---- reading ----------------------------------------------------------- */

/* Too much for us is not malformed for the peer. */
static void
write_bad(struct jw *jw, void *arg)
{
    const struct err *why = arg;

    jw_obj(jw);
    jw_key_bool(jw, why->kind == ERR_LIMIT ? "big" : "bad", true);
    jw_end(jw);
}

static size_t
count_kids(const struct toml *t, const struct toml_node *n)
{
    size_t count = 0;

    for (n = toml_first(t, n); n != NULL; n = toml_next(t, n))
        count++;
    return count;
}

static int
check_size(const struct toml *t, struct err *err)
{
    const struct toml_node *pkgs = FIND(t, "package");
    size_t n = count_kids(t, FIND(t, "project", "dependencies")) +
               count_kids(t, FIND(t, "tool", "poetry", "dependencies"));

    if (count_kids(t, pkgs) > MAX_PACKAGES)
        return err_set(err, ERR_LIMIT, "more than %d packages", MAX_PACKAGES);
    for (const struct toml_node *p = toml_first(t, pkgs); p != NULL;
         p = toml_next(t, p))
        n += count_kids(t, toml_get(t, p, "dependencies"));
    if (n > MAX_REQUIREMENTS)
        return err_set(err, ERR_LIMIT, "more than %d requirements",
                       MAX_REQUIREMENTS);
    return 0;
}

static int
read_toml(struct bytes body, const char *kind,
          void (*write)(struct jw *jw, void *arg), struct an_out *out,
          struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    auto_toml struct toml *t = NULL;
    struct source s;
    struct err why;

    body = utf8_mended(body, &text);
    t = toml_parse(body, &why);
    if (t != NULL && check_size(t, &why) == 0) {
        s = (struct source){ t, toml_is_mixed(t) ||
                                    bytes_starts(body, "\xef\xbb\xbf") };
        return an_item(out, kind, write, &s, err);
    }
    if (an_item(out, kind, write_bad, &why, err) < 0)
        return -1;
    return an_warn(out, err, "%s: %s", kind, why.text);
}

static int
poetry_read(struct bytes body, struct an_out *out, struct err *err)
{
    return read_toml(body, "poetry", write_manifest, out, err);
}

static int
poetrylock_read(struct bytes body, struct an_out *out, struct err *err)
{
    return read_toml(body, "poetrylock", write_lock, out, err);
}

const struct analyzer analyzer_poetry = {
    .name = "poetry",
    .wants = (const char *const[]){ "pyproject.toml", NULL },
    .read = poetry_read,
};

const struct analyzer analyzer_poetrylock = {
    .name = "poetrylock",
    .wants = (const char *const[]){ "poetry.lock", NULL },
    .read = poetrylock_read,
};
