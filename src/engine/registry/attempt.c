/* One request with its retries. Logins are client.c's business. */
#include "engine/registry/attempt.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/loop/timer.h"
#include "engine/registry/error-body.h"
#include "engine/registry/registry-private.h"

#define RETRY_AFTER_MAX_S 60
#define ERROR_MAX_BYTES   (64 * 1024)
#define BODY_MAX_BYTES    (1u << 20) /* when the caller names no ceiling */

struct attempt {
    struct reg_hub *hub;                /* borrows */
    const struct attempt_events *events; /* borrows */
    void *arg;

    char *method, *url, *accept, *origin;
    struct secret *authorization; /* shares, like form */
    struct secret *form;
    uint64_t range_from, timeout_ms, idle_timeout_ms;
    size_t body_limit_bytes;
    unsigned retries_left, tries;

    struct gate_ticket ticket;
    struct timer timer;          /* until the next try */
    struct httpc_call *call;     /* owns while one runs */
    int status;                  /* of the answer that is coming in, or 0 */
    struct headers headers;      /* its headers */
    struct buf body;             /* what is collected of it */
    bool streaming;              /* it goes to the caller as it comes */
    bool too_large;
};

static void on_enter(void *arg);

static void
free_attempt(void *obj)
{
    struct attempt *a = obj;

    timer_clear(&a->timer);
    free(a->method);
    free(a->url);
    free(a->accept);
    free(a->origin);
    secret_free(a->authorization);
    secret_free(a->form);
    headers_clear(&a->headers);
    buf_clear(&a->body);
    free(a);
}

/* Nothing of it runs any more; its memory stays until the end of the turn. */
static void
end(struct attempt *a)
{
    gate_leave(a->hub->gates, &a->ticket);
    timer_stop(&a->timer);
    loop_bury(a->hub->loop, free_attempt, a);
}

static void
succeed(struct attempt *a)
{
    struct httpc_reply reply = { a->status, &a->headers, buf_bytes(&a->body) };

    end(a);
    a->events->on_done(&reply, NULL, a->arg);
}

static void
fail(struct attempt *a, const struct err *err)
{
    struct err e = *err;

    end(a);
    reg_error_transport(&e);
    a->events->on_done(NULL, &e, a->arg);
}

/* 1, 2, 4, 8 s; a fifth more or less, so that callers do not march in step. */
static uint64_t
backoff_ms(const struct attempt *a)
{
    uint64_t ms = a->hub->backoff_ms << (a->tries < 6 ? a->tries : 6);
    uint32_t dice = 0;

    if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) != sizeof(dice))
        dice = UINT32_MAX / 2;
    return ms * (800 + dice % 401) / 1000;
}

/* To be tried again after `ms`? False when it is to be given up. */
static bool
retry_after(struct attempt *a, uint64_t ms)
{
    if (a->retries_left == 0)
        return false;
    a->retries_left--;
    a->tries++;
    gate_leave(a->hub->gates, &a->ticket);
    log_debug("registry request again", LOG_URL("url", a->url),
              LOG_INT("status", a->status), LOG_INT("try", a->tries + 1),
              LOG_MS("wait", ms));
    timer_after(&a->timer, ms, on_enter, a);
    return true;
}

static bool
is_passing_status(int status)
{
    return status == 408 || status == 425 || status == 429 || status == 500 ||
           status == 502 || status == 503 || status == 504;
}

static bool
retry_reply(struct attempt *a)
{
    uint64_t ms = backoff_ms(a);
    int64_t asked_s = reg_retry_after_s(&a->headers);
    bool quota = a->status == 403 && reg_error_is_quota(buf_bytes(&a->body));

    if (!is_passing_status(a->status) && !quota)
        return false;
    if (a->status == 429)
        gate_slow_down(a->hub->gates, a->origin);
    if (asked_s > RETRY_AFTER_MAX_S)
        return false;
    if (asked_s > 0)
        ms = (uint64_t)asked_s * 1000;
    return retry_after(a, ms);
}

static bool
is_passing_error(const struct err *err)
{
    return err->kind == ERR_NET || err->kind == ERR_TIMEOUT;
}

/* A status that is not 2xx counts even when its body was cut short: one
 * registry announces more than it sends with its 416. */
static void
on_done(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct attempt *a = arg;

    (void)reply;
    a->call = NULL;
    if (err != NULL && a->status >= 300)
        err = NULL;
    if (a->too_large) {
        struct err e;

        err_set_code(&e, ERR_LIMIT, "REGISTRY_ERROR",
                     "%s: answer larger than %zu bytes", a->origin,
                     a->body.limit);
        fail(a, &e);
    } else if (err == NULL) {
        if (a->streaming || !retry_reply(a))
            succeed(a);
    } else if (a->streaming || !is_passing_error(err) ||
               !retry_after(a, backoff_ms(a))) {
        fail(a, err);
    }
}

static enum httpc_flow
on_headers(const struct httpc_reply *reply, void *arg)
{
    struct attempt *a = arg;
    bool good = reply->status >= 200 && reply->status < 300;

    a->status = reply->status;
    headers_clear(&a->headers);
    headers_copy(&a->headers, reply->headers);
    a->body.limit = good ? a->body_limit_bytes : ERROR_MAX_BYTES;
    a->streaming = good && a->events->on_headers != NULL;
    return a->streaming ? a->events->on_headers(reply, a->arg) : HTTPC_MORE;
}

static enum httpc_flow
on_body(struct bytes chunk, void *arg)
{
    struct attempt *a = arg;

    if (a->streaming)
        return a->events->on_body(chunk, a->arg);
    if (buf_add_bytes(&a->body, chunk) == 0)
        return HTTPC_MORE;
    /* The beginning of an error page says enough; a cut document nothing. */
    a->too_large = a->status < 300;
    return HTTPC_STOP;
}

static const struct httpc_events http_events = {
    .on_headers = on_headers, .on_body = on_body, .on_done = on_done,
};

static void
fill_headers(const struct attempt *a, struct headers *h)
{
    if (a->accept != NULL)
        headers_add(h, "Accept", a->accept);
    if (a->range_from > 0)
        headers_setf(h, "Range", "bytes=%llu-",
                     (unsigned long long)a->range_from);
    if (a->authorization != NULL)
        headers_add(h, "Authorization", secret_reveal(a->authorization));
    if (a->form != NULL)
        headers_add(h, "Content-Type", "application/x-www-form-urlencoded");
}

/* There is room at the gate: ask. */
static void
on_admitted(void *arg)
{
    struct attempt *a = arg;
    auto_headers struct headers h = HEADERS_INIT;
    struct httpc_request req = {
        .method = a->method,
        .url = a->url,
        .headers = &h,
        .body = bytes_str(a->form != NULL ? secret_reveal(a->form) : NULL),
        .timeout_ms = a->timeout_ms,
        .idle_timeout_ms = a->idle_timeout_ms,
    };
    struct err err;

    a->status = 0;
    a->streaming = false;
    buf_reset(&a->body);
    a->body.full = false;
    fill_headers(a, &h);
    a->call = httpc_start(a->hub->httpc, &req, &http_events, a, &err);
    if (a->call == NULL)
        fail(a, &err);
}

/* Stand in line; also after the wait before another try. */
static void
on_enter(void *arg)
{
    struct attempt *a = arg;

    gate_enter(a->hub->gates, a->origin, &a->ticket, on_admitted, a);
}

static char *
origin_of(const char *text)
{
    auto_url struct url u = { 0 };

    return url_parse(&u, text, NULL) == 0 ? url_host_header(&u)
                                          : xstrdup("(bad address)");
}

struct attempt *
attempt_start(struct reg_hub *hub, const struct attempt_spec *spec,
              const struct attempt_events *events, void *arg)
{
    struct attempt *a = xnew(struct attempt);

    a->hub = hub;
    a->events = events;
    a->arg = arg;
    a->method = xstrdup(spec->method);
    a->url = xstrdup(spec->url);
    a->origin = origin_of(spec->url);
    a->accept = xstrdup(spec->accept);
    a->authorization = secret_ref(spec->authorization);
    a->form = secret_ref(spec->form);
    a->range_from = spec->range_from;
    a->timeout_ms = spec->timeout_ms;
    a->idle_timeout_ms = spec->idle_timeout_ms;
    a->body_limit_bytes =
        spec->body_limit_bytes > 0 ? spec->body_limit_bytes : BODY_MAX_BYTES;
    a->retries_left = spec->retries < 0 ? hub->conf->registry_retries
                                        : (unsigned)spec->retries;
    buf_init(&a->body, a->body_limit_bytes);
    headers_init(&a->headers);
    timer_init(&a->timer, hub->loop);
    on_enter(a);
    return a;
}

void
attempt_resume(struct attempt *a)
{
    if (a->call != NULL)
        httpc_resume(a->call);
}

void
attempt_cancel(struct attempt *a)
{
    if (a == NULL)
        return;
    if (a->call != NULL)
        httpc_cancel(a->call);
    a->call = NULL;
    end(a);
}
