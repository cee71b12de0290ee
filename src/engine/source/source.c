/* The door: which kind of source it is, and what all kinds have in common. */
#include "engine/source/source.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "engine/source/source-private.h"

static const struct source_ops *const kinds[] = {
    [SOURCE_DOCKER_ARCHIVE] = &source_archive,
    [SOURCE_OCI_ARCHIVE] = &source_archive,
    [SOURCE_KANIKO_ARCHIVE] = &source_archive,
    [SOURCE_OCI_DIR] = &source_oci_dir,
    [SOURCE_REGISTRY] = &source_registry,
};

void
source_image_layers(struct source_image *image, size_t n)
{
    image->layers = xcalloc(n, sizeof(*image->layers));
    image->n_layers = n;
}

int
source_image_places(struct source_image *image, struct place **places,
                    size_t n, struct err *err)
{
    if (n > MANIFEST_MAX_LAYERS)
        return err_set(err, ERR_LIMIT, "%zu layers, at most %d are accepted",
                       n, MANIFEST_MAX_LAYERS);
    source_image_layers(image, n);
    *places = xcalloc(n, sizeof(**places));
    return 0;
}

void
source_image_clear(struct source_image *image)
{
    for (size_t i = 0; i < image->n_layers; i++)
        free(image->layers[i].name);
    free(image->layers);
    free(image->image_id);
    free(image->config);
    free(image->manifest_digest);
    free(image->index_digest);
    free(image->manifest_type);
    free(image->default_name);
    *image = (struct source_image){ 0 };
}

static void
destroy(void *obj)
{
    struct source *s = obj;

    s->ops->clear(s);
    source_image_clear(&s->image);
    free(s->spec.path);
    free(s->spec.ref);
    free(s->spec.name);
    free(s);
}

struct source *
source_open(struct loop *loop, struct proc_pool *pool,
            const struct source_spec *spec, const struct source_events *events,
            void *arg, struct err *err)
{
    const struct source_ops *ops;
    struct source *s;

    assert((size_t)spec->kind < N_ELEMENTS(kinds));
    ops = kinds[spec->kind];
    s = xcalloc(1, ops->size);
    s->ops = ops;
    s->n_refs = 1;
    s->loop = loop;
    s->pool = pool;
    s->spec = *spec;
    s->spec.path = xstrdup(spec->path);
    s->spec.ref = xstrdup(spec->ref);
    s->spec.name = xstrdup(spec->name);
    s->events = events;
    s->arg = arg;
    if (ops->open(s, err) < 0) {
        destroy(s);
        return NULL;
    }
    return s;
}

struct source *
source_ref(struct source *s)
{
    s->n_refs++;
    return s;
}

void
source_free(struct source *s)
{
    if (s == NULL || --s->n_refs > 0)
        return;
    /* We may be inside a callback of what it runs. */
    s->ops->clear(s);
    loop_bury(s->loop, destroy, s);
}

/* Layers that are fetched, in bytes; what overflows is too large anyway. */
static uint64_t
image_size(const struct source_image *image)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < image->n_layers; i++) {
        if (!image->layers[i].foreign &&
            __builtin_add_overflow(sum, image->layers[i].size, &sum))
            return UINT64_MAX;
    }
    return sum;
}

void
source_ready(struct source *s)
{
    struct err err;

    s->image.size = image_size(&s->image);
    if (s->spec.max_size > 0 && s->image.size > s->spec.max_size) {
        err_set_code(&err, ERR_LIMIT, "IMAGE_TOO_LARGE",
                     "the image has %" PRIu64 " bytes of layers, at most "
                     "%" PRIu64 " are accepted",
                     s->image.size, s->spec.max_size);
        source_failed(s, &err);
        return;
    }
    s->events->on_image(&s->image, NULL, s->arg);
}

void
source_failed(struct source *s, const struct err *err)
{
    s->events->on_image(NULL, err, s->arg);
}

const char *const *
source_layer_args(struct source *s, size_t layer)
{
    return s->ops->layer_args != NULL ? s->ops->layer_args(s, layer) : NULL;
}

struct fetch *
source_fetch(struct source *s, size_t layer, const struct fetch_events *events,
             void *arg, struct err *err)
{
    assert(layer < s->image.n_layers && !s->image.layers[layer].foreign);
    return s->ops->fetch(s, layer, events, arg, err);
}

void
fetch_resume(struct fetch *f)
{
    f->ops->resume(f);
}

void
fetch_cancel(struct fetch *f)
{
    f->ops->cancel(f);
}
