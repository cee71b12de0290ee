/* The server's end: the bufferevent of an upgraded exchange. */
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/str.h"
#include "engine/net/ws-private.h"

struct ws_server {
    struct ws ws; /* first */
    struct bufferevent *bev; /* owns; NULL once shut */
};

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
    struct ws *ws = arg;

    (void)bev;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
        return;
    if ((what & BEV_EVENT_WRITING) != 0) {
        ws_lost(ws);
        return;
    }
    /* What came before it counts, be it a CLOSE. */
    ws->eof = true;
    ws_pump(ws);
}

static void
on_ready(struct bufferevent *bev, void *arg)
{
    (void)bev;
    ws_pump(arg);
}

/* libevent writes by itself, and tells when all is gone. */
static void
flush(struct ws *ws)
{
    (void)ws;
}

static void
set_listening(struct ws *ws, bool on)
{
    struct bufferevent *bev = ((struct ws_server *)ws)->bev;

    if (on)
        bufferevent_enable(bev, EV_READ);
    else
        bufferevent_disable(bev, EV_READ);
}

static void
shut(struct ws *ws)
{
    struct ws_server *w = (struct ws_server *)ws;

    bufferevent_free(w->bev);
    w->bev = NULL;
}

static void
destroy(void *obj)
{
    struct ws_server *w = obj;

    ws_clear(&w->ws);
    free(w);
}

static const struct ws_end server_end = {
    .flush = flush,
    .listen = set_listening,
    .shut = shut,
    .destroy = destroy,
};

static int
check_request(const struct httpd_request *req, struct err *err)
{
    const struct headers *h = req->headers;
    const char *version = headers_get(h, "Sec-WebSocket-Version");

    if (!str_eq(req->method, "GET") ||
        !headers_has_token(h, "Upgrade", "websocket") ||
        !headers_has_token(h, "Connection", "upgrade"))
        return err_set(err, ERR_INPUT, "this is for websockets");
    if (version == NULL || !str_eq(version, "13"))
        return err_set(err, ERR_INPUT, "websocket version is not 13");
    if (!handshake_key_valid(headers_get(h, "Sec-WebSocket-Key")))
        return err_set(err, ERR_INPUT, "websocket key is not 16 bytes");
    return 0;
}

static void
reject(struct httpd_ex *ex, const struct err *err)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "Sec-WebSocket-Version", "13");
    headers_add(&h, "Content-Type", "text/plain; charset=utf-8");
    httpd_reply(ex, 400, &h, bytes_str(err->text));
}

static struct bufferevent *
upgrade(struct httpd_ex *ex)
{
    auto_headers struct headers h = HEADERS_INIT;
    char accept[29];

    handshake_accept(headers_get(httpd_request_of(ex)->headers,
                                 "Sec-WebSocket-Key"),
                     accept);
    headers_add(&h, "Upgrade", "websocket");
    headers_add(&h, "Connection", "Upgrade");
    headers_add(&h, "Sec-WebSocket-Accept", accept);
    return httpd_upgrade(ex, &h);
}

struct ws *
ws_accept(struct loop *loop, struct httpd_ex *ex, const struct ws_conf *conf,
          const struct ws_events *events, void *arg, struct err *err)
{
    struct err why;
    struct bufferevent *bev;
    struct ws_server *w;

    if (check_request(httpd_request_of(ex), &why) < 0) {
        reject(ex, &why);
        if (err != NULL)
            *err = why;
        return NULL;
    }
    bev = upgrade(ex);
    if (bev == NULL) {
        err_set(err, ERR_NET, "websocket: the caller has gone");
        return NULL;
    }
    w = xnew(struct ws_server);
    w->bev = bev;
    ws_init(&w->ws, &server_end, loop, conf, events, arg, false);
    w->ws.in = bufferevent_get_input(bev);
    w->ws.out = bufferevent_get_output(bev);
    w->ws.events.on_open = NULL;
    bufferevent_setcb(bev, on_ready, on_ready, on_event, &w->ws);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    ws_opened(&w->ws);
    return &w->ws;
}
