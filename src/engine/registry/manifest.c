/* Manifests: asked for with all four types, checked against the digest they
 * were asked by, handed on as they were sent. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/oci/ref.h"
#include "base/str.h"
#include "engine/registry/client.h"
#include "engine/registry/error-body.h"
#include "engine/registry/registry-private.h"

#define TIMEOUT_MS (50 * 1000)

struct manifest_op {
    struct reg_op op;
    struct reg_call *call; /* owns while it runs */
    char *repo, *reference;
    struct err refusal;    /* told on the next turn; kind NONE: none */
    reg_manifest_cb fn;
    void *arg;
};

static void
free_op(void *obj)
{
    struct manifest_op *m = obj;

    free(m->repo);
    free(m->reference);
    reg_op_clear(&m->op);
    free(m);
}

static void
fail(struct manifest_op *m, struct err *err)
{
    err_wrap(err, "manifest of %s:%s", m->repo, m->reference);
    reg_op_bury(&m->op, free_op);
    m->fn(NULL, err, m->arg);
}

/* The registry's own word for the digest is only worth a line in the log. */
static int
check_digest(const struct manifest_op *m, const struct digest *digest,
             const char *announced, struct err *err)
{
    if (digest_is_valid(m->reference) && !str_eq(m->reference, digest->text))
        return err_set_code(err, ERR_INPUT, "DIGEST_MISMATCH",
                            "the bytes that came hash to %s", digest->text);
    if (digest_is_valid(announced) && !str_eq(announced, digest->text))
        log_warn("registry announces another digest than it sends",
                 LOG_STR("repo", m->repo), LOG_STR("announced", announced),
                 LOG_STR("digest", digest->text));
    return 0;
}

static int
read_reply(struct manifest_op *m, const struct httpc_reply *reply,
           struct reg_manifest *out, struct manifest **parsed, struct err *err)
{
    if (reply->status != 200)
        return reg_error_reply(err, REG_ASKED_MANIFEST, reply);
    out->body = reply->body;
    out->content_type = headers_get(reply->headers, "content-type");
    out->digest = digest_of(reply->body);
    if (check_digest(m, &out->digest,
                     headers_get(reply->headers, "docker-content-digest"),
                     err) < 0)
        return -1;
    if (manifest_parse(parsed, reply->body, out->content_type, err) == 0)
        return 0;
    /* Malformed is the registry's fault, not the caller's. */
    if (err->kind == ERR_INPUT)
        return reg_error_nonsense(err, "%s", err->text);
    return -1;
}

static void
on_reply(const struct httpc_reply *reply, const struct err *err, void *arg)
{
    struct manifest_op *m = arg;
    auto_manifest struct manifest *parsed = NULL;
    struct reg_manifest out = { .body = BYTES_NONE };
    struct err reason;

    m->call = NULL;
    if (err != NULL) {
        reason = *err;
        fail(m, &reason);
    } else if (read_reply(m, reply, &out, &parsed, &reason) < 0) {
        fail(m, &reason);
    } else {
        out.parsed = parsed;
        reg_op_bury(&m->op, free_op);
        m->fn(&out, NULL, m->arg);
    }
}

static const struct reg_call_events call_events = { .on_done = on_reply };

static void
on_refusal(void *arg)
{
    struct manifest_op *m = arg;

    fail(m, &m->refusal);
}

static void
drop_op(struct reg_op *op)
{
    struct manifest_op *m = (struct manifest_op *)op;

    reg_call_cancel(m->call);
    loop_undefer(op->r->hub->loop, on_refusal, m);
    reg_op_bury(op, free_op);
}

static const struct reg_op_class manifest_class = { .drop = drop_op };

static void
ask(struct manifest_op *m)
{
    struct registry *r = m->op.r;
    auto_free char *url = reg_url(r, "%s/manifests/%s", m->repo, m->reference);
    auto_free char *scope = xasprintf("repository:%s:pull", m->repo);

    m->call = reg_call_start(
        r,
        &(struct reg_call_spec){ .url = url,
                                 .accept = MANIFEST_ACCEPT,
                                 .scope = scope,
                                 .body_limit_bytes = MANIFEST_MAX_BYTES,
                                 .timeout_ms = TIMEOUT_MS,
                                 .retries = ATTEMPT_RETRIES },
        &call_events, m);
}

struct reg_op *
registry_manifest(struct registry *r, const char *repo, const char *reference,
                  reg_manifest_cb fn, void *arg)
{
    struct manifest_op *m = xnew(struct manifest_op);

    reg_op_init(&m->op, &manifest_class, r);
    m->repo = registry_repo_name(r, repo);
    m->reference = xstrdup(reference);
    m->fn = fn;
    m->arg = arg;
    if (ref_repo_valid(m->repo) &&
        (ref_tag_valid(reference) || digest_is_valid(reference))) {
        ask(m);
        return &m->op;
    }
    err_set_code(&m->refusal, ERR_INPUT, "INVALID_NAME",
                 "no valid repository and tag or digest");
    loop_defer(r->hub->loop, on_refusal, m);
    return &m->op;
}
