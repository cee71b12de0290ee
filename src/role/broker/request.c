/* What the server asks: filter, rewrite, agent, and the answer's way back. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/loop/timer.h"
#include "engine/tunnel/eio.h"
#include "engine/tunnel/ejson.h"
#include "role/broker/answer.h"
#include "role/broker/broker-private.h"
#include "engine/tunnel/rewrite.h"

#define AGENT_RETRIES  3
#define AGENT_RETRY_MS 500
/* Active and refused ones together. */
#define REFUSED_MAX    2048
/* What waits in line may hold this much altogether, in bytes. */
#define WAITING_MAX_BYTES (64 * 1024 * 1024)

enum state {
    WAITING,   /* in line */
    ASKING,    /* the agent works on it */
    RETRYING,  /* the agent could not be reached; a pause */
    ANSWERING, /* the agent has said all; the answer is on its way */
};

struct request {
    struct link link;
    struct broker *broker; /* borrows */
    struct exchange_request x; /* owns */
    struct answer *answer;     /* owns */
    struct httpc_call *agent;  /* owns; NULL unless ASKING */
    enum state state;
    struct buf url, body; /* own; what the agent gets. body only if rewritten */
    bool rewritten;
    struct timer retry;
    unsigned n_tries;
    int status; /* for the log */
    uint64_t start_ms;
};

static enum httpc_flow on_agent_headers(const struct httpc_reply *reply,
                                        void *arg);
static enum httpc_flow on_agent_body(struct bytes chunk, void *arg);
static void on_agent_done(const struct httpc_reply *reply,
                          const struct err *err, void *arg);
static void on_answer_drain(void *arg);
static void on_answer_done(const struct err *err, void *arg);
static void begin(struct request *r);

static const struct httpc_events agent_events = {
    .on_headers = on_agent_headers,
    .on_body = on_agent_body,
    .on_done = on_agent_done,
};

static const struct answer_events answer_events = {
    .on_drain = on_answer_drain,
    .on_done = on_answer_done,
};

static void
request_free(struct request *r)
{
    if (r->agent != NULL)
        httpc_cancel(r->agent);
    answer_free(r->answer);
    timer_clear(&r->retry);
    list_remove(&r->link);
    exchange_request_clear(&r->x);
    buf_clear(&r->url);
    buf_clear(&r->body);
    free(r);
}

static size_t
waiting_bytes(const struct broker *b)
{
    size_t n = 0;

    list_each(struct request, r, link, &b->waiting)
        n += r->x.body.n;
    return n;
}

static void
start_next(struct broker *b)
{
    struct request *r = list_first(struct request, link, &b->waiting);

    if (r == NULL || b->n_requests >= REQUESTS_ACTIVE_MAX)
        return;
    b->n_waiting--;
    begin(r);
}

static void
finish(struct request *r, const struct err *err)
{
    struct broker *b = r->broker;

    if (err != NULL)
        log_warn("request not answered", LOG_URL("url", r->x.url),
                 LOG_STR("requestMethod", r->x.method),
                 LOG_STR("requestId", r->x.request_id), LOG_ERR(err));
    else
        log_info("request answered", LOG_URL("url", r->x.url),
                 LOG_STR("requestMethod", r->x.method),
                 LOG_STR("requestId", r->x.request_id),
                 LOG_INT("responseStatus", r->status),
                 LOG_MS("duration", clock_now_ms() - r->start_ms));
    b->n_requests--;
    request_free(r);
    start_next(b);
    broker_check_drained(b);
}

static void
on_answer_drain(void *arg)
{
    struct request *r = arg;

    if (r->agent != NULL)
        httpc_resume(r->agent);
}

static void
on_answer_done(const struct err *err, void *arg)
{
    finish(arg, err);
}

static void
fault(struct request *r, int status, const char *code, const char *message,
      const char *reason)
{
    r->state = ANSWERING;
    r->status = status;
    answer_fault(r->answer, status, code, message, reason);
}

/* --- the agent --- */

static enum httpc_flow
flow_of(enum answer_room room)
{
    return room == ANSWER_MORE   ? HTTPC_MORE
           : room == ANSWER_FULL ? HTTPC_PAUSE
                                 : HTTPC_STOP;
}

static enum httpc_flow
on_agent_headers(const struct httpc_reply *reply, void *arg)
{
    struct request *r = arg;
    auto_headers struct headers h = HEADERS_INIT;

    headers_copy(&h, reply->headers);
    headers_drop_hop_by_hop(&h);
    r->status = reply->status;
    buf_clear(&r->body); /* nobody asks for them again */
    buf_clear(&r->x.body);
    return flow_of(answer_head(r->answer, reply->status, &h));
}

static enum httpc_flow
on_agent_body(struct bytes chunk, void *arg)
{
    struct request *r = arg;

    return flow_of(answer_write(r->answer, chunk));
}

static void
ask_agent(void *arg)
{
    struct request *r = arg;
    struct broker *b = r->broker;
    struct httpc_request req = {
        .method = r->x.method, .url = buf_cstr(&r->url),
        .headers = &r->x.headers,
        .body = buf_bytes(r->rewritten ? &r->body : &r->x.body),
        .no_proxy = b->agent_is_ours,
    };
    struct err err;

    r->state = ASKING;
    r->agent = httpc_start(b->httpc, &req, &agent_events, r, &err);
    if (r->agent == NULL)
        fault(r, 502, "DOWNSTREAM_ERROR", err.text, NULL);
}

/* Only while nothing can have reached the agent: a scan must not be asked for
 * twice. */
static bool
never_connected(const struct err *err)
{
    return str_eq(err->code, "ECONNREFUSED") || str_eq(err->code, "ENOTFOUND");
}

static void
on_agent_failure(struct request *r, const struct err *err)
{
    const struct exchange_fault *f = exchange_fault_of(err);

    if (never_connected(err) && r->n_tries++ < AGENT_RETRIES) {
        r->state = RETRYING;
        timer_after(&r->retry, AGENT_RETRY_MS, ask_agent, r);
        return;
    }
    log_warn("agent failed", LOG_URL("url", r->x.url),
             LOG_STR("requestId", r->x.request_id), LOG_ERR(err));
    r->state = ANSWERING;
    if (!answer_has_left(r->answer))
        r->status = f->status;
    answer_abort(r->answer, err);
}

static void
on_agent_done(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct request *r = arg;

    r->agent = NULL;
    (void)reply;
    if (err != NULL) {
        on_agent_failure(r, err);
        return;
    }
    r->state = ANSWERING;
    if (answer_too_large(r->answer)) {
        r->status = 502;
        answer_fault_too_large(r->answer);
    } else {
        answer_end(r->answer);
    }
}

/* --- from the tunnel to the agent --- */

static const struct filter_rule *
find_rule(struct request *r)
{
    struct filter_query q = {
        .method = r->x.method, .target = r->x.url, .headers = &r->x.headers,
        .body = buf_bytes(&r->x.body),
    };
    const char *why;
    const struct filter_rule *rule =
        filter_match(r->broker->filter, FILTER_PRIVATE, &q, &why);

    if (rule == NULL)
        log_warn("request blocked", LOG_URL("url", r->x.url),
                 LOG_STR("requestMethod", r->x.method),
                 LOG_STR("requestId", r->x.request_id), LOG_STR("reason", why));
    return rule;
}

static int
prepare(struct request *r, const struct filter_rule *rule, struct err *err)
{
    struct broker *b = r->broker;
    struct rewrite how = {
        .version = b->conf->broker_version, .request_id = r->x.request_id,
        .remove_x_forwarded = b->conf->remove_x_forwarded,
    };

    if (!b->conf->no_body_vars)
        r->rewritten = vars_body(b->vars, buf_bytes(&r->x.body), &r->body);
    if (!b->conf->no_header_vars)
        vars_headers(b->vars, &r->x.headers);
    if (filter_resolve(rule, b->vars, r->x.url, &r->x.headers, &r->url, err) <
        0)
        return -1;
    how.body_bytes = r->rewritten ? r->body.n : r->x.body.n;
    rewrite_headers(&r->x.headers, &how);
    return 0;
}

static void
begin(struct request *r)
{
    struct broker *b = r->broker;
    const struct filter_rule *rule;
    struct err err;

    list_remove(&r->link);
    list_append(&b->requests, &r->link);
    b->n_requests++;
    rule = find_rule(r);
    if (rule == NULL)
        fault(r, 401, "FILTER_BLOCKED", "blocked",
              "[Websocket Flow][Blocked Request] Does not match any accept "
              "rule");
    else if (prepare(r, rule, &err) < 0)
        fault(r, 502, "DOWNSTREAM_ERROR", err.text, NULL);
    else
        ask_agent(r);
}

/* A request that cannot be taken has a place beyond the ceilings, since
 * answering costs little; but even these are counted. */
static void
refuse(struct request *r, int status, const char *code, const char *message)
{
    if (r->broker->n_requests >= REFUSED_MAX) {
        log_warn("request dropped: too many are being refused");
        request_free(r);
        return;
    }
    list_append(&r->broker->requests, &r->link);
    r->broker->n_requests++;
    fault(r, status, code, message, NULL);
}

/* What was malformed may still say by which way it wants to be answered. */
static bool
find_way_back(struct request *r, struct bytes arg)
{
    auto_buf struct buf id = BUF_INIT(128);

    if (r->x.streaming_id == NULL &&
        ejson_text(ejson_get(arg, "streamingID"), &id) == 0 && id.n > 0)
        r->x.streaming_id = buf_steal(&id);
    if (r->x.request_id[0] == '\0')
        uuid_new(r->x.request_id);
    return r->x.streaming_id != NULL;
}

static void
take(struct request *r, struct socket *socket, const struct emitter_packet *p)
{
    struct bytes arg = emitter_arg(p, 0);
    struct broker *b = r->broker;
    struct err err;
    bool read = exchange_read_request(&r->x, arg, EIO_MAX_PAYLOAD, &err) == 0;

    if (!read)
        log_warn("request refused", LOG_ERR(&err));
    if (!find_way_back(r, arg) && p->id == 0) {
        log_warn("request dropped: it names no way to answer it",
                 LOG_URL("url", r->x.url));
        request_free(r);
        return;
    }
    if (p->id == 0 && !socket->takes_posts) {
        log_error("request dropped: the broker server wants the answer "
                  "streamed, but takes none by POST",
                  LOG_URL("url", r->x.url));
        request_free(r);
        return;
    }
    r->answer = answer_new(socket, &r->x, p->id, &answer_events, r);
    if (!read) {
        refuse(r, 400, "BAD_REQUEST", err.text);
    } else if (b->draining) {
        refuse(r, 503, "CLIENT_STOPPING", "the broker client is stopping");
    } else if (b->n_requests < REQUESTS_ACTIVE_MAX) {
        begin(r);
    } else if (b->n_waiting < REQUESTS_WAITING_MAX &&
               waiting_bytes(b) + r->x.body.n <= WAITING_MAX_BYTES) {
        b->n_waiting++;
        list_append(&b->waiting, &r->link);
    } else {
        log_warn("request refused: too many are waiting",
                 LOG_URL("url", r->x.url), LOG_INT("waiting", b->n_waiting));
        refuse(r, 503, "CLIENT_BUSY", "too many requests are waiting");
    }
}

void
request_start(struct socket *socket, const struct emitter_packet *p)
{
    struct request *r = xnew(struct request);

    r->broker = socket->broker;
    r->start_ms = clock_now_ms();
    buf_init(&r->url, EXCHANGE_URL_MAX + 8192);
    buf_init(&r->body, 2 * EIO_MAX_PAYLOAD);
    timer_init(&r->retry, r->broker->loop);
    take(r, socket, p);
}

void
request_free_all(struct broker *b)
{
    list_each(struct request, r, link, &b->requests)
        request_free(r);
    list_each(struct request, w, link, &b->waiting)
        request_free(w);
    b->n_requests = b->n_waiting = 0;
}
