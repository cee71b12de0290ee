/* engine/source/source-private.h: what the kinds of sources share. */
#ifndef ENGINE_SOURCE_SOURCE_PRIVATE_H
#define ENGINE_SOURCE_SOURCE_PRIVATE_H

#include "base/oci/manifest.h"
#include "engine/source/archive-index.h"
#include "engine/source/source.h"

/* One row for each kind of source. */
struct source_ops {
    size_t size; /* of the struct that begins with a struct source */
    /* Begin; source_ready() or source_failed() follows, not from within. */
    int (*open)(struct source *s, struct err *err);
    const char *const *(*layer_args)(struct source *s, size_t layer); /* NULL:
                                                          never any */
    struct fetch *(*fetch)(struct source *s, size_t layer,
                           const struct fetch_events *events, void *arg,
                           struct err *err);
    /* Cancel what runs, free what is one's own; not the struct. */
    void (*clear)(struct source *s);
};

struct source {
    const struct source_ops *ops;
    unsigned n_refs;
    struct loop *loop;       /* borrows */
    struct proc_pool *pool;  /* borrows */
    struct source_spec spec; /* owns its texts */
    const struct source_events *events; /* borrows */
    void *arg;
    struct source_image image; /* owns */
};

extern const struct source_ops source_archive;
extern const struct source_ops source_oci_dir;
extern const struct source_ops source_registry;

/* The image is complete: check its size, tell. */
void source_ready(struct source *s);
void source_failed(struct source *s, const struct err *err);

/* Room for n layers, all empty. */
void source_image_layers(struct source_image *image, size_t n);
void source_image_clear(struct source_image *image);

struct fetch_ops {
    void (*resume)(struct fetch *f);
    void (*cancel)(struct fetch *f);
};
struct fetch {
    const struct fetch_ops *ops; /* the first member of each kind of fetch */
};

/*
 * file-fetch.c: a range of a file as a fetch.
 *   own_fd  close fd at the end
 *   want    what the bytes must hash to; NULL or text "": whatever they do
 *   partial the bytes are more than the layer: on_end gets a digest ""
 */
struct fetch *file_fetch_start(struct loop *loop, int fd, bool own_fd,
                               uint64_t offset, uint64_t size,
                               const struct digest *want, bool partial,
                               const struct fetch_events *events, void *arg);

/* Where a layer lies in an archive. */
struct place {
    uint64_t offset, size; /* bytes */
};
/* Room for n layers and for where they lie, all empty. ERR_LIMIT when that is
 * more than a manifest may have. The caller frees *places. */
int source_image_places(struct source_image *image, struct place **places,
                        size_t n, struct err *err);

/*
 * The forms of scan-facts.md §3: what an archive says its image is. Pure.
 * ERR_INPUT with code INVALID_ARCHIVE when it is not of that form. On error
 * image and places may be filled in part; the caller clears.
 *   places  one for each layer; the caller owns
 */
typedef int (*archive_form)(struct source_image *image, struct place **places,
                            const struct archive_index *index,
                            const struct source_spec *spec, struct err *err);
int docker_archive_form(struct source_image *image, struct place **places,
                        const struct archive_index *index,
                        const struct source_spec *spec, struct err *err);
int kaniko_archive_form(struct source_image *image, struct place **places,
                        const struct archive_index *index,
                        const struct source_spec *spec, struct err *err);
int oci_archive_form(struct source_image *image, struct place **places,
                     const struct archive_index *index,
                     const struct source_spec *spec, struct err *err);
/* oci-compat.c: as the peer reads an OCI archive. */
int oci_compat_form(struct source_image *image, struct place **places,
                    const struct archive_index *index,
                    const struct source_spec *spec, struct err *err);

/* Always -1. */
int invalid_archive(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* oci-layout.c: how to look into an OCI layout. */
struct oci_blobs {
    /* The bytes of a JSON file of at most 16 MiB, borrowed until the next
     * call; false when it is not there or is no JSON. */
    bool (*json)(struct bytes *out, const char *path, void *arg);
    void *arg;
};
/* Where a blob lies: "blobs/sha256/<hex>"; caller owns. */
char *oci_blob_path(const struct digest *d);
/*
 * The image that spec's ref and platform name, everything verified that is
 * JSON: image_id, config and layers (with digests) of `image`.
 */
int oci_layout_read(struct source_image *image, const struct oci_blobs *blobs,
                    const struct source_spec *spec, struct err *err);

#endif
