/* What `docker save`, skopeo and kaniko write: manifest.json names a config
 * and layers. scan-facts.md §3.1 and §3.2. */
#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"
#include "engine/source/member-path.h"
#include "engine/source/source-private.h"

/* The two that differ in names only. */
struct dialect {
    const char *layer_suffix;
    bool is_kaniko;
};

static const struct dialect docker = { ".tar", false };
static const struct dialect kaniko = { ".tar.gz", true };

static size_t
hex_run(const char *s)
{
    return strspn(s, "0123456789abcdefABCDEF");
}

/* 64 hex digits and ".json" anywhere; "sha256:" and 64 hex digits. */
static bool
is_config_name(const struct dialect *d, const char *path)
{
    if (d->is_kaniko) {
        const char *at = strstr(path, "sha256:");

        return at != NULL && hex_run(at + 7) >= SHA256_HEX;
    }
    for (const char *dot = strstr(path, ".json"); dot != NULL;
         dot = strstr(dot + 1, ".json")) {
        const char *from = dot - SHA256_HEX;

        if (dot - path >= SHA256_HEX && hex_run(from) >= SHA256_HEX)
            return true;
    }
    return false;
}

/*
 * The config the manifest names; the peer takes the last member whose name
 * looks like one, and so do we when there is none of that name.
 */
static const struct member *
find_config(const struct dialect *d, const struct archive_index *index,
            const char *name, bool compat)
{
    auto_free char *path = member_path(bytes_str(name));
    const struct member *m = NULL;

    if (!compat && path != NULL)
        m = archive_resolve(index, path);
    if (m != NULL && m->body != NULL)
        return m;
    for (size_t i = index->n_members; i > 0; i--) {
        m = &index->members[i - 1];
        if (m->type == MEMBER_FILE && m->body != NULL &&
            is_config_name(d, m->path))
            return m;
    }
    return NULL;
}

/* Config up to its first "." (kaniko: all of it), behind a "sha256:". */
static char *
image_id(const struct dialect *d, const char *config)
{
    size_t n = d->is_kaniko ? strlen(config) : strcspn(config, ".");
    auto_free char *id = xstrndup(config, n);

    return xasprintf("%s%s", strchr(id, ':') != NULL ? "" : "sha256:", id);
}

static const struct member *
find_layer(const struct dialect *d, const struct archive_index *index,
           const char *path, bool compat)
{
    const struct member *m;

    if (!str_ends(path, d->layer_suffix))
        return NULL;
    if (!compat)
        return archive_resolve(index, path);
    /* The peer sees regular files only: skopeo's symbolic links for repeated
     * layers are no layers to it. */
    m = archive_find(index, path);
    return m != NULL && m->type == MEMBER_FILE ? m : NULL;
}

static int
read_layer(struct source_layer *layer, struct place *place,
           const struct dialect *d, const struct archive_index *index,
           const char *name, bool compat, struct err *err)
{
    const struct member *m;

    layer->name = member_path(bytes_str(name));
    if (layer->name == NULL)
        return invalid_archive(err, "the name of a layer is malformed");
    m = find_layer(d, index, layer->name, compat);
    if (m != NULL) {
        layer->size = m->size;
        *place = (struct place){ m->offset, m->size };
        return 0;
    }
    if (!compat)
        return invalid_archive(err, "layer %.200s is not in it", layer->name);
    layer->foreign = true;
    return 0;
}

static int
read_layers(struct source_image *image, struct place **places,
            const struct dialect *d, const struct archive_index *index,
            const struct jx *names, bool compat, struct err *err)
{
    size_t n = jx_count(names), n_usable = 0;

    if (source_image_places(image, places, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const char *name = jx_str_value(jx_at(names, i));

        if (name == NULL)
            return invalid_archive(err, "the name of a layer is malformed");
        if (read_layer(&image->layers[i], &(*places)[i], d, index, name,
                       compat, err) < 0)
            return -1;
        n_usable += !image->layers[i].foreign;
    }
    if (n_usable == 0 && compat)
        return invalid_archive(err, "none of its layers is in it");
    return 0;
}

static int
read_form(struct source_image *image, struct place **places,
          const struct dialect *d, const struct archive_index *index,
          const struct source_spec *spec, struct err *err)
{
    const struct member *m = archive_find(index, "manifest.json"), *config;
    auto_jx struct jx *doc = NULL;
    const struct jx *first;
    const char *name;

    if (m == NULL || m->type != MEMBER_FILE || m->body == NULL)
        return invalid_archive(err, "there is no manifest.json");
    doc = jx_parse_lossy(bytes_of(m->body, m->body_n), MANIFEST_MAX_BYTES, err);
    if (doc == NULL)
        return invalid_archive(err, "manifest.json is malformed");
    first = jx_at(doc, 0);
    name = jx_str(first, "Config");
    if (name == NULL || jx_arr(first, "Layers") == NULL)
        return invalid_archive(err, "manifest.json names no config or layers");
    config = find_config(d, index, name, spec->compat);
    if (config == NULL)
        return invalid_archive(err, "the config is not in it");
    image->image_id = image_id(d, name);
    image->config = bytes_dup(bytes_of(config->body, config->body_n));
    image->config_n = config->body_n;
    return read_layers(image, places, d, index, jx_arr(first, "Layers"),
                       spec->compat, err);
}

int
docker_archive_form(struct source_image *image, struct place **places,
                    const struct archive_index *index,
                    const struct source_spec *spec, struct err *err)
{
    return read_form(image, places, &docker, index, spec, err);
}

int
kaniko_archive_form(struct source_image *image, struct place **places,
                    const struct archive_index *index,
                    const struct source_spec *spec, struct err *err)
{
    return read_form(image, places, &kaniko, index, spec, err);
}
