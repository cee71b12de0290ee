/*
 * engine/source/source.h: where an image comes from: a registry, an archive,
 * a directory. One vtable; what it yields is the same for all.
 */
#ifndef ENGINE_SOURCE_SOURCE_H
#define ENGINE_SOURCE_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/oci/platform.h"
#include "base/secret.h"
#include "engine/loop/loop.h"
#include "engine/loop/proc.h"

struct registry; /* engine/registry: a client for one registry and login */
struct source;
struct fetch;

struct source_layer {
    char *name;            /* as fact imageLayers shows it (scan-facts.md §3) */
    struct digest digest;  /* key of its record; text "" when unknown
                              (docker archives: bytes only tell at the end) */
    uint64_t size;         /* bytes to be fetched; 0 unknown */
    bool foreign;          /* not fetched: contributes nothing */
};

/* What is known of an image before a layer is read. Owned by the source. */
struct source_image {
    char *image_id;              /* "sha256:..." */
    char *config;                /* the config blob, JSON text */
    size_t config_n;
    struct source_layer *layers; /* bottom first */
    size_t n_layers;
    char *manifest_digest;       /* NULL when unknown */
    char *index_digest;          /* NULL when no index was resolved */
    char *manifest_type;         /* media type, NULL for archives */
    uint64_t size;               /* sum of layer sizes, compressed */
    char *default_name;          /* target image when no option names one:
                                    "image.tar" or the reference (§8.1) */
    bool drop_broken;            /* compat, OCI forms: a layer that cannot be
                                    read is left out instead of failing */
};

enum source_kind {
    SOURCE_DOCKER_ARCHIVE,
    SOURCE_OCI_ARCHIVE,
    SOURCE_KANIKO_ARCHIVE,
    SOURCE_OCI_DIR,
    SOURCE_REGISTRY
};

struct source_spec {
    enum source_kind kind;
    char *path;              /* of an archive or directory */
    char *ref;               /* registry: "repo[:tag][@digest]"; oci: the REF */
    struct registry *registry; /* borrowed; registry only */
    char *name;              /* registry: the reference as a person wrote it;
                                NULL: base and ref of the registry */
    bool has_platform;
    struct platform platform;
    bool compat;             /* choose platforms as the peer does */
    const char *const *worker_args; /* ceilings for an index worker,
                                NULL-terminated; borrowed while it opens */
    uint64_t max_size;       /* refuse larger images (sum of layers) before
                                any layer: ERR_LIMIT, code IMAGE_TOO_LARGE;
                                0: none */
};

struct source_events {
    /* Once: the image, borrowed until source_free(), or why not. */
    void (*on_image)(const struct source_image *image, const struct err *err,
                     void *arg);
};

/*
 * Start to learn what the image is. on_image never comes from within. The
 * texts of spec are copied.
 * Archives are read by an index worker of `pool`; the fallback order of
 * scan-facts.md §3.4 is applied here.
 */
struct source *source_open(struct loop *loop, struct proc_pool *pool,
                           const struct source_spec *spec,
                           const struct source_events *events, void *arg,
                           struct err *err);

enum source_flow { SOURCE_MORE, SOURCE_PAUSE, SOURCE_STOP };

struct fetch_events {
    /* Layer bytes as stored (maybe compressed), borrowed. */
    enum source_flow (*on_chunk)(struct bytes chunk, void *arg);
    /*
     * Once: all bytes came and hash to `digest` (computed here; equal to the
     * layer's own when that is known), or why not. ERR_INPUT with code
     * DIGEST_MISMATCH when they do not. After on_restart all bytes come again.
     * The digest's text is "" when the bytes were more than the layer
     * (source_layer_args()). ERR_CANCELLED after SOURCE_STOP.
     */
    void (*on_end)(const struct digest *digest, const struct err *err,
                   void *arg);
    /* The bytes so far are void: forget them, they come again from 0. */
    void (*on_restart)(void *arg);
};

/* Arguments a layer worker needs so that it finds the layer in the bytes that
 * will come (a member of a compressed outer archive); NULL-terminated,
 * borrowed; NULL when the bytes are the layer. */
const char *const *source_layer_args(struct source *s, size_t layer);

struct fetch *source_fetch(struct source *s, size_t layer,
                           const struct fetch_events *events, void *arg,
                           struct err *err);
void fetch_resume(struct fetch *f);
void fetch_cancel(struct fetch *f); /* takes f; no callback any more */

struct source *source_ref(struct source *s); /* shares */
/* The last share cancels what runs; fetches hold no share. */
void source_free(struct source *s);

#endif
