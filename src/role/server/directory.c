/* The directory: tokens and the tunnels filed under them. A token whose last
 * tunnel has left is remembered for a minute, so that callers learn that it is
 * worth coming back. */
#include "role/server/server-private.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json/jw.h"
#include "base/log.h"

#define SHOW_MAX_BYTES (16u << 20)

static struct token *
lookup(struct server *s, const char *name)
{
    auto_free char *lower = str_lower(xstrdup(name));

    return map_get_str(s->tokens, lower);
}

static void
token_free(struct server *s, struct token *token)
{
    map_remove(s->tokens, bytes_str(token->name));
    list_remove(&token->departed);
    free(token->name);
    free(token);
}

static void on_sweep(void *arg);

/* Tokens depart in the order of the list, so the first is always next. */
static void
arm_sweep(struct server *s)
{
    struct token *next = list_first(struct token, departed, &s->departed);
    uint64_t now = clock_now_ms(), due;

    if (next == NULL) {
        timer_stop(&s->sweep);
        return;
    }
    due = next->departed_ms + DEPARTED_MS;
    timer_after(&s->sweep, due > now ? due - now : 0, on_sweep, s);
}

static void
on_sweep(void *arg)
{
    struct server *s = arg;
    uint64_t now = clock_now_ms();

    list_each(struct token, token, departed, &s->departed)
    {
        if (token->departed_ms + DEPARTED_MS <= now)
            token_free(s, token);
    }
    arm_sweep(s);
}

enum token_state
directory_state(struct server *s, const char *name)
{
    struct token *token = lookup(s, name);

    if (token == NULL)
        return TOKEN_UNKNOWN;
    return list_is_empty(&token->tunnels) ? TOKEN_DEPARTED : TOKEN_HERE;
}

struct tunnel *
directory_find(struct server *s, const char *name)
{
    struct token *token = lookup(s, name);

    if (token == NULL)
        return NULL;
    return list_first(struct tunnel, of_token, &token->tunnels);
}

int
directory_add(struct tunnel *t, struct err *err)
{
    struct server *s = t->server;
    struct token *token = lookup(s, t->token_name);

    if (token == NULL) {
        if (map_count(s->tokens) >= TOKENS_MAX)
            return err_set(err, ERR_BUSY, "more than %d tokens", TOKENS_MAX);
        token = xnew(struct token);
        token->name = xstrdup(t->token_name);
        list_init(&token->tunnels);
        map_put_str(s->tokens, token->name, token);
    }
    list_remove(&token->departed);
    arm_sweep(s);
    list_prepend(&token->tunnels, &t->of_token);
    t->token = token;
    return 0;
}

void
directory_remove(struct tunnel *t)
{
    struct token *token = t->token;

    if (token == NULL)
        return;
    list_remove(&t->of_token);
    t->token = NULL;
    if (!list_is_empty(&token->tunnels))
        return;
    token->departed_ms = clock_now_ms();
    list_append(&t->server->departed, &token->departed);
    arm_sweep(t->server);
}

void
token_mask(const char *name, char out[16])
{
    size_t n = strlen(name);

    if (n < 12)
        snprintf(out, 16, "***");
    else
        snprintf(out, 16, "%.4s-...-%s", name, name + n - 4);
}

void
directory_show_token(struct server *s, struct httpd_ex *ex, const char *name)
{
    auto_buf struct buf out = BUF_INIT(SHOW_MAX_BYTES);
    auto_buf struct buf filters = BUF_INIT(SHOW_MAX_BYTES);
    struct token *token = lookup(s, name);
    struct jw w;

    if (token == NULL || list_is_empty(&token->tunnels)) {
        reply_json(ex, 404, NULL, "no-connection", bytes_str("{\"ok\":false}"));
        return;
    }
    jw_init(&w, &out);
    jw_obj(&w);
    jw_key_bool(&w, "ok", true);
    jw_key(&w, "clients");
    jw_arr(&w);
    list_each(struct tunnel, t, of_token, &token->tunnels)
    {
        jw_obj(&w);
        jw_key_opt(&w, "version", t->version);
        buf_reset(&filters);
        if (t->filters != NULL && jx_write(t->filters, &filters) == 0) {
            jw_key(&w, "filters");
            jw_raw(&w, buf_bytes(&filters));
        }
        jw_end(&w);
    }
    jw_end(&w);
    jw_end(&w);
    if (out.full)
        reply_fault(ex, 500, NULL, "LIMIT_REACHED", "too much to show", NULL);
    else
        reply_json(ex, 200, NULL, NULL, buf_bytes(&out));
}

static void
show_one(struct jw *w, struct token *token)
{
    char mask[16], hash[SHA256_HEX + 1];

    token_mask(token->name, mask);
    sha256_hex(bytes_str(token->name), hash);
    jw_obj(w);
    jw_key_str(w, "identifier", mask);
    jw_key_str(w, "hashedIdentifier", hash);
    jw_key(w, "versions");
    jw_arr(w);
    list_each(struct tunnel, t, of_token, &token->tunnels)
        jw_str(w, t->version);
    jw_end(w);
    jw_key(w, "brokerClientIds");
    jw_arr(w);
    list_each(struct tunnel, t, of_token, &token->tunnels)
        jw_str(w, t->client_id);
    jw_end(w);
    jw_end(w);
}

void
directory_show_all(struct server *s, struct httpd_ex *ex)
{
    auto_buf struct buf out = BUF_INIT(SHOW_MAX_BYTES);
    struct jw w;
    size_t at = 0;
    void *value;

    jw_init(&w, &out);
    jw_arr(&w);
    while (map_next(s->tokens, &at, NULL, &value)) {
        struct token *token = value;

        if (!list_is_empty(&token->tunnels))
            show_one(&w, token);
    }
    jw_end(&w);
    if (out.full)
        reply_fault(ex, 500, NULL, "LIMIT_REACHED", "too much to show", NULL);
    else
        reply_json(ex, 200, NULL, NULL, buf_bytes(&out));
}

void
directory_free(struct server *s)
{
    size_t at = 0;
    void *value;

    timer_clear(&s->sweep);
    while (map_next(s->tokens, &at, NULL, &value)) {
        struct token *token = value;

        free(token->name);
        free(token);
    }
    map_free(s->tokens);
}
