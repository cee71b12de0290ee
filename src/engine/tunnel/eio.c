/* engine.io packets: a digit, then the data. */
#include "engine/tunnel/eio.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/json/jw.h"
#include "base/json/jx.h"
#include "base/str.h"

#define PAYLOAD_SEPARATOR 0x1e
#define OPEN_MAX_BYTES    (16 * 1024)

static void
feed(struct eio *e, struct bytes data, bool payload)
{
    e->rest = data;
    e->fed = true;
    e->payload = payload;
}

void
eio_feed_frame(struct eio *e, struct bytes frame)
{
    feed(e, frame, false);
}

void
eio_feed_payload(struct eio *e, struct bytes body)
{
    feed(e, body, true);
}

/* The next packet of what was fed, and whether another follows. */
static struct bytes
next_packet(struct eio *e)
{
    size_t n = e->payload ? bytes_find(e->rest, PAYLOAD_SEPARATOR) : e->rest.n;
    struct bytes packet = bytes_to(e->rest, n);

    e->fed = n < e->rest.n;
    e->rest = bytes_from(e->rest, n + 1);
    return packet;
}

enum eio_event
eio_step(struct eio *e, struct bytes *data, struct err *err)
{
    struct bytes packet;

    *data = BYTES_NONE;
    if (!e->fed)
        return EIO_NEED_MORE;
    packet = next_packet(e);
    if (packet.n > 0 && packet.p[0] >= '0' && packet.p[0] <= '6') {
        *data = bytes_from(packet, 1);
        return (enum eio_event)(packet.p[0] - '0');
    }
    e->fed = false;
    e->rest = BYTES_NONE;
    if (packet.n == 0)
        err_set(err, ERR_INPUT, "empty engine.io packet");
    else
        err_set(err, ERR_INPUT, "engine.io packet of unknown type 0x%02x",
                packet.p[0]);
    return EIO_BAD;
}

int
eio_add_packet(struct buf *out, enum eio_event type, struct bytes data)
{
    if (buf_add_char(out, (char)('0' + type)) < 0)
        return -1;
    return buf_add_bytes(out, data);
}

int
eio_add_message_mark(struct buf *out)
{
    return eio_add_packet(out, EIO_MESSAGE, BYTES_NONE);
}

int
eio_add_to_payload(struct buf *out, struct bytes frame)
{
    if (out->n > 0 && buf_add_char(out, PAYLOAD_SEPARATOR) < 0)
        return -1;
    return buf_add_bytes(out, frame);
}

static uint64_t
positive(const struct jx *obj, const char *key, uint64_t otherwise)
{
    int64_t v = jx_int(obj, key, 0);

    return v > 0 ? (uint64_t)v : otherwise;
}

int
eio_read_open(struct eio_open *out, struct bytes data, struct err *err)
{
    auto_jx struct jx *doc = jx_parse(data, OPEN_MAX_BYTES, err);
    const char *sid = jx_str(doc, "sid");
    const struct jx *upgrades = jx_arr(doc, "upgrades");

    if (doc == NULL)
        return err_wrap(err, "engine.io handshake");
    if (str_is_empty(sid) || strlen(sid) >= sizeof(out->sid))
        return err_set(err, ERR_INPUT, "engine.io handshake without a sid");
    *out = (struct eio_open){
        .ping_interval_ms = positive(doc, "pingInterval", EIO_PING_INTERVAL_MS),
        .ping_timeout_ms = positive(doc, "pingTimeout", EIO_PING_TIMEOUT_MS),
        .max_payload_bytes = positive(doc, "maxPayload", EIO_MAX_PAYLOAD),
    };
    memcpy(out->sid, sid, strlen(sid) + 1);
    for (size_t i = 0; i < jx_count(upgrades); i++) {
        if (str_eq(jx_str_value(jx_at(upgrades, i)), "websocket"))
            out->can_upgrade = true;
    }
    return 0;
}

int
eio_add_open(struct buf *out, const struct eio_open *open)
{
    struct jw w;

    eio_add_packet(out, EIO_OPEN, BYTES_NONE);
    jw_init(&w, out);
    jw_obj(&w);
    jw_key_str(&w, "sid", open->sid);
    jw_key(&w, "upgrades");
    jw_arr(&w);
    if (open->can_upgrade)
        jw_str(&w, "websocket");
    jw_end(&w);
    jw_key_int(&w, "pingInterval", (int64_t)open->ping_interval_ms);
    jw_key_int(&w, "pingTimeout", (int64_t)open->ping_timeout_ms);
    jw_key_int(&w, "maxPayload", (int64_t)open->max_payload_bytes);
    jw_end(&w);
    return out->full ? -1 : 0;
}

void
eio_new_sid(char sid[EIO_SID_LEN + 1])
{
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789-_";
    uint8_t random[EIO_SID_LEN];

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        abort();
    for (size_t i = 0; i < EIO_SID_LEN; i++)
        sid[i] = abc[random[i] & 63];
    sid[EIO_SID_LEN] = '\0';
}

static const struct {
    int status;
    const char *json;
} refusals[] = {
    [EIO_UNKNOWN_TRANSPORT] = { 400, "{\"code\":0,"
                                     "\"message\":\"Transport unknown\"}" },
    [EIO_UNKNOWN_SID] = { 400, "{\"code\":1,"
                               "\"message\":\"Session ID unknown\"}" },
    [EIO_BAD_METHOD] = { 400, "{\"code\":2,"
                              "\"message\":\"Bad handshake method\"}" },
    [EIO_BAD_REQUEST] = { 400, "{\"code\":3,\"message\":\"Bad request\"}" },
    [EIO_FORBIDDEN] = { 403, "{\"code\":4,\"message\":\"Forbidden\"}" },
    [EIO_BAD_REVISION] = { 400, "{\"code\":5,\"message\":"
                                "\"Unsupported protocol version\"}" },
};

int
eio_refusal_status(enum eio_refusal why)
{
    return refusals[why].status;
}

const char *
eio_refusal_json(enum eio_refusal why)
{
    return refusals[why].json;
}
