/* The client's end: a CURLOPT_CONNECT_ONLY transfer. curl finds the proxy,
 * connects and shakes hands for TLS; then the socket is ours, and bytes go
 * through curl_easy_send() and curl_easy_recv(). */
#include <event2/event.h>
#include <string.h>

#include "base/str.h"
#include "engine/net/httpc-private.h"
#include "engine/net/ws-private.h"

#define READ_BYTES   (16u << 10)
#define TURN_BYTES   (256u << 10) /* read in one go; others wait too */
#define CHUNK_BYTES  (16u << 10)  /* one TLS record */
#define HEAD_BYTES   (64u << 10)  /* of our request */

struct ws_client {
    struct ws ws; /* first */
    struct xfer x;
    struct httpc *c;   /* borrows while the connection lives */
    struct link open;  /* in c's list */
    struct url url;
    struct headers asked;
    char key[WS_KEY_CHARS + 1];
    struct buf request;
    char why[CURL_ERROR_SIZE];
    struct event *readable, *writable; /* own; NULL until connected */
    /* What curl has been offered: TLS wants to see the very same bytes at the
     * very same place when it is asked again. */
    uint8_t chunk[CHUNK_BYTES];
    size_t chunk_n, chunk_at;
};

static struct ws_client *
client_of(struct ws *ws)
{
    return (struct ws_client *)ws;
}

static struct ws_client *
client_of_xfer(struct xfer *x)
{
    return (struct ws_client *)((char *)x - offsetof(struct ws_client, x));
}

static void
note_loss(struct ws_client *w, CURLcode rc)
{
    httpc_explain(w->x.easy, rc, &w->url, w->why, &w->ws.loss);
}

/* ---- out ---- */

static bool
next_chunk(struct ws_client *w)
{
    int n;

    if (w->chunk_at < w->chunk_n)
        return true;
    n = evbuffer_copyout(w->ws.out, w->chunk, sizeof(w->chunk));
    w->chunk_n = n > 0 ? (size_t)n : 0;
    w->chunk_at = 0;
    return n > 0;
}

/* Bytes stay counted in ws.out until they are in the kernel's hands. */
static void
flush(struct ws *ws)
{
    struct ws_client *w = client_of(ws);

    while (next_chunk(w)) {
        size_t sent = 0;
        CURLcode rc = curl_easy_send(w->x.easy, w->chunk + w->chunk_at,
                                     w->chunk_n - w->chunk_at, &sent);

        if (rc == CURLE_AGAIN) {
            event_add(w->writable, NULL);
            return;
        }
        if (rc != CURLE_OK) {
            note_loss(w, rc);
            ws_lost(ws);
            return;
        }
        w->chunk_at += sent;
        evbuffer_drain(ws->out, sent);
    }
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct ws_client *w = arg;

    (void)fd;
    (void)what;
    if (w->ws.state == WS_OPENING)
        flush(&w->ws);
    else
        ws_pump(&w->ws);
}

/* ---- in ---- */

/* Read until nothing is there, or the end. What came before the end counts,
 * be it a CLOSE: the end is told when that has been worked on. */
static void
fill(struct ws_client *w)
{
    uint8_t piece[READ_BYTES];

    for (size_t total = 0; total < TURN_BYTES;) {
        size_t n = 0;
        CURLcode rc = curl_easy_recv(w->x.easy, piece, sizeof(piece), &n);

        if (rc == CURLE_AGAIN)
            return;
        if (rc != CURLE_OK)
            note_loss(w, rc);
        if (rc != CURLE_OK || n == 0) {
            w->ws.eof = true;
            event_del(w->readable);
            return;
        }
        evbuffer_add(w->ws.in, piece, n);
        total += n;
    }
    /* TLS may hold more that the socket does not show. */
    event_active(w->readable, EV_READ, 0);
}

static void
upgrade(struct ws_client *w)
{
    struct evbuffer *in = w->ws.in;
    struct bytes got = bytes_of(evbuffer_pullup(in, -1),
                                evbuffer_get_length(in));
    struct err err;
    ssize_t n = handshake_check(got, w->key, &w->asked, &err);

    if (n == 0 && w->ws.eof) {
        ws_lost(&w->ws);
    } else if (n < 0) {
        err_wrap(&err, "%s:%u", w->url.host, w->url.port);
        ws_end(&w->ws, 0, &err);
    } else if (n > 0) {
        evbuffer_drain(in, (size_t)n);
        ws_opened(&w->ws);
    }
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct ws_client *w = arg;

    (void)fd;
    (void)what;
    fill(w);
    if (w->ws.state == WS_OPENING)
        upgrade(w);
    else
        ws_pump(&w->ws);
}

static void
set_listening(struct ws *ws, bool on)
{
    struct ws_client *w = client_of(ws);

    if (w->readable == NULL || ws->eof)
        return;
    if (!on) {
        event_del(w->readable);
        return;
    }
    event_add(w->readable, NULL);
    event_active(w->readable, EV_READ, 0);
}

/* ---- opening ---- */

static void
on_connected(struct xfer *x, CURLcode rc)
{
    struct ws_client *w = client_of_xfer(x);
    struct event_base *base = loop_base(w->ws.loop);
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (rc != CURLE_OK) {
        note_loss(w, rc);
        ws_lost(&w->ws);
        return;
    }
    curl_easy_getinfo(x->easy, CURLINFO_ACTIVESOCKET, &fd);
    w->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, w);
    w->writable = event_new(base, fd, EV_WRITE, on_writable, w);
    if (w->readable == NULL || w->writable == NULL)
        die_no_memory();
    event_add(w->readable, NULL);
    evbuffer_add(w->ws.out, w->request.p, w->request.n);
    flush(&w->ws);
}

static void
settle(struct xfer *x)
{
    struct ws_client *w = client_of_xfer(x);

    if (!x->running && w->ws.state == WS_OPENING &&
        xfer_run(x, &w->ws.loss) < 0)
        ws_lost(&w->ws);
}

static const struct xfer_ops ops = { .on_done = on_connected,
                                     .settle = settle };

/* ---- the end ---- */

static void
shut(struct ws *ws)
{
    struct ws_client *w = client_of(ws);

    if (w->readable != NULL)
        event_free(w->readable);
    if (w->writable != NULL)
        event_free(w->writable);
    w->readable = w->writable = NULL;
    list_remove(&w->open);
    xfer_clear(&w->x);
    evbuffer_free(ws->in);
    evbuffer_free(ws->out);
}

static void
destroy(void *obj)
{
    struct ws_client *w = obj;

    ws_clear(&w->ws);
    url_clear(&w->url);
    headers_clear(&w->asked);
    buf_clear(&w->request);
    free(w);
}

static const struct ws_end client_end = {
    .flush = flush,
    .listen = set_listening,
    .shut = shut,
    .destroy = destroy,
};

void
ws_client_forget(struct link *open)
{
    struct ws_client *w = list_entry(open, struct ws_client, open);

    w->ws.events.on_close = NULL;
    ws_end(&w->ws, 0, NULL);
}

static void
dress(struct ws_client *w)
{
    CURL *easy = w->x.easy;

    httpc_dress(w->c, easy, &w->url, false, true);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, w->why);
}

struct ws *
ws_connect(struct httpc *c, const char *url, const struct headers *headers,
           const struct ws_conf *conf, const struct ws_events *events,
           void *arg, struct err *err)
{
    struct ws_client *w;

    if (c->freed) {
        err_set(err, ERR_CANCELLED, "http client: shutting down");
        return NULL;
    }
    w = xnew(struct ws_client);
    w->c = c;
    ws_init(&w->ws, &client_end, c->loop, conf, events, arg, true);
    w->ws.in = evbuffer_new();
    w->ws.out = evbuffer_new();
    buf_init(&w->request, HEAD_BYTES);
    headers_init(&w->asked);
    xfer_init(&w->x, c->sockets, &ops);
    list_append(&c->open, &w->open);
    handshake_new_key(w->key);
    if (url_parse(&w->url, url, err) < 0 ||
        handshake_request(&w->url, headers, c->user_agent, w->key,
                          &w->request, err) < 0) {
        ws_free(&w->ws);
        return NULL;
    }
    if (headers != NULL)
        headers_copy(&w->asked, headers);
    dress(w);
    xfer_touch(&w->x);
    return &w->ws;
}
