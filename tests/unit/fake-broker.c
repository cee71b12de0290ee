#include "fake-broker.h"

#include "base/str.h"
#include "engine/tunnel/emitter.h"
#include "engine/tunnel/identify.h"
#include "engine/tunnel/primus.h"

/* --- sockets --- */

static void
send_frame(struct fake_socket *s, struct buf *frame)
{
    ws_send_text(s->ws, buf_bytes(frame));
    buf_clear(frame);
}

static void
greet(struct fake_socket *s)
{
    struct buf frame = BUF_INIT(1000);

    buf_add_str(&frame, "0{\"sid\":\"SID\",\"upgrades\":[],\"pingInterval\":"
                        "25000,\"pingTimeout\":20000,\"maxPayload\":22020096}");
    send_frame(s, &frame);
    if (s->broker->no_posts)
        buf_add_str(&frame, "4{\"type\":0,\"data\":[\"identify\","
                            "{\"capabilities\":[]}]}");
    else
        identify_add_server(&frame);
    send_frame(s, &frame);
}

static void
on_text(struct bytes message, void *arg)
{
    struct fake_socket *s = arg;
    struct primus_message m;
    struct buf pong = BUF_INIT(100);

    if (bytes_is(message, "3")) {
        s->n_pongs++;
    } else if (bytes_find_str(message, "[\"identify\"") < message.n) {
        s->n_identified++;
        buf_reset(&s->greeting);
        buf_add_bytes(&s->greeting, message);
    } else if (primus_read(&m, bytes_from(message, 1), NULL) == PRIMUS_PING) {
        s->n_pings++;
        if (s->broker->no_pong)
            return;
        primus_add_pong(&pong, m.stamp);
        send_frame(s, &pong);
    } else {
        buf_reset(&s->last);
        buf_add_bytes(&s->last, message);
        s->n_messages++;
    }
}

static void
on_close(int status, const struct err *err, void *arg)
{
    struct fake_socket *s = arg;

    (void)status;
    (void)err;
    ws_free(steal(s->ws));
}

static const struct ws_events ws_events = { .on_text = on_text,
                                            .on_close = on_close };

static void
accept_socket(struct fake_broker *f, struct httpd_ex *ex,
              const struct httpd_request *req)
{
    struct fake_socket *s =
        &f->sockets[strstr(req->query, "secondary") != NULL];
    struct err err;

    if (f->refuse) {
        httpd_reply(ex, 503, NULL, BYTES_NONE);
        return;
    }
    free(s->target);
    s->target = xstrdup(req->target);
    headers_clear(&s->headers);
    headers_copy(&s->headers, req->headers);
    s->ws = ws_accept(f->loop, ex, NULL, &ws_events, s, &err);
    cr_assert(s->ws != NULL, "%s", err.text);
    s->n_opened++;
    if (!f->no_hello)
        greet(s);
}

/* --- POSTs --- */

static bool
on_post_chunk(struct bytes chunk, void *arg)
{
    struct fake_post *p = arg;
    enum frame_event event;
    struct bytes data;
    struct err err;

    frame_feed(&p->frame, chunk);
    while ((event = frame_step(&p->frame, &data, &err)) != FRAME_NEED_MORE) {
        p->n_heads += event == FRAME_HEAD;
        p->n_bad += event == FRAME_BAD;
        if (event == FRAME_BODY)
            buf_add_bytes(&p->body, data);
    }
    return true;
}

struct posting {
    struct fake_broker *broker;
    struct fake_post *post;
    struct httpd_ex *ex;
};

static bool
on_chunk(struct bytes chunk, void *arg)
{
    return on_post_chunk(chunk, ((struct posting *)arg)->post);
}

static void
on_end(void *arg)
{
    struct posting *p = arg;

    p->post->ended = true;
    p->broker->n_posts_ended++;
    httpd_on_gone(p->ex, NULL, NULL);
    httpd_reply_json(p->ex, 200, bytes_str("{}"));
    free(p);
}

static void
on_gone(void *arg)
{
    struct posting *p = arg;

    p->post->gone = true;
    free(p);
}

static const struct httpd_body_events body_events = { .on_chunk = on_chunk,
                                                      .on_end = on_end };

static void
accept_post(struct fake_broker *f, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    struct posting *p = xnew(struct posting);

    cr_assert_lt(f->n_posts, FAKE_POSTS);
    p->broker = f;
    p->ex = ex;
    p->post = &f->posts[f->n_posts++];
    p->post->target = xstrdup(req->target);
    headers_copy(&p->post->headers, req->headers);
    frame_init(&p->post->frame);
    buf_init(&p->post->body, 64 * 1024 * 1024);
    httpd_on_gone(ex, on_gone, p);
    httpd_stream_body(ex, &body_events, p);
}

static void
handle(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    if (str_starts(req->path, "/primus/"))
        accept_socket(arg, ex, req);
    else if (str_starts(req->path, "/response-data/"))
        accept_post(arg, ex, req);
    else
        httpd_reply(ex, 404, NULL, BYTES_NONE);
}

static struct httpd *
listen_on_loopback(struct loop *loop, httpd_handler handler, void *arg)
{
    struct httpd_conf conf = { .address = "127.0.0.1" };
    struct err err;
    struct httpd *d = httpd_new(loop, &conf, handler, arg, &err);

    cr_assert(d != NULL, "%s", err.text);
    return d;
}

struct fake_broker *
fake_broker_new(struct loop *loop)
{
    struct fake_broker *f = xnew(struct fake_broker);

    f->loop = loop;
    f->httpd = listen_on_loopback(loop, handle, f);
    for (int i = 0; i < 2; i++) {
        f->sockets[i].broker = f;
        buf_init(&f->sockets[i].greeting, 1024 * 1024);
        buf_init(&f->sockets[i].last, 64 * 1024 * 1024);
    }
    return f;
}

void
fake_broker_free(struct fake_broker *f)
{
    for (int i = 0; i < 2; i++) {
        struct fake_socket *s = &f->sockets[i];

        if (s->ws != NULL)
            ws_free(s->ws);
        buf_clear(&s->greeting);
        buf_clear(&s->last);
        headers_clear(&s->headers);
        free(s->target);
    }
    httpd_free(f->httpd);
    for (unsigned i = 0; i < f->n_posts; i++) {
        free(f->posts[i].target);
        headers_clear(&f->posts[i].headers);
        frame_clear(&f->posts[i].frame);
        buf_clear(&f->posts[i].body);
    }
    free(f);
}

char *
fake_broker_url(const struct fake_broker *f)
{
    return xasprintf("http://127.0.0.1:%u", httpd_port(f->httpd));
}

void
fake_broker_send(struct fake_broker *f, int socket, const char *frame)
{
    cr_assert(f->sockets[socket].ws != NULL);
    ws_send_text(f->sockets[socket].ws, bytes_str(frame));
}

void
fake_broker_cut(struct fake_broker *f, int socket)
{
    ws_free(steal(f->sockets[socket].ws));
}

/* --- agent --- */

uint8_t
fake_agent_byte(size_t at)
{
    return (uint8_t)(at * 31 + (at >> 8));
}

/* One request at the agent, until it is answered or its caller gone. */
struct asking {
    struct fake_agent *agent;
    struct httpd_ex *ex;
    size_t sent;
};

static void
asking_end(struct asking *q)
{
    if (q->agent->held == q)
        q->agent->held = NULL;
    free(q);
}

static void
on_asking_gone(void *arg)
{
    asking_end(arg);
}

static void
send_more(void *arg)
{
    struct asking *q = arg;
    struct fake_agent *a = q->agent;
    struct httpd_ex *ex = q->ex;
    uint8_t piece[16 * 1024];

    while (q->sent < a->long_answer) {
        size_t n = a->long_answer - q->sent;

        if (a->die && q->sent >= a->long_answer / 2) {
            httpd_on_gone(ex, NULL, NULL);
            asking_end(q);
            httpd_reply_abort(ex);
            return;
        }
        n = n < sizeof(piece) ? n : sizeof(piece);
        for (size_t i = 0; i < n; i++)
            piece[i] = fake_agent_byte(q->sent + i);
        q->sent += n;
        if (httpd_reply_write(ex, bytes_of(piece, n)) == HTTPD_FULL) {
            a->n_full++;
            return;
        }
    }
    httpd_on_gone(ex, NULL, NULL);
    asking_end(q);
    httpd_reply_end(ex);
}

static void
answer(struct asking *q)
{
    auto_headers struct headers h = HEADERS_INIT;
    struct fake_agent *a = q->agent;
    struct httpd_ex *ex = q->ex;
    const char *text = a->answer != NULL ? a->answer
                                         : "{\"repositories\":[\"a\",\"b\"]}";

    headers_add(&h, "Content-Type", "application/json");
    headers_add(&h, "Set-Cookie", "a=1");
    headers_add(&h, "Set-Cookie", "b=2");
    if (a->long_answer > 0) {
        httpd_reply_start(ex, 200, &h);
        httpd_on_drain(ex, send_more, q);
        send_more(q);
        return;
    }
    httpd_on_gone(ex, NULL, NULL);
    asking_end(q);
    httpd_reply(ex, a->status != 0 ? a->status : 200, &h, bytes_str(text));
}

void
fake_agent_answer(struct fake_agent *a)
{
    answer(a->held);
}

static void
on_agent_body(struct bytes body, void *arg)
{
    struct asking *q = arg;
    struct fake_agent *a = q->agent;

    buf_reset(&a->body);
    buf_add_bytes(&a->body, body);
    a->n_asked++;
    a->held = q;
    if (!a->hold)
        answer(q);
}

static void
handle_agent(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    struct fake_agent *a = arg;
    struct asking *q = xnew(struct asking);

    q->agent = a;
    q->ex = ex;
    free(a->target);
    free(a->method);
    a->target = xstrdup(req->target);
    a->method = xstrdup(req->method);
    headers_clear(&a->headers);
    headers_copy(&a->headers, req->headers);
    httpd_on_gone(ex, on_asking_gone, q);
    httpd_read_body(ex, 0, true, on_agent_body, q);
}

struct fake_agent *
fake_agent_new(struct loop *loop)
{
    struct fake_agent *a = xnew(struct fake_agent);

    a->loop = loop;
    buf_init(&a->body, 64 * 1024 * 1024);
    a->httpd = listen_on_loopback(loop, handle_agent, a);
    return a;
}

void
fake_agent_free(struct fake_agent *a)
{
    httpd_free(a->httpd);
    headers_clear(&a->headers);
    buf_clear(&a->body);
    free(a->target);
    free(a->method);
    free(a);
}

/* --- caller --- */

static void
on_call_done(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct fake_call *c = arg;

    c->call = NULL;
    c->done = true;
    c->failed = err != NULL;
    if (reply == NULL)
        return;
    c->status = reply->status;
    headers_copy(&c->headers, reply->headers);
    buf_add_bytes(&c->body, reply->body);
}

static enum httpc_flow
on_call_headers(const struct httpc_reply *reply, void *arg)
{
    struct fake_call *c = arg;

    c->began = true;
    c->status = reply->status;
    return HTTPC_MORE;
}

static const struct httpc_events call_events = { .on_headers = on_call_headers,
                                                 .on_done = on_call_done };

void
fake_call_start(struct fake_call *c, struct httpc *httpc, const char *method,
                const char *url, const struct headers *headers,
                struct bytes body)
{
    struct httpc_request req = { .method = method, .url = url,
                                 .headers = headers, .body = body,
                                 .body_limit_bytes = 64 * 1024 * 1024 };
    struct err err;

    *c = (struct fake_call){ .body = BUF_INIT(64 * 1024 * 1024) };
    c->call = httpc_start(httpc, &req, &call_events, c, &err);
    cr_assert(c->call != NULL, "%s", err.text);
}

void
fake_call_clear(struct fake_call *c)
{
    if (c->call != NULL)
        httpc_cancel(steal(c->call));
    headers_clear(&c->headers);
    buf_clear(&c->body);
}
