/* One request as one login. What a challenge says is read in challenge.c,
 * tokens come from token.c; here is decided which to send where, and when to
 * give up. */
#include "engine/registry/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/registry/challenge.h"
#include "engine/registry/error-body.h"
#include "engine/registry/registry-private.h"

#define HOPS_MAX   5
#define TOKENS_MAX 3 /* sought for one request */

enum sent { SENT_NOTHING, SENT_BASIC, SENT_BEARER };

struct reg_call {
    struct registry *r; /* shares */
    const struct reg_call_events *events; /* borrows */
    void *arg;
    char *accept, *scope;
    struct attempt_spec spec; /* what stays the same for each request */
    enum reg_call_auth auth;
    bool stay;

    struct url at;       /* where the next request goes */
    bool away;           /* at another origin: no Authorization any more */
    unsigned hops;

    enum sent sent;
    struct secret *token;   /* the one that was sent last; shares */
    bool token_is_fresh;    /* it was made for this request */
    bool basic_was_refused;
    unsigned n_tokens;
    struct challenge challenge;

    struct attempt *attempt; /* owns while one runs */
    struct token_wait *wait; /* owns while one is fetched */
};

static void
free_call(void *obj)
{
    struct reg_call *c = obj;

    registry_unref(c->r);
    free(c->accept);
    free(c->scope);
    url_clear(&c->at);
    secret_free(c->token);
    challenge_clear(&c->challenge);
    free(c);
}

static void
finish(struct reg_call *c, const struct httpc_reply *reply,
       const struct err *err)
{
    loop_bury(c->r->hub->loop, free_call, c);
    c->events->on_done(reply, err, c->arg);
}

static void on_reply(const struct httpc_reply *reply, const struct err *err,
                     void *arg);

static enum httpc_flow
on_headers(const struct httpc_reply *reply, void *arg)
{
    struct reg_call *c = arg;

    return c->events->on_headers(reply, c->arg);
}

static enum httpc_flow
on_body(struct bytes chunk, void *arg)
{
    struct reg_call *c = arg;

    return c->events->on_body(chunk, c->arg);
}

static const struct attempt_events collecting = { .on_done = on_reply };
static const struct attempt_events streaming = {
    .on_headers = on_headers, .on_body = on_body, .on_done = on_reply,
};

static void
send_request(struct reg_call *c, struct secret *authorization)
{
    auto_free char *url = url_text(&c->at);
    struct attempt_spec spec = c->spec;

    spec.url = url;
    spec.accept = c->accept;
    spec.authorization = authorization;
    c->attempt = attempt_start(
        c->r->hub, &spec,
        c->events->on_headers != NULL ? &streaming : &collecting, c);
}

static void
send_nothing(struct reg_call *c)
{
    c->sent = SENT_NOTHING;
    send_request(c, NULL);
}

static void
send_basic(struct reg_call *c)
{
    auto_secret struct secret *basic = reg_basic(c->r);

    c->sent = SENT_BASIC;
    send_request(c, basic);
}

/* Takes a share of the token. */
static void
send_token(struct reg_call *c, struct secret *token, bool fresh)
{
    auto_free char *text = xasprintf("Bearer %s", secret_reveal(token));
    auto_secret struct secret *authorization = secret_new(text);

    secret_free(c->token);
    c->token = token;
    c->token_is_fresh = fresh;
    c->sent = SENT_BEARER;
    wipe(text, strlen(text));
    send_request(c, authorization);
}

/* Begin with what this login's registry taught us before. */
static void
send_first(struct reg_call *c)
{
    const struct known *k = reg_known(c->r);
    struct token_want want = { k->realm, k->service, c->scope };
    struct secret *token;

    if (c->auth == REG_AUTH_BASIC || c->auth == REG_AUTH_EAGER ||
        (c->auth == REG_AUTH_USUAL && k->basic && !reg_is_anonymous(c->r))) {
        send_basic(c);
    } else if (c->auth == REG_AUTH_USUAL && k->realm != NULL &&
               (token = token_cached(c->r, &want)) != NULL) {
        send_token(c, token, false);
    } else {
        send_nothing(c);
    }
}

/* The scope to ask for; some registries leave it to us. */
static struct token_want
want_of(const struct reg_call *c)
{
    const char *scope = c->challenge.scope;

    if (str_is_empty(scope) && c->r->flavour->own_scope)
        scope = c->scope;
    return (struct token_want){ c->challenge.realm, c->challenge.service,
                                scope };
}

static void
on_token(struct secret *token, const struct err *err, void *arg)
{
    struct reg_call *c = arg;

    c->wait = NULL;
    if (err != NULL)
        finish(c, NULL, err);
    else
        send_token(c, secret_ref(token), true);
}

/* Somebody may have renewed it while ours was being refused. */
static void
get_token(struct reg_call *c)
{
    struct token_want want = want_of(c);
    struct secret *token = NULL;

    c->n_tokens++;
    if (c->auth == REG_AUTH_USUAL)
        token = token_cached(c->r, &want);
    if (token != NULL)
        send_token(c, token, false);
    else
        c->wait = token_fetch(c->r, &want, on_token, c);
}

static void
remember_bearer(struct reg_call *c)
{
    struct known *k = reg_known(c->r);

    k->basic = false;
    if (str_eq(k->realm, c->challenge.realm) &&
        str_eq(k->service, c->challenge.service))
        return;
    free(k->realm);
    free(k->service);
    k->realm = xstrdup(c->challenge.realm);
    k->service = xstrdup(c->challenge.service);
}

/* 401 + Bearer. False: final. */
static bool
answer_bearer(struct reg_call *c)
{
    struct token_want want = want_of(c);

    if (c->sent == SENT_BEARER) {
        token_refused(c->r, &want, c->token);
        if (c->token_is_fresh || c->n_tokens >= TOKENS_MAX) {
            if (!c->r->flavour->basic_after_bearer || c->basic_was_refused ||
                reg_is_anonymous(c->r))
                return false;
            log_debug("token refused, trying basic",
                      LOG_STR("registry", c->r->shown));
            send_basic(c);
            return true;
        }
    }
    if (c->sent == SENT_BASIC)
        c->basic_was_refused = true;
    remember_bearer(c);
    get_token(c);
    return true;
}

/* 401 + Basic. False: final. */
static bool
answer_basic(struct reg_call *c)
{
    if (c->sent == SENT_BASIC || c->basic_was_refused ||
        reg_is_anonymous(c->r))
        return false;
    send_basic(c);
    return true;
}

static int
unsupported_auth(const struct reg_call *c, struct err *err)
{
    err_set_code(err, ERR_UNSUPPORTED, "UNSUPPORTED_AUTH",
                 "registry %s asks for an authentication that is neither "
                 "Basic nor Bearer", c->r->shown);
    err->peer_status = 401;
    return -1;
}

/* True: something else was sent, or the end was told. */
static bool
answer_challenge(struct reg_call *c, const struct httpc_reply *reply)
{
    struct err err;

    if (c->auth == REG_AUTH_NONE || c->auth == REG_AUTH_BASIC || c->away)
        return false;
    challenge_clear(&c->challenge);
    challenge_choose(&c->challenge, reply->headers);
    switch (c->challenge.scheme) {
    case CHALLENGE_BEARER:
        return answer_bearer(c);
    case CHALLENGE_BASIC:
        return answer_basic(c);
    case CHALLENGE_OTHER:
        unsupported_auth(c, &err);
        finish(c, NULL, &err);
        return true;
    default:
        return false;
    }
}

static bool
is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 ||
           status == 308;
}

static int
resolve_hop(struct reg_call *c, const char *location, struct url *to,
            struct err *err)
{
    if (c->hops >= HOPS_MAX)
        return reg_error_nonsense(err, "%s: more than %d redirects",
                                  c->r->shown, HOPS_MAX);
    if (url_resolve(to, &c->at, location, NULL) < 0)
        return reg_error_nonsense(err, "%s: redirect to no address",
                                  c->r->shown);
    return reg_check_hop(c->r, &c->at, to, err);
}

/* The same credentials only go to the same origin; once away, always away. */
static void
take_hop(struct reg_call *c, struct url *to)
{
    bool leaves = c->away || !url_same_origin(&c->r->base, to);

    log_debug("registry redirects", LOG_STR("from", c->at.host),
              LOG_STR("to", to->host), LOG_BOOL("withLogin", !leaves));
    url_clear(&c->at);
    c->at = *to;
    *to = (struct url){ 0 };
    c->hops++;
    c->away = leaves;
    if (leaves || c->sent == SENT_NOTHING)
        send_request(c, NULL);
    else if (c->sent == SENT_BASIC)
        send_basic(c);
    else
        send_token(c, secret_ref(c->token), c->token_is_fresh);
}

/* True: followed, or the end was told. */
static bool
follow(struct reg_call *c, const struct httpc_reply *reply)
{
    const char *location = headers_get(reply->headers, "location");
    auto_url struct url to = { 0 };
    struct err err;

    if (!is_redirect(reply->status) || location == NULL)
        return false;
    if (resolve_hop(c, location, &to, &err) < 0) {
        finish(c, NULL, &err);
        return true;
    }
    if (c->stay && !url_same_origin(&c->r->base, &to))
        return false;
    take_hop(c, &to);
    return true;
}

/* What worked is tried first the next time. */
static void
remember_success(struct reg_call *c, int status)
{
    if (c->sent == SENT_BASIC && !c->away && status < 300 &&
        c->auth != REG_AUTH_BASIC)
        reg_known(c->r)->basic = true;
}

static void
on_reply(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct reg_call *c = arg;

    c->attempt = NULL;
    if (reply != NULL) {
        if (reply->status == 401 && answer_challenge(c, reply))
            return;
        if (follow(c, reply))
            return;
        remember_success(c, reply->status);
    }
    finish(c, reply, err);
}

struct reg_call *
reg_call_start(struct registry *r, const struct reg_call_spec *spec,
               const struct reg_call_events *events, void *arg)
{
    struct reg_call *c = xnew(struct reg_call);

    c->r = registry_ref(r);
    c->events = events;
    c->arg = arg;
    c->accept = xstrdup(spec->accept);
    c->scope = xstrdup(spec->scope);
    c->auth = spec->auth;
    c->stay = spec->stay;
    c->spec = (struct attempt_spec){
        .range_from = spec->range_from,
        .body_limit_bytes = spec->body_limit_bytes,
        .timeout_ms = spec->timeout_ms,
        .idle_timeout_ms = spec->idle_timeout_ms,
        .retries = spec->retries,
    };
    /* An address that is not the registry's own never sees its login. */
    c->away = url_parse(&c->at, spec->url, NULL) < 0 ||
              !url_same_origin(&r->base, &c->at);
    if (c->away)
        send_nothing(c);
    else
        send_first(c);
    return c;
}

void
reg_call_resume(struct reg_call *c)
{
    if (c->attempt != NULL)
        attempt_resume(c->attempt);
}

void
reg_call_cancel(struct reg_call *c)
{
    if (c == NULL)
        return;
    attempt_cancel(c->attempt);
    c->attempt = NULL;
    token_wait_cancel(c->wait);
    c->wait = NULL;
    loop_bury(c->r->hub->loop, free_call, c);
}

bool
reg_call_is_away(const struct reg_call *c)
{
    return c->away;
}

bool
reg_call_was_accepted(const struct reg_call *c)
{
    return c->sent == SENT_BEARER && c->token_is_fresh &&
           !reg_is_anonymous(c->r);
}
