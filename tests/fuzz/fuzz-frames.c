/* Websocket frames from a peer, at either end: the first byte tells which,
 * and how they are cut. */
#include <event2/buffer.h>
#include <stdlib.h>

#include "base/str.h"
#include "engine/net/ws-private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rig {
    struct ws ws; /* first */
    unsigned closes;
    bool pause; /* at every text */
};

static void
flush(struct ws *ws)
{
    evbuffer_drain(ws->out, evbuffer_get_length(ws->out));
}

static void
set_listening(struct ws *ws, bool on)
{
    (void)ws;
    (void)on;
}

static void
shut(struct ws *ws)
{
    evbuffer_free(ws->in);
    evbuffer_free(ws->out);
}

static void
destroy(void *obj)
{
    ws_clear(obj);
    free(obj);
}

static const struct ws_end end = {
    .flush = flush,
    .listen = set_listening,
    .shut = shut,
    .destroy = destroy,
};

static void
on_text(struct bytes message, void *arg)
{
    struct rig *rig = arg;

    if (message.n > 4096 || !utf8_valid(message))
        abort();
    ws_send_text(&rig->ws, message);
    if (rig->pause)
        ws_pause(&rig->ws);
}

static void
on_close(int status, const struct err *err, void *arg)
{
    struct rig *rig = arg;

    if (++rig->closes > 1 || (err == NULL) != (status != 0))
        abort();
}

static const struct ws_events events = { .on_text = on_text,
                                         .on_close = on_close };

static void
feed(struct rig *rig, struct bytes in, size_t cut)
{
    while (in.n > 0 && rig->ws.state != WS_CLOSED) {
        struct bytes piece = bytes_to(in, cut);

        evbuffer_add(rig->ws.in, piece.p, piece.n);
        ws_pump(&rig->ws);
        ws_resume(&rig->ws);
        in = bytes_from(in, piece.n);
    }
    while (rig->ws.state != WS_CLOSED) {
        rig->ws.eof = true;
        ws_resume(&rig->ws);
        ws_pump(&rig->ws);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ws_conf conf = { .message_limit_bytes = 4096 };
    struct loop *loop;
    struct rig *rig;

    if (size < 2)
        return 0;
    loop = loop_new(NULL);
    rig = xnew(struct rig);
    ws_init(&rig->ws, &end, loop, &conf, &events, rig, (data[0] & 1) != 0);
    rig->ws.in = evbuffer_new();
    rig->ws.out = evbuffer_new();
    rig->pause = (data[0] & 2) != 0;
    ws_opened(&rig->ws);
    feed(rig, bytes_of(data + 1, size - 1), (size_t)(data[0] >> 2) + 1);
    ws_free(&rig->ws);
    loop_free(loop);
    return 0;
}
