/*
 * A caller wants something of a client: /broker/TOKEN/path. One struct ask
 * from the request to its answer, whichever way that comes: by ack (here), by
 * POST (response.c), or as a failure because the tunnel died or time is up.
 */
#include "role/server/server-private.h"

#include <string.h>

#include "base/log.h"
#include "engine/tunnel/ejson.h"

enum ask_state { ASK_READING, ASK_SENT, ASK_ANSWERING };

struct ask {
    struct server *server;
    enum ask_state state;
    struct httpd_ex *ex;    /* NULL once it is answered or its caller left */
    struct tunnel *tunnel;  /* NULL before it is sent and once that is gone */
    char *token_name, *target, *method; /* own */
    struct headers headers; /* of the caller's request */
    char request_id[UUID_LEN + 1];
    char streaming_id[UUID_LEN + 1]; /* "" when an ack is wanted */
    int64_t ack_id;         /* 0 without */
    struct timer deadline;
    bool head_sent;
    /* Who answers by stream, from ask_claim() on. */
    void (*on_lost)(void *arg);
    void (*on_drain)(void *arg);
    void *claimant;
    struct link all;       /* in server->asks */
    struct link of_tunnel;
};

static void
ask_free(void *obj)
{
    struct ask *a = obj;

    timer_clear(&a->deadline);
    headers_clear(&a->headers);
    free(a->token_name);
    free(a->target);
    free(a->method);
    free(a);
}

void
server_check_drained(struct server *s)
{
    if (!s->draining || s->n_asks > 0 || s->on_drained == NULL)
        return;
    list_each(struct tunnel, t, all, &s->tunnels)
        tunnel_close(t);
    httpd_drain(s->httpd, s->on_drained, s->drained_arg);
    s->on_drained = NULL;
}

/* The end, after the answer or without one. */
static void
bury(struct ask *a)
{
    struct server *s = a->server;

    if (!list_linked(&a->all))
        return;
    list_remove(&a->all);
    list_remove(&a->of_tunnel);
    if (a->streaming_id[0] != '\0')
        map_remove(s->streams, bytes_str(a->streaming_id));
    if (a->ack_id != 0 && a->tunnel != NULL)
        emitter_forget(a->tunnel->emitter, a->ack_id);
    timer_stop(&a->deadline);
    s->n_asks--;
    loop_bury(s->loop, ask_free, a);
    server_check_drained(s);
}

static void
fail(struct ask *a, int status, const char *code, const char *message)
{
    struct httpd_ex *ex = steal(a->ex);

    if (ex != NULL)
        reply_fault(ex, status, a->request_id, code, message, a->target);
    bury(a);
}

/* ---- answered by stream ----------------------------------------------- */

struct ask *
ask_of_stream(struct server *s, const char *id)
{
    struct ask *a = map_get_str(s->streams, id);

    return a != NULL && a->state == ASK_SENT ? a : NULL;
}

static void
on_reply_drain(void *arg)
{
    struct ask *a = arg;

    if (a->on_drain != NULL)
        a->on_drain(a->claimant);
}

void
ask_claim(struct ask *a, void (*lost)(void *arg), void (*drained)(void *arg),
          void *arg)
{
    a->state = ASK_ANSWERING;
    a->on_lost = lost;
    a->on_drain = drained;
    a->claimant = arg;
    timer_stop(&a->deadline);
    /* What now comes does not need the tunnel any more. */
    list_remove(&a->of_tunnel);
    a->tunnel = NULL;
}

/* What of the agent's headers goes on to the caller. */
static void
passed_on(struct headers *to, const struct headers *from,
          const char *request_id)
{
    headers_add(to, "snyk-request-id", request_id);
    for (size_t i = 0; i < from->n; i++) {
        if (!str_ieq(from->at[i].name, "snyk-request-id") &&
            !str_ieq(from->at[i].name, "date") &&
            header_name_valid(from->at[i].name) &&
            header_value_valid(from->at[i].value))
            headers_add(to, from->at[i].name, from->at[i].value);
    }
    headers_drop_hop_by_hop(to);
}

static int
sane_status(int status)
{
    return status >= 200 && status <= 599 ? status : 502;
}

void
ask_head(struct ask *a, int status, const struct headers *headers)
{
    auto_headers struct headers out = HEADERS_INIT;

    passed_on(&out, headers, a->request_id);
    a->head_sent = true;
    httpd_on_drain(a->ex, on_reply_drain, a);
    httpd_reply_start(a->ex, sane_status(status), &out);
}

enum httpd_room
ask_write(struct ask *a, struct bytes chunk)
{
    return httpd_reply_write(a->ex, chunk);
}

void
ask_end(struct ask *a)
{
    struct httpd_ex *ex = steal(a->ex);

    httpd_reply_end(ex);
    bury(a);
}

void
ask_abort(struct ask *a, const char *why)
{
    struct httpd_ex *ex;

    if (!a->head_sent) {
        fail(a, 502, "DOWNSTREAM_ERROR", why);
        return;
    }
    ex = steal(a->ex);
    httpd_reply_abort(ex);
    bury(a);
}

/* ---- answered by ack -------------------------------------------------- */

static void
reply_with(struct ask *a, struct exchange_answer *answer)
{
    auto_headers struct headers out = HEADERS_INIT;
    struct httpd_ex *ex = steal(a->ex);

    passed_on(&out, &answer->headers, a->request_id);
    /* The body was text on the way: its length may have changed. */
    headers_remove(&out, "content-length");
    if (answer->kind == EXCHANGE_JSON && !headers_has(&out, "content-type"))
        headers_add(&out, "content-type", HEADER_TYPE_JSON);
    httpd_reply(ex, sane_status(answer->status), &out,
                buf_bytes(&answer->body));
    bury(a);
}

static void
on_ack(const struct emitter_packet *ack, const struct err *err, void *arg)
{
    struct ask *a = arg;
    struct exchange_answer answer;
    struct err why;

    a->ack_id = 0;
    if (ack == NULL) { /* the one reason there is: the tunnel was lost */
        fail(a, 502, "TUNNEL_LOST", err->text);
        return;
    }
    if (exchange_read_answer(&answer, emitter_arg(ack, 0), ANSWER_MAX,
                             &why) < 0)
        fail(a, 502, "DOWNSTREAM_ERROR", why.text);
    else
        reply_with(a, &answer);
    exchange_answer_clear(&answer);
}

/* ---- sent ------------------------------------------------------------- */

void
ask_tunnel_lost(struct tunnel *t)
{
    list_each(struct ask, a, of_tunnel, &t->asks)
    {
        list_remove(&a->of_tunnel);
        a->tunnel = NULL;
        fail(a, 502, "TUNNEL_LOST",
             "the tunnel was lost while the request was pending");
    }
}

static void
on_deadline(void *arg)
{
    fail(arg, 504, "DOWNSTREAM_TIMEOUT", "no answer from the client in time");
}

static void
on_gone(void *arg)
{
    struct ask *a = arg;

    a->ex = NULL;
    if (a->state == ASK_ANSWERING && a->on_lost != NULL)
        a->on_lost(a->claimant);
    bury(a);
}

/* Writes the event and sends it. Fails with ERR_NET when the tunnel left. */
static int
send_event(struct ask *a, struct bytes body, struct err *err)
{
    auto_buf struct buf frame = BUF_INIT(MESSAGE_MAX);
    bool stream = a->streaming_id[0] != '\0';
    struct jw w;

    emitter_begin_event(&w, &frame, "request");
    exchange_begin_request(&w, a->target, a->method);
    if (body.n > 0) {
        jw_key(&w, "body");
        ejson_add_binary(&w, body);
    }
    exchange_end_request(&w, &a->headers, stream ? a->streaming_id : NULL,
                         a->request_id);
    if (emitter_end_event(&w, a->ack_id) < 0)
        return err_set(err, ERR_LIMIT, "the request is larger than a message");
    if (tunnel_send(a->tunnel, &frame) == WS_GONE)
        return err_set(err, ERR_NET, "the tunnel is closing");
    return 0;
}

static void
send_to(struct ask *a, struct tunnel *t, struct bytes body)
{
    struct err err = { .kind = ERR_NONE };

    a->tunnel = t;
    a->state = ASK_SENT;
    list_append(&t->asks, &a->of_tunnel);
    if (t->post_streams && !headers_has(&a->headers, "x-broker-ws-response")) {
        uuid_new(a->streaming_id);
        map_put_str(a->server->streams, a->streaming_id, a);
    } else {
        a->ack_id = emitter_expect(t->emitter, on_ack, a, &err);
        if (a->ack_id < 0) {
            a->ack_id = 0;
            fail(a, 503, "BUSY", err.text);
            return;
        }
    }
    if (send_event(a, body, &err) < 0) {
        fail(a, err.kind == ERR_LIMIT ? 413 : 502, err_code(&err), err.text);
        return;
    }
    if (a->server->conf->server_response_ms > 0)
        timer_after(&a->deadline, a->server->conf->server_response_ms,
                    on_deadline, a);
}

/* ---- asked ------------------------------------------------------------ */

static void
reply_no_tunnel(struct server *s, struct httpd_ex *ex, const char *name,
                const char *request_id)
{
    if (directory_state(s, name) == TOKEN_UNKNOWN)
        reply_json(ex, 404, request_id, "no-connection",
                   bytes_str("{\"ok\":false}"));
    else
        reply_json(ex, 503, request_id, "connection-not-ready",
                   bytes_str("{\"ok\":false}"));
}

static bool
passes(struct ask *a, struct bytes body)
{
    struct filter_query query = {
        .method = a->method,
        .target = a->target,
        .headers = &a->headers,
        .body = body,
    };
    const char *why = NULL;

    if (a->server->filter == NULL ||
        filter_match(a->server->filter, FILTER_PUBLIC, &query, &why) != NULL)
        return true;
    log_info("request blocked", LOG_STR("requestId", a->request_id),
             LOG_URL("url", a->target), LOG_STR("reason", why));
    return false;
}

static void
on_body(struct bytes body, void *arg)
{
    struct ask *a = arg;
    struct tunnel *t = directory_find(a->server, a->token_name);
    struct httpd_ex *ex;

    if (t == NULL) {
        ex = steal(a->ex);
        reply_no_tunnel(a->server, ex, a->token_name, a->request_id);
        bury(a);
    } else if (!t->has_capabilities) {
        ex = steal(a->ex);
        reply_json(ex, 400, a->request_id, "bad-request",
                   bytes_str("{\"ok\":false}"));
        bury(a);
    } else if (!passes(a, body)) {
        ex = steal(a->ex);
        reply_fault(ex, 401, a->request_id, "FILTER_BLOCKED", "blocked",
                    a->target);
        bury(a);
    } else {
        send_to(a, t, body);
    }
}

/* "/broker/TOKEN/path?query" -> TOKEN and "/path?query". */
static int
split_target(const char *target, char **token_name, char **rest)
{
    const char *name = target + strlen("/broker/");
    size_t n = strcspn(name, "/?");

    if (n == 0 || n > TOKEN_MAX_BYTES || name[n] != '/' || name[n + 1] == '\0')
        return -1;
    *token_name = xstrndup(name, n);
    *rest = xstrdup(name + n);
    return 0;
}

static struct ask *
ask_new(struct server *s, struct httpd_ex *ex, const struct httpd_request *req,
        char *token_name, char *target)
{
    struct ask *a = xnew(struct ask);

    a->server = s;
    a->ex = ex;
    a->token_name = token_name;
    a->target = target;
    a->method = xstrdup(req->method);
    headers_copy(&a->headers, req->headers);
    exchange_request_id(req->headers, a->request_id);
    headers_set(&a->headers, "snyk-request-id", a->request_id);
    timer_init(&a->deadline, s->loop);
    list_append(&s->asks, &a->all);
    s->n_asks++;
    httpd_on_gone(ex, on_gone, a);
    return a;
}

void
ask_start(struct server *s, struct httpd_ex *ex,
          const struct httpd_request *req)
{
    char *token_name, *target;
    struct ask *a;

    if (split_target(req->target, &token_name, &target) < 0) {
        reply_fault(ex, 404, NULL, "NOT_FOUND", "no path behind the token",
                    NULL);
        return;
    }
    if (s->draining || s->n_asks >= ASKS_MAX) {
        reply_fault(ex, 503, NULL, "BUSY", "too many requests are pending",
                    target);
        free(token_name);
        free(target);
        return;
    }
    a = ask_new(s, ex, req, token_name, target);
    if (directory_find(s, a->token_name) == NULL) {
        /* No need to wait for a body that goes nowhere. */
        ex = steal(a->ex);
        reply_no_tunnel(s, ex, a->token_name, a->request_id);
        bury(a);
        return;
    }
    httpd_read_body(ex, BODY_MAX, false, on_body, a);
}

void
ask_forget_tunnel(struct tunnel *t)
{
    list_each(struct ask, a, of_tunnel, &t->asks)
    {
        list_remove(&a->of_tunnel);
        a->tunnel = NULL;
    }
}

void
ask_free_all(struct server *s)
{
    list_each(struct ask, a, all, &s->asks)
    {
        list_remove(&a->all);
        list_remove(&a->of_tunnel);
        ask_free(a);
    }
}
