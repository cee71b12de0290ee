/* Token servers: what to ask, how to read the answer, how long to believe. */
#include "engine/registry/token-answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json/jx.h"
#include "base/str.h"
#include "engine/registry/error-body.h"
#include "engine/registry/registry-private.h"

#define CLIENT_ID       "crab"
#define SCOPES_MAX      64
#define TOKEN_MAX_BYTES (64 * 1024)
#define URL_MAX_BYTES   (64 * 1024)
#define LIFE_DEFAULT_S  60
#define LIFE_MAX_S      (24 * 60 * 60)
#define LIFE_MARGIN_S   30

static int
compare(const void *a, const void *b)
{
    return bytes_cmp(*(const struct bytes *)a, *(const struct bytes *)b);
}

char *
token_sort_scopes(const char *scope)
{
    auto_buf struct buf out = BUF_INIT(URL_MAX_BYTES);
    struct bytes words[SCOPES_MAX], rest = bytes_str(scope), word;
    size_t n = 0;

    while (n < SCOPES_MAX && bytes_next(&rest, ' ', &word)) {
        if (word.n > 0)
            words[n++] = word;
    }
    if (n > 1)
        qsort(words, n, sizeof(words[0]), compare);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && bytes_equal(words[i], words[i - 1]))
            continue;
        if (out.n > 0)
            buf_add_char(&out, ' ');
        buf_add_bytes(&out, words[i]);
    }
    return buf_steal(&out);
}

static void
add_param(struct buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_addf(out, "%s%s=", out->n > 0 ? "&" : "", name);
    percent_encode(value, ":/,", out);
}

/* One scope= for each, as the GET form wants it. */
static void
add_scopes(struct buf *out, const char *scope)
{
    auto_free char *sorted = token_sort_scopes(scope);
    struct bytes rest = bytes_str(sorted), word;

    while (bytes_next(&rest, ' ', &word)) {
        auto_free char *one = bytes_dup(word);

        add_param(out, "scope", one);
    }
}

static void
get_form(const struct registry *r, const struct url *realm,
         const struct token_want *want, char **url)
{
    auto_buf struct buf query = BUF_INIT(URL_MAX_BYTES);
    auto_buf struct buf text = BUF_INIT(2 * URL_MAX_BYTES);

    add_param(&query, "service", want->service);
    add_scopes(&query, want->scope);
    add_param(&query, "client_id", CLIENT_ID);
    if (!reg_is_anonymous(r))
        add_param(&query, "account", r->username);
    url_write(realm, false, &text);
    buf_add_char(&text, realm->query != NULL ? '&' : '?');
    buf_add_bytes(&text, buf_bytes(&query));
    *url = buf_steal(&text);
}

static struct secret *
post_form(const struct registry *r, const struct token_want *want)
{
    struct buf body = BUF_INIT(4 * TOKEN_MAX_BYTES);
    auto_free char *scopes = token_sort_scopes(want->scope);
    struct secret *form;

    /* Room at once, so that growing leaves no unwiped copies behind. */
    buf_room(&body, 3 * TOKEN_MAX_BYTES);
    add_param(&body, "grant_type", "refresh_token");
    add_param(&body, "service", want->service);
    add_param(&body, "client_id", CLIENT_ID);
    add_param(&body, "scope", scopes[0] != '\0' ? scopes : NULL);
    add_param(&body, "refresh_token", secret_reveal(r->password));
    form = secret_new_bytes(buf_bytes(&body));
    wipe(body.p, body.cap);
    buf_clear(&body);
    return form;
}

void
token_request(const struct registry *r, const struct url *realm,
              const struct token_want *want, char **url, struct secret **basic,
              struct secret **form)
{
    bool refresh = r->flavour->is_refresh != NULL && !reg_is_anonymous(r) &&
                   r->flavour->is_refresh(r->username);

    if (refresh) {
        *url = url_text(realm);
        *form = post_form(r, want);
    } else {
        get_form(r, realm, want, url);
        *basic = reg_basic(r);
    }
}

int64_t
token_jwt_exp_s(const char *jwt)
{
    auto_buf struct buf claims = BUF_INIT(TOKEN_MAX_BYTES);
    auto_jx struct jx *doc = NULL;
    struct bytes rest = bytes_str(jwt), part;

    if (!bytes_next(&rest, '.', &part) || !bytes_next(&rest, '.', &part) ||
        base64_decode(part, &claims) < 0)
        return 0;
    doc = jx_parse_lossy(buf_bytes(&claims), TOKEN_MAX_BYTES, NULL);
    return jx_int(doc, "exp", 0);
}

/* How much of its life has passed when it reaches us. A clock that differs
 * from ours must not make every token look dead or immortal. */
static int64_t
age_s(const struct jx *doc, int64_t life_s)
{
    int64_t issued_ms, age;
    const char *text = jx_str(doc, "issued_at");

    if (text == NULL || !clock_parse(text, &issued_ms))
        return 0;
    age = (clock_wall_ms() - issued_ms) / 1000;
    return age > 0 && age < life_s ? age : 0;
}

static uint64_t
life_ms(const struct jx *doc, const char *token, bool jwt_life)
{
    int64_t life_s = jx_int(doc, "expires_in", 0), left_s;

    if (life_s <= 0 && jwt_life)
        life_s = token_jwt_exp_s(token) - clock_wall_ms() / 1000;
    if (life_s <= 0)
        life_s = LIFE_DEFAULT_S;
    if (life_s > LIFE_MAX_S)
        life_s = LIFE_MAX_S;
    left_s = life_s - age_s(doc, life_s);
    if (left_s > 2 * LIFE_MARGIN_S)
        return (uint64_t)(left_s - LIFE_MARGIN_S) * 1000;
    return (uint64_t)left_s * 1000 / 2;
}

/* The first that is not empty: some send "access_token":"" beside the real. */
static const char *
token_in(const struct jx *doc)
{
    const char *token = jx_str(doc, "token");

    return !str_is_empty(token) ? token : jx_str(doc, "access_token");
}

static int
read_refusal(const struct httpc_reply *reply, struct err *err)
{
    reg_error_reply(err, REG_ASKED_TOKEN, reply);
    /* 406 from servers that give no anonymous tokens, 400 for bad grants. */
    if (reply->status == 406 || reply->status == 400) {
        err->kind = ERR_AUTH;
        err->code = "REGISTRY_UNAUTHORIZED";
    }
    return err_wrap(err, "token server");
}

int
token_answer_read(struct token_answer *out, const struct httpc_reply *reply,
                  bool jwt_life, struct err *err)
{
    auto_jx struct jx *doc = NULL;
    const char *token;

    if (reply->status != 200)
        return read_refusal(reply, err);
    doc = jx_parse_lossy(reply->body, TOKEN_ANSWER_MAX_BYTES, NULL);
    token = token_in(doc);
    if (str_is_empty(token) || strlen(token) > TOKEN_MAX_BYTES ||
        strpbrk(token, " \t") != NULL || !header_value_valid(token))
        return reg_error_nonsense(err, "token server: no token in its answer");
    out->token = secret_new(token);
    out->life_ms = life_ms(doc, token, jwt_life);
    return 0;
}
