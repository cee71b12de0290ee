/* The agent's neighbours towards HTTP: the listener, and the client that posts
 * callbacks. */
#include "agent-fakes.h"

#include "base/list.h"
#include "base/map.h"
#include "engine/net/httpd.h"

/* ---- listener ---------------------------------------------------------- */

struct httpd {
    httpd_handler handler;
    void *arg;
};

struct httpd_ex {
    struct fake_answer answer; /* first: one is the other */
    struct httpd_request req;
    struct headers headers;
    char *target, *path, *method, *body;
    void (*gone)(void *arg);
    void *gone_arg;
    struct link link;
};

static struct httpd door;
static struct list at_door = LIST_INIT(at_door);
void (*fake_on_reply)(void);

struct httpd *
httpd_new(struct loop *loop, const struct httpd_conf *conf,
          httpd_handler handler, void *arg, struct err *err)
{
    (void)loop, (void)conf, (void)err;
    door = (struct httpd){ handler, arg };
    return &door;
}

uint16_t
httpd_port(const struct httpd *d)
{
    (void)d;
    return 17500;
}

void
httpd_drain(struct httpd *d, void (*done)(void *arg), void *arg)
{
    (void)d;
    loop_defer(stage.loop, done, arg);
}

void
httpd_free(struct httpd *d)
{
    (void)d;
    list_each (struct httpd_ex, ex, link, &at_door)
        fake_hang_up(&ex->answer);
}

const struct httpd_request *
httpd_request_of(const struct httpd_ex *ex)
{
    return &ex->req;
}

void
httpd_on_gone(struct httpd_ex *ex, void (*fn)(void *arg), void *arg)
{
    ex->gone = fn;
    ex->gone_arg = arg;
}

void
httpd_read_body(struct httpd_ex *ex, size_t limit_bytes, bool raw,
                void (*fn)(struct bytes body, void *arg), void *arg)
{
    cr_expect_eq(limit_bytes, 1 << 20, "agent-api.md §3: 1 MiB");
    cr_expect_not(raw);
    fn(bytes_str(ex->body), arg);
}

static char *
kept(const struct headers *h, const char *name)
{
    return xstrdup(headers_get(h, name));
}

void
httpd_reply(struct httpd_ex *ex, int status, const struct headers *headers,
            struct bytes body)
{
    cr_expect_eq(ex->answer.status, 0, "answered twice");
    ex->answer.status = status;
    ex->answer.body = bytes_dup(body);
    ex->answer.retry_after = kept(headers, "retry-after");
    ex->answer.request_id = kept(headers, "snyk-request-id");
    ex->answer.allow = kept(headers, "allow");
    ex->answer.content_type = kept(headers, "content-type");
    list_remove(&ex->link);
    if (fake_on_reply != NULL)
        fake_on_reply();
    fake_on_reply = NULL;
}

struct fake_answer *
fake_ask(const char *method, const char *target, const char *const *headers,
         const char *body)
{
    struct httpd_ex *ex = xnew(struct httpd_ex);
    size_t n = strcspn(target, "?");

    ex->method = xstrdup(method);
    ex->target = xstrdup(target);
    ex->path = xstrndup(target, n);
    ex->body = xstrdup(body != NULL ? body : "");
    for (; headers != NULL && headers[0] != NULL; headers += 2)
        headers_add(&ex->headers, headers[0], headers[1]);
    ex->req = (struct httpd_request){
        .method = ex->method,
        .target = ex->target,
        .path = ex->path,
        .query = ex->target + n + (ex->target[n] == '?'),
        .headers = &ex->headers,
        .peer = "127.0.0.1:1",
    };
    list_append(&at_door, &ex->link);
    door.handler(ex, &ex->req, door.arg);
    return &ex->answer;
}

void
fake_hang_up(struct fake_answer *answer)
{
    struct httpd_ex *ex = (struct httpd_ex *)answer;

    list_remove(&ex->link);
    if (ex->gone != NULL)
        ex->gone(ex->gone_arg);
    ex->gone = NULL;
}

void
fake_forget(struct fake_answer *answer)
{
    struct httpd_ex *ex = (struct httpd_ex *)answer;

    free(answer->body);
    free(answer->retry_after);
    free(answer->request_id);
    free(answer->allow);
    free(answer->content_type);
    headers_clear(&ex->headers);
    free(ex->method);
    free(ex->target);
    free(ex->path);
    free(ex->body);
    free(ex);
}

/* ---- HTTP client ------------------------------------------------------- */

struct httpc_call {
    char *url, *body;
    struct headers headers;
    const struct httpc_events *events;
    void *arg;
};

static struct httpc_call *calls[16];
static size_t n_calls;

struct httpc_call *
httpc_start(struct httpc *c, const struct httpc_request *req,
            const struct httpc_events *events, void *arg, struct err *err)
{
    struct httpc_call *call = xnew(struct httpc_call);

    (void)c, (void)err;
    cr_expect_str_eq(req->method, "POST");
    call->url = xstrdup(req->url);
    call->body = bytes_dup(req->body);
    headers_copy(&call->headers, req->headers);
    call->events = events;
    call->arg = arg;
    calls[n_calls++] = call;
    return call;
}

static void
free_call(struct httpc_call *call)
{
    headers_clear(&call->headers);
    free(call->url);
    free(call->body);
    free(call);
}

static struct httpc_call *
take_call(size_t i)
{
    struct httpc_call *call = calls[i];

    n_calls--;
    memmove(&calls[i], &calls[i + 1], (n_calls - i) * sizeof(calls[0]));
    return call;
}

void
httpc_cancel(struct httpc_call *call)
{
    for (size_t i = 0; i < n_calls; i++) {
        if (calls[i] == call) {
            free_call(take_call(i));
            return;
        }
    }
}

size_t
fake_calls(void)
{
    return n_calls;
}

const char *
fake_call_url(size_t i)
{
    return calls[i]->url;
}

const char *
fake_call_body(size_t i)
{
    return calls[i]->body;
}

const char *
fake_call_header(size_t i, const char *name)
{
    return headers_get(&calls[i]->headers, name);
}

void
fake_call_end(size_t i, int status, const char *retry_after, const char *body)
{
    struct httpc_call *call = take_call(i);
    auto_headers struct headers headers = HEADERS_INIT;
    struct httpc_reply reply = { status, &headers, BYTES_NONE };
    struct err err;

    err_set_code(&err, ERR_NET, "ECONNREFUSED", "connection refused");
    if (retry_after != NULL)
        headers_add(&headers, "Retry-After", retry_after);
    if (body != NULL)
        call->events->on_body(bytes_str(body), call->arg);
    call->events->on_done(status != 0 ? &reply : NULL,
                          status != 0 ? NULL : &err, call->arg);
    free_call(call);
}
