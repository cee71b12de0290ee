/* Where a request goes by its rule, and with which credentials. */
#include <string.h>

#include "base/secret.h"
#include "base/str.h"
#include "engine/filter/filter-private.h"
#include "engine/net/url.h"

#define ORIGIN_MAX_BYTES 4096
#define AUTH_MAX_BYTES   (64 * 1024)

/* Appends a member of the rule's "auth" with its variables replaced. */
static int
add_member(const struct filter_rule *rule, struct vars *vars, const char *key,
           struct buf *out)
{
    const char *text = jx_str(rule->auth, key);

    return text != NULL ? vars_expand(vars, bytes_str(text), out) : 0;
}

static int
add_basic(const struct filter_rule *rule, struct vars *vars, struct buf *out)
{
    struct buf pair = BUF_INIT(AUTH_MAX_BYTES);
    int rc;

    if (jx_has(rule->auth, "username") || jx_has(rule->auth, "password")) {
        add_member(rule, vars, "username", &pair);
        buf_add_char(&pair, ':');
        add_member(rule, vars, "password", &pair);
    } else {
        add_member(rule, vars, "token", &pair);
    }
    rc = pair.full || buf_add_str(out, "Basic ") < 0 ||
                 base64_encode(buf_bytes(&pair), out) < 0
             ? -1
             : 0;
    wipe(pair.p, pair.n);
    buf_clear(&pair);
    return rc;
}

static int
set_auth(const struct filter_rule *rule, struct vars *vars,
         struct headers *headers, struct err *err)
{
    static const struct {
        const char *scheme, *prefix;
    } schemes[] = { { "token", "Token " }, { "bearer", "Bearer " },
                    { "raw", "" } };
    auto_buf struct buf value = BUF_INIT(AUTH_MAX_BYTES);
    const char *scheme = jx_str(rule->auth, "scheme");
    int rc = 0;

    if (str_eq(scheme, "basic"))
        rc = add_basic(rule, vars, &value);
    for (size_t i = 0; i < N_ELEMENTS(schemes); i++) {
        if (!str_eq(scheme, schemes[i].scheme))
            continue;
        buf_add_str(&value, schemes[i].prefix);
        rc = add_member(rule, vars, "token", &value);
    }
    if (value.n == 0 && rc == 0) /* an unknown scheme means nothing */
        return 0;
    if (rc < 0 || !header_value_valid(buf_cstr(&value)))
        return err_set(err, ERR_INPUT, "the rule's auth makes no valid header");
    headers_set(headers, "authorization", buf_cstr(&value));
    wipe(value.p, value.n);
    return 0;
}

/* User-info of the origin: a pair is basic authentication, a lone word a
 * token. */
static int
set_userinfo(const char *userinfo, struct headers *headers, struct err *err)
{
    auto_buf struct buf plain = BUF_INIT(AUTH_MAX_BYTES),
                        value = BUF_INIT(AUTH_MAX_BYTES);
    bool pair = strchr(userinfo, ':') != NULL;

    if (percent_decode(bytes_str(userinfo), &plain) < 0)
        return err_set(err, ERR_INPUT, "user-info of the origin is malformed");
    buf_add_str(&value, pair ? "Basic " : "token ");
    if (pair)
        base64_encode(buf_bytes(&plain), &value);
    else
        buf_add_bytes(&value, buf_bytes(&plain));
    if (value.full || !header_value_valid(buf_cstr(&value)))
        return err_set(err, ERR_INPUT, "user-info of the origin is malformed");
    headers_set(headers, "authorization", buf_cstr(&value));
    wipe(plain.p, plain.n);
    wipe(value.p, value.n);
    return 0;
}

/* "http://user:pass@host/base" -> http://host/base, and the user-info. */
static char *
cut_userinfo(struct buf *origin)
{
    const char *text = buf_cstr(origin), *host = strstr(text, "://"), *at;
    size_t n;
    char *userinfo;

    if (host == NULL)
        return NULL;
    host += 3;
    at = memrchr(host, '@', strcspn(host, "/?#"));
    if (at == NULL)
        return NULL;
    n = (size_t)(at - host);
    userinfo = xstrndup(host, n);
    memmove(origin->p + (host - text), at + 1, strlen(at + 1) + 1);
    origin->n -= n + 1;
    return userinfo;
}

static int
expand_origin(const struct filter_rule *rule, struct vars *vars,
              struct buf *origin, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(ORIGIN_MAX_BYTES);

    if (rule->origin == NULL)
        return err_set(err, ERR_INPUT, "the rule has no origin");
    if (vars_expand(vars, bytes_str(rule->origin), &text) < 0)
        return err_set(err, ERR_LIMIT, "the rule's origin is too long");
    if (strpbrk(buf_cstr(&text), "?#") != NULL)
        return err_set(err, ERR_INPUT, "the rule's origin has a query");
    if (!bytes_starts(buf_bytes(&text), "http"))
        buf_add_str(origin, "https://");
    buf_add_bytes(origin, buf_bytes(&text));
    /* "http://agent:17500/" is often written, and would make "//list". */
    while (origin->n > 0 && origin->p[origin->n - 1] == '/')
        origin->n--;
    return buf_check(origin, "origin", err);
}

int
filter_resolve(const struct filter_rule *rule, struct vars *vars,
               const char *target, struct headers *headers, struct buf *url,
               struct err *err)
{
    auto_buf struct buf origin = BUF_INIT(ORIGIN_MAX_BYTES + 16);
    auto_free char *userinfo = NULL;
    auto_url struct url parsed = { 0 };

    if (expand_origin(rule, vars, &origin, err) < 0)
        return err_wrap(err, "rule %s", rule->path);
    userinfo = cut_userinfo(&origin);
    if (rule->auth != NULL && set_auth(rule, vars, headers, err) < 0)
        return err_wrap(err, "rule %s", rule->path);
    if (rule->auth == NULL && userinfo != NULL &&
        set_userinfo(userinfo, headers, err) < 0)
        return err_wrap(err, "rule %s", rule->path);
    if (url_parse(&parsed, buf_cstr(&origin), err) < 0)
        return err_wrap(err, "rule %s: origin %s", rule->path, rule->origin);
    buf_add_bytes(url, buf_bytes(&origin));
    buf_add_bytes(url, bytes_to(bytes_str(target), strcspn(target, "#")));
    return buf_check(url, "url", err);
}
