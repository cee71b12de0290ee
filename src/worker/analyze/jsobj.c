/* Objects and arrays of JSON, looked at one level at a time. A value is
 * skipped once by whoever reads the level above it, so reading a file costs
 * its length times the levels that are looked at. */
#include "worker/analyze/jsobj.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"

/* The value whose token was read last; the reader is behind it then. */
static struct js_value
take_value(struct jr *r)
{
    struct js_value v = { .type = r->token };
    struct bytes raw = r->raw;
    const uint8_t *from;

    switch (r->token) {
    case JR_OBJ:
    case JR_ARR:
        from = r->at - 1;
        jr_skip(r);
        v.text = bytes_of(from, (size_t)(r->at - from));
        break;
    case JR_STR:
        v.text = bytes_of(raw.p - 1, raw.n + 2);
        break;
    case JR_NUM:
        v.text = raw;
        break;
    case JR_BAD:
        break;
    default:
        v.text = bytes_str(r->token == JR_TRUE    ? "true"
                           : r->token == JR_FALSE ? "false"
                                                  : "null");
        break;
    }
    if (r->token == JR_BAD)
        v.type = JR_BAD;
    return v;
}

/* One pass over everything, so that no other need look for faults. */
static int
check_values(struct bytes text, struct err *err)
{
    struct jr r;
    size_t n = 0;

    jr_init(&r, text, JR_MAX_DEPTH);
    while (jr_next(&r) != JR_END) {
        if (r.token == JR_BAD)
            return jr_error(&r, err);
        if (r.token != JR_CLOSE && ++n > JS_MAX_VALUES)
            return err_set(err, ERR_LIMIT, "more than %d values",
                           JS_MAX_VALUES);
    }
    return 0;
}

int
js_value_read(struct js_value *out, struct bytes text, struct err *err)
{
    struct jr r;

    if (check_values(text, err) < 0)
        return -1;
    jr_init(&r, text, JR_MAX_DEPTH);
    jr_next(&r);
    *out = take_value(&r);
    return 0;
}

/* ---- objects ----------------------------------------------------------- */

static char *
unescaped(struct bytes raw)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    jr_text(raw, &text);
    return xstrdup(buf_cstr(&text));
}

/* Where the value of that name goes: its first place. */
static struct js_member *
place_for(struct js_object *o, struct bytes raw)
{
    auto_free char *key = unescaped(raw);
    uintptr_t place = (uintptr_t)map_get_str(o->places, key);
    struct js_member *m;

    if (place != 0)
        return &o->at[place - 1];
    o->at = xgrown(o->at, o->n, sizeof(*o->at));
    m = &o->at[o->n++];
    map_put_str(o->places, key, (void *)(uintptr_t)o->n);
    m->key = steal(key);
    return m;
}

struct ordered {
    struct js_member member;
    uint32_t index;
};

static int
by_index(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;

    return x->index < y->index ? -1 : x->index > y->index;
}

/* Names that are array indexes come first, ascending. */
static void
order_members(struct js_object *o)
{
    struct ordered *first = xcalloc(o->n, sizeof(*first));
    size_t n = 0, kept = o->n;

    for (size_t i = o->n; i-- > 0;) {
        uint32_t index;

        if (js_is_index(bytes_str(o->at[i].key), &index))
            first[n++] = (struct ordered){ o->at[i], index };
        else
            o->at[--kept] = o->at[i];
    }
    if (n > 0)
        qsort(first, n, sizeof(*first), by_index);
    for (size_t i = 0; i < n; i++)
        o->at[i] = first[i].member;
    free(first);
    for (size_t i = 0; n > 0 && i < o->n; i++)
        map_put_str(o->places, o->at[i].key, (void *)(uintptr_t)(i + 1));
}

void
js_object_read(struct js_object *out, struct js_value value)
{
    struct jr r;

    *out = (struct js_object){ 0 };
    if (value.type != JR_OBJ && value.type != JR_ARR)
        return;
    out->places = map_new();
    jr_init(&r, value.text, JR_MAX_DEPTH);
    jr_next(&r);
    while (jr_next(&r) != JR_CLOSE && r.token != JR_BAD) {
        char index[24];
        int n = snprintf(index, sizeof(index), "%zu", out->n);
        struct js_member *m =
            place_for(out, value.type == JR_OBJ ? r.key
                                                : bytes_of(index, (size_t)n));

        m->value = take_value(&r);
    }
    order_members(out);
}

void
js_object_clear(struct js_object *o)
{
    for (size_t i = 0; i < o->n; i++)
        free(o->at[i].key);
    free(o->at);
    map_free(o->places);
    *o = (struct js_object){ 0 };
}

struct js_value
js_get(const struct js_object *o, const char *key)
{
    uintptr_t place = o->n > 0 ? (uintptr_t)map_get_str(o->places, key) : 0;

    return place > 0 ? o->at[place - 1].value
                     : (struct js_value){ .type = JR_BAD };
}

struct js_value
js_member_of(struct js_value object, const char *key)
{
    struct js_value found = { .type = JR_BAD };
    struct jr r;

    if (object.type != JR_OBJ)
        return found;
    jr_init(&r, object.text, JR_MAX_DEPTH);
    jr_next(&r);
    while (jr_next(&r) != JR_CLOSE && r.token != JR_BAD) {
        if (jr_is(r.key, key))
            found = take_value(&r);
        else
            jr_skip(&r);
    }
    return found;
}

/* ---- arrays and scalars ------------------------------------------------ */

bool
js_items_next(struct js_items *it, struct js_value array,
              struct js_value *item)
{
    if (array.type != JR_ARR)
        return false;
    if (!it->begun) {
        jr_init(&it->r, array.text, JR_MAX_DEPTH);
        jr_next(&it->r);
        it->begun = true;
    }
    if (jr_next(&it->r) == JR_CLOSE || it->r.token == JR_BAD)
        return false;
    *item = take_value(&it->r);
    return true;
}

size_t
js_count(struct js_value v)
{
    struct jr r;
    size_t n = 0;

    if (v.type != JR_OBJ && v.type != JR_ARR)
        return 0;
    jr_init(&r, v.text, JR_MAX_DEPTH);
    jr_next(&r);
    for (; jr_next(&r) != JR_CLOSE && r.token != JR_BAD; n++)
        jr_skip(&r);
    return n;
}

bool
js_truthy(struct js_value v)
{
    double number;

    switch (v.type) {
    case JR_STR:
        return v.text.n > 2;
    case JR_NUM:
        return !js_number(v.text, &number) || number != 0;
    case JR_OBJ:
    case JR_ARR:
    case JR_TRUE:
        return true;
    default:
        return false;
    }
}

char *
js_text(struct js_value v)
{
    if (v.type == JR_STR)
        return unescaped(bytes_of(v.text.p + 1, v.text.n - 2));
    return v.type == JR_NUM ? bytes_dup(v.text) : NULL;
}
