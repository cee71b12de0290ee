/* The credentials document: reading it as strangers made it. What a type
 * means lives in flavours/, writing the document in credentials-write.c. */
#include "engine/registry/credentials.h"

#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"

#define DOCUMENT_MAX_BYTES (64 * 1024)

/* How the classic client glues its values together, without escaping. */
static const char glue_type[] = "{\"type\":\"";
static const char glue_username[] = "\", \"username\":\"";
static const char glue_password[] = "\", \"password\":\"";
static const char glue_base[] = "\", \"registryBase\":\"";
static const char glue_end[] = "\"}";

static int
malformed(struct err *err, const char *why)
{
    return err_set_code(err, ERR_AUTH, "CREDENTIALS_MALFORMED",
                        "the credentials document cannot be read: %s", why);
}

static int
missing(struct err *err, const char *why)
{
    return err_set_code(err, ERR_AUTH, "CREDENTIALS_MISSING", "%s", why);
}

/* Unset variables arrive as "" or, from the universal client, "undefined". */
static bool
is_given(struct bytes v)
{
    return v.n > 0 && !bytes_is(v, "undefined");
}

static char *
given(const char *s)
{
    return s != NULL && is_given(bytes_str(s)) ? xstrdup(s) : NULL;
}

static struct secret *
given_secret(const char *s)
{
    return s != NULL && is_given(bytes_str(s)) ? secret_new(s) : NULL;
}

static char *
given_bytes(struct bytes v)
{
    return is_given(v) ? bytes_dup(v) : NULL;
}

static int
from_json(struct credentials *c, const struct jx *doc, struct err *err)
{
    const struct jx *extra = jx_obj(doc, "extra");

    if (!jx_is_obj(doc))
        return malformed(err, "it is not a JSON object");
    c->type = given(jx_str(doc, "type"));
    c->username = given(jx_str(doc, "username"));
    c->password = given_secret(jx_str(doc, "password"));
    c->base = given(jx_str(doc, "registryBase"));
    c->role_arn = given(jx_str(doc, "roleArn"));
    c->region = given(jx_str(extra, "region"));
    c->external_id = given(jx_str(extra, "externalId"));
    if (c->type == NULL)
        return malformed(err, "it names no type");
    return 0;
}

/* What stands before `glue`; *rest moves behind it. */
static bool
before(struct bytes *rest, const char *glue, struct bytes *piece)
{
    size_t at = bytes_find_str(*rest, glue);

    if (at == rest->n)
        return false;
    *piece = bytes_to(*rest, at);
    *rest = bytes_from(*rest, at + strlen(glue));
    return true;
}

/* The same with the last `glue`: a password may hold anything. */
static bool
before_last(struct bytes *rest, const char *glue, struct bytes *piece)
{
    struct bytes tail = *rest, skipped;
    size_t behind = 0;

    while (before(&tail, glue, &skipped))
        behind = (size_t)(tail.p - rest->p);
    if (behind == 0)
        return false;
    *piece = bytes_to(*rest, behind - strlen(glue));
    *rest = tail;
    return true;
}

/*
 * Values with quotes or backslashes break the JSON of the classic client, but
 * the glue between them is known: what lies between is the raw value.
 */
static int
recover(struct credentials *c, struct bytes text)
{
    struct bytes type, username, password, rest = bytes_trim(text);

    if (!bytes_starts(rest, glue_type) || !bytes_ends(rest, glue_end) ||
        memchr(rest.p, '\0', rest.n) != NULL)
        return -1;
    rest = bytes_from(rest, strlen(glue_type));
    if (!before(&rest, glue_username, &type) ||
        !before(&rest, glue_password, &username) ||
        !before_last(&rest, glue_base, &password) ||
        rest.n < strlen(glue_end) || !is_given(type))
        return -1;
    c->type = given_bytes(type);
    c->username = given_bytes(username);
    c->password = is_given(password) ? secret_new_bytes(password) : NULL;
    c->base = given_bytes(bytes_to(rest, rest.n - strlen(glue_end)));
    return 0;
}

static int
from_text(struct credentials *c, struct bytes text, struct err *err)
{
    auto_jx struct jx *doc = jx_parse(text, DOCUMENT_MAX_BYTES, NULL);

    if (doc != NULL)
        return from_json(c, doc, err);
    if (recover(c, text) == 0)
        return 0;
    return malformed(err, "it is no JSON (a quote or backslash in a value?)");
}

/* Without "Bearer ", "Basic " or "Token " in front. */
static struct bytes
without_scheme(struct bytes text)
{
    static const char *const words[] = { "bearer", "basic", "token" };

    for (size_t i = 0; i < N_ELEMENTS(words); i++) {
        size_t n = strlen(words[i]);
        auto_free char *head = bytes_dup(bytes_to(text, n));

        if (text.n > n && str_ieq(head, words[i]) &&
            (text.p[n] == ' ' || text.p[n] == '\t'))
            return bytes_trim(bytes_from(text, n));
    }
    return text;
}

/* The base64 text's content, in a buffer that is wiped by the caller. */
static int
decode(struct bytes text, struct buf *out, struct err *err)
{
    if (base64_decode(text, out) < 0)
        return malformed(err, "it is neither base64 nor JSON");
    return 0;
}

static int
parse(struct credentials *c, struct bytes text, struct err *err)
{
    struct buf decoded = BUF_INIT(DOCUMENT_MAX_BYTES);
    int rc;

    if (bytes_starts(text, "{"))
        return from_text(c, text, err);
    /* Room at once, so that growing leaves no unwiped copies behind. */
    buf_room(&decoded, text.n);
    rc = decode(text, &decoded, err);
    if (rc == 0)
        rc = from_text(c, buf_bytes(&decoded), err);
    if (decoded.p != NULL)
        wipe(decoded.p, decoded.cap);
    buf_clear(&decoded);
    return rc;
}

int
credentials_parse(struct credentials **out, const char *text, struct err *err)
{
    auto_credentials struct credentials *c = xnew(struct credentials);
    struct bytes rest = without_scheme(bytes_trim(bytes_str(text)));

    if (rest.n == 0)
        return missing(err, "the request carries no registry credentials");
    if (bytes_starts(rest, "${"))
        return missing(err, "the credentials still read ${...}: the broker "
                            "client has no such variable (CR_CREDENTIALS)");
    if (rest.n > DOCUMENT_MAX_BYTES)
        return malformed(err, "it is longer than 64 KiB");
    if (parse(c, rest, err) < 0)
        return -1;
    *out = steal(c);
    return 0;
}

void
credentials_free(struct credentials *c)
{
    if (c == NULL)
        return;
    free(c->type);
    free(c->username);
    secret_free(c->password);
    free(c->base);
    free(c->role_arn);
    free(c->region);
    free(c->external_id);
    free(c);
}

static void
from_role(struct credentials *c, const struct conf *conf)
{
    c->role_arn = given(conf->cr_role_arn);
    c->region = given(conf->cr_region);
    c->external_id = given(conf->cr_external_id);
}

int
credentials_from_conf(struct credentials **out, const struct conf *conf,
                      struct err *err)
{
    auto_credentials struct credentials *c = xnew(struct credentials);

    if (!secret_is_empty(conf->cr_credentials))
        return credentials_parse(out, secret_reveal(conf->cr_credentials), err);
    c->type = given(conf->cr_type);
    if (c->type == NULL)
        return missing(err, "no registry credentials are set (CR_TYPE, "
                            "CR_BASE, ... or CR_CREDENTIALS)");
    c->base = given(conf->cr_base);
    if (str_eq(reg_type_canonical(c->type), "ecr")) {
        from_role(c, conf);
    } else if (str_eq(reg_type_canonical(c->type), "digitalocean-cr") &&
               !secret_is_empty(conf->cr_token)) {
        c->username = xstrdup(secret_reveal(conf->cr_token));
        c->password = secret_ref(conf->cr_token);
    } else {
        c->username = given(conf->cr_username);
        c->password = secret_is_empty(conf->cr_password)
                          ? NULL
                          : secret_ref(conf->cr_password);
    }
    *out = steal(c);
    return 0;
}
