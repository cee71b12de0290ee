/* EJSON's wrappers, both ways: bytes in base64, objects that look like one. */
#include "engine/tunnel/ejson.h"

#include <string.h>

#include "base/str.h"

/* Pieces are encoded in runs of this many bytes; a multiple of three. */
#define RUN_BYTES (48 * 1024)

static const struct {
    const char *first, *second; /* second NULL: first stands alone */
    enum ejson_wrapper kind;
} wrappers[] = {
    { "$binary", NULL, EJW_BINARY },      { "$date", NULL, EJW_DATE },
    { "$InfNaN", NULL, EJW_INFNAN },      { "$escape", NULL, EJW_ESCAPE },
    { "$regexp", "$flags", EJW_REGEXP },  { "$type", "$value", EJW_CUSTOM },
};

/* `has` tells whether the thing with n members has one of that name. */
static enum ejson_wrapper
wrapper_of(size_t n, bool (*has)(const void *thing, const char *name),
           const void *thing)
{
    for (size_t i = 0; n > 0 && n <= 2 && i < N_ELEMENTS(wrappers); i++) {
        if ((n == 2) == (wrappers[i].second != NULL) &&
            has(thing, wrappers[i].first) &&
            (n == 1 || has(thing, wrappers[i].second)))
            return wrappers[i].kind;
    }
    return EJW_NONE;
}

static bool
span_has(const void *thing, const char *name)
{
    return ejson_get(*(const struct bytes *)thing, name).n > 0;
}

static bool
doc_has(const void *thing, const char *name)
{
    return jx_has(thing, name);
}

enum ejson_wrapper
ejson_wrapper(struct bytes value)
{
    struct ejson_iter it;
    struct bytes item;
    size_t n = 0;

    if (ejson_type(value) != EJ_OBJ)
        return EJW_NONE;
    ejson_iter(&it, value);
    while (n <= 2 && ejson_next(&it, NULL, &item))
        n++;
    return wrapper_of(n, span_has, &value);
}

struct bytes
ejson_plain(struct bytes value)
{
    return ejson_wrapper(value) == EJW_ESCAPE ? ejson_get(value, "$escape")
                                              : value;
}

int
ejson_binary(struct bytes value, struct buf *out)
{
    struct bytes text;

    if (ejson_wrapper(value) != EJW_BINARY)
        return -1;
    text = ejson_get(value, "$binary");
    if (ejson_type(text) != EJ_STR)
        return -1;
    if (memchr(text.p, '\\', text.n) != NULL) { /* "\/", as some write it */
        auto_buf struct buf plain = BUF_INIT(text.n);

        return ejson_text(text, &plain) < 0
                   ? -1
                   : base64_decode(buf_bytes(&plain), out);
    }
    return base64_decode(bytes_of(text.p + 1, text.n - 2), out);
}

void
ejson_binary_begin(struct ejson_binary_writer *b, struct jw *w)
{
    b->w = w;
    b->n_left = 0;
    jw_obj(w);
    jw_key(w, "$binary");
    jw_raw(w, bytes_str("\""));
}

int
ejson_binary_add(struct ejson_binary_writer *b, struct bytes piece)
{
    size_t n;

    while (b->n_left > 0 && b->n_left < 3 && piece.n > 0) {
        b->left[b->n_left++] = piece.p[0];
        piece = bytes_from(piece, 1);
    }
    if (b->n_left == 3) {
        b->n_left = 0;
        if (base64_encode(bytes_of(b->left, 3), b->w->out) < 0)
            return -1;
    }
    while ((n = piece.n / 3 * 3) > 0) {
        n = n < RUN_BYTES ? n : RUN_BYTES;
        if (base64_encode(bytes_to(piece, n), b->w->out) < 0)
            return -1;
        piece = bytes_from(piece, n);
    }
    for (; piece.n > 0; piece = bytes_from(piece, 1))
        b->left[b->n_left++] = piece.p[0];
    return 0;
}

void
ejson_binary_end(struct ejson_binary_writer *b)
{
    base64_encode(bytes_of(b->left, b->n_left), b->w->out);
    buf_add_char(b->w->out, '"');
    jw_end(b->w);
}

void
ejson_add_binary(struct jw *w, struct bytes data)
{
    struct ejson_binary_writer b;

    ejson_binary_begin(&b, w);
    ejson_binary_add(&b, data);
    ejson_binary_end(&b);
}

static void
add_object(struct jw *w, const struct jx *obj)
{
    bool escape = wrapper_of(jx_count(obj), doc_has, obj) != EJW_NONE;
    const char *key;
    struct jx *value;

    if (escape) {
        jw_obj(w);
        jw_key(w, "$escape");
    }
    jw_obj(w);
    for (void *at = NULL; jx_next(obj, &at, &key, &value);) {
        jw_key(w, key);
        ejson_add(w, value);
    }
    jw_end(w);
    if (escape)
        jw_end(w);
}

void
ejson_add(struct jw *w, const struct jx *value)
{
    auto_buf struct buf plain = BUF_INIT(SIZE_MAX / 2);

    /* An $escape takes a level of its own: leave room for it. */
    if (w->depth + 2 > JW_MAX_DEPTH) {
        jw_null(w);
        w->out->full = true;
        return;
    }
    switch (jx_type(value)) {
    case JX_OBJ:
        add_object(w, value);
        break;
    case JX_ARR:
        jw_arr(w);
        for (size_t i = 0; i < jx_count(value); i++)
            ejson_add(w, jx_at(value, i));
        jw_end(w);
        break;
    case JX_STR:
        jw_bytes(w, jx_bytes_value(value));
        break;
    case JX_NULL:
        jw_null(w);
        break;
    default:
        jx_write(value, &plain);
        jw_raw(w, buf_bytes(&plain));
        break;
    }
}
