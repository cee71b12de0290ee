/* Substitution of settings by name. */
#include "engine/filter/vars.h"

#include <ctype.h>
#include <string.h>

#include "base/json/jx.h"
#include "base/map.h"
#include "base/str.h"

#define NAME_MAX_BYTES  256
#define VALUE_MAX_BYTES (1024 * 1024)
#define BODY_MAX_BYTES  (24 * 1024 * 1024)
#define PATHS_MAX       256

static const char marker[] = "BROKER_VAR_SUB";

struct pool {
    size_t next; /* entry to be used next */
};

struct vars {
    vars_lookup lookup;
    void *arg;         /* borrows */
    struct map *pools; /* owns; name -> struct pool, owned */
};

struct vars *
vars_new(vars_lookup lookup, void *arg)
{
    struct vars *v = xnew(struct vars);

    v->lookup = lookup;
    v->arg = arg;
    v->pools = map_new();
    return v;
}

void
vars_free(struct vars *v)
{
    void *pool;

    if (v == NULL)
        return;
    for (size_t at = 0; map_next(v->pools, &at, NULL, &pool);)
        free(pool);
    map_free(v->pools);
    free(v);
}

/* The next of "aa, bb": round and round. False: nothing in it. */
static bool
next_of_pool(struct vars *v, const char *name, const char *list,
             struct bytes *out)
{
    struct pool *pool = map_get_str(v->pools, name);
    struct bytes rest = bytes_str(list), piece;
    size_t n = 0, want;

    while (bytes_next(&rest, ',', &piece))
        n++;
    if (n == 0)
        return false;
    if (pool == NULL) {
        pool = xnew(struct pool);
        map_put_str(v->pools, name, pool);
    }
    want = pool->next++ % n;
    rest = bytes_str(list);
    for (size_t i = 0; i <= want; i++)
        bytes_next(&rest, ',', &piece);
    *out = bytes_trim(piece);
    return true;
}

/* crAgentUrl -> CR_AGENT_URL; false when it is not written like that. */
static bool
from_camel(const char *name, struct buf *out)
{
    if (!islower((unsigned char)name[0]))
        return false;
    for (; *name != '\0'; name++) {
        if (isupper((unsigned char)*name))
            buf_add_char(out, '_');
        buf_add_char(out, (char)toupper((unsigned char)*name));
    }
    return true;
}

static struct bytes
value_of(struct vars *v, const char *name)
{
    auto_buf struct buf other = BUF_INIT(2 * NAME_MAX_BYTES);
    struct bytes piece;
    const char *value;

    buf_addf(&other, "%s_POOL", name);
    value = v->lookup(buf_cstr(&other), v->arg);
    if (value != NULL && next_of_pool(v, name, value, &piece))
        return piece;
    value = v->lookup(name, v->arg);
    buf_reset(&other);
    if (value == NULL && from_camel(name, &other))
        value = v->lookup(buf_cstr(&other), v->arg);
    return bytes_str(value);
}

int
vars_expand(struct vars *v, struct bytes text, struct buf *out)
{
    for (;;) {
        size_t at = bytes_find_str(text, "${");
        size_t end = bytes_find(bytes_from(text, at), '}');
        char name[NAME_MAX_BYTES + 1];

        if (at == text.n || at + end == text.n)
            return buf_add_bytes(out, text);
        if (buf_add_bytes(out, bytes_to(text, at)) < 0)
            return -1;
        if (end - 2 <= NAME_MAX_BYTES) {
            memcpy(name, text.p + at + 2, end - 2);
            name[end - 2] = '\0';
            if (buf_add_bytes(out, value_of(v, name)) < 0)
                return -1;
        }
        text = bytes_from(text, at + end + 1);
    }
}

/* The container that holds the last part of a dotted path, and that part. */
static struct jx *
walk(struct jx *doc, const char *path, char **last)
{
    struct bytes rest = bytes_str(path), part;
    struct jx *at = doc;

    *last = NULL;
    while (bytes_next(&rest, '.', &part)) {
        uint64_t i;

        if (*last != NULL) {
            at = jx_is_arr(at) ? (str_to_u64(*last, &i) ? jx_at(at, i) : NULL)
                               : jx_get(at, *last);
            free(*last);
        }
        *last = bytes_dup(part);
    }
    return at;
}

static void
expand_at(struct vars *v, struct jx *doc, const char *path)
{
    auto_buf struct buf text = BUF_INIT(VALUE_MAX_BYTES);
    auto_free char *last = NULL;
    struct jx *in = walk(doc, path, &last), *was;
    uint64_t i = 0;

    if (last == NULL)
        return;
    if (jx_is_arr(in))
        was = str_to_u64(last, &i) ? jx_at(in, i) : NULL;
    else
        was = jx_get(in, last);
    if (!jx_is_str(was) || vars_expand(v, jx_bytes_value(was), &text) < 0)
        return;
    if (jx_is_arr(in))
        jx_put_at(in, i, jx_new_str(buf_bytes(&text)));
    else
        jx_set(in, last, jx_new_str(buf_bytes(&text)));
}

bool
vars_body(struct vars *v, struct bytes body, struct buf *out)
{
    auto_jx struct jx *doc = NULL, *paths = NULL;

    /* Most bodies do not ask for it: spare them the parsing. */
    if (bytes_find_str(body, marker) == body.n)
        return false;
    doc = jx_parse(body, BODY_MAX_BYTES, NULL);
    if (jx_arr(doc, marker) == NULL)
        return false;
    paths = jx_copy(jx_arr(doc, marker));
    jx_unset(doc, marker);
    for (size_t i = 0; i < jx_count(paths) && i < PATHS_MAX; i++) {
        const char *path = jx_str_value(jx_at(paths, i));

        if (path != NULL)
            expand_at(v, doc, path);
    }
    return jx_write(doc, out) == 0;
}

void
vars_headers(struct vars *v, struct headers *h)
{
    auto_free char *names = xstrdup(headers_get(h, "x-broker-var-sub"));
    struct bytes rest = bytes_str(names), piece;

    while (bytes_next(&rest, ',', &piece)) {
        auto_free char *name = bytes_dup(bytes_trim(piece));
        auto_buf struct buf text = BUF_INIT(VALUE_MAX_BYTES);
        const char *was = headers_get(h, name);

        /* A value that no header may have would split the request. */
        if (was != NULL && vars_expand(v, bytes_str(was), &text) == 0 &&
            header_value_valid(buf_cstr(&text)))
            headers_set(h, name, buf_cstr(&text));
    }
}
