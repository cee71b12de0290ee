/* The door of the room: a registry as one login, and what its operations
 * have in common. What they do lives in files of their own. */
#include "engine/registry/registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "engine/registry/registry-private.h"

#define BASE_MAX_BYTES 1024

static int
bad_base(const char *base, const char *why, struct err *err)
{
    return err_set(err, ERR_INPUT, "registry base \"%.200s\": %s", base, why);
}

/* The text behind a scheme; *scheme is "" when none is written. */
static const char *
without_scheme(const char *base, const char **scheme)
{
    if (str_istarts(base, "https://")) {
        *scheme = "https";
        return base + strlen("https://");
    }
    if (str_istarts(base, "http://")) {
        *scheme = "http";
        return base + strlen("http://");
    }
    *scheme = "";
    return base;
}

static void
cut_final_slashes(char *path)
{
    size_t n = strlen(path);

    while (n > 0 && path[n - 1] == '/')
        path[--n] = '\0';
}

/*
 * TLS, unless the settings allow plain HTTP for this host and port: then HTTP,
 * also when no scheme is written. A written "http://" that is not allowed is
 * an error, a written "https://" is kept.
 */
static int
choose_scheme(struct url *u, const char *scheme, const char *base,
              const struct conf *conf, struct err *err)
{
    bool has_port = u->port != 443;
    uint16_t port = has_port ? u->port : 80;
    bool allowed = conf_http_allowed(conf, u->host, port);

    if (str_eq(scheme, "http") && !allowed)
        return bad_base(base, "plain HTTP is not allowed for this host "
                              "(CRAB_ALLOW_HTTP)", err);
    if (!allowed || str_eq(scheme, "https"))
        return 0;
    free(u->scheme);
    u->scheme = xstrdup("http");
    u->port = port;
    return 0;
}

static int
parse_base(struct url *u, const char *base, const struct conf *conf,
           struct err *err)
{
    const char *scheme, *rest = without_scheme(base, &scheme);
    auto_free char *text = xasprintf("https://%s", rest);

    if (strlen(base) > BASE_MAX_BYTES)
        return bad_base(base, "too long", err);
    if (rest[strcspn(rest, "?#@ \t\r\n\\%")] != '\0' || rest[0] == '\0' ||
        url_parse(u, text, NULL) < 0)
        return bad_base(base, "host[:port][/path] is expected", err);
    cut_final_slashes(u->path);
    if (u->path[0] != '\0' && !url_target_is_normal(u->path))
        return bad_base(base, "the path is not in its plain form", err);
    return choose_scheme(u, scheme, base, conf, err);
}

static void
replace(char **slot, const char *text)
{
    char *copy = xstrdup(text);

    free(*slot);
    *slot = copy;
}

/* Let the flavour say which host it means, and what the path is for. */
static void
apply_flavour(struct registry *r)
{
    if (r->flavour->api_host != NULL)
        replace(&r->base.host, r->flavour->api_host(r->base.host));
    if (str_eq(r->base.path, "/v1")) /* Docker's own way to write its hub */
        r->base.path[0] = '\0';
    if (r->flavour->path_is_name && r->base.path[0] != '\0') {
        r->name_prefix = xasprintf("%s/", r->base.path + 1);
        r->base.path[0] = '\0';
    }
}

static void
make_shown(struct registry *r)
{
    auto_free char *host = url_host_header(&r->base);

    if (r->name_prefix != NULL)
        r->shown = xasprintf("%s/%.*s", host, (int)strlen(r->name_prefix) - 1,
                             r->name_prefix);
    else
        r->shown = xasprintf("%s%s", host, r->base.path);
}

/* What tells two logins apart: all of it, lengths in front. */
static void
make_key(struct registry *r)
{
    struct buf b = BUF_INIT(1 << 20);
    const char *parts[] = { r->flavour->name, r->base.scheme, r->shown,
                            r->username != NULL ? r->username : "",
                            secret_reveal(r->password) };

    buf_room(&b, 128 * 1024); /* so that growing leaves no copies behind */
    for (size_t i = 0; i < N_ELEMENTS(parts); i++)
        buf_addf(&b, "%zu:%s", strlen(parts[i]), parts[i]);
    sha256_hex(buf_bytes(&b), r->key);
    wipe(b.p, b.cap);
    buf_clear(&b);
    memcpy(r->fingerprint, r->key, 8);
}

static const struct flavour *
choose_flavour(const struct reg_login *login, struct err *err)
{
    const struct flavour *f = flavour_find(login->type);

    if (login->type == NULL)
        return &flavour_generic;
    if (f == NULL)
        err_set_code(err, ERR_INPUT, "UNKNOWN_REGISTRY_TYPE",
                     "unknown registry type \"%.60s\"; known are: %s",
                     login->type, flavour_names());
    else if (f->unsupported != NULL)
        err_set(err, ERR_UNSUPPORTED, "%s", f->unsupported);
    else
        return f;
    return NULL;
}

static int
set_up(struct registry *r, const struct reg_login *login, struct err *err)
{
    const char *base = login->base;

    r->flavour = choose_flavour(login, err);
    if (r->flavour == NULL)
        return -1;
    if (str_is_empty(base))
        base = r->flavour->base;
    if (base == NULL)
        return err_set(err, ERR_INPUT, "%s: no registry base (CR_BASE)",
                       r->flavour->name);
    if (parse_base(&r->base, base, r->hub->conf, err) < 0)
        return -1;
    if (login->type == NULL)
        r->flavour = flavour_guess(r->base.host);
    r->username = str_is_empty(login->username) ? NULL
                                                : xstrdup(login->username);
    r->password = secret_ref(login->password);
    apply_flavour(r);
    make_shown(r);
    make_key(r);
    return 0;
}

struct registry *
registry_new(struct reg_hub *hub, const struct reg_login *login,
             struct err *err)
{
    struct registry *r = xnew(struct registry);

    r->refs = 1;
    r->hub = hub;
    if (set_up(r, login, err) == 0)
        return r;
    registry_unref(r);
    return NULL;
}

struct registry *
registry_ref(struct registry *r)
{
    r->refs++;
    return r;
}

void
registry_unref(struct registry *r)
{
    if (r == NULL || --r->refs > 0)
        return;
    url_clear(&r->base);
    free(r->name_prefix);
    free(r->shown);
    free(r->username);
    secret_free(r->password);
    free(r);
}

const char *
registry_type(const struct registry *r)
{
    return r->flavour->name;
}

const char *
registry_base(const struct registry *r)
{
    return r->shown;
}

const char *
registry_fingerprint(const struct registry *r)
{
    return r->fingerprint;
}

char *
registry_repo_name(const struct registry *r, const char *repo)
{
    if (r->name_prefix != NULL && !str_starts(repo, r->name_prefix))
        return xasprintf("%s%s", r->name_prefix, repo);
    if (r->flavour->repo_name != NULL)
        return r->flavour->repo_name(r->base.host, repo);
    return xstrdup(repo);
}

bool
reg_is_anonymous(const struct registry *r)
{
    return r->username == NULL && secret_is_empty(r->password);
}

char *
reg_url(const struct registry *r, const char *fmt, ...)
{
    auto_buf struct buf text = BUF_INIT(16 * 1024);
    va_list ap;

    url_write(&r->base, false, &text);
    /* An empty path is written as "/". */
    if (r->base.path[0] == '\0' && bytes_ends(buf_bytes(&text), "/"))
        text.n--;
    buf_add_str(&text, "/v2/");
    va_start(ap, fmt);
    buf_addv(&text, fmt, ap);
    va_end(ap);
    return buf_steal(&text);
}

struct secret *
reg_basic(const struct registry *r)
{
    struct buf pair = BUF_INIT(256 * 1024), text = BUF_INIT(512 * 1024);
    struct secret *header;

    if (reg_is_anonymous(r))
        return NULL;
    /* Room at once, so that growing leaves no unwiped copies behind. */
    buf_room(&pair, 80 * 1024);
    buf_room(&text, 128 * 1024);
    buf_addf(&pair, "%s:%s", r->username != NULL ? r->username : "",
             secret_reveal(r->password));
    buf_add_str(&text, "Basic ");
    base64_encode(buf_bytes(&pair), &text);
    header = secret_new_bytes(buf_bytes(&text));
    wipe(pair.p, pair.cap);
    wipe(text.p, text.cap);
    buf_clear(&pair);
    buf_clear(&text);
    return header;
}

void
reg_op_init(struct reg_op *op, const struct reg_op_class *class,
            struct registry *r)
{
    op->class = class;
    op->r = registry_ref(r);
}

void
reg_op_bury(struct reg_op *op, void (*free_fn)(void *obj))
{
    loop_bury(op->r->hub->loop, free_fn, op);
}

void
reg_op_clear(struct reg_op *op)
{
    registry_unref(op->r);
    op->r = NULL;
}

void
reg_op_resume(struct reg_op *op)
{
    if (op->class->resume != NULL)
        op->class->resume(op);
}

void
reg_op_cancel(struct reg_op *op)
{
    op->class->drop(op);
}
