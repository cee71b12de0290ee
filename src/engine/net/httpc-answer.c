/* The answer as curl hands it over: status, headers, body. curl is on the
 * stack in all of this. */
#include "engine/net/httpc-call.h"

#include <string.h>

#include "base/str.h"

#define HEADER_LIMIT_BYTES (256u << 10)
#define READ_BYTES         (64L << 10)

/* CURLOPT_PREREQFUNCTION: there is a connection, the request goes out. */
static int
on_connected(void *arg, char *remote, char *local, int remote_port,
             int local_port)
{
    struct httpc_call *call = arg;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    call->connected = true;
    call_watch_idle(call);
    return CURL_PREREQFUNC_OK;
}

static void
take_flow(struct httpc_call *call, enum httpc_flow flow)
{
    if (call->ended)
        return;
    if (flow == HTTPC_STOP)
        call->stopped = true;
    call->paused = flow == HTTPC_PAUSE;
    call_watch_idle(call);
}

/* curl reads on until the end of the connection when a length is more than
 * it can count: a body cut short would look whole. */
static bool
length_makes_sense(const struct httpc_call *call)
{
    const char *length = headers_get(&call->headers, "Content-Length");
    uint64_t n;

    return length == NULL || (str_to_u64(length, &n) && n <= INT64_MAX);
}

static void
headers_end(struct httpc_call *call)
{
    struct httpc_reply reply = call_reply(call);

    if (call->status < 200)
        return;
    if (!length_makes_sense(call)) {
        call_fail(call, ERR_NET, NULL, "Content-Length is not a number");
        return;
    }
    call->headers_done = true;
    if (call->out.starved)
        xfer_touch(&call->x);
    if (call->events.on_headers != NULL)
        take_flow(call, call->events.on_headers(&reply, call->arg));
}

/* "HTTP/1.1 200 OK" */
static void
take_status(struct httpc_call *call, struct bytes line)
{
    struct bytes code =
        bytes_to(bytes_from(line, bytes_find(line, ' ') + 1), 3);
    uint64_t status = 0;

    bytes_to_u64(code, &status);
    call->status = (int)status;
    headers_clear(&call->headers);
}

static void
take_header(struct httpc_call *call, struct bytes line)
{
    size_t colon = bytes_find(line, ':');
    auto_free char *name = bytes_dup(bytes_to(line, colon));
    auto_free char *value =
        bytes_dup(bytes_trim(bytes_from(line, colon + 1)));

    if (colon < line.n && header_name_valid(name) && header_value_valid(value))
        headers_add(&call->headers, name, value);
}

/* An old way to break a line: it begins with a blank (RFC 9112 5.2). */
static void
take_folded(struct httpc_call *call, struct bytes line)
{
    struct header *last;
    auto_free char *more = bytes_dup(bytes_trim(line));
    char *joined;

    if (call->headers.n == 0 || !header_value_valid(more))
        return;
    last = &call->headers.at[call->headers.n - 1];
    joined = xasprintf("%s %s", last->value, more);
    free(last->value);
    last->value = joined;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
    struct httpc_call *call = arg;
    struct bytes line = bytes_of(p, size * n);
    struct bytes text = bytes_trim(line);

    if (call_is_over(call))
        return 0;
    call_is_active(call);
    if (call->headers_done)
        return line.n; /* a trailer */
    call->header_bytes += line.n;
    if (call->header_bytes > HEADER_LIMIT_BYTES) {
        call_fail(call, ERR_LIMIT, NULL, "headers of the answer too large");
        return 0;
    }
    if (bytes_starts(line, "HTTP/"))
        take_status(call, text);
    else if (text.n == 0)
        headers_end(call);
    else if (line.p[0] == ' ' || line.p[0] == '\t')
        take_folded(call, line);
    else
        take_header(call, line);
    return call_is_over(call) ? 0 : line.n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *arg)
{
    struct httpc_call *call = arg;
    struct bytes chunk = bytes_of(p, size * n);

    if (call_is_over(call))
        return 0;
    if (call->paused)
        return CURL_WRITEFUNC_PAUSE;
    call_is_active(call);
    if (call->events.on_body != NULL)
        take_flow(call, call->events.on_body(chunk, call->arg));
    else if (buf_add_bytes(&call->body, chunk) < 0)
        call_fail(call, ERR_LIMIT, NULL, "body of the answer too large");
    return call_is_over(call) ? 0 : chunk.n;
}

void
answer_dress(struct httpc_call *call)
{
    CURL *easy = call->x.easy;

    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->why);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
    if (call->events.on_body != NULL)
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BYTES);
}
