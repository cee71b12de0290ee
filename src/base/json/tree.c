/*
 * json-c's own parser takes NaN, 'single quotes', raw line feeds in strings
 * and numbers such as "1." and "00", where other readers of the same text do
 * not; and members it finds no memory for are missing without a word. So jr
 * reads, and here what it reads is put together.
 */
#include "base/json/tree.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "base/json/jr.h"
#include "base/json/jx.h"
#include "base/str.h"

struct tree {
    struct jr r;
    struct json_object *top;                /* owns */
    struct json_object *open[JX_MAX_DEPTH]; /* borrow from top */
    unsigned depth;                         /* of them */
    struct buf text, key;                   /* own: without escapes */
    bool no_memory;
};

static struct json_object *
made(struct tree *t, struct json_object *o)
{
    t->no_memory = t->no_memory || o == NULL;
    return o;
}

/* ---- scalars ----------------------------------------------------------- */

static struct json_object *
text_of(struct tree *t)
{
    struct bytes s = t->r.raw;

    if (bytes_find(s, '\\') < s.n) {
        buf_reset(&t->text);
        jr_text(s, &t->text);
        s = buf_bytes(&t->text);
    }
    return made(t, json_object_new_string_len(
                       s.n > 0 ? (const char *)s.p : "", (int)s.n));
}

static bool
is_fraction(struct bytes s)
{
    return bytes_find(s, '.') < s.n || bytes_find(s, 'e') < s.n ||
           bytes_find(s, 'E') < s.n;
}

/* One with a fraction remembers how it was written; an integer of more than
 * 64 bits becomes the nearest one. */
static struct json_object *
number_of(struct tree *t)
{
    const char *s;

    buf_reset(&t->text);
    buf_add_bytes(&t->text, t->r.raw);
    s = buf_cstr(&t->text);
    if (is_fraction(t->r.raw))
        return made(t, json_object_new_double_s(strtod(s, NULL), s));
    return made(t, *s == '-'
                       ? json_object_new_int64(strtoll(s, NULL, 10))
                       : json_object_new_uint64(strtoull(s, NULL, 10)));
}

/* ---- values ------------------------------------------------------------ */

/* What the token at hand begins, or is. */
static struct json_object *
value_of(struct tree *t)
{
    switch (t->r.token) {
    case JR_OBJ:
        return made(t, json_object_new_object());
    case JR_ARR:
        return made(t, json_object_new_array());
    case JR_STR:
        return text_of(t);
    case JR_NUM:
        return number_of(t);
    case JR_TRUE:
    case JR_FALSE:
        return made(t, json_object_new_boolean(t->r.token == JR_TRUE));
    default:
        return NULL;
    }
}

static bool
name_of(struct tree *t)
{
    buf_reset(&t->key);
    jr_text(t->r.key, &t->key);
    if (bytes_find(buf_bytes(&t->key), '\0') < t->key.n)
        t->r.why = "a NUL in a member's name";
    return t->r.why == NULL;
}

/* Takes the value. Of equal names the last one counts, at the first place. */
static bool
put(struct tree *t, struct json_object *value)
{
    struct json_object *up = t->depth > 0 ? t->open[t->depth - 1] : NULL;
    int rc = 0;

    if (up == NULL)
        t->top = value;
    else if (json_object_is_type(up, json_type_array))
        rc = json_object_array_add(up, value);
    else if (name_of(t))
        rc = json_object_object_add(up, buf_cstr(&t->key), value);
    else
        json_object_put(value);
    if (rc != 0) {
        json_object_put(value);
        t->no_memory = true;
    }
    return t->r.why == NULL && !t->no_memory;
}

static bool
step(struct tree *t)
{
    struct json_object *value;

    if (t->r.token == JR_BAD)
        return false;
    if (t->r.token == JR_CLOSE) {
        t->depth--;
        return true;
    }
    value = value_of(t);
    if (!put(t, value))
        return false;
    if (t->r.token == JR_OBJ || t->r.token == JR_ARR)
        t->open[t->depth++] = value;
    return true;
}

int
json_tree(struct json_object **out, struct bytes text, struct err *err)
{
    struct tree t = { .text = BUF_INIT(SIZE_MAX / 4),
                      .key = BUF_INIT(SIZE_MAX / 4) };
    bool fine = true;

    jr_init(&t.r, text, JX_MAX_DEPTH);
    while (fine && jr_next(&t.r) != JR_END)
        fine = step(&t);
    buf_clear(&t.text);
    buf_clear(&t.key);
    if (!fine)
        json_object_put(t.top);
    if (!fine && t.no_memory)
        return err_set_code(err, ERR_LIMIT, "MEMORY",
                            "no memory for JSON of %zu bytes", text.n);
    if (!fine)
        return jr_error(&t.r, err);
    *out = t.top;
    return 0;
}
