/* Which registry, and as whom. */
#include "cli/login.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/oci/ref.h"
#include "base/str.h"
#include "engine/registry/credentials.h"

#define PASSWORD_MAX_BYTES (64 * 1024)
#define DOCKER_HUB         "docker.io"

void
login_clear(struct login *l)
{
    free(l->base);
    free(l->type);
    free(l->username);
    free(l->role_arn);
    free(l->region);
    free(l->external_id);
    secret_free(l->password);
    *l = (struct login){ 0 };
}

const char *
login_strip_scheme(const char *text, bool *plain)
{
    *plain = str_istarts(text, "http://");
    if (*plain)
        return text + 7;
    return str_istarts(text, "https://") ? text + 8 : text;
}

/* The settings' base without scheme and final slashes; NULL without. */
static char *
bare_base(const char *base)
{
    char *bare;
    bool plain;
    size_t n;

    if (str_is_empty(base))
        return NULL;
    bare = xstrdup(login_strip_scheme(base, &plain));
    for (n = strlen(bare); n > 0 && bare[n - 1] == '/';)
        bare[--n] = '\0';
    return bare;
}

int
login_split(char **base, char **ref, const char *text,
            const char *settings_base, struct err *err)
{
    auto_free char *known = bare_base(settings_base);
    auto_ref struct ref parsed = { 0 };
    size_t n = known != NULL ? strlen(known) : 0;

    if (n > 0 && strncasecmp(text, known, n) == 0 && text[n] == '/') {
        if (ref_parse_in(&parsed, text + n + 1, NULL, err) < 0)
            return -1;
        *base = steal(known);
        *ref = xstrdup(text + n + 1);
        return 0;
    }
    if (ref_parse(&parsed, text, err) < 0)
        return -1;
    *base = xstrdup(parsed.host != NULL ? parsed.host : DOCKER_HUB);
    *ref = xstrdup(parsed.host != NULL ? text + strlen(parsed.host) + 1 : text);
    return 0;
}

static struct secret *
read_password(struct err *err)
{
    auto_buf struct buf text = BUF_INIT(PASSWORD_MAX_BYTES);
    struct secret *password;
    uint8_t chunk[4096];
    struct bytes b;
    ssize_t n;

    while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0) {
        if (buf_add(&text, chunk, (size_t)n) < 0) {
            buf_check(&text, "password", err);
            return NULL;
        }
    }
    if (n < 0) {
        err_set_errno(err, errno, "password");
        return NULL;
    }
    b = buf_bytes(&text);
    if (bytes_ends(b, "\n"))
        b.n--;
    if (bytes_ends(b, "\r"))
        b.n--;
    if (b.n == 0 || bytes_find(b, '\0') < b.n) {
        err_set(err, ERR_AUTH, "no password on standard input");
        return NULL;
    }
    password = secret_new_bytes(b);
    wipe(text.p, text.n);
    wipe(chunk, sizeof(chunk));
    return password;
}

static void
take_pair(struct login *out, const char *username, const char *password)
{
    if (out->username == NULL && !str_is_empty(username) &&
        !str_is_empty(password)) {
        out->username = xstrdup(username);
        out->password = secret_new(password);
    }
}

static void
take_credentials(struct login *out, const struct credentials *c)
{
    if (out->type == NULL)
        out->type = xstrdup(c->type);
    if (out->username == NULL && !secret_is_empty(c->password)) {
        out->username = xstrdup(c->username);
        out->password = secret_ref(c->password);
    }
    out->role_arn = xstrdup(c->role_arn);
    out->region = xstrdup(c->region);
    out->external_id = xstrdup(c->external_id);
}

/* The settings' login, when it is for this registry (or for none by name:
 * base NULL asks for whatever the settings have). */
static int
take_settings(struct login *out, const char *base, const struct conf *conf,
              struct err *err)
{
    struct credentials *c = NULL;
    auto_free char *theirs = NULL;
    struct err why;

    if (credentials_from_conf(&c, conf, &why) < 0) {
        if (str_eq(why.code, "CREDENTIALS_MISSING"))
            return 0;
        *err = why;
        return -1;
    }
    theirs = bare_base(c->base);
    if (base == NULL && out->base == NULL)
        out->base = xstrdup(theirs);
    if (base == NULL || (theirs != NULL && str_ieq(base, theirs)))
        take_credentials(out, c);
    credentials_free(c);
    return 0;
}

int
login_find(struct login *out, const struct login_args *given,
           const char *base, const struct jx *options,
           const struct conf *conf, struct err *err)
{
    const char *password = conf_lookup(conf, "SNYK_REGISTRY_PASSWORD");

    *out = (struct login){ .base = xstrdup(base),
                           .type = xstrdup(given->type) };
    if (given->password_stdin && given->username == NULL)
        return err_set(err, ERR_INPUT, "--password-stdin wants --username");
    if (given->password_stdin) {
        out->username = xstrdup(given->username);
        out->password = read_password(err);
        if (out->password == NULL)
            return -1;
    }
    take_pair(out, given->username, password);
    take_pair(out, jx_str(options, "username"), jx_str(options, "password"));
    take_pair(out, conf_lookup(conf, "SNYK_REGISTRY_USERNAME"), password);
    if (given->username != NULL && !str_eq(out->username, given->username))
        return err_set(err, ERR_INPUT, "--username wants a password: "
                                       "--password-stdin, or "
                                       "SNYK_REGISTRY_PASSWORD");
    return take_settings(out, base, conf, err);
}

struct registry *
login_registry(const struct login *l, struct reg_hub *hub, struct err *err)
{
    struct reg_login login = {
        .type = l->type,
        .base = l->base,
        .username = l->username,
        .password = l->password,
        .role_arn = l->role_arn,
        .region = l->region,
        .external_id = l->external_id,
    };

    return registry_new(hub, &login, err);
}
