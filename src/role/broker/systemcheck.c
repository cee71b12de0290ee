/*
 * GET /systemcheck: does the agent accept each of the credentials
 * (broker-protocol.md §f.1)? Unlike the peer we keep the time limit, take 2xx
 * only for success, and say 500 when any of the credentials fails.
 */
#include <stdlib.h>

#include "base/log.h"
#include "role/broker/broker-private.h"

#define CREDENTIALS_MAX 64
#define ANSWER_MAX      (1024 * 1024)

/* One value of the authorization header, tried in its turn. */
struct trial {
    struct secret *value; /* owns; NULL: none is sent */
    int status;           /* 0: no answer */
    struct err err;       /* kind ERR_NONE: accepted */
};

struct check {
    struct link link;
    struct broker *broker;   /* borrows */
    struct httpd_ex *ex;     /* borrows until answered or gone */
    struct httpc_call *call; /* owns */
    char request_id[UUID_LEN + 1];
    struct trial trials[CREDENTIALS_MAX];
    size_t n_trials, at;
};

static void try_next(struct check *c);

static void
destroy(void *obj)
{
    struct check *c = obj;

    for (size_t i = 0; i < c->n_trials; i++)
        secret_free(c->trials[i].value);
    free(c);
}

static void
end(struct check *c)
{
    if (c->call != NULL)
        httpc_cancel(steal(c->call));
    list_remove(&c->link);
    loop_bury(c->broker->loop, destroy, c);
    broker_check_drained(c->broker);
}

static void
on_gone(void *arg)
{
    end(arg);
}

/* --- which credentials --- */

static void
add_trial(struct check *c, struct secret *value)
{
    if (c->n_trials < CREDENTIALS_MAX)
        c->trials[c->n_trials++].value = value;
    else
        secret_free(value);
}

/* "user:pass" -> "Basic …" */
static struct secret *
basic_of(struct bytes pair)
{
    struct buf text = BUF_INIT(64 * 1024);
    struct secret *s;

    buf_add_str(&text, "Basic ");
    base64_encode(pair, &text);
    s = secret_new_bytes(buf_bytes(&text));
    wipe(text.p, text.n);
    buf_clear(&text);
    return s;
}

static bool
add_pool(struct check *c, const char *name, bool basic)
{
    struct bytes rest = bytes_str(conf_lookup(c->broker->conf, name)), piece;
    bool any = false;

    while (bytes_next(&rest, ',', &piece)) {
        piece = bytes_trim(piece);
        add_trial(c, basic ? basic_of(piece) : secret_new_bytes(piece));
        any = true;
    }
    return any;
}

/* The first that is set. */
static void
find_credentials(struct check *c)
{
    const struct conf *conf = c->broker->conf;

    if (add_pool(c, "BROKER_CLIENT_VALIDATION_AUTHORIZATION_HEADER_POOL",
                 false) ||
        add_pool(c, "BROKER_CLIENT_VALIDATION_BASIC_AUTH_POOL", true))
        return;
    if (!secret_is_empty(conf->validation_authorization))
        add_trial(c, secret_ref(conf->validation_authorization));
    else if (!secret_is_empty(conf->validation_basic))
        add_trial(c,
                  basic_of(bytes_str(secret_reveal(conf->validation_basic))));
    else if (!secret_is_empty(c->broker->credentials))
        add_trial(c, secret_ref(c->broker->credentials));
    else
        add_trial(c, NULL);
}

/* --- the answer --- */

/* The text behind the first blank, but for three characters at both ends. */
static void
write_masked(struct jw *w, const struct secret *value)
{
    struct bytes text = bytes_str(value != NULL ? secret_reveal(value) : NULL);
    auto_buf struct buf masked = BUF_INIT(16);
    size_t blank = bytes_find(text, ' ');

    jw_key(w, "maskedCredentials");
    if (value == NULL) {
        jw_null(w);
        return;
    }
    if (blank < text.n)
        text = bytes_from(text, blank + 1);
    if (text.n > 6)
        buf_add_bytes(&masked, bytes_to(text, 3));
    buf_add_str(&masked, "***");
    if (text.n > 6)
        buf_add_bytes(&masked, bytes_from(text, text.n - 3));
    jw_bytes(w, buf_bytes(&masked));
}

static void
write_error(struct jw *w, const struct trial *t)
{
    jw_key(w, "error");
    if (t->status == 401 || t->status == 403) {
        jw_str(w, "Failed due to invalid credentials");
    } else if (t->status != 0) {
        jw_str(w, t->err.text);
    } else {
        jw_obj(w);
        jw_key_str(w, "code", err_code(&t->err));
        jw_key_str(w, "message", t->err.text);
        jw_end(w);
    }
}

static void
write_trial(struct jw *w, const struct check *c, const struct trial *t)
{
    const struct conf *conf = c->broker->conf;
    auto_buf struct buf url = BUF_INIT(16 * 1024);

    log_clean(&url, bytes_str(conf->validation_url));
    jw_obj(w);
    jw_key(w, "brokerClientValidationUrl");
    if (conf->validation_url != NULL)
        jw_bytes(w, buf_bytes(&url));
    else
        jw_null(w);
    jw_key_str(w, "brokerClientValidationMethod", conf->validation_method);
    jw_key_int(w, "brokerClientValidationTimeoutMs",
               (int64_t)conf->validation_timeout_ms);
    if (t->status != 0)
        jw_key_int(w, "brokerClientValidationUrlStatusCode", t->status);
    jw_key_bool(w, "ok", t->err.kind == ERR_NONE);
    if (t->err.kind != ERR_NONE)
        write_error(w, t);
    write_masked(w, t->value);
    jw_end(w);
}

static void
reply(struct check *c)
{
    auto_buf struct buf json = BUF_INIT(ANSWER_MAX);
    auto_headers struct headers h = HEADERS_INIT;
    bool ok = true;
    struct jw w;

    jw_init(&w, &json);
    jw_arr(&w);
    for (size_t i = 0; i < c->n_trials; i++) {
        write_trial(&w, c, &c->trials[i]);
        ok = ok && c->trials[i].err.kind == ERR_NONE;
    }
    jw_end(&w);
    headers_add(&h, "content-type", HEADER_TYPE_JSON);
    headers_add(&h, "snyk-request-id", c->request_id);
    httpd_on_gone(c->ex, NULL, NULL);
    httpd_reply(c->ex, ok ? 200 : 500, &h, buf_bytes(&json));
    end(c);
}

/* --- the question --- */

static void
judge(struct trial *t, const struct httpc_reply *r)
{
    const char *type = headers_get(r->headers, "content-type");
    auto_jx struct jx *doc = NULL;

    t->status = r->status;
    if (r->status / 100 != 2) {
        err_set(&t->err, ERR_DENIED, "Status code is not 2xx");
        return;
    }
    if (type == NULL || !str_istarts(type, "application/json"))
        return;
    doc = jx_parse(r->body, ANSWER_MAX, &t->err);
    if (doc != NULL)
        err_clear(&t->err);
}

static void
on_done(const struct httpc_reply *r, const struct err *err, void *arg)
{
    struct check *c = arg;
    struct trial *t = &c->trials[c->at++];

    c->call = NULL;
    if (err != NULL)
        t->err = *err;
    else
        judge(t, r);
    try_next(c);
}

static const struct httpc_events events = { .on_done = on_done };

static int
ask(struct check *c, struct trial *t)
{
    const struct conf *conf = c->broker->conf;
    auto_headers struct headers h = HEADERS_INIT;
    struct httpc_request req = {
        .method = conf->validation_method, .url = conf->validation_url,
        .headers = &h, .timeout_ms = conf->validation_timeout_ms,
        .no_proxy = c->broker->agent_is_ours,
    };

    if (conf->validation_url == NULL)
        return err_set(&t->err, ERR_INPUT,
                       "BROKER_CLIENT_VALIDATION_URL is not set");
    headers_add(&h, "snyk-request-id", c->request_id);
    headers_add(&h, "x-broker-origin-ua", "not-provided");
    headers_setf(&h, "user-agent", "Snyk Broker Client %s",
                 conf->broker_version);
    if (t->value != NULL) {
        if (!header_value_valid(secret_reveal(t->value)))
            return err_set(&t->err, ERR_INPUT,
                           "the credentials cannot be sent in a header");
        headers_add(&h, "authorization", secret_reveal(t->value));
    }
    c->call = httpc_start(c->broker->httpc, &req, &events, c, &t->err);
    return c->call != NULL ? 0 : -1;
}

static void
try_next(struct check *c)
{
    while (c->at < c->n_trials) {
        if (ask(c, &c->trials[c->at]) == 0)
            return;
        c->at++;
    }
    reply(c);
}

void
check_start(struct broker *b, struct httpd_ex *ex)
{
    struct check *c = xnew(struct check);

    c->broker = b;
    c->ex = ex;
    exchange_request_id(httpd_request_of(ex)->headers, c->request_id);
    list_append(&b->checks, &c->link);
    httpd_on_gone(ex, on_gone, c);
    find_credentials(c);
    try_next(c);
}

void
check_free_all(struct broker *b)
{
    list_each(struct check, c, link, &b->checks) {
        if (c->call != NULL)
            httpc_cancel(c->call);
        httpd_on_gone(c->ex, NULL, NULL);
        httpd_reply_abort(c->ex);
        list_remove(&c->link);
        destroy(c);
    }
}
