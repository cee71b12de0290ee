/* Primus' control strings. */
#include "engine/tunnel/primus.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/eio.h"

#define PING_PREFIX  "primus::ping::"
#define PONG_PREFIX  "primus::pong::"
#define ID_PREFIX    "primus::id::"
#define SERVER_CLOSE "primus::server::close"

/* No control string is as long as this. */
#define CONTROL_MAX_BYTES 256

static enum primus_event
read_stamp(struct primus_message *out, struct bytes text, const char *prefix,
           enum primus_event kind)
{
    uint64_t v;

    if (!bytes_to_u64(bytes_from(text, strlen(prefix)), &v) || v > INT64_MAX)
        return PRIMUS_IGNORED;
    out->stamp = (int64_t)v;
    return kind;
}

static enum primus_event
read_control(struct primus_message *out, struct bytes value)
{
    auto_buf struct buf plain = BUF_INIT(CONTROL_MAX_BYTES);
    struct bytes text;

    if (ejson_text(value, &plain) < 0)
        return PRIMUS_IGNORED;
    text = buf_bytes(&plain);
    if (bytes_starts(text, PING_PREFIX))
        return read_stamp(out, text, PING_PREFIX, PRIMUS_PING);
    if (bytes_starts(text, PONG_PREFIX))
        return read_stamp(out, text, PONG_PREFIX, PRIMUS_PONG);
    if (bytes_is(text, SERVER_CLOSE))
        return PRIMUS_SERVER_CLOSE;
    if (!bytes_starts(text, ID_PREFIX))
        return PRIMUS_IGNORED;
    text = bytes_to(bytes_from(text, strlen(ID_PREFIX)), sizeof(out->id) - 1);
    if (text.n > 0)
        memcpy(out->id, text.p, text.n);
    return PRIMUS_ID;
}

enum primus_event
primus_read(struct primus_message *out, struct bytes message, struct err *err)
{
    struct bytes value;

    *out = (struct primus_message){ 0 };
    if (ejson_value(message, &value, err) < 0) {
        err_wrap(err, "primus message");
        return PRIMUS_BAD;
    }
    switch (ejson_type(value)) {
    case EJ_OBJ:
        out->packet = value;
        return PRIMUS_PACKET;
    case EJ_STR:
        return read_control(out, value);
    default:
        return PRIMUS_IGNORED;
    }
}

static int
add_control(struct buf *out, const char *prefix, const char *rest)
{
    if (eio_add_message_mark(out) < 0)
        return -1;
    return buf_addf(out, "\"%s%s\"", prefix, rest);
}

static int
add_stamp(struct buf *out, const char *prefix, int64_t stamp)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)stamp);
    return add_control(out, prefix, text);
}

int
primus_add_ping(struct buf *out, int64_t stamp)
{
    return add_stamp(out, PING_PREFIX, stamp);
}

int
primus_add_pong(struct buf *out, int64_t stamp)
{
    return add_stamp(out, PONG_PREFIX, stamp);
}

int
primus_add_server_close(struct buf *out)
{
    return add_control(out, SERVER_CLOSE, "");
}

int
primus_add_id(struct buf *out, const char *sid)
{
    return add_control(out, ID_PREFIX, sid);
}
