/* Framing of streamed answers. */
#include "engine/tunnel/frame.h"

#include <string.h>

#include "base/json/jw.h"
#include "base/str.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/exchange.h"

#define PREFIX_BYTES 4

enum { READING_PREFIX, READING_JSON, READING_BODY, BROKEN };

static void
put_le32(uint8_t to[PREFIX_BYTES], size_t v)
{
    for (int i = 0; i < PREFIX_BYTES; i++)
        to[i] = (uint8_t)(v >> (8 * i));
}

int
frame_add_head(struct buf *out, int status, const struct headers *headers,
               const char *error_type)
{
    size_t at = out->n;
    struct jw w;

    if (buf_add(out, "\0\0\0\0", PREFIX_BYTES) < 0)
        return -1;
    jw_init(&w, out);
    jw_obj(&w);
    jw_key_int(&w, "status", status);
    if (headers != NULL) {
        jw_key(&w, "headers");
        exchange_write_headers(&w, headers);
    }
    jw_key_opt(&w, "errorType", error_type);
    jw_end(&w);
    if (out->full)
        return -1;
    put_le32(out->p + at, out->n - at - PREFIX_BYTES);
    return 0;
}

void
frame_init(struct frame *f)
{
    *f = (struct frame){
        .head = BUF_INIT(PREFIX_BYTES + FRAME_HEAD_MAX_BYTES),
        .need = PREFIX_BYTES,
    };
}

void
frame_clear(struct frame *f)
{
    headers_clear(&f->headers);
    buf_clear(&f->head);
}

void
frame_feed(struct frame *f, struct bytes chunk)
{
    f->rest = chunk;
}

bool
frame_has_head(const struct frame *f)
{
    return f->state == READING_BODY;
}

/* Moves what is needed from rest to head; true once it is whole. */
static bool
gather(struct frame *f)
{
    size_t n = f->rest.n < f->need ? f->rest.n : f->need;

    buf_add_bytes(&f->head, bytes_to(f->rest, n));
    f->rest = bytes_from(f->rest, n);
    f->need -= n;
    return f->need == 0;
}

static size_t
json_length(const struct frame *f)
{
    const uint8_t *p = f->head.p;

    return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 |
           (size_t)p[3] << 24;
}

static int
read_head(struct frame *f, struct err *err)
{
    auto_buf struct buf label = BUF_INIT(sizeof(f->error_type) - 1);
    struct bytes value;

    if (ejson_value(bytes_from(buf_bytes(&f->head), PREFIX_BYTES), &value,
                    err) < 0)
        return -1;
    f->status = (int)ejson_int(ejson_get(value, "status"), 0);
    if (f->status < 200 || f->status > 599)
        return err_set(err, ERR_INPUT, "no valid status");
    if (ejson_text(ejson_get(value, "errorType"), &label) == 0)
        memcpy(f->error_type, buf_cstr(&label), label.n + 1);
    return exchange_read_headers(&f->headers, ejson_get(value, "headers"), err);
}

/*
 * Real clients count UTF-16 units where bytes are meant. Then the JSON ends
 * too early, and lacks as many bytes as units are missing from N. 0: it is
 * not that.
 */
static size_t
units_missing(const struct frame *f)
{
    struct bytes json = bytes_from(buf_bytes(&f->head), PREFIX_BYTES);
    size_t n = json_length(f), units = 0;

    for (size_t i = 0; i < json.n; i++)
        units += (json.p[i] & 0xc0) != 0x80 ? 1 + (json.p[i] >= 0xf0) : 0;
    return units < n ? n - units : 0;
}

static enum frame_event
fail(struct frame *f, struct err *err)
{
    f->state = BROKEN;
    f->rest = BYTES_NONE;
    err_wrap(err, "head of a streamed answer");
    return FRAME_BAD;
}

/* Does not report HEAD: there the JSON begins. */
static enum frame_event
step_prefix(struct frame *f, struct err *err)
{
    if (!gather(f))
        return FRAME_NEED_MORE;
    f->need = json_length(f);
    if (f->need == 0 || f->need > FRAME_HEAD_MAX_BYTES) {
        err_set(err, f->need == 0 ? ERR_INPUT : ERR_LIMIT,
                "%zu bytes of JSON are announced", f->need);
        return fail(f, err);
    }
    f->state = READING_JSON;
    return FRAME_NEED_MORE;
}

static enum frame_event
step_json(struct frame *f, struct err *err)
{
    while (gather(f)) {
        if (read_head(f, err) == 0) {
            f->state = READING_BODY;
            buf_clear(&f->head);
            return FRAME_HEAD;
        }
        headers_clear(&f->headers);
        f->need = units_missing(f);
        if (f->need == 0 || f->need > f->head.limit - f->head.n)
            return fail(f, err);
    }
    return FRAME_NEED_MORE;
}

enum frame_event
frame_step(struct frame *f, struct bytes *data, struct err *err)
{
    *data = BYTES_NONE;
    if (f->state == READING_PREFIX && step_prefix(f, err) == FRAME_BAD)
        return FRAME_BAD;
    if (f->state == READING_JSON)
        return step_json(f, err);
    if (f->state == BROKEN || f->rest.n == 0)
        return FRAME_NEED_MORE;
    *data = f->rest;
    f->rest = BYTES_NONE;
    return FRAME_BODY;
}
