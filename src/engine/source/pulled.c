/* An image in a registry: the adapter between the registry room and ours. */
#include <string.h>

#include "base/oci/ref.h"
#include "base/str.h"
#include "engine/registry/registry.h"
#include "engine/source/member-path.h"
#include "engine/source/source-private.h"

struct pulled {
    struct source source;      /* first */
    struct registry *registry; /* shares */
    struct reg_op *op;         /* owns while it runs */
    struct ref ref;            /* owns */
};

struct pulled_fetch {
    struct fetch fetch; /* first */
    struct loop *loop;  /* borrows */
    struct reg_op *op;  /* owns while it runs */
    struct digest digest;
    const struct fetch_events *events; /* borrows */
    void *arg;
};

/* The name a layer has in the archive the peer makes of a pulled image. */
static char *
layer_name(const struct manifest *m, const struct digest *d)
{
    return m->is_docker ? xasprintf("%s/layer.tar", digest_hex(d))
                        : xstrdup(d->text);
}

static void
take_layers(struct source_image *image, const struct manifest *m)
{
    source_image_layers(image, m->n_layers);
    for (size_t i = 0; i < m->n_layers; i++) {
        struct source_layer *to = &image->layers[i];

        to->name = layer_name(m, &m->layers[i].digest);
        to->digest = m->layers[i].digest;
        to->size = m->layers[i].size;
        to->foreign = m->layers[i].is_foreign;
    }
}

/*
 * The reference as it was written, with a tag. The peer adds ":latest" only to
 * a text without any ":", so that a port passes for a tag (scan-facts.md
 * §8.1).
 */
static char *
default_name(const struct pulled *p)
{
    const struct source_spec *spec = &p->source.spec;
    auto_free char *text =
        spec->name != NULL
            ? xstrdup(spec->name)
            : xasprintf("%s/%s", registry_base(p->registry), spec->ref);
    const char *last = member_base(text);
    bool has_tag = strchr(spec->compat ? text : last, ':') != NULL;

    return xasprintf("%s%s", text, has_tag ? "" : ":latest");
}

static void
on_image(const struct reg_image *got, const struct err *err, void *arg)
{
    struct pulled *p = arg;
    struct source_image *image = &p->source.image;

    p->op = NULL;
    if (got == NULL) {
        source_failed(&p->source, err);
        return;
    }
    image->image_id = xstrdup(got->manifest->config.digest.text);
    image->config = bytes_dup(got->config);
    image->config_n = got->config.n;
    image->manifest_digest = xstrdup(got->manifest_digest.text);
    if (got->index_digest.text[0] != '\0')
        image->index_digest = xstrdup(got->index_digest.text);
    image->manifest_type = xstrdup(got->content_type);
    image->default_name = default_name(p);
    image->drop_broken = p->source.spec.compat && !got->manifest->is_docker;
    take_layers(image, got->manifest);
    source_ready(&p->source);
}

static int
pulled_open(struct source *s, struct err *err)
{
    struct pulled *p = (struct pulled *)s;
    struct platform wanted =
        s->spec.has_platform ? s->spec.platform : PLATFORM_DEFAULT;

    p->registry = registry_ref(s->spec.registry);
    if (ref_parse_in(&p->ref, s->spec.ref, registry_base(p->registry), err) < 0)
        return -1;
    p->op = registry_image(p->registry, p->ref.repo, ref_selector(&p->ref),
                           &wanted, on_image, p);
    return 0;
}

/* ---- layers -------------------------------------------------------------- */

static void
resume(struct fetch *fetch)
{
    reg_op_resume(((struct pulled_fetch *)fetch)->op);
}

static void
cancel(struct fetch *fetch)
{
    struct pulled_fetch *f = (struct pulled_fetch *)fetch;

    reg_op_cancel(f->op);
    loop_bury(f->loop, free, f);
}

static const struct fetch_ops pulled_ops = { .resume = resume,
                                             .cancel = cancel };

static enum reg_flow
on_chunk(struct bytes chunk, void *arg)
{
    struct pulled_fetch *f = arg;

    switch (f->events->on_chunk(chunk, f->arg)) {
    case SOURCE_PAUSE:
        return REG_PAUSE;
    case SOURCE_STOP:
        return REG_STOP;
    default:
        return REG_MORE;
    }
}

static void
on_restart(void *arg)
{
    struct pulled_fetch *f = arg;

    f->events->on_restart(f->arg);
}

static void
on_end(const struct err *err, void *arg)
{
    struct pulled_fetch *f = arg;

    loop_bury(f->loop, free, f);
    f->events->on_end(err == NULL ? &f->digest : NULL, err, f->arg);
}

static const struct reg_blob_events blob_events = {
    .on_chunk = on_chunk, .on_restart = on_restart, .on_end = on_end,
};

static struct fetch *
pulled_fetch(struct source *s, size_t layer, const struct fetch_events *events,
             void *arg, struct err *err)
{
    struct pulled *p = (struct pulled *)s;
    const struct source_layer *l = &s->image.layers[layer];
    struct pulled_fetch *f = xnew(struct pulled_fetch);

    (void)err;
    f->fetch.ops = &pulled_ops;
    f->loop = s->loop;
    f->digest = l->digest;
    f->events = events;
    f->arg = arg;
    f->op = registry_blob(p->registry, p->ref.repo, &l->digest, l->size,
                          &blob_events, f);
    return &f->fetch;
}

static void
pulled_clear(struct source *s)
{
    struct pulled *p = (struct pulled *)s;

    if (p->op != NULL)
        reg_op_cancel(p->op);
    p->op = NULL;
    if (p->registry != NULL)
        registry_unref(p->registry);
    p->registry = NULL;
    ref_clear(&p->ref);
}

const struct source_ops source_registry = {
    .size = sizeof(struct pulled),
    .open = pulled_open,
    .fetch = pulled_fetch,
    .clear = pulled_clear,
};
