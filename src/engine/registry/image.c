/* The image a reference means: index, manifest, config, each verified by the
 * digest the one before named. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/registry/registry-private.h"

#define INDEXES_MAX 2 /* an index in an index, not deeper */

struct image_op {
    struct reg_op op;
    char *repo, *reference;
    struct platform platform;
    struct reg_op *running;     /* owns: the manifest or blob under way */
    unsigned n_indexes;
    struct manifest *manifest;  /* owns */
    struct digest manifest_digest, index_digest;
    char *content_type;
    struct buf config;
    reg_image_cb fn;
    void *arg;
};

static void
free_op(void *obj)
{
    struct image_op *i = obj;

    free(i->repo);
    free(i->reference);
    manifest_free(i->manifest);
    free(i->content_type);
    buf_clear(&i->config);
    reg_op_clear(&i->op);
    free(i);
}

static void
fail(struct image_op *i, const struct err *err)
{
    struct err reason = *err;

    reg_op_bury(&i->op, free_op);
    /* The first manifest's error names the reference already. */
    if (i->n_indexes > 0 || i->manifest != NULL)
        err_wrap(&reason, "image %s:%s", i->repo, i->reference);
    i->fn(NULL, &reason, i->arg);
}

static enum reg_flow
on_config_chunk(struct bytes chunk, void *arg)
{
    struct image_op *i = arg;

    return buf_add_bytes(&i->config, chunk) == 0 ? REG_MORE : REG_STOP;
}

static void
on_config_restart(void *arg)
{
    struct image_op *i = arg;

    buf_reset(&i->config);
}

static void
on_config_end(const struct err *err, void *arg)
{
    struct image_op *i = arg;
    struct reg_image image;

    i->running = NULL;
    if (err != NULL) {
        fail(i, err);
        return;
    }
    image = (struct reg_image){
        .manifest = i->manifest,
        .manifest_digest = i->manifest_digest,
        .index_digest = i->index_digest,
        .config = buf_bytes(&i->config),
        .content_type = i->content_type,
    };
    reg_op_bury(&i->op, free_op);
    i->fn(&image, NULL, i->arg);
}

static const struct reg_blob_events config_events = {
    .on_chunk = on_config_chunk,
    .on_restart = on_config_restart,
    .on_end = on_config_end,
};

static void
fetch_config(struct image_op *i)
{
    const struct descriptor *config = &i->manifest->config;
    struct err err;

    if (config->size > CONFIG_MAX_BYTES) {
        err_set(&err, ERR_LIMIT, "the image config has %llu bytes",
                (unsigned long long)config->size);
        fail(i, &err);
        return;
    }
    buf_init(&i->config, (size_t)config->size);
    i->running = registry_blob(i->op.r, i->repo, &config->digest, config->size,
                               &config_events, i);
}

static void on_manifest(const struct reg_manifest *m, const struct err *err,
                        void *arg);

/* From an index to what it has for our platform. */
static int
descend(struct image_op *i, const struct reg_manifest *m, struct err *err)
{
    const struct descriptor *d;

    if (i->n_indexes++ == INDEXES_MAX)
        return err_set_code(err, ERR_UNSUPPORTED, "UNSUPPORTED_MANIFEST",
                            "indexes nested too deep");
    d = manifest_choose(m->parsed, &i->platform, err);
    if (d == NULL)
        return -1;
    if (i->index_digest.text[0] == '\0')
        i->index_digest = m->digest;
    log_debug("platform chosen", LOG_STR("index", m->digest.text),
              LOG_STR("manifest", d->digest.text));
    i->running = registry_manifest(i->op.r, i->repo, d->digest.text,
                                   on_manifest, i);
    return 0;
}

/* The manifest is lent to us only for the call: read it once more to keep. */
static int
keep(struct image_op *i, const struct reg_manifest *m, struct err *err)
{
    if (manifest_parse(&i->manifest, m->body, m->content_type, err) < 0)
        return -1;
    i->manifest_digest = m->digest;
    i->content_type = xstrdup(m->content_type);
    return 0;
}

static void
on_manifest(const struct reg_manifest *m, const struct err *err, void *arg)
{
    struct image_op *i = arg;
    struct err reason;

    i->running = NULL;
    if (err != NULL)
        fail(i, err);
    else if (m->parsed->kind == MANIFEST_INDEX
                 ? descend(i, m, &reason) < 0
                 : keep(i, m, &reason) < 0)
        fail(i, &reason);
    else if (i->manifest != NULL)
        fetch_config(i);
}

static void
drop_op(struct reg_op *op)
{
    struct image_op *i = (struct image_op *)op;

    if (i->running != NULL)
        reg_op_cancel(i->running);
    i->running = NULL;
    reg_op_bury(op, free_op);
}

static const struct reg_op_class image_class = { .drop = drop_op };

struct reg_op *
registry_image(struct registry *r, const char *repo, const char *reference,
               const struct platform *platform, reg_image_cb fn, void *arg)
{
    struct image_op *i = xnew(struct image_op);

    reg_op_init(&i->op, &image_class, r);
    i->repo = xstrdup(repo);
    i->reference = xstrdup(reference);
    i->platform = platform != NULL ? *platform : PLATFORM_DEFAULT;
    i->fn = fn;
    i->arg = arg;
    i->running = registry_manifest(r, repo, reference, on_manifest, i);
    return &i->op;
}
