/*
 * A client wants something of the API: a `request` event with an id to ack.
 * By rules it goes to the rule's origin; without rules its body is kept in the
 * store's inbox.
 */
#include "role/server/server-private.h"

#include "base/log.h"
#include "engine/store/inbox.h"
#include "engine/tunnel/rewrite.h"

#define TRIES_MAX   4
#define TRY_AGAIN_MS 500

struct callback {
    struct server *server;
    struct tunnel *tunnel; /* NULL once it is gone */
    int64_t id;            /* to ack */
    struct exchange_request request;
    struct buf url;
    struct httpc_call *call; /* owns while running */
    struct timer again;
    unsigned n_tries;
    bool in_store;         /* the store will call us back */
    struct link all, of_tunnel;
};

static void
callback_free(void *obj)
{
    struct callback *c = obj;

    if (c->call != NULL)
        httpc_cancel(c->call);
    timer_clear(&c->again);
    exchange_request_clear(&c->request);
    buf_clear(&c->url);
    free(c);
}

static void
bury(struct callback *c)
{
    list_remove(&c->all);
    list_remove(&c->of_tunnel);
    c->server->n_callbacks--;
    loop_bury(c->server->loop, callback_free, c);
}

/* ---- the ack ---------------------------------------------------------- */

static void
ack(struct tunnel *t, int64_t id, const struct exchange_answer *answer,
    struct bytes body)
{
    auto_buf struct buf frame = BUF_INIT(MESSAGE_MAX + 1024);
    struct jw w;

    if (t == NULL)
        return;
    emitter_begin_ack(&w, &frame, id);
    exchange_write_answer(&w, answer, body);
    if (emitter_end_ack(&w) == 0)
        tunnel_send(t, &frame);
    else
        log_warn("answer to a callback does not fit a message");
}

static void
ack_json(struct tunnel *t, int64_t id, int status, const char *request_id,
         const char *error_type, struct bytes json)
{
    struct exchange_answer answer = {
        .status = status,
        .kind = EXCHANGE_JSON,
        .error_type = (char *)error_type,
    };

    headers_add(&answer.headers, "content-type", HEADER_TYPE_JSON);
    headers_add(&answer.headers, "snyk-request-id", request_id);
    ack(t, id, &answer, json);
    headers_clear(&answer.headers);
}

static void
ack_fault(struct tunnel *t, int64_t id, int status,
          const struct exchange_request *r, const char *code,
          const char *message)
{
    auto_buf struct buf json = BUF_INIT(64 << 10);
    struct jw w;

    jw_init(&w, &json);
    exchange_write_fault(&w, code, message, NULL, r->url);
    ack_json(t, id, status, r->request_id, code, buf_bytes(&json));
}

/* A fault on our side: the kind of the error decides the status. */
static void
ack_err(struct callback *c, const struct err *err)
{
    ack_fault(c->tunnel, c->id, err_fate(err->kind)->status, &c->request,
              err_code(err), err->text);
}

/* ---- to the origin ---------------------------------------------------- */

static void send_it(void *arg);

static void
on_reply(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct callback *c = arg;
    const struct exchange_fault *fault;

    c->call = NULL;
    if (reply != NULL) {
        struct exchange_answer answer = {
            .status = reply->status,
            .kind = EXCHANGE_TEXT,
        };

        headers_copy(&answer.headers, reply->headers);
        headers_drop_hop_by_hop(&answer.headers);
        headers_set(&answer.headers, "snyk-request-id", c->request.request_id);
        ack(c->tunnel, c->id, &answer, reply->body);
        headers_clear(&answer.headers);
        bury(c);
        return;
    }
    if (err->kind == ERR_NET && c->n_tries < TRIES_MAX) {
        timer_after(&c->again, TRY_AGAIN_MS, send_it, c);
        return;
    }
    log_warn("callback not passed on",
             LOG_STR("requestId", c->request.request_id),
             LOG_URL("url", buf_cstr(&c->url)), LOG_ERR(err));
    fault = exchange_fault_of(err);
    ack_fault(c->tunnel, c->id, fault->status, &c->request, fault->code,
              err->text);
    bury(c);
}

static const struct httpc_events http_events = { .on_done = on_reply };

static void
send_it(void *arg)
{
    struct callback *c = arg;
    struct httpc_request req = {
        .method = c->request.method,
        .url = buf_cstr(&c->url),
        .headers = &c->request.headers,
        .body = buf_bytes(&c->request.body),
        .body_limit_bytes = ANSWER_MAX,
    };
    struct err err;

    c->n_tries++;
    c->call = httpc_start(c->server->httpc, &req, &http_events, c, &err);
    if (c->call == NULL)
        on_reply(NULL, &err, c);
}

static void
pass_on(struct callback *c)
{
    struct server *s = c->server;
    struct exchange_request *r = &c->request;
    struct filter_query query = {
        .method = r->method,
        .target = r->url,
        .headers = &r->headers,
        .body = buf_bytes(&r->body),
    };
    struct rewrite how = {
        .version = s->conf->broker_version,
        .request_id = r->request_id,
        .remove_x_forwarded = s->conf->remove_x_forwarded,
        .body_bytes = r->body.n,
    };
    const struct filter_rule *rule;
    const char *why = NULL;
    char mask[16];
    struct err err;

    rule = filter_match(s->filter, FILTER_PRIVATE, &query, &why);
    if (rule == NULL) {
        log_info("callback blocked", LOG_STR("requestId", r->request_id),
                 LOG_URL("url", r->url), LOG_STR("reason", why));
        ack_fault(c->tunnel, c->id, 401, r, "FILTER_BLOCKED", "blocked");
        bury(c);
        return;
    }
    if (filter_resolve(rule, s->vars, r->url, &r->headers, &c->url, &err) < 0) {
        log_error("rule without a usable origin", LOG_ERR(&err));
        ack_fault(c->tunnel, c->id, 502, r, "DOWNSTREAM_ERROR", err.text);
        bury(c);
        return;
    }
    rewrite_headers(&r->headers, &how);
    token_mask(c->tunnel->token_name, mask);
    headers_set(&r->headers, "X-Broker-Token", c->tunnel->token_name);
    headers_set(&r->headers, "x-snyk-broker", mask);
    send_it(c);
}

/* ---- into the inbox ---------------------------------------------------- */

static void
on_kept(int64_t id, const struct err *err, void *arg)
{
    auto_buf struct buf json = BUF_INIT(256);
    struct callback *c = arg;

    c->in_store = false;
    if (!list_linked(&c->all)) { /* the server is being freed */
        callback_free(c);
        return;
    }
    if (err != NULL) {
        log_error("callback not kept", LOG_ERR(err));
        ack_err(c, err);
    } else {
        log_info("callback kept", LOG_STR("requestId", c->request.request_id),
                 LOG_URL("path", c->request.url), LOG_INT("id", id));
        buf_addf(&json, "{\"ok\":true,\"id\":\"%lld\"}", (long long)id);
        ack_json(c->tunnel, c->id, 200, c->request.request_id, NULL,
                 buf_bytes(&json));
    }
    bury(c);
}

static void
keep(struct callback *c)
{
    auto_buf struct buf headers = BUF_INIT(256 << 10);
    struct exchange_request *r = &c->request;
    struct jw w;

    if (!str_eq(r->method, "POST")) {
        ack_fault(c->tunnel, c->id, 405, r, "METHOD_NOT_ALLOWED",
                  "the inbox takes POST only");
        bury(c);
        return;
    }
    jw_init(&w, &headers);
    exchange_write_headers(&w, &r->headers);
    c->in_store = true;
    inbox_add(c->server->store, r->url,
              headers.full ? NULL : buf_cstr(&headers), buf_bytes(&r->body),
              c->server->conf->inbox_limit_bytes, on_kept, c);
}

/* ---- the door ---------------------------------------------------------- */

void
callback_start(struct tunnel *t, const struct emitter_packet *p)
{
    struct server *s = t->server;
    struct callback *c;
    struct err err;

    if (p->id <= 0) {
        log_debug("callback that wants no answer, ignored");
        return;
    }
    c = xnew(struct callback);
    c->server = s;
    c->tunnel = t;
    c->id = p->id;
    timer_init(&c->again, s->loop);
    buf_init(&c->url, 64 << 10);
    list_append(&s->callbacks, &c->all);
    list_append(&t->callbacks, &c->of_tunnel);
    s->n_callbacks++;
    if (exchange_read_request(&c->request, emitter_arg(p, 0), MESSAGE_MAX,
                              &err) < 0) {
        ack_err(c, &err);
        bury(c);
    } else if (s->draining || s->n_callbacks > CALLBACKS_MAX) {
        ack_fault(t, c->id, 503, &c->request, "BUSY",
                  "too many callbacks are pending");
        bury(c);
    } else if (s->filter != NULL) {
        pass_on(c);
    } else {
        keep(c);
    }
}

void
callback_tunnel_lost(struct tunnel *t)
{
    /* What runs goes on: the API may have it already. Nobody hears of it. */
    list_each(struct callback, c, of_tunnel, &t->callbacks)
    {
        list_remove(&c->of_tunnel);
        c->tunnel = NULL;
    }
}

void
callback_free_all(struct server *s)
{
    list_each(struct callback, c, all, &s->callbacks)
    {
        list_remove(&c->all);
        list_remove(&c->of_tunnel);
        if (!c->in_store)
            callback_free(c);
    }
}
