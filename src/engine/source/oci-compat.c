/*
 * An OCI archive as the peer reads it (scan-facts.md §3.3): every JSON blob
 * is looked at, manifests and configs are chosen by platform each on its own,
 * a layer that is missing is left out.
 */
#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"
#include "engine/source/member-path.h"
#include "engine/source/source-private.h"

#define NESTING_MAX 8
#define BLOBS_MAX   4096

enum blob_kind { BLOB_MANIFEST, BLOB_INDEX, BLOB_CONFIG };

struct blob {
    enum blob_kind kind;
    char *digest;   /* owns; "<algo>:<name>" */
    struct jx *doc; /* owns */
    const struct member *member; /* borrows */
};

struct blobs {
    struct blob at[BLOBS_MAX];
    size_t n;
};

/* What can be chosen by platform: a manifest's entry or a config. */
struct choice {
    const struct jx *platform; /* where os and architecture stand; NULL: none */
    bool has_variant;          /* whether a variant may stand there */
};

static const char *const manifest_types[] = {
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
};
static const char *const index_types[] = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
};

static bool
is_one_of(const char *type, const char *const types[2])
{
    return str_eq(type, types[0]) || str_eq(type, types[1]);
}

static void
blobs_free(struct blobs *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->at[i].digest);
        jx_free(b->at[i].doc);
    }
    free(b);
}
AUTO_DEFINE(struct blobs, blobs, blobs_free)
#define auto_blobs __attribute__((cleanup(auto_cleanup_blobs)))

static int
kind_of(const struct jx *doc)
{
    if (jx_arr(doc, "layers") != NULL)
        return BLOB_MANIFEST;
    if (jx_arr(doc, "manifests") != NULL &&
        is_one_of(jx_str(doc, "mediaType"), index_types))
        return BLOB_INDEX;
    if (jx_has(doc, "architecture") && jx_has(doc, "rootfs"))
        return BLOB_CONFIG;
    return -1;
}

/* "blobs/<algo>/.../<name>" -> "<algo>:<name>"; NULL for other members. */
static char *
digest_of_member(const struct member *m)
{
    size_t n = str_starts(m->path, "blobs/") ? strcspn(m->path + 6, "/") : 0;

    if (m->type != MEMBER_FILE || n == 0 || m->path[6 + n] != '/')
        return NULL;
    return xasprintf("%.*s:%s", (int)n, m->path + 6, member_base(m->path));
}

static struct blobs *
read_blobs(const struct archive_index *index)
{
    struct blobs *b = xnew(struct blobs);

    for (size_t i = 0; i < index->n_members && b->n < BLOBS_MAX; i++) {
        const struct member *m = &index->members[i];
        auto_free char *digest = digest_of_member(m);
        auto_jx struct jx *doc = NULL;
        int kind;

        if (digest == NULL || m->body == NULL)
            continue;
        doc = jx_parse_lossy(bytes_of(m->body, m->body_n), m->body_n, NULL);
        kind = kind_of(doc);
        if (kind < 0)
            continue;
        b->at[b->n++] = (struct blob){ .kind = kind, .digest = steal(digest),
                                       .doc = steal(doc), .member = m };
    }
    return b;
}

static const struct blob *
find_blob(const struct blobs *b, enum blob_kind kind, const char *digest)
{
    for (size_t i = 0; digest != NULL && i < b->n; i++) {
        if (b->at[i].kind == kind && strcmp(b->at[i].digest, digest) == 0)
            return &b->at[i];
    }
    return NULL;
}

/* Candidates of an index, nested ones included; appended to an array. */
static void
gather(struct jx *to, const struct blobs *b, const struct jx *index,
       unsigned depth)
{
    const struct jx *list = jx_arr(index, "manifests");

    for (size_t i = 0; i < jx_count(list); i++) {
        const struct jx *entry = jx_at(list, i);
        const char *type = jx_str(entry, "mediaType");
        const struct blob *nested;

        if (is_one_of(type, manifest_types) && jx_count(to) < BLOBS_MAX)
            jx_append(to, jx_copy(entry));
        nested = is_one_of(type, index_types)
                     ? find_blob(b, BLOB_INDEX, jx_str(entry, "digest"))
                     : NULL;
        if (nested != NULL && depth < NESTING_MAX)
            gather(to, b, nested->doc, depth + 1);
    }
}

static bool
is_unknown(const struct jx *config)
{
    return str_eq(jx_str(config, "os"), "unknown") &&
           str_eq(jx_str(config, "architecture"), "unknown");
}

/* The wanted one; without, that of a single config; else linux/amd64. */
static struct platform
wanted_platform(const struct source_spec *spec, const struct blobs *b)
{
    struct platform p = PLATFORM_DEFAULT;
    const struct jx *only = NULL;
    size_t n = 0;

    if (spec->has_platform)
        return spec->platform;
    for (size_t i = 0; i < b->n; i++) {
        if (b->at[i].kind == BLOB_CONFIG && !is_unknown(b->at[i].doc)) {
            only = b->at[i].doc;
            n++;
        }
    }
    if (n == 1)
        platform_set(&p, jx_str(only, "os"), jx_str(only, "architecture"),
                     NULL);
    return p;
}

/* Index into `choices` or -1. */
static int
choose(const struct choice *choices, size_t n, const struct platform *wanted)
{
    int first = -1, same = -1;
    size_t n_like = 0;

    if (n == 1 && choices[0].platform == NULL)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const struct jx *at = choices[i].platform;
        struct platform p;

        if (at == NULL)
            continue;
        platform_set(&p, jx_str(at, "os"), jx_str(at, "architecture"),
                     choices[i].has_variant ? jx_str(at, "variant") : NULL);
        if (!platform_like(&p, wanted))
            continue;
        n_like++;
        if (first < 0)
            first = (int)i;
        if (same < 0 && platform_eq(&p, wanted))
            same = (int)i;
    }
    return n_like == 1 ? first : same;
}

static int
no_platform(struct err *err)
{
    return err_set_code(err, ERR_UNSUPPORTED, "PLATFORM_NOT_FOUND",
                        "Image does not support the requested CPU "
                        "architecture or operating system");
}

static const struct jx *
choose_manifest(const struct archive_index *index, const struct blobs *b,
                const struct platform *wanted, struct err *err)
{
    const struct member *m = archive_find(index, "index.json");
    auto_jx struct jx *list = jx_new_arr(), *main_doc = NULL;
    auto_free struct choice *choices = NULL;
    const struct blob *found = NULL;
    int i;

    if (m != NULL && m->body != NULL)
        main_doc = jx_parse_lossy(bytes_of(m->body, m->body_n), m->body_n,
                                  NULL);
    if (main_doc == NULL) {
        for (size_t k = 0; k < b->n && found == NULL; k++)
            found = b->at[k].kind == BLOB_MANIFEST ? &b->at[k] : NULL;
    } else {
        gather(list, b, main_doc, 0);
        choices = xcalloc(jx_count(list), sizeof(*choices));
        for (size_t k = 0; k < jx_count(list); k++)
            choices[k] = (struct choice){
                jx_obj(jx_at(list, k), "platform"), true
            };
        i = choose(choices, jx_count(list), wanted);
        if (i < 0) {
            no_platform(err);
            return NULL;
        }
        found = find_blob(b, BLOB_MANIFEST,
                          jx_str(jx_at(list, (size_t)i), "digest"));
    }
    if (found == NULL)
        invalid_archive(err, "there is no manifest in it");
    return found != NULL ? found->doc : NULL;
}

static const struct blob *
choose_config(const struct blobs *b, const struct platform *wanted)
{
    auto_free struct choice *choices = xcalloc(b->n, sizeof(*choices));
    auto_free size_t *place = xcalloc(b->n, sizeof(*place));
    size_t n = 0;
    int i;

    for (size_t k = 0; k < b->n; k++) {
        if (b->at[k].kind != BLOB_CONFIG)
            continue;
        place[n] = k;
        choices[n++] = (struct choice){ b->at[k].doc, false };
    }
    i = choose(choices, n, wanted);
    return i >= 0 ? &b->at[place[i]] : NULL;
}

static int
read_layers(struct source_image *image, struct place **places,
            const struct archive_index *index, const struct jx *list,
            struct err *err)
{
    size_t n = jx_count(list), n_usable = 0;

    if (source_image_places(image, places, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct source_layer *layer = &image->layers[i];
        const struct member *m = NULL;

        if (digest_parse(&layer->digest, jx_str(jx_at(list, i), "digest"),
                         err) < 0)
            return invalid_archive(err, "the digest of a layer is malformed");

        auto_free char *path = oci_blob_path(&layer->digest);
        m = archive_find(index, path);
        layer->name = xstrdup(layer->digest.text);
        layer->foreign = m == NULL || m->type != MEMBER_FILE;
        if (layer->foreign)
            continue;
        n_usable++;
        layer->size = m->size;
        (*places)[i] = (struct place){ m->offset, m->size };
    }
    return n_usable > 0 ? 0 : invalid_archive(err, "no layer is in it");
}

int
oci_compat_form(struct source_image *image, struct place **places,
                const struct archive_index *index,
                const struct source_spec *spec, struct err *err)
{
    auto_blobs struct blobs *b = read_blobs(index);
    struct platform wanted = wanted_platform(spec, b);
    const struct jx *manifest = choose_manifest(index, b, &wanted, err);
    const struct blob *config;
    const char *id;

    if (manifest == NULL)
        return -1;
    config = choose_config(b, &wanted);
    if (config == NULL)
        return no_platform(err);
    id = jx_str(jx_obj(manifest, "config"), "digest");
    if (id == NULL)
        return invalid_archive(err, "the manifest names no config");
    image->image_id = xstrdup(id);
    image->config = bytes_dup(bytes_of(config->member->body,
                                       config->member->body_n));
    image->config_n = config->member->body_n;
    image->drop_broken = true;
    return read_layers(image, places, index, jx_arr(manifest, "layers"), err);
}
