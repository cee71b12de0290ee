/* The request: method, headers, and a body that is at hand or streamed. */
#include "engine/net/httpc-call.h"

#include <string.h>

#include "base/str.h"

#define QUEUE_MAX_BYTES  (64u << 20) /* a caller that ignores FULL */
#define QUEUE_HIGH_BYTES (256u << 10)
#define QUEUE_LOW_BYTES  (64u << 10)
/* A kept connection may turn out dead when the request is already on its way;
 * that much of a streamed body can be sent again on another one. */
#define KEEP_BYTES       (64u << 10)

/* Made here from what we send, or of no meaning beyond this connection. */
static bool
is_ours(const char *name)
{
    return str_ieq(name, "Content-Length") ||
           str_ieq(name, "Transfer-Encoding") || str_ieq(name, "Expect");
}

static void
add_line(struct httpc_call *call, const char *line)
{
    struct curl_slist *list = curl_slist_append(call->request_headers, line);

    if (list == NULL)
        die_no_memory();
    call->request_headers = list;
}

static int
add_header(struct httpc_call *call, const struct header *h, struct err *err)
{
    auto_free char *line = NULL;

    if (!header_name_valid(h->name))
        return err_set(err, ERR_INPUT, "header name is not a token");
    if (!header_value_valid(h->value))
        return err_set(err, ERR_INPUT, "header %s: a line break in its value",
                       h->name);
    if (is_ours(h->name))
        return 0;
    /* curl's spelling of a header without a value */
    line = h->value[0] != '\0' ? xasprintf("%s: %s", h->name, h->value)
                               : xasprintf("%s;", h->name);
    add_line(call, line);
    return 0;
}

static int
add_headers(struct httpc_call *call, const struct headers *headers,
            struct err *err)
{
    static const char *const of_curl[] = { "Accept", "Content-Type" };

    for (size_t i = 0; headers != NULL && i < headers->n; i++) {
        if (add_header(call, &headers->at[i], err) < 0)
            return -1;
    }
    add_line(call, "Expect:");
    /* What curl would add by itself is taken away by an empty line. */
    for (size_t i = 0; i < N_ELEMENTS(of_curl); i++) {
        auto_free char *line = xasprintf("%s:", of_curl[i]);

        if (headers == NULL || !headers_has(headers, of_curl[i]))
            add_line(call, line);
    }
    curl_easy_setopt(call->x.easy, CURLOPT_HTTPHEADER, call->request_headers);
    return 0;
}

static int
declared_length(const struct httpc_request *req, uint64_t *out,
                struct err *err)
{
    const char *text = req->headers != NULL
                           ? headers_get(req->headers, "Content-Length")
                           : NULL;

    *out = req->stream_body ? UINT64_MAX : req->body.n;
    if (text == NULL)
        return 0;
    if (!str_to_u64(text, out) || *out > INT64_MAX)
        return err_set(err, ERR_INPUT, "Content-Length is not a number");
    if (!req->stream_body && *out != req->body.n)
        return err_set(err, ERR_INPUT, "Content-Length is not the body's");
    return 0;
}

static void
dress_stream(struct httpc_call *call)
{
    CURL *easy = call->x.easy;
    curl_off_t size = call->out.declared == UINT64_MAX
                          ? -1
                          : (curl_off_t)call->out.declared;

    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, size);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, request_on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, call);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, request_on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, call);
}

/* curl sends these together with the headers, and may send them again. */
static void
dress_body(struct httpc_call *call, struct bytes body)
{
    CURL *easy = call->x.easy;

    buf_add_bytes(&call->out.bytes, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, buf_cstr(&call->out.bytes));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
}

static bool
wants_length(const char *method)
{
    return str_eq(method, "POST") || str_eq(method, "PUT") ||
           str_eq(method, "PATCH");
}

static int
dress_method(struct httpc_call *call, const struct httpc_request *req,
             const char *method, struct err *err)
{
    bool head = str_eq(method, "HEAD");

    if (!header_name_valid(method) || str_eq(method, "CONNECT"))
        return err_set(err, ERR_INPUT, "method is not one to be sent");
    if (head && (req->stream_body || req->body.n > 0))
        return err_set(err, ERR_INPUT, "HEAD with a body");
    if (head) {
        curl_easy_setopt(call->x.easy, CURLOPT_NOBODY, 1L);
        return 0;
    }
    if (req->stream_body)
        dress_stream(call);
    else if (req->body.n > 0 || wants_length(method))
        dress_body(call, req->body);
    curl_easy_setopt(call->x.easy, CURLOPT_CUSTOMREQUEST, method);
    return 0;
}

int
request_dress(struct httpc_call *call, const struct httpc_request *req,
              struct err *err)
{
    const char *method = req->method != NULL ? req->method : "GET";
    struct outgoing *out = &call->out;

    out->complete = !req->stream_body;
    buf_init(&out->bytes, req->stream_body ? QUEUE_MAX_BYTES : SIZE_MAX);
    if (declared_length(req, &out->declared, err) < 0 ||
        dress_method(call, req, method, err) < 0)
        return -1;
    curl_easy_setopt(call->x.easy, CURLOPT_USERAGENT, call->c->user_agent);
    return add_headers(call, req->headers, err);
}

static size_t
queued(const struct outgoing *out)
{
    return out->bytes.n - out->at;
}

/* Let go of what was sent once it is more than a second try may cost. */
static void
forget_sent(struct outgoing *out)
{
    if (out->at <= KEEP_BYTES && !out->eaten)
        return;
    if (out->at < out->bytes.n / 2)
        return;
    buf_eat(&out->bytes, out->at);
    out->at = 0;
    out->eaten = true;
}

/* curl stops sending when it is refused; what it still waits for from us
 * would keep the call from ending. */
static bool
is_refused(const struct httpc_call *call)
{
    return call->headers_done && call->status >= 300;
}

size_t
request_on_read(char *to, size_t size, size_t n, void *arg)
{
    struct httpc_call *call = arg;
    struct outgoing *out = &call->out;
    size_t room = size * n, left = queued(out);

    if (call->ended || call->failure.kind != ERR_NONE)
        return CURL_READFUNC_ABORT;
    if (left == 0 && out->complete)
        return 0;
    if (left == 0) {
        out->starved = !is_refused(call);
        call_watch_idle(call);
        return CURL_READFUNC_PAUSE;
    }
    if (left > room)
        left = room;
    memcpy(to, out->bytes.p + out->at, left);
    out->at += left;
    forget_sent(out);
    call_is_active(call);
    if (out->full && queued(out) <= QUEUE_LOW_BYTES)
        xfer_touch(&call->x);
    return left;
}

int
request_on_seek(void *arg, curl_off_t offset, int origin)
{
    struct outgoing *out = &((struct httpc_call *)arg)->out;

    if (offset != 0 || origin != SEEK_SET || out->eaten)
        return CURL_SEEKFUNC_FAIL;
    out->at = 0;
    return CURL_SEEKFUNC_OK;
}

void
request_tell_room(struct httpc_call *call)
{
    struct outgoing *out = &call->out;

    if (!out->full || queued(out) > QUEUE_LOW_BYTES)
        return;
    out->full = false;
    if (call->events.on_drain != NULL)
        call->events.on_drain(call->arg);
}

bool
request_is_starved(struct httpc_call *call)
{
    struct outgoing *out = &call->out;

    out->starved = out->starved && queued(out) == 0 && !out->complete &&
                   !is_refused(call);
    return out->starved;
}

enum httpc_send
httpc_send(struct httpc_call *call, struct bytes chunk)
{
    struct outgoing *out = &call->out;

    if (call->ended || call->held || call->stopped || out->complete ||
        call->failure.kind != ERR_NONE || is_refused(call))
        return HTTPC_SEND_GONE;
    if (out->declared != UINT64_MAX && chunk.n > out->declared - out->total) {
        call_fail(call, ERR_INPUT, NULL,
                  "request body longer than its Content-Length");
        return HTTPC_SEND_GONE;
    }
    if (buf_add_bytes(&out->bytes, chunk) < 0) {
        call_fail(call, ERR_LIMIT, NULL, "request body is not taken away");
        return HTTPC_SEND_GONE;
    }
    out->total += chunk.n;
    if (out->starved)
        xfer_touch(&call->x);
    out->full = queued(out) > QUEUE_HIGH_BYTES;
    return out->full ? HTTPC_SEND_FULL : HTTPC_SEND_MORE;
}

void
httpc_send_end(struct httpc_call *call)
{
    struct outgoing *out = &call->out;

    if (call->ended || out->complete)
        return;
    if (out->declared != UINT64_MAX && out->total < out->declared) {
        call_fail(call, ERR_INPUT, NULL,
                  "request body shorter than its Content-Length");
        return;
    }
    out->complete = true;
    if (out->starved)
        xfer_touch(&call->x);
}
