/* The JSON writer. */
#include "base/json/jw.h"


#include <assert.h>
#include <string.h>

#include "base/str.h"

void
jw_init(struct jw *w, struct buf *out)
{
    w->out = out;
    w->depth = 0;
    w->comma = false;
}

static void
before_value(struct jw *w)
{
    if (w->comma)
        buf_add_char(w->out, ',');
    w->comma = true;
}

static void
open_level(struct jw *w, char opener, char closer)
{
    assert(w->depth < JW_MAX_DEPTH);
    before_value(w);
    buf_add_char(w->out, opener);
    w->closer[w->depth++] = closer;
    w->comma = false;
}

void
jw_obj(struct jw *w)
{
    open_level(w, '{', '}');
}

void
jw_arr(struct jw *w)
{
    open_level(w, '[', ']');
}

void
jw_end(struct jw *w)
{
    assert(w->depth > 0);
    buf_add_char(w->out, w->closer[--w->depth]);
    w->comma = true;
}

static void
add_escaped(struct buf *out, struct bytes s)
{
    size_t from = 0;

    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, s.p + from, i - from);
        from = i + 1;
        switch (c) {
        case '"':
            buf_add_str(out, "\\\"");
            break;
        case '\\':
            buf_add_str(out, "\\\\");
            break;
        case '\n':
            buf_add_str(out, "\\n");
            break;
        case '\r':
            buf_add_str(out, "\\r");
            break;
        case '\t':
            buf_add_str(out, "\\t");
            break;
        default:
            buf_addf(out, "\\u%04x", c);
            break;
        }
    }
    buf_add(out, s.p + from, s.n - from);
}

static void
add_string(struct jw *w, struct bytes s)
{
    auto_buf struct buf fixed = BUF_INIT(SIZE_MAX / 2);

    if (s.n > 0 && !utf8_valid(s)) {
        utf8_add_lossy(&fixed, s);
        s = buf_bytes(&fixed);
    }
    buf_add_char(w->out, '"');
    if (s.n > 0)
        add_escaped(w->out, s);
    buf_add_char(w->out, '"');
}

void
jw_key_bytes(struct jw *w, struct bytes key)
{
    before_value(w);
    add_string(w, key);
    buf_add_char(w->out, ':');
    w->comma = false;
}

void
jw_key(struct jw *w, const char *key)
{
    jw_key_bytes(w, bytes_str(key));
}

void
jw_bytes(struct jw *w, struct bytes s)
{
    before_value(w);
    add_string(w, s);
}

void
jw_str(struct jw *w, const char *s)
{
    if (s == NULL)
        jw_null(w);
    else
        jw_bytes(w, bytes_str(s));
}

void
jw_int(struct jw *w, int64_t v)
{
    before_value(w);
    buf_addf(w->out, "%lld", (long long)v);
}

void
jw_bool(struct jw *w, bool v)
{
    before_value(w);
    buf_add_str(w->out, v ? "true" : "false");
}

void
jw_null(struct jw *w)
{
    before_value(w);
    buf_add_str(w->out, "null");
}

void
jw_raw(struct jw *w, struct bytes json)
{
    before_value(w);
    buf_add_bytes(w->out, json);
}

void
jw_key_str(struct jw *w, const char *key, const char *s)
{
    jw_key(w, key);
    jw_str(w, s);
}

void
jw_key_opt(struct jw *w, const char *key, const char *s)
{
    if (s != NULL)
        jw_key_str(w, key, s);
}

void
jw_key_opt_bytes(struct jw *w, const char *key, struct bytes s)
{
    if (s.n == 0)
        return;
    jw_key(w, key);
    jw_bytes(w, s);
}

void
jw_key_int(struct jw *w, const char *key, int64_t v)
{
    jw_key(w, key);
    jw_int(w, v);
}

void
jw_key_bool(struct jw *w, const char *key, bool v)
{
    jw_key(w, key);
    jw_bool(w, v);
}
