/* Manifests and indexes: JSON from strangers into typed, bounded structs. */
#include "base/oci/manifest.h"

#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"

#define INDEX_MAX_ENTRIES 1024
#define TYPE_MAX_BYTES    256

enum body_kind {
    BODY_UNKNOWN, /* a type that says nothing, such as application/json */
    BODY_IMAGE,
    BODY_INDEX,
    BODY_SCHEMA1,
    BODY_ARTIFACT
};

static const struct media {
    const char *type;
    enum body_kind kind;
    bool is_docker;
} medias[] = {
    { "application/vnd.oci.image.index.v1+json", BODY_INDEX, false },
    { "application/vnd.oci.image.manifest.v1+json", BODY_IMAGE, false },
    { "application/vnd.docker.distribution.manifest.list.v2+json", BODY_INDEX,
      true },
    { "application/vnd.docker.distribution.manifest.v2+json", BODY_IMAGE,
      true },
    { "application/vnd.docker.distribution.manifest.v1+json", BODY_SCHEMA1,
      true },
    { "application/vnd.docker.distribution.manifest.v1+prettyjws",
      BODY_SCHEMA1, true },
    { "application/vnd.oci.artifact.manifest.v1+json", BODY_ARTIFACT, false },
};

static const char *const config_types[] = {
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
    /* What Docker 1.10 pushed. */
    "application/octet-stream",
};

/* NULL for a type that is generic or missing. */
static const struct media *
media_of(const char *type)
{
    char name[TYPE_MAX_BYTES];
    size_t n;

    if (type == NULL)
        return NULL;
    n = strcspn(type, "; \t");
    if (n >= sizeof(name))
        return NULL;
    memcpy(name, type, n);
    name[n] = '\0';
    for (size_t i = 0; i < N_ELEMENTS(medias); i++) {
        if (str_ieq(name, medias[i].type))
            return &medias[i];
    }
    return NULL;
}

static int
unsupported(struct err *err, const char *what)
{
    return err_set_code(err, ERR_UNSUPPORTED, "UNSUPPORTED_MANIFEST", "%s",
                        what);
}

/* What the members say when no type does. */
static enum body_kind
kind_by_members(const struct jx *doc)
{
    if (jx_arr(doc, "manifests") != NULL)
        return BODY_INDEX;
    if (jx_obj(doc, "config") != NULL && jx_arr(doc, "layers") != NULL)
        return BODY_IMAGE;
    if (jx_arr(doc, "fsLayers") != NULL)
        return BODY_SCHEMA1;
    return BODY_UNKNOWN;
}

/* Content-Type, then the body's mediaType, then the members; a header and a
 * body that contradict each other are refused. */
static int
find_kind(struct manifest *m, enum body_kind *out, const struct jx *doc,
          const char *content_type, struct err *err)
{
    const char *own = jx_str(doc, "mediaType");
    const struct media *header = media_of(content_type), *body = media_of(own);
    const struct media *media = header != NULL ? header : body;

    if (header != NULL && body != NULL && header != body)
        return err_set(err, ERR_INPUT,
                       "sent as %.100s, but its mediaType is %.100s",
                       header->type, body->type);
    *out = media != NULL ? media->kind : kind_by_members(doc);
    m->is_docker = media != NULL && media->is_docker;
    m->media_type = media != NULL ? xstrdup(media->type)
                    : own != NULL ? xstrndup(own, TYPE_MAX_BYTES)
                                  : NULL;
    switch (*out) {
    case BODY_SCHEMA1:
        return unsupported(err, "an image manifest of schema 1, which is not "
                                "supported: push the image anew");
    case BODY_ARTIFACT:
        return unsupported(err, "an artifact, not a container image");
    case BODY_UNKNOWN:
        return unsupported(err, "neither an image manifest nor an index");
    default:
        return 0;
    }
}

static int
read_size(uint64_t *out, const struct jx *obj, struct err *err)
{
    struct jx *v = jx_get(obj, "size");
    int64_t n = jx_int_value(v, -1);

    if (n < 0)
        return err_set(err, ERR_INPUT, "its size is missing or malformed");
    *out = (uint64_t)n;
    return 0;
}

static void
read_platform(struct descriptor *d, const struct jx *obj)
{
    struct jx *p = jx_obj(obj, "platform");

    if (p == NULL)
        return;
    d->has_platform = true;
    platform_set(&d->platform, jx_str(p, "os"), jx_str(p, "architecture"),
                 jx_str(p, "variant"));
}

static int
read_descriptor(struct descriptor *d, const struct jx *obj, struct err *err)
{
    const char *digest = jx_str(obj, "digest");

    if (!jx_is_obj(obj))
        return err_set(err, ERR_INPUT, "not an object");
    if (digest != NULL && str_starts(digest, "sha512:"))
        return err_set(err, ERR_UNSUPPORTED,
                       "digests other than sha256 are not supported");
    if (digest_parse(&d->digest, digest, err) < 0 ||
        read_size(&d->size, obj, err) < 0)
        return -1;
    d->media_type = xstrdup(jx_str(obj, "mediaType"));
    read_platform(d, obj);
    d->is_attestation =
        (d->has_platform && str_eq(d->platform.os, "unknown") &&
         str_eq(d->platform.arch, "unknown")) ||
        jx_str(jx_obj(obj, "annotations"), "vnd.docker.reference.type") != NULL;
    d->is_foreign = d->media_type != NULL &&
                    (strstr(d->media_type, ".foreign.") != NULL ||
                     strstr(d->media_type, ".nondistributable.") != NULL);
    return 0;
}

/* All of an array of descriptors; *out and *n are owned by the manifest at
 * once, so that a failure half-way leaks nothing. */
static int
read_list(struct descriptor **out, size_t *n, const struct jx *arr,
          const char *what, size_t limit, struct err *err)
{
    size_t count = jx_count(arr);

    if (count > limit)
        return err_set(err, ERR_LIMIT, "%zu %ss, at most %zu are accepted",
                       count, what, limit);
    *out = xcalloc(count, sizeof(**out));
    for (*n = 0; *n < count;) {
        size_t i = (*n)++;

        if (read_descriptor(&(*out)[i], jx_at(arr, i), err) < 0)
            return err_wrap(err, "%s %zu", what, i);
    }
    return 0;
}

static int
check_config_type(const struct descriptor *config, struct err *err)
{
    if (config->media_type == NULL)
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(config_types); i++) {
        if (str_ieq(config->media_type, config_types[i]))
            return 0;
    }
    return err_set_code(err, ERR_UNSUPPORTED, "UNSUPPORTED_MANIFEST",
                        "an artifact (%.100s), not a container image",
                        config->media_type);
}

/* Compression is told by the bytes later; here only what can be no layer. */
static int
check_layer_type(const struct descriptor *layer, struct err *err)
{
    const char *type = layer->media_type;

    if (type == NULL)
        return 0;
    if (strstr(type, "in-toto") != NULL)
        return unsupported(err, "an attestation, not a container image");
    if (str_ends(type, "+encrypted"))
        return unsupported(err, "its layers are encrypted");
    return 0;
}

static int
read_image(struct manifest *m, const struct jx *doc, struct err *err)
{
    m->kind = MANIFEST_IMAGE;
    if (jx_obj(doc, "config") == NULL)
        return err_set(err, ERR_INPUT, "its config is missing");
    if (jx_arr(doc, "layers") == NULL)
        return err_set(err, ERR_INPUT, "its list of layers is missing");
    if (read_descriptor(&m->config, jx_obj(doc, "config"), err) < 0)
        return err_wrap(err, "config");
    if (check_config_type(&m->config, err) < 0)
        return -1;
    if (m->config.size > CONFIG_MAX_BYTES)
        return err_set(err, ERR_LIMIT,
                       "a config of %llu bytes, at most %u are accepted",
                       (unsigned long long)m->config.size, CONFIG_MAX_BYTES);
    if (read_list(&m->layers, &m->n_layers, jx_arr(doc, "layers"), "layer",
                  MANIFEST_MAX_LAYERS, err) < 0)
        return -1;
    for (size_t i = 0; i < m->n_layers; i++) {
        if (check_layer_type(&m->layers[i], err) < 0)
            return -1;
    }
    return 0;
}

static int
read_index(struct manifest *m, const struct jx *doc, struct err *err)
{
    m->kind = MANIFEST_INDEX;
    if (jx_arr(doc, "manifests") == NULL)
        return err_set(err, ERR_INPUT, "its list of manifests is missing");
    return read_list(&m->entries, &m->n_entries, jx_arr(doc, "manifests"),
                     "entry", INDEX_MAX_ENTRIES, err);
}

int
manifest_parse(struct manifest **out, struct bytes body,
               const char *content_type, struct err *err)
{
    auto_manifest struct manifest *m = xnew(struct manifest);
    auto_jx struct jx *doc = jx_parse(body, MANIFEST_MAX_BYTES, err);
    enum body_kind kind = BODY_UNKNOWN;
    int rc;

    *out = NULL;
    if (doc == NULL)
        return err_wrap(err, "manifest");
    if (!jx_is_obj(doc))
        return err_set(err, ERR_INPUT, "manifest: not a JSON object");
    if (find_kind(m, &kind, doc, content_type, err) < 0)
        return err_wrap(err, "manifest");
    rc = kind == BODY_INDEX ? read_index(m, doc, err) : read_image(m, doc, err);
    if (rc < 0)
        return err_wrap(err, "manifest");
    *out = steal(m);
    return 0;
}

static void
free_list(struct descriptor *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].media_type);
    free(list);
}

void
manifest_free(struct manifest *m)
{
    if (m == NULL)
        return;
    free(m->media_type);
    free(m->config.media_type);
    free_list(m->layers, m->n_layers);
    free_list(m->entries, m->n_entries);
    free(m);
}

/* "linux/amd64, linux/arm64/v8", as far as an error's text goes. */
static void
list_platforms(struct buf *out, const struct manifest *index)
{
    for (size_t i = 0; i < index->n_entries; i++) {
        const struct descriptor *d = &index->entries[i];
        char text[100];

        if (d->is_attestation)
            continue;
        platform_format(&d->platform, text);
        buf_addf(out, "%s%s", out->n > 0 ? ", " : "",
                 d->has_platform ? text : "one without a platform");
    }
    if (out->n == 0)
        buf_add_str(out, "nothing");
}

const struct descriptor *
manifest_choose(const struct manifest *index, const struct platform *wanted,
                struct err *err)
{
    const struct descriptor *exact = NULL, *like = NULL, *last = NULL;
    auto_buf struct buf there = BUF_INIT(700);
    char text[100];
    size_t n = 0;

    for (size_t i = 0; i < index->n_entries; i++) {
        const struct descriptor *d = &index->entries[i];

        if (d->is_attestation)
            continue;
        n++;
        last = d;
        if (!d->has_platform || !platform_like(&d->platform, wanted))
            continue;
        /* The first of several: Windows lists one for each os.version. */
        if (like == NULL)
            like = d;
        if (exact == NULL && platform_eq(&d->platform, wanted))
            exact = d;
    }
    if (n == 1)
        return last;
    if (exact != NULL || like != NULL)
        return exact != NULL ? exact : like;
    list_platforms(&there, index);
    platform_format(wanted, text);
    err_set_code(err, ERR_UNSUPPORTED, "PLATFORM_NOT_FOUND",
                 "the image is not there for %s; there is %s", text,
                 buf_cstr(&there));
    return NULL;
}

bool
manifest_size(const struct manifest *m, uint64_t *out_bytes)
{
    *out_bytes = 0;
    for (size_t i = 0; i < m->n_layers; i++) {
        if (m->layers[i].is_foreign)
            continue; /* not fetched */
        if (__builtin_add_overflow(*out_bytes, m->layers[i].size, out_bytes))
            return false;
    }
    return true;
}
