/* Where credentials are looked for, in which order. */
#include "role/agent/login.h"

#include <string.h>

#include "base/buf.h"
#include "base/json/jw.h"
#include "base/str.h"

#define DOCUMENT_MAX_BYTES (64u << 10)
/* A value of n bytes has at most 6 n as JSON; no copy is left unwiped. */
#define WRITTEN_MAX_BYTES  (6 * DOCUMENT_MAX_BYTES + 1024)

static const char *const header_names[] = { "authorization",
                                            "x-cr-credentials",
                                            "x-registry-credentials" };

/* All growing is done at once, so that no copy of a secret is left behind. */
static void
secret_buf_init(struct buf *b)
{
    buf_init(b, WRITTEN_MAX_BYTES);
    buf_room(b, WRITTEN_MAX_BYTES);
}

static void
secret_buf_clear(struct buf *b)
{
    wipe(b->p, b->cap);
    buf_clear(b);
}

/* From the body: base64 text, or the document as an object. */
static struct secret *
body_text(const struct jx *body)
{
    const struct jx *member = jx_get(body, "credentials");
    struct secret *text;
    struct buf b;

    if (jx_is_str(member))
        return secret_new(jx_str_value(member));
    if (!jx_is_obj(member))
        return NULL;
    secret_buf_init(&b);
    jx_write(member, &b);
    text = secret_new_bytes(buf_bytes(&b));
    secret_buf_clear(&b);
    return text;
}

/* A variable the broker client did not have: asking others would hide it. */
static bool
is_leftover(const struct err *err)
{
    return str_eq(err->code, "CREDENTIALS_MISSING");
}

/*
 * 1 found; 0 look further; -1 no further. The reason of the first one that
 * could not be read is kept in `first`.
 */
static int
try_text(struct credentials **out, const char *text, struct err *first)
{
    struct err err = { 0 };

    if (str_is_empty(text))
        return 0;
    if (credentials_parse(out, text, &err) == 0)
        return 1;
    if (first->kind == ERR_NONE || is_leftover(&err))
        *first = err;
    return is_leftover(&err) ? -1 : 0;
}

static int
find_in_request(struct credentials **out, const struct headers *headers,
                const struct jx *body, struct err *first)
{
    auto_secret struct secret *text = body_text(body);
    int rc = 0;

    for (size_t i = 0; i < N_ELEMENTS(header_names) && rc == 0; i++)
        rc = try_text(out, headers_get(headers, header_names[i]), first);
    if (rc == 0 && text != NULL)
        rc = try_text(out, secret_reveal(text), first);
    return rc;
}

int
login_find(struct credentials **out, const struct headers *headers,
           const struct jx *body, const struct conf *conf, struct err *err)
{
    struct err first = { 0 };
    int rc = find_in_request(out, headers, body, &first);

    if (rc > 0)
        return 0;
    if (rc == 0 && credentials_from_conf(out, conf, err) == 0)
        return 0;
    if (first.kind != ERR_NONE && err != NULL)
        *err = first;
    else if (err != NULL && is_leftover(err))
        err_set_code(err, ERR_AUTH, "CREDENTIALS_MISSING",
                     "the request carries no registry credentials, and none "
                     "are set here");
    return -1;
}

struct registry *
login_registry(struct reg_hub *hub, const struct credentials *c,
               struct err *err)
{
    struct reg_login login = {
        .type = c->type,
        .base = c->base,
        .username = c->username,
        .password = c->password,
        .role_arn = c->role_arn,
        .region = c->region,
        .external_id = c->external_id,
    };

    return registry_new(hub, &login, err);
}

char *
login_base(const struct credentials *c, const struct registry *registry)
{
    const char *base = c->base;
    size_t n;

    if (str_is_empty(base))
        return xstrdup(registry_base(registry));
    if (str_istarts(base, "https://"))
        base += strlen("https://");
    else if (str_istarts(base, "http://"))
        base += strlen("http://");
    for (n = strlen(base); n > 0 && base[n - 1] == '/'; n--)
        continue;
    return xstrndup(base, n);
}

struct secret *
login_document(const struct credentials *c)
{
    struct secret *text;
    struct buf b;
    struct jw w;

    secret_buf_init(&b);
    jw_init(&w, &b);
    jw_obj(&w);
    jw_key_str(&w, "type", c->type);
    jw_key_opt(&w, "username", c->username);
    jw_key_opt(&w, "password",
               c->password != NULL ? secret_reveal(c->password) : NULL);
    jw_key_opt(&w, "registryBase", c->base);
    jw_key_opt(&w, "roleArn", c->role_arn);
    jw_key(&w, "extra");
    jw_obj(&w);
    jw_key_opt(&w, "region", c->region);
    jw_key_opt(&w, "externalId", c->external_id);
    jw_end(&w);
    jw_end(&w);
    text = secret_new_bytes(buf_bytes(&b));
    secret_buf_clear(&b);
    return text;
}
