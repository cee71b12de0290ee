/* One call: its start, pauses, timeouts, and how it ends. What goes out lives
 * in httpc-request.c, what comes back in httpc-answer.c. */
#include "engine/net/httpc-call.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define BODY_LIMIT_BYTES (1u << 20)

static struct httpc_call *
call_of(struct xfer *x)
{
    return (struct httpc_call *)((char *)x - offsetof(struct httpc_call, x));
}

struct httpc_reply
call_reply(const struct httpc_call *call)
{
    return (struct httpc_reply){ .status = call->status,
                                 .headers = &call->headers,
                                 .body = buf_bytes(&call->body) };
}

bool
call_is_over(const struct httpc_call *call)
{
    return call->ended || call->stopped || call->failure.kind != ERR_NONE;
}

void
call_fail(struct httpc_call *call, enum err_kind kind, const char *code,
          const char *text)
{
    if (call_is_over(call))
        return;
    err_set_code(&call->failure, kind, code, "%s:%u: %s", call->url.host,
                 call->url.port, text);
    xfer_touch(&call->x);
}

/* ---- the end ---- */

static void
call_free(void *arg)
{
    struct httpc_call *call = arg;

    url_clear(&call->url);
    buf_clear(&call->out.bytes);
    buf_clear(&call->body);
    headers_clear(&call->headers);
    curl_slist_free_all(call->request_headers);
    free(call);
}

/* Not from a curl callback. The memory stays until the end of the turn. */
static void
dispose(struct httpc_call *call)
{
    call->ended = true;
    list_remove(&call->running);
    timer_clear(&call->deadline);
    timer_clear(&call->idle);
    xfer_clear(&call->x);
    loop_bury(call->c->loop, call_free, call);
}

/*
 * The status is judged before the transfer: who refuses and hangs up, or
 * announces more than it sends with a 4xx, has said all there is to know.
 */
static bool
is_refusal(const struct httpc_call *call, CURLcode rc)
{
    return call->headers_done && call->status >= 400 &&
           (rc == CURLE_PARTIAL_FILE || rc == CURLE_RECV_ERROR ||
            rc == CURLE_SEND_ERROR);
}

/* True: a whole answer, as far as the caller wants it. */
static bool
judge(struct httpc_call *call, CURLcode rc, struct err *err)
{
    *err = (struct err){ .kind = ERR_NONE };
    if (call->failure.kind != ERR_NONE)
        *err = call->failure;
    else if (call->stopped || is_refusal(call, rc))
        return true;
    else if (rc != CURLE_OK)
        httpc_explain(call->x.easy, rc, &call->url, call->why, err);
    else if (!call->headers_done)
        err_set(err, ERR_NET, "%s:%u: no whole answer", call->url.host,
                call->url.port);
    else
        return true;
    err->peer_status = call->headers_done ? call->status : 0;
    return false;
}

static void
trace(const struct httpc_call *call, const struct err *err)
{
    auto_free char *url = NULL;

    if (!log_wants(LOG_LEVEL_TRACE))
        return;
    url = url_text(&call->url);
    log_trace("http call", LOG_URL("url", url), LOG_INT("status", call->status),
              LOG_STR("error", err != NULL ? err->text : NULL));
}

static void
finish(struct httpc_call *call, CURLcode rc)
{
    struct httpc_reply reply = call_reply(call);
    struct err err;
    bool whole = judge(call, rc, &err);

    if (call->ended)
        return;
    if (whole && call->paused && !call->stopped) {
        /* Its connection may serve others meanwhile. */
        call->held = true;
        timer_stop(&call->idle);
        xfer_drop(&call->x);
        return;
    }
    call->ended = true;
    trace(call, whole ? NULL : &err);
    call->events.on_done(whole ? &reply : NULL, whole ? NULL : &err,
                         call->arg);
    dispose(call);
}

/* ---- timeouts ---- */

static void
on_deadline(void *arg)
{
    struct httpc_call *call = arg;

    call_fail(call, ERR_TIMEOUT, "ETIMEDOUT", "no whole answer in time");
}

static void
on_idle(void *arg)
{
    struct httpc_call *call = arg;
    uint64_t now_ms = clock_now_ms(), quiet_ms;
    curl_off_t uploaded = 0;

    curl_easy_getinfo(call->x.easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    if (uploaded != call->uploaded)
        call->active_ms = now_ms;
    call->uploaded = uploaded;
    quiet_ms = now_ms - call->active_ms;
    if (quiet_ms < call->idle_timeout_ms)
        timer_after(&call->idle, call->idle_timeout_ms - quiet_ms, on_idle,
                    call);
    else
        call_fail(call, ERR_TIMEOUT, "ETIMEDOUT", "no byte for too long");
}

void
call_is_active(struct httpc_call *call)
{
    if (call->idle_timeout_ms > 0)
        call->active_ms = clock_now_ms();
}

/* The peer's silence counts while we are ready to listen and to speak. */
void
call_watch_idle(struct httpc_call *call)
{
    bool counts = call->idle_timeout_ms > 0 && call->connected &&
                  !call->paused && !call->out.starved && !call_is_over(call);

    if (!counts) {
        timer_stop(&call->idle);
    } else if (!timer_is_armed(&call->idle)) {
        call_is_active(call);
        timer_after(&call->idle, call->idle_timeout_ms, on_idle, call);
    }
}

/* ---- what the mux tells ---- */

static void
on_done(struct xfer *x, CURLcode rc)
{
    struct httpc_call *call = call_of(x);

    if (call->ended)
        dispose(call);
    else
        finish(call, rc);
}

/* Give curl the pauses we want; it calls us back from within. */
static void
unpause(struct httpc_call *call)
{
    int pauses = (call->paused ? CURLPAUSE_RECV : 0) |
                 (request_is_starved(call) ? CURLPAUSE_SEND : 0);
    CURLcode rc = curl_easy_pause(call->x.easy, pauses);

    call_watch_idle(call);
    /* Without a connection there is nothing to pause yet. */
    if (rc != CURLE_OK && rc != CURLE_BAD_FUNCTION_ARGUMENT)
        finish(call, rc);
}

static void
settle(struct xfer *x)
{
    struct httpc_call *call = call_of(x);

    if (call->ended) {
        dispose(call);
    } else if (call->held || call_is_over(call)) {
        if (!call->paused || call_is_over(call))
            finish(call, CURLE_OK);
    } else if (!x->running) {
        struct err err;

        if (xfer_run(x, &err) < 0)
            call_fail(call, err.kind, NULL, err.text);
    } else {
        request_tell_room(call);
        if (!call_is_over(call))
            unpause(call);
    }
}

static const struct xfer_ops ops = { .on_done = on_done, .settle = settle };

/* ---- the door ---- */

static struct httpc_call *
call_new(struct httpc *c, const struct httpc_request *req,
         const struct httpc_events *events, void *arg)
{
    struct httpc_call *call = xnew(struct httpc_call);

    call->c = c;
    call->events = *events;
    call->arg = arg;
    call->idle_timeout_ms = req->idle_timeout_ms;
    headers_init(&call->headers);
    buf_init(&call->body, req->body_limit_bytes > 0 ? req->body_limit_bytes
                                                    : BODY_LIMIT_BYTES);
    timer_init(&call->deadline, c->loop);
    timer_init(&call->idle, c->loop);
    xfer_init(&call->x, c->calls, &ops);
    list_append(&c->running, &call->running);
    return call;
}

struct httpc_call *
httpc_start(struct httpc *c, const struct httpc_request *req,
            const struct httpc_events *events, void *arg, struct err *err)
{
    struct httpc_call *call;

    if (c->freed) {
        err_set(err, ERR_CANCELLED, "http client: shutting down");
        return NULL;
    }
    call = call_new(c, req, events, arg);
    if (url_parse(&call->url, req->url, err) < 0 ||
        request_dress(call, req, err) < 0) {
        dispose(call);
        return NULL;
    }
    httpc_dress(c, call->x.easy, &call->url, req->no_proxy, false);
    answer_dress(call);
    if (req->timeout_ms > 0)
        timer_after(&call->deadline, req->timeout_ms, on_deadline, call);
    xfer_touch(&call->x);
    return call;
}

void
httpc_resume(struct httpc_call *call)
{
    if (call->ended || !call->paused)
        return;
    call->paused = false;
    xfer_touch(&call->x);
}

void
httpc_cancel(struct httpc_call *call)
{
    if (call->ended)
        return;
    call->ended = true;
    xfer_touch(&call->x);
}

/* Taking an unfinished transfer from curl closes its connection: the last
 * chunk, or what is missing to Content-Length, never comes. */
void
httpc_abort(struct httpc_call *call)
{
    httpc_cancel(call);
}

void
httpc_call_forget(struct link *running)
{
    dispose(list_entry(running, struct httpc_call, running));
}
