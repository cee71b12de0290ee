/* JSON over json-c, the one place that knows it. */
#include "base/json/jx.h"

#include <json-c/json.h>
#include <limits.h>

#include "base/json/tree.h"
#include "base/str.h"

static struct json_object *
raw(const struct jx *v)
{
    return (struct json_object *)(uintptr_t)v;
}

static struct jx *
wrap(struct json_object *o)
{
    return (struct jx *)o;
}

struct jx *
jx_parse(struct bytes text, size_t limit_bytes, struct err *err)
{
    bool marked = bytes_starts(text, "\xef\xbb\xbf");
    struct bytes behind_mark = bytes_from(text, marked ? 3 : 0);
    struct json_object *o = NULL;

    if (text.n > limit_bytes || text.n > INT_MAX - 1) {
        err_set(err, ERR_LIMIT, "JSON of %zu bytes, at most %zu are accepted",
                text.n, limit_bytes);
        return NULL;
    }
    if (bytes_trim(behind_mark).n == 0) {
        err_set(err, ERR_INPUT, "JSON expected, nothing there");
        return NULL;
    }
    if (!utf8_valid(text)) {
        err_set(err, ERR_INPUT, "malformed JSON: invalid UTF-8");
        return NULL;
    }
    if (json_tree(&o, text, err) < 0)
        return NULL;
    /* json-c's null is NULL, which we keep for "no such thing". */
    if (o == NULL) {
        err_set(err, ERR_INPUT, "JSON null where a value is expected");
        return NULL;
    }
    return wrap(o);
}

struct jx *
jx_parse_lossy(struct bytes text, size_t limit_bytes, struct err *err)
{
    auto_buf struct buf fixed = BUF_INIT(SIZE_MAX / 2);

    if (text.n > limit_bytes || utf8_valid(text))
        return jx_parse(text, limit_bytes, err);
    utf8_add_lossy(&fixed, text);
    return jx_parse(buf_bytes(&fixed), SIZE_MAX, err);
}

void
jx_free(struct jx *doc)
{
    json_object_put(raw(doc));
}

struct jx *
jx_copy(const struct jx *v)
{
    struct json_object *to = NULL;

    if (v == NULL)
        return NULL;
    if (json_object_deep_copy(raw(v), &to, NULL) < 0)
        die_no_memory();
    return wrap(to);
}

enum jx_type
jx_type(const struct jx *v)
{
    switch (json_object_get_type(raw(v))) {
    case json_type_boolean:
        return JX_BOOL;
    case json_type_int:
        return JX_INT;
    case json_type_double:
        return JX_DOUBLE;
    case json_type_string:
        return JX_STR;
    case json_type_array:
        return JX_ARR;
    case json_type_object:
        return JX_OBJ;
    default:
        return JX_NULL;
    }
}

bool
jx_is_obj(const struct jx *v)
{
    return jx_type(v) == JX_OBJ;
}

bool
jx_is_arr(const struct jx *v)
{
    return jx_type(v) == JX_ARR;
}

bool
jx_is_str(const struct jx *v)
{
    return jx_type(v) == JX_STR;
}

bool
jx_has(const struct jx *obj, const char *key)
{
    return jx_is_obj(obj) && json_object_object_get_ex(raw(obj), key, NULL);
}

struct jx *
jx_get(const struct jx *obj, const char *key)
{
    struct json_object *o = NULL;

    if (!jx_is_obj(obj) || !json_object_object_get_ex(raw(obj), key, &o))
        return NULL;
    return wrap(o);
}

struct jx *
jx_obj(const struct jx *obj, const char *key)
{
    struct jx *v = jx_get(obj, key);

    return jx_is_obj(v) ? v : NULL;
}

struct jx *
jx_arr(const struct jx *obj, const char *key)
{
    struct jx *v = jx_get(obj, key);

    return jx_is_arr(v) ? v : NULL;
}

const char *
jx_str(const struct jx *obj, const char *key)
{
    return jx_str_value(jx_get(obj, key));
}

int64_t
jx_int(const struct jx *obj, const char *key, int64_t otherwise)
{
    return jx_int_value(jx_get(obj, key), otherwise);
}

bool
jx_bool(const struct jx *obj, const char *key, bool otherwise)
{
    return jx_bool_value(jx_get(obj, key), otherwise);
}

const char *
jx_str_value(const struct jx *v)
{
    return jx_is_str(v) ? json_object_get_string(raw(v)) : NULL;
}

struct bytes
jx_bytes_value(const struct jx *v)
{
    if (!jx_is_str(v))
        return BYTES_NONE;
    return bytes_of(json_object_get_string(raw(v)),
                    (size_t)json_object_get_string_len(raw(v)));
}

int64_t
jx_int_value(const struct jx *v, int64_t otherwise)
{
    return jx_type(v) == JX_INT ? json_object_get_int64(raw(v)) : otherwise;
}

bool
jx_bool_value(const struct jx *v, bool otherwise)
{
    return jx_type(v) == JX_BOOL ? json_object_get_boolean(raw(v)) != 0
                                 : otherwise;
}

double
jx_double_value(const struct jx *v, double otherwise)
{
    enum jx_type t = jx_type(v);

    return t == JX_DOUBLE || t == JX_INT ? json_object_get_double(raw(v))
                                         : otherwise;
}

size_t
jx_count(const struct jx *v)
{
    if (jx_is_arr(v))
        return json_object_array_length(raw(v));
    if (jx_is_obj(v))
        return (size_t)json_object_object_length(raw(v));
    return 0;
}

struct jx *
jx_at(const struct jx *arr, size_t i)
{
    return jx_is_arr(arr) ? wrap(json_object_array_get_idx(raw(arr), i)) : NULL;
}

bool
jx_next(const struct jx *obj, void **at, const char **key, struct jx **value)
{
    struct lh_entry *e;

    if (!jx_is_obj(obj))
        return false;
    e = *at == NULL ? json_object_get_object(raw(obj))->head
                    : lh_entry_next((struct lh_entry *)*at);
    if (e == NULL)
        return false;
    *at = e;
    *key = lh_entry_k(e);
    *value = wrap(lh_entry_v(e));
    return true;
}

static struct jx *
made(struct json_object *o)
{
    if (o == NULL)
        die_no_memory();
    return wrap(o);
}

struct jx *
jx_new_obj(void)
{
    return made(json_object_new_object());
}

struct jx *
jx_new_arr(void)
{
    return made(json_object_new_array());
}

struct jx *
jx_new_str(struct bytes s)
{
    return made(json_object_new_string_len(s.n > 0 ? (const char *)s.p : "",
                                           (int)s.n));
}

struct jx *
jx_new_int(int64_t v)
{
    return made(json_object_new_int64(v));
}

struct jx *
jx_new_bool(bool v)
{
    return made(json_object_new_boolean(v));
}

void
jx_set(struct jx *obj, const char *key, struct jx *value)
{
    if (json_object_object_add(raw(obj), key, raw(value)) != 0)
        die_no_memory();
}

void
jx_set_str(struct jx *obj, const char *key, const char *s)
{
    jx_set(obj, key, s != NULL ? jx_new_str(bytes_str(s)) : NULL);
}

void
jx_set_int(struct jx *obj, const char *key, int64_t v)
{
    jx_set(obj, key, jx_new_int(v));
}

void
jx_unset(struct jx *obj, const char *key)
{
    json_object_object_del(raw(obj), key);
}

void
jx_append(struct jx *arr, struct jx *value)
{
    if (json_object_array_add(raw(arr), raw(value)) != 0)
        die_no_memory();
}

void
jx_put_at(struct jx *arr, size_t i, struct jx *value)
{
    if (json_object_array_put_idx(raw(arr), i, raw(value)) != 0)
        die_no_memory();
}

int
jx_write(const struct jx *v, struct buf *out)
{
    size_t n = 0;
    const char *s = json_object_to_json_string_length(
        raw(v), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);

    if (s == NULL)
        die_no_memory();
    return buf_add(out, s, n);
}
