/* The rig of the registry tests: peers that write down what they are asked. */
#include "registry-rig.h"

#include <string.h>

#include "base/clock.h"

void
rig_init(struct rig *rig)
{
    struct httpc_conf conf = { .no_proxy = "*" };
    struct err err;

    memset(rig, 0, sizeof(*rig));
    rig->conf.allow_http = xstrdup("127.0.0.1,localhost");
    rig->conf.registry_retries = 4;
    rig->loop = loop_new(&err);
    rig->httpc = httpc_new(rig->loop, &conf, &err);
    cr_assert_not_null(rig->httpc);
    rig->hub = reg_hub_new(rig->loop, &rig->conf, rig->httpc, &err);
    rig->hub->backoff_ms = 1;
    buf_init(&rig->bytes, 64 << 20);
}

static void
clear_peer(struct peer *p)
{
    if (p->held != NULL)
        httpd_reply_abort(p->held);
    httpd_free(p->httpd);
    free(p->origin);
    free(p->host);
    for (unsigned i = 0; i < p->n && i < RIG_REQUESTS; i++) {
        free(p->asked[i]);
        free(p->login[i]);
        free(p->range[i]);
    }
}

void
rig_clear(struct rig *rig)
{
    reg_hub_free(rig->hub);
    httpc_free(rig->httpc);
    for (unsigned i = 0; i < RIG_PEERS; i++) {
        if (rig->peers[i].httpd != NULL)
            clear_peer(&rig->peers[i]);
    }
    loop_free(rig->loop);
    buf_clear(&rig->bytes);
    free(rig->names);
    free(rig->conf.allow_http);
}

static void
on_request(struct httpd_ex *ex, const struct httpd_request *req, void *arg)
{
    struct peer *p = arg;
    unsigned i = p->n++;

    cr_assert_lt(i, RIG_REQUESTS, "too many requests, last %s", req->target);
    p->asked[i] = xasprintf("%s %s", req->method, req->target);
    p->login[i] = xstrdup(headers_get(req->headers, "authorization"));
    p->range[i] = xstrdup(headers_get(req->headers, "range"));
    if (p->no_login)
        cr_assert_null(p->login[i], "a login reached %s", req->target);
    p->answer(p, ex, req);
}

struct peer *
rig_peer(struct rig *rig, unsigned i, peer_answer answer)
{
    struct peer *p = &rig->peers[i];
    struct httpd_conf conf = { .address = "127.0.0.1" };
    struct err err = { 0 };

    p->rig = rig;
    p->answer = answer;
    p->httpd = httpd_new(rig->loop, &conf, on_request, p, &err);
    cr_assert_not_null(p->httpd, "%s", err.text);
    p->host = xasprintf("127.0.0.1:%u", httpd_port(p->httpd));
    p->origin = xasprintf("http://%s", p->host);
    return p;
}

struct registry *
rig_login(struct rig *rig, const char *type, const char *base,
          const char *username, const char *password)
{
    auto_secret struct secret *secret = secret_new(password);
    struct reg_login login = { .type = type, .base = base,
                               .username = username, .password = secret };
    struct err err = { 0 };
    struct registry *r = registry_new(rig->hub, &login, &err);

    cr_assert_not_null(r, "%s", err.text);
    return r;
}

void
rig_turn(struct rig *rig)
{
    loop_turn(rig->loop);
    if (rig->frozen)
        clock_advance(1);
}

static void
begin(struct rig *rig)
{
    rig->done = false;
    err_clear(&rig->err);
    buf_reset(&rig->bytes);
    rig->restarts = rig->chunks = 0;
}

static void
run(struct rig *rig)
{
    while (!rig->done)
        rig_turn(rig);
}

static void
finish(struct rig *rig, const struct err *err)
{
    cr_assert_not(rig->done, "a callback came twice");
    rig->done = true;
    if (err != NULL) {
        rig->err = *err;
        cr_assert_neq(err->kind, ERR_NONE);
    }
}

static void
on_checked(const struct err *err, void *arg)
{
    finish(arg, err);
}

static void
on_names(const char *const *names, size_t n, const struct err *err, void *arg)
{
    struct rig *rig = arg;
    auto_buf struct buf text = BUF_INIT(1 << 20);

    for (size_t i = 0; i < n; i++)
        buf_addf(&text, "%s%s", i > 0 ? "," : "", names[i]);
    free(rig->names);
    rig->names = buf_steal(&text);
    finish(rig, err);
}

void
rig_on_manifest(const struct reg_manifest *m, const struct err *err, void *arg)
{
    struct rig *rig = arg;

    cr_assert_neq(m == NULL, err == NULL);
    if (m != NULL) {
        buf_add_bytes(&rig->bytes, m->body);
        rig->digest = m->digest;
    }
    finish(rig, err);
}

static void
on_image(const struct reg_image *image, const struct err *err, void *arg)
{
    struct rig *rig = arg;

    cr_assert_neq(image == NULL, err == NULL);
    if (image != NULL) {
        buf_add_bytes(&rig->bytes, image->config);
        rig->digest = image->manifest_digest;
        rig->index_digest = image->index_digest;
    }
    finish(rig, err);
}

static enum reg_flow
on_chunk(struct bytes chunk, void *arg)
{
    struct rig *rig = arg;

    rig->chunks++;
    buf_add_bytes(&rig->bytes, chunk);
    return REG_MORE;
}

static void
on_restart(void *arg)
{
    struct rig *rig = arg;

    rig->restarts++;
    buf_reset(&rig->bytes);
}

const struct reg_blob_events rig_blob_events = {
    .on_chunk = on_chunk, .on_restart = on_restart, .on_end = on_checked,
};

void
rig_validate(struct rig *rig, struct registry *r)
{
    begin(rig);
    registry_validate(r, 4000, on_checked, rig);
    run(rig);
}

void
rig_ping(struct rig *rig, struct registry *r)
{
    begin(rig);
    registry_ping(r, on_checked, rig);
    run(rig);
}

void
rig_catalog(struct rig *rig, struct registry *r)
{
    begin(rig);
    registry_catalog(r, on_names, rig);
    run(rig);
}

void
rig_tags(struct rig *rig, struct registry *r, const char *repo)
{
    begin(rig);
    registry_tags(r, repo, on_names, rig);
    run(rig);
}

void
rig_manifest(struct rig *rig, struct registry *r, const char *repo,
             const char *reference)
{
    begin(rig);
    registry_manifest(r, repo, reference, rig_on_manifest, rig);
    run(rig);
}

void
rig_image(struct rig *rig, struct registry *r, const char *repo,
          const char *reference)
{
    begin(rig);
    registry_image(r, repo, reference, NULL, on_image, rig);
    run(rig);
}

void
rig_blob_sized(struct rig *rig, struct registry *r,
               const struct digest *digest, uint64_t size)
{
    begin(rig);
    registry_blob(r, "team/app", digest, size, &rig_blob_events, rig);
    run(rig);
}

void
rig_blob(struct rig *rig, struct registry *r, struct bytes content)
{
    struct digest digest = digest_of(content);

    rig_blob_sized(rig, r, &digest, content.n);
}

void
rig_expect_ok(const struct rig *rig)
{
    cr_expect_eq(rig->err.kind, ERR_NONE, "%s", rig->err.text);
}

void
rig_expect_error(const struct rig *rig, const char *code)
{
    cr_assert_neq(rig->err.kind, ERR_NONE, "no error, %s expected", code);
    cr_expect_str_eq(err_code(&rig->err), code, "%s", rig->err.text);
}

void
say_bytes(struct httpd_ex *ex, int status, const char *name, const char *value,
          struct bytes body)
{
    auto_headers struct headers h = HEADERS_INIT;

    if (name != NULL)
        headers_add(&h, name, value);
    httpd_reply(ex, status, &h, body);
}

void
say(struct httpd_ex *ex, int status, const char *name, const char *value,
    const char *body)
{
    say_bytes(ex, status, name, value, bytes_str(body));
}

void
say_cut(struct httpd_ex *ex, int status, const char *name, const char *value,
        uint64_t total, struct bytes part)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_setf(&h, "Content-Length", "%llu", (unsigned long long)total);
    if (name != NULL)
        headers_add(&h, name, value);
    httpd_reply_start(ex, status, &h);
    httpd_reply_write(ex, part);
    httpd_reply_abort(ex);
}

void
challenge(struct httpd_ex *ex, const char *www_authenticate)
{
    say(ex, 401, "WWW-Authenticate", www_authenticate,
        "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication "
        "required\"}]}");
}

bool
asks(const struct httpd_request *req, const char *target_prefix)
{
    return str_starts(req->target, target_prefix);
}

const char *
login_of(const struct httpd_request *req)
{
    const char *login = headers_get(req->headers, "authorization");

    return login != NULL ? login : "";
}
