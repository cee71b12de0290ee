/* An OCI layout in a tar: blobs are members. */
#include "engine/source/source-private.h"

#include "base/str.h"

static bool
find_json(struct bytes *out, const char *path, void *arg)
{
    const struct member *m = archive_resolve(arg, path);

    if (m == NULL || m->body == NULL)
        return false;
    *out = bytes_of(m->body, m->body_n);
    return true;
}

static int
find_layer(struct source_layer *layer, struct place *place,
           const struct archive_index *index, struct err *err)
{
    auto_free char *path = oci_blob_path(&layer->digest);
    const struct member *m = archive_resolve(index, path);

    if (layer->foreign)
        return 0;
    if (m == NULL)
        return invalid_archive(err, "layer %s is not in it",
                               layer->digest.text);
    layer->size = m->size;
    *place = (struct place){ m->offset, m->size };
    return 0;
}

int
oci_archive_form(struct source_image *image, struct place **places,
                 const struct archive_index *index,
                 const struct source_spec *spec, struct err *err)
{
    struct oci_blobs blobs = { .json = find_json,
                               .arg = (void *)(uintptr_t)index };

    if (oci_layout_read(image, &blobs, spec, err) < 0)
        return -1;
    *places = xcalloc(image->n_layers, sizeof(**places));
    for (size_t i = 0; i < image->n_layers; i++) {
        if (find_layer(&image->layers[i], &(*places)[i], index, err) < 0)
            return -1;
    }
    return 0;
}
