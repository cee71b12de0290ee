/* Header fields as JSON members, the way Node shows them. */
#include <string.h>

#include "base/str.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/exchange.h"

/* The way back, in place; text with a character above U+00FF stays UTF-8. */
static void
fold_latin1(struct buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        if (b->p[i] > 0xc3)
            return;
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->p[i] >= 0xc0 && i + 1 < b->n) {
            b->p[n++] = (uint8_t)(b->p[i] << 6 | (b->p[i + 1] & 0x3f));
            i++;
        } else {
            b->p[n++] = b->p[i];
        }
    }
    b->n = n;
}

/* The field at `from` and all later ones of its name, joined. */
static void
write_joined(struct jw *w, const struct headers *h, size_t from)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 2);

    for (size_t i = from; i < h->n; i++) {
        if (!str_ieq(h->at[i].name, h->at[from].name))
            continue;
        if (i > from)
            buf_add_str(&text, ", ");
        utf8_add_latin1(&text, bytes_str(h->at[i].value));
    }
    jw_bytes(w, buf_bytes(&text));
}

static void
write_array(struct jw *w, const struct headers *h, size_t from)
{
    jw_arr(w);
    for (size_t i = from; i < h->n; i++) {
        auto_buf struct buf text = BUF_INIT(SIZE_MAX / 2);

        if (!str_ieq(h->at[i].name, h->at[from].name))
            continue;
        utf8_add_latin1(&text, bytes_str(h->at[i].value));
        jw_bytes(w, buf_bytes(&text));
    }
    jw_end(w);
}

static bool
was_written(const struct headers *h, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (str_ieq(h->at[i].name, h->at[at].name))
            return true;
    }
    return false;
}

void
exchange_write_headers(struct jw *w, const struct headers *headers)
{
    jw_obj(w);
    for (size_t i = 0; i < headers->n; i++) {
        auto_free char *name = NULL;

        if (was_written(headers, i))
            continue;
        name = str_lower(xstrdup(headers->at[i].name));
        jw_key(w, name);
        if (strcmp(name, "set-cookie") == 0)
            write_array(w, headers, i);
        else
            write_joined(w, headers, i);
    }
    jw_end(w);
}

struct reading {
    struct headers *out; /* borrows */
    size_t n, n_bytes;   /* so far, against the ceilings */
};

static int
add_field(struct reading *r, const char *name, struct bytes value,
          struct err *err)
{
    auto_buf struct buf text = BUF_INIT(EXCHANGE_FIELDS_MAX);
    enum ejson_type t = ejson_type(value);

    if (t == EJ_NULL)
        return 0;
    if (t == EJ_OBJ || t == EJ_ARR)
        return err_set(err, ERR_INPUT, "header %s is no text", name);
    if (t == EJ_STR)
        ejson_text(value, &text);
    else
        buf_add_bytes(&text, value);
    fold_latin1(&text);
    r->n_bytes += strlen(name) + text.n;
    if (text.full || ++r->n > EXCHANGE_HEADERS_MAX ||
        r->n_bytes > EXCHANGE_FIELDS_MAX)
        return err_set(err, ERR_LIMIT, "too many or too large headers");
    if ((text.n > 0 && memchr(text.p, '\0', text.n) != NULL) ||
        !header_value_valid(buf_cstr(&text)))
        return err_set(err, ERR_INPUT, "header %s: invalid value", name);
    headers_add(r->out, name, buf_cstr(&text));
    return 0;
}

static int
add_member(struct reading *r, struct bytes key, struct bytes value,
           struct err *err)
{
    auto_buf struct buf name = BUF_INIT(256);
    struct ejson_iter it;
    struct bytes item;

    if (ejson_text(key, &name) < 0 ||
        (name.n > 0 && memchr(name.p, '\0', name.n) != NULL) ||
        !header_name_valid(buf_cstr(&name)))
        return err_set(err, ERR_INPUT, "a header has no valid name");
    if (ejson_type(value) != EJ_ARR)
        return add_field(r, buf_cstr(&name), value, err);
    ejson_iter(&it, value);
    while (ejson_next(&it, NULL, &item)) {
        if (add_field(r, buf_cstr(&name), item, err) < 0)
            return -1;
    }
    return 0;
}

int
exchange_read_headers(struct headers *out, struct bytes value, struct err *err)
{
    struct reading r = { .out = out };
    struct bytes key, item;
    struct ejson_iter it;

    value = ejson_plain(value);
    if (ejson_type(value) == EJ_NULL)
        return 0;
    if (ejson_type(value) != EJ_OBJ)
        return err_set(err, ERR_INPUT, "headers are no object");
    ejson_iter(&it, value);
    while (ejson_next(&it, &key, &item)) {
        if (add_member(&r, key, item, err) < 0)
            return -1;
    }
    return 0;
}

void
exchange_request_id(const struct headers *h, char out[UUID_LEN + 1])
{
    static const char *const names[] = {
        "x-akamai-request-id", "x-request-id", "snyk-request-id",
        "x-github-delivery", "x-gitlab-event-uuid",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        const char *value = headers_get(h, names[i]);

        if (value != NULL && uuid_valid(value)) {
            memcpy(out, value, UUID_LEN + 1);
            return;
        }
    }
    uuid_new(out);
}
