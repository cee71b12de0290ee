/* What a peer sends through the tunnel: a websocket message, a polling body,
 * or the stream of an answer; taken apart as both ends do. */
#include "base/json/jw.h"
#include "engine/tunnel/eio.h"
#include "engine/tunnel/ejson.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/exchange.h"
#include "engine/tunnel/frame.h"
#include "engine/tunnel/identify.h"
#include "engine/tunnel/primus.h"

#define BODY_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_arg(struct bytes arg)
{
    auto_exchange_request struct exchange_request request = { 0 };
    auto_exchange_answer struct exchange_answer answer = { 0 };
    auto_identify struct identify identify = { 0 };
    struct buf out = BUF_INIT(1024 * 1024);
    struct err err;
    struct jw w;

    jw_init(&w, &out);
    if (exchange_read_request(&request, arg, BODY_MAX, &err) == 0) {
        exchange_begin_request(&w, request.url, request.method);
        exchange_end_request(&w, &request.headers, NULL, request.request_id);
    }
    jw_init(&w, &out);
    if (exchange_read_answer(&answer, arg, BODY_MAX, &err) == 0)
        exchange_write_answer(&w, &answer, buf_bytes(&answer.body));
    jw_init(&w, &out);
    if (identify_read(&identify, arg, &err) == 0 && identify.filters != NULL)
        ejson_add(&w, identify.filters);
    identify_server_takes_posts(arg);
    buf_clear(&out);
}

static void
take_feed(struct eio *e)
{
    struct emitter_packet packet;
    struct primus_message message;
    enum eio_event event;
    struct eio_open open;
    struct bytes data;
    struct err err;

    while ((event = eio_step(e, &data, &err)) != EIO_NEED_MORE) {
        if (event == EIO_OPEN)
            eio_read_open(&open, data, &err);
        if (event == EIO_MESSAGE &&
            primus_read(&message, data, &err) == PRIMUS_PACKET &&
            emitter_read(&packet, message.packet, &err) == 0)
            take_arg(emitter_arg(&packet, 0));
    }
}

static void
take_stream(struct bytes stream, size_t step)
{
    struct frame frame;
    struct bytes data;
    struct err err;

    frame_init(&frame);
    for (; stream.n > 0; stream = bytes_from(stream, step)) {
        frame_feed(&frame, bytes_to(stream, step));
        while (frame_step(&frame, &data, &err) != FRAME_NEED_MORE)
            ;
    }
    frame_clear(&frame);
}

/* The first byte says which. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes rest = bytes_of(data, size);
    struct eio e = EIO_INIT;

    if (size == 0)
        return 0;
    rest = bytes_from(rest, 1);
    switch (data[0]) {
    case 'p':
        eio_feed_payload(&e, rest);
        take_feed(&e);
        break;
    case 's':
        take_stream(rest, rest.n > 0 ? rest.n : 1);
        take_stream(rest, 3);
        break;
    default:
        eio_feed_frame(&e, rest);
        take_feed(&e);
        break;
    }
    return 0;
}
