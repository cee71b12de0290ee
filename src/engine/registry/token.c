/* Bearer tokens: the cache, and who waits for what. The request itself is
 * put together and read in token-answer.c. */
#include "engine/registry/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/str.h"
#include "engine/registry/attempt.h"
#include "engine/registry/error-body.h"
#include "engine/registry/realm.h"
#include "engine/registry/registry-private.h"
#include "engine/registry/token-answer.h"

#define KEEP_MANY         1024
#define ANSWER_TIMEOUT_MS (30 * 1000)

/* A token, or the hole it will fill. */
struct entry {
    struct link link;
    char key[SHA256_HEX + 1];
    struct tokens *tokens;
    struct secret *token;     /* owns a share; NULL: none yet */
    uint64_t until_ms;        /* of the monotonic clock */
    struct attempt *attempt;  /* owns while it is being fetched */
    struct err *refusal;      /* owns; why we do not even ask, or NULL */
    struct list waiting;
    bool jwt_life;
};

struct token_wait {
    struct link link;
    struct entry *entry; /* borrows */
    token_cb fn;
    void *arg;
};

struct tokens {
    struct reg_hub *hub; /* borrows */
    struct list all;     /* owns; the oldest first */
    size_t n;
};

static void on_refusal(void *arg);

struct tokens *
tokens_new(struct reg_hub *hub)
{
    struct tokens *t = xnew(struct tokens);

    t->hub = hub;
    list_init(&t->all);
    return t;
}

static void
drop(struct entry *e)
{
    list_each(struct token_wait, w, link, &e->waiting)
    {
        list_remove(&w->link);
        free(w);
    }
    attempt_cancel(e->attempt);
    loop_undefer(e->tokens->hub->loop, on_refusal, e);
    list_remove(&e->link);
    e->tokens->n--;
    secret_free(e->token);
    free(e->refusal);
    free(e);
}

void
tokens_free(struct tokens *t)
{
    if (t == NULL)
        return;
    list_each(struct entry, e, link, &t->all)
        drop(e);
    free(t);
}

/* Lengths in front of each part: no two sets of parts make the same text. */
static void
make_key(const struct registry *r, const struct token_want *want, char *out)
{
    auto_buf struct buf b = BUF_INIT(1 << 20);
    auto_free char *scopes = token_sort_scopes(want->scope);
    const char *service = want->service != NULL ? want->service : "";

    buf_addf(&b, "%s %zu:%s %zu:%s %s", r->key, strlen(want->realm),
             want->realm, strlen(service), service, scopes);
    sha256_hex(buf_bytes(&b), out);
}

static struct entry *
find(const struct registry *r, const struct token_want *want)
{
    char key[SHA256_HEX + 1];

    make_key(r, want, key);
    list_each(struct entry, e, link, &r->hub->tokens->all)
    {
        if (strcmp(e->key, key) == 0)
            return e;
    }
    return NULL;
}

static bool
is_idle(const struct entry *e)
{
    return list_is_empty(&e->waiting) && e->attempt == NULL;
}

/* Room for one more: the dead first, then the oldest nobody waits for. */
static void
make_room(struct tokens *t)
{
    list_each(struct entry, e, link, &t->all)
    {
        if (is_idle(e) && e->until_ms <= clock_now_ms())
            drop(e);
    }
    list_each(struct entry, e, link, &t->all)
    {
        if (t->n >= KEEP_MANY && is_idle(e))
            drop(e);
    }
}

static struct entry *
find_or_add(const struct registry *r, const struct token_want *want)
{
    struct tokens *t = r->hub->tokens;
    struct entry *e = find(r, want);

    if (e != NULL)
        return e;
    make_room(t);
    e = xnew(struct entry);
    make_key(r, want, e->key);
    e->tokens = t;
    e->jwt_life = r->flavour->jwt_life;
    list_init(&e->waiting);
    list_append(&t->all, &e->link);
    t->n++;
    return e;
}

struct secret *
token_cached(const struct registry *r, const struct token_want *want)
{
    struct entry *e = find(r, want);

    if (e == NULL || e->token == NULL || e->until_ms <= clock_now_ms())
        return NULL;
    return secret_ref(e->token);
}

static void
forget(struct entry *e)
{
    secret_free(e->token);
    e->token = NULL;
    e->until_ms = 0;
}

void
token_refused(const struct registry *r, const struct token_want *want,
              const struct secret *token)
{
    struct entry *e = find(r, want);

    if (e != NULL && e->token != NULL &&
        str_eq_secret(secret_reveal(e->token), secret_reveal(token)))
        forget(e);
}

/* Tell all who wait. Those who come meanwhile are of the next round. */
static void
tell(struct entry *e, struct secret *token, const struct err *err)
{
    struct list round = LIST_INIT(round);
    struct token_wait *w;

    list_each(struct token_wait, each, link, &e->waiting)
    {
        list_remove(&each->link);
        list_append(&round, &each->link);
    }
    /* A callback may cancel others of the round: take one at a time. */
    while ((w = list_first(struct token_wait, link, &round)) != NULL) {
        token_cb fn = w->fn;
        void *arg = w->arg;

        list_remove(&w->link);
        free(w);
        fn(token, err, arg);
    }
}

static void
on_answer(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct entry *e = arg;
    struct token_answer answer = { 0 };
    struct err reason;

    e->attempt = NULL;
    forget(e);
    if (err != NULL) {
        reason = *err;
        err_wrap(&reason, "token server");
        tell(e, NULL, &reason);
        return;
    }
    if (token_answer_read(&answer, reply, e->jwt_life, &reason) < 0) {
        log_debug("token refused", LOG_ERR(&reason));
        tell(e, NULL, &reason);
        return;
    }
    log_debug("token fetched", LOG_MS("life", answer.life_ms));
    e->token = secret_ref(answer.token);
    e->until_ms = clock_now_ms() + answer.life_ms;
    tell(e, answer.token, NULL);
    secret_free(answer.token);
}

static const struct attempt_events answer_events = { .on_done = on_answer };

static void
on_refusal(void *arg)
{
    struct entry *e = arg;
    auto_free struct err *reason = steal(e->refusal);

    tell(e, NULL, reason);
}

/* May this login be shown to this realm? */
static int
check_realm(const struct registry *r, const char *text, struct url *realm,
            struct err *err)
{
    if (url_parse(realm, text, NULL) < 0)
        return reg_error_nonsense(err, "token realm \"%.200s\" is no address",
                                  text);
    return realm_check(&r->base, realm, r->flavour->realm_hosts,
                       r->hub->conf->realm_hosts, err);
}

/* Ask the realm, or have the refusal told on the next turn. */
static void
ask(struct entry *e, const struct registry *r, const struct token_want *want)
{
    struct attempt_spec spec = { .accept = "application/json",
                                 .body_limit_bytes = TOKEN_ANSWER_MAX_BYTES,
                                 .timeout_ms = ANSWER_TIMEOUT_MS,
                                 .retries = ATTEMPT_RETRIES };
    auto_url struct url realm = { 0 };
    auto_free char *url = NULL;
    struct err err;

    if (check_realm(r, want->realm, &realm, &err) < 0) {
        e->refusal = xnew(struct err);
        *e->refusal = err;
        loop_defer(r->hub->loop, on_refusal, e);
        return;
    }
    token_request(r, &realm, want, &url, &spec.authorization, &spec.form);
    spec.url = url;
    spec.method = spec.form != NULL ? "POST" : "GET";
    e->attempt = attempt_start(r->hub, &spec, &answer_events, e);
    secret_free(spec.authorization);
    secret_free(spec.form);
}

struct token_wait *
token_fetch(struct registry *r, const struct token_want *want, token_cb fn,
            void *arg)
{
    struct entry *e = find_or_add(r, want);
    struct token_wait *w = xnew(struct token_wait);

    w->entry = e;
    w->fn = fn;
    w->arg = arg;
    list_append(&e->waiting, &w->link);
    if (e->attempt == NULL && e->refusal == NULL)
        ask(e, r, want);
    return w;
}

/* The request goes on without anyone waiting: the token may serve the next. */
void
token_wait_cancel(struct token_wait *w)
{
    if (w == NULL)
        return;
    list_remove(&w->link);
    free(w);
}
