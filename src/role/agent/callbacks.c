/* Sending what the outbox holds. What an answer means is retry.c's. */
#include "role/agent/callbacks.h"

#include <sys/random.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/loop/timer.h"
#include "engine/store/outbox.h"
#include "role/agent/address.h"
#include "role/agent/envelope.h"
#include "role/agent/retry.h"

#define AT_ONCE_MAX     4
/* Bodies in memory at once; one of any size is always let through. */
#define AT_ONCE_BYTES   (12u << 20)
/* A lease outlives the call it covers. */
#define CALL_TIMEOUT_MS 120000
#define LEASE_MS        (CALL_TIMEOUT_MS + 60000)
#define ASK_AGAIN_MS    5000
/* Of an answer: logged when it is a final no; read before we hang up. */
#define SHOWN_BYTES     512
#define READ_MAX_BYTES  (64u << 10)

struct callbacks {
    struct loop *loop; /* borrow, until callbacks_stop() */
    const struct conf *conf;
    struct store *store;
    struct httpc *httpc;
    unsigned refs; /* the owner's, and one for each ask under way */
    bool stopped, draining;
    bool asking;    /* an answer is on its way */
    bool ask_again; /* a kick came meanwhile */
    struct list deliveries;
    size_t n_sending;
    struct timer timer; /* when the next row is due */
    void (*on_drained)(void *arg);
    void *on_drained_arg;
};

struct delivery {
    struct link link;
    struct callbacks *callbacks; /* borrows */
    struct httpc_call *call;     /* owns */
    int64_t row;
    char *job_id, *url; /* own */
    enum outbox_kind kind;
    unsigned attempts;
    int64_t first_wall_ms;
    uint64_t start_ms;
    size_t n_read; /* of the answer's body */
    struct buf shown;
};

static void
callbacks_unref(struct callbacks *c)
{
    if (--c->refs == 0)
        free(c);
}

static struct callbacks *
callbacks_ref(struct callbacks *c)
{
    c->refs++;
    return c;
}

static void
tell_drained(void *arg)
{
    struct callbacks *c = arg;
    void (*fn)(void *arg) = c->on_drained;

    c->on_drained = NULL;
    if (fn != NULL)
        fn(c->on_drained_arg);
}

static void
delivery_end(struct delivery *d)
{
    struct callbacks *c = d->callbacks;

    list_remove(&d->link);
    c->n_sending--;
    free(d->job_id);
    free(d->url);
    buf_clear(&d->shown);
    free(d);
    if (c->draining && c->n_sending == 0 && !c->stopped)
        loop_defer(c->loop, tell_drained, c);
}

static const char *
kind_name(enum outbox_kind kind)
{
    return kind == OUTBOX_DONE ? "done" : "result";
}

/* The row is settled in the store: the next of its job may be due. */
static void
on_settled(const struct err *err, void *arg)
{
    struct callbacks *c = arg;

    if (err != NULL)
        log_error("outbox cannot be written: a callback will be repeated",
                  LOG_ERR(err));
    callbacks_kick(c);
    callbacks_unref(c);
}

static void
settle(struct delivery *d)
{
    struct callbacks *c = d->callbacks;

    outbox_remove(c->store, d->row, on_settled, callbacks_ref(c));
    delivery_end(d);
}

static void
give_up(struct delivery *d, int status, const struct err *err)
{
    log_error("callback given up", LOG_STR("jobId", d->job_id),
              LOG_STR("callback", kind_name(d->kind)), LOG_URL("url", d->url),
              LOG_INT("responseStatus", status),
              LOG_INT("attempts", d->attempts),
              LOG_STR("responseBody",
                      d->shown.n > 0 ? buf_cstr(&d->shown) : NULL),
              LOG_ERR(err));
    settle(d);
}

static void
retry_later(struct delivery *d, int status, const struct headers *headers,
            const struct err *err)
{
    struct callbacks *c = d->callbacks;
    uint16_t chance = 0;
    uint64_t ms;

    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
        chance = 0; /* early at boot: without jitter then */
    ms = retry_delay_ms(d->attempts, headers, chance);
    log_warn("callback not taken, will be sent again",
             LOG_STR("jobId", d->job_id),
             LOG_STR("callback", kind_name(d->kind)), LOG_URL("url", d->url),
             LOG_INT("responseStatus", status),
             LOG_INT("attempts", d->attempts), LOG_MS("retryIn", ms),
             LOG_ERR(err));
    outbox_retry_later(c->store, d->row, clock_wall_ms() + (int64_t)ms,
                       on_settled, callbacks_ref(c));
    delivery_end(d);
}

static bool
is_too_old(const struct delivery *d)
{
    return clock_wall_ms() - d->first_wall_ms >=
           (int64_t)d->callbacks->conf->callback_give_up_ms;
}

static void
on_answer(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct delivery *d = arg;
    int status = reply != NULL ? reply->status : 0;
    enum retry_verdict verdict = retry_judge(status, err);

    d->call = NULL;
    if (verdict == RETRY_ACCEPTED) {
        log_info("callback delivered", LOG_STR("jobId", d->job_id),
                 LOG_STR("callback", kind_name(d->kind)),
                 LOG_INT("responseStatus", status),
                 LOG_INT("attempts", d->attempts),
                 LOG_MS("took", clock_now_ms() - d->start_ms));
        settle(d);
    } else if (verdict == RETRY_LATER && !is_too_old(d)) {
        retry_later(d, status, reply != NULL ? reply->headers : NULL, err);
    } else {
        give_up(d, status, err);
    }
}

/* However long an answer is: its status has said what we need. */
static enum httpc_flow
on_body(struct bytes chunk, void *arg)
{
    struct delivery *d = arg;

    buf_add_bytes(&d->shown, bytes_to(chunk, SHOWN_BYTES - d->shown.n));
    d->n_read += chunk.n;
    return d->n_read > READ_MAX_BYTES ? HTTPC_STOP : HTTPC_MORE;
}

static const struct httpc_events delivery_events = {
    .on_body = on_body,
    .on_done = on_answer,
};

static int
start_call(struct delivery *d, const struct outbox_item *item,
           struct err *err)
{
    auto_headers struct headers headers = HEADERS_INIT;
    auto_buf struct buf body = BUF_INIT(ENVELOPE_MAX_BYTES);
    struct httpc_request req = {
        .method = "POST",
        .url = item->url,
        .headers = &headers,
        .body = item->body,
        .timeout_ms = CALL_TIMEOUT_MS,
    };

    /* The settings may be stricter now than when the job was taken. */
    if (address_check(d->callbacks->conf, item->url, err) < 0)
        return -1;
    headers_add(&headers, "Content-Type", "application/json");
    if (item->request_id != NULL)
        headers_add(&headers, "snyk-request-id", item->request_id);
    if (item->kind == OUTBOX_RESULT) {
        buf_add_bytes(&body, item->body);
        envelope_close(&body, item->n_results);
        req.body = buf_bytes(&body);
    }
    d->call = httpc_start(d->callbacks->httpc, &req, &delivery_events, d, err);
    return d->call != NULL ? 0 : -1;
}

static void
deliver(struct callbacks *c, const struct outbox_item *item)
{
    struct delivery *d = xnew(struct delivery);
    struct err err;

    d->callbacks = c;
    d->row = item->row;
    d->job_id = xstrdup(item->job_id);
    d->url = xstrdup(item->url);
    d->kind = item->kind;
    d->attempts = item->attempts;
    d->first_wall_ms = item->first_wall_ms;
    d->start_ms = clock_now_ms();
    buf_init(&d->shown, SHOWN_BYTES);
    list_append(&c->deliveries, &d->link);
    c->n_sending++;
    if (start_call(d, item, &err) < 0)
        give_up(d, 0, &err);
}

static void
on_timer(void *arg)
{
    callbacks_kick(arg);
}

static void
wake_at(struct callbacks *c, int64_t wall_ms)
{
    int64_t ms = wall_ms - clock_wall_ms();

    if (wall_ms != INT64_MAX)
        timer_after(&c->timer, ms > 0 ? (uint64_t)ms : 0, on_timer, c);
}

static void
on_due(const struct outbox_item *items, size_t n, int64_t next_wall_ms,
       const struct err *err, void *arg)
{
    struct callbacks *c = arg;
    bool again = c->ask_again;

    c->asking = c->ask_again = false;
    if (c->stopped) {
        callbacks_unref(c);
        return;
    }
    /* A drain may have begun: they are ours already, so they are sent. */
    for (size_t i = 0; i < n; i++)
        deliver(c, &items[i]);
    if (err != NULL) {
        log_error("outbox cannot be read", LOG_ERR(err));
        timer_after(&c->timer, ASK_AGAIN_MS, on_timer, c);
    } else if (c->n_sending < AT_ONCE_MAX) {
        wake_at(c, next_wall_ms);
    }
    if (again && err == NULL)
        callbacks_kick(c);
    if (c->draining && c->n_sending == 0)
        loop_defer(c->loop, tell_drained, c);
    callbacks_unref(c);
}

void
callbacks_kick(struct callbacks *c)
{
    if (c->stopped || c->draining || c->n_sending >= AT_ONCE_MAX)
        return;
    c->ask_again = c->asking;
    if (c->asking)
        return;
    c->asking = true;
    timer_stop(&c->timer);
    outbox_due(c->store, AT_ONCE_MAX - c->n_sending, AT_ONCE_BYTES, LEASE_MS,
               on_due, callbacks_ref(c));
}

struct callbacks *
callbacks_start(struct loop *loop, const struct conf *conf,
                struct store *store, struct httpc *httpc)
{
    struct callbacks *c = xnew(struct callbacks);

    c->loop = loop;
    c->conf = conf;
    c->store = store;
    c->httpc = httpc;
    c->refs = 1;
    list_init(&c->deliveries);
    timer_init(&c->timer, loop);
    return c;
}

void
callbacks_drain(struct callbacks *c, void (*done)(void *arg), void *arg)
{
    c->draining = true;
    c->on_drained = done;
    c->on_drained_arg = arg;
    timer_stop(&c->timer);
    if (c->n_sending == 0 && !c->asking)
        loop_defer(c->loop, tell_drained, c);
}

void
callbacks_stop(struct callbacks *c)
{
    if (c == NULL)
        return;
    c->stopped = true;
    timer_clear(&c->timer);
    list_each (struct delivery, d, link, &c->deliveries) {
        if (d->call != NULL)
            httpc_cancel(d->call);
        delivery_end(d);
    }
    loop_undefer(c->loop, tell_drained, c);
    callbacks_unref(c);
}
