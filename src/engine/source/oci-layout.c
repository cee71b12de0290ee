/*
 * OCI layouts: from index.json to one image, by the rules of registries.md
 * §3.6, with every JSON blob held against its digest. As the peer does it:
 * oci-compat.c.
 */
#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"
#include "engine/source/source-private.h"

#define NESTING_MAX 4
#define LEAVES_MAX  1024

/* Images found so far; entries borrow nothing, media types stay NULL. */
struct leaves {
    struct descriptor at[LEAVES_MAX];
    size_t n;
};

struct walk {
    const struct oci_blobs *blobs; /* borrows */
    struct leaves *leaves;         /* borrows */
};

char *
oci_blob_path(const struct digest *d)
{
    return xasprintf("blobs/sha256/%s", digest_hex(d));
}

/* A blob's bytes, when they are there; -1 when they are not what they say. */
static int
read_blob(struct bytes *out, const struct oci_blobs *blobs,
          const struct digest *d, struct err *err)
{
    auto_free char *path = oci_blob_path(d);
    struct digest got;

    *out = BYTES_NONE;
    if (!blobs->json(out, path, blobs->arg))
        return 0;
    got = digest_of(*out);
    if (!digest_eq(&got, d))
        return err_set_code(err, ERR_INPUT, "DIGEST_MISMATCH",
                            "blob %s: its bytes hash to %s", d->text,
                            got.text);
    return 0;
}

/* An entry without a platform gets that of its config, when it is there. */
static int
fill_platform(struct descriptor *leaf, const struct manifest *m,
              const struct oci_blobs *blobs, struct err *err)
{
    auto_jx struct jx *config = NULL;
    struct bytes body;

    if (leaf->has_platform)
        return 0;
    if (read_blob(&body, blobs, &m->config.digest, err) < 0)
        return -1;
    config = jx_parse_lossy(body, CONFIG_MAX_BYTES, NULL);
    if (jx_str(config, "os") == NULL || jx_str(config, "architecture") == NULL)
        return 0;
    platform_set(&leaf->platform, jx_str(config, "os"),
                 jx_str(config, "architecture"), jx_str(config, "variant"));
    leaf->has_platform = true;
    return 0;
}

static int walk_index(const struct walk *w, const struct manifest *index,
                      unsigned depth, struct err *err);

/* One entry: an image, an index to walk, or nothing of ours. */
static int
walk_entry(const struct walk *w, const struct descriptor *entry,
           unsigned depth, struct err *err)
{
    auto_manifest struct manifest *m = NULL;
    struct descriptor *leaf;
    struct bytes body;

    if (entry->is_attestation)
        return 0;
    if (read_blob(&body, w->blobs, &entry->digest, err) < 0)
        return -1;
    /* Indexes name platforms that were not saved with them. */
    if (body.p == NULL)
        return 0;
    if (manifest_parse(&m, body, entry->media_type, err) < 0)
        return err->kind == ERR_UNSUPPORTED
                   ? 0
                   : err_wrap(err, "%s", entry->digest.text);
    if (m->kind == MANIFEST_INDEX)
        return walk_index(w, m, depth + 1, err);
    if (w->leaves->n == LEAVES_MAX)
        return err_set(err, ERR_LIMIT, "more than %d images", LEAVES_MAX);
    leaf = &w->leaves->at[w->leaves->n++];
    *leaf = *entry;
    leaf->media_type = NULL;
    return fill_platform(leaf, m, w->blobs, err);
}

static int
walk_index(const struct walk *w, const struct manifest *index, unsigned depth,
           struct err *err)
{
    if (depth > NESTING_MAX)
        return err_set(err, ERR_LIMIT, "indexes nested too deeply");
    for (size_t i = 0; i < index->n_entries; i++) {
        if (walk_entry(w, &index->entries[i], depth, err) < 0)
            return -1;
    }
    return 0;
}

static bool
has_name(const struct jx *entry, const char *ref)
{
    const struct jx *notes = jx_obj(entry, "annotations");

    return str_eq(jx_str(notes, "org.opencontainers.image.ref.name"), ref) ||
           str_eq(jx_str(notes, "io.containerd.image.name"), ref) ||
           str_eq(jx_str(entry, "digest"), ref);
}

/* Only the entries that bear the name; all without one. */
static int
keep_named(struct manifest *index, const struct jx *doc, const char *ref,
           struct err *err)
{
    const struct jx *list = jx_arr(doc, "manifests");
    size_t n = 0;

    if (ref == NULL)
        return 0;
    for (size_t i = 0; i < index->n_entries; i++) {
        if (has_name(jx_at(list, i), ref)) {
            struct descriptor d = index->entries[n];

            index->entries[n++] = index->entries[i];
            index->entries[i] = d;
        }
    }
    for (size_t i = n; i < index->n_entries; i++)
        free(index->entries[i].media_type);
    index->n_entries = n;
    if (n == 0)
        return err_set(err, ERR_ABSENT, "no image is named %.200s in it", ref);
    return 0;
}

static int
read_leaves(struct leaves *leaves, const struct oci_blobs *blobs,
            const char *ref, struct err *err)
{
    auto_manifest struct manifest *index = NULL;
    auto_jx struct jx *doc = NULL;
    struct walk w = { .blobs = blobs, .leaves = leaves };
    struct bytes body;

    if (!blobs->json(&body, "index.json", blobs->arg))
        return invalid_archive(err, "there is no index.json");
    doc = jx_parse(body, MANIFEST_MAX_BYTES, NULL);
    if (doc == NULL || manifest_parse(&index, body, NULL, err) < 0 ||
        index->kind != MANIFEST_INDEX)
        return invalid_archive(err, "index.json is malformed");
    if (keep_named(index, doc, ref, err) < 0 ||
        walk_index(&w, index, 0, err) < 0)
        return -1;
    if (leaves->n == 0)
        return invalid_archive(err, "there is no image in it");
    return 0;
}

static void
take_layers(struct source_image *image, const struct manifest *m)
{
    source_image_layers(image, m->n_layers);
    for (size_t i = 0; i < m->n_layers; i++) {
        struct source_layer *to = &image->layers[i];

        to->name = xstrdup(m->layers[i].digest.text);
        to->digest = m->layers[i].digest;
        to->size = m->layers[i].size;
        to->foreign = m->layers[i].is_foreign;
    }
}

static int
take_image(struct source_image *image, const struct oci_blobs *blobs,
           const struct digest *digest, struct err *err)
{
    auto_manifest struct manifest *m = NULL;
    struct bytes body;

    if (read_blob(&body, blobs, digest, err) < 0 ||
        manifest_parse(&m, body, NULL, err) < 0)
        return -1;
    if (read_blob(&body, blobs, &m->config.digest, err) < 0)
        return err_wrap(err, "config");
    if (body.p == NULL)
        return invalid_archive(err, "config %s is not in it",
                               m->config.digest.text);
    image->image_id = xstrdup(m->config.digest.text);
    image->config = bytes_dup(body);
    image->config_n = body.n;
    take_layers(image, m);
    return 0;
}

int
oci_layout_read(struct source_image *image, const struct oci_blobs *blobs,
                const struct source_spec *spec, struct err *err)
{
    auto_free struct leaves *leaves = xnew(struct leaves);
    struct platform wanted =
        spec->has_platform ? spec->platform : PLATFORM_DEFAULT;
    struct manifest found = { .kind = MANIFEST_INDEX, .entries = leaves->at };
    const struct descriptor *chosen;

    if (read_leaves(leaves, blobs, spec->ref, err) < 0)
        return -1;
    found.n_entries = leaves->n;
    chosen = manifest_choose(&found, &wanted, err);
    if (chosen == NULL)
        return -1;
    return take_image(image, blobs, &chosen->digest, err);
}
