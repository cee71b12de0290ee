/*
 * base/oci/manifest.h: manifests and indexes, OCI and Docker. Pure.
 *
 * Parses what a registry or an archive gave (registries.md §3.5-3.7), bounded
 * and typed. Digests are checked for form here, for truth by who fetched.
 */
#ifndef BASE_OCI_MANIFEST_H
#define BASE_OCI_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/oci/platform.h"

#define MANIFEST_MAX_BYTES  (4u << 20)
#define CONFIG_MAX_BYTES    (16u << 20)
#define MANIFEST_MAX_LAYERS 512

/* One Accept line with the four types. */
#define MANIFEST_ACCEPT \
    "application/vnd.oci.image.index.v1+json, " \
    "application/vnd.docker.distribution.manifest.list.v2+json, " \
    "application/vnd.oci.image.manifest.v1+json, " \
    "application/vnd.docker.distribution.manifest.v2+json"

struct descriptor {
    char *media_type; /* NULL when absent */
    struct digest digest;
    uint64_t size; /* bytes */
    struct platform platform;
    bool has_platform;
    bool is_attestation; /* unknown/unknown, or the reference.type annotation */
    bool is_foreign;     /* nondistributable or foreign layer: not fetched */
};

enum manifest_kind { MANIFEST_IMAGE, MANIFEST_INDEX };

struct manifest {
    enum manifest_kind kind;
    bool is_docker; /* Docker schema 2 or list, not OCI */
    char *media_type;
    /* MANIFEST_IMAGE */
    struct descriptor config;
    struct descriptor *layers; /* owns; bottom first */
    size_t n_layers;
    /* MANIFEST_INDEX */
    struct descriptor *entries; /* owns */
    size_t n_entries;
};

/*
 * content_type: of the HTTP answer, NULL or "" when unknown. Schema 1 and
 * artifacts: ERR_UNSUPPORTED, code UNSUPPORTED_MANIFEST.
 */
int manifest_parse(struct manifest **out, struct bytes body,
                   const char *content_type, struct err *err);
void manifest_free(struct manifest *m);

/*
 * The entry of an index for a platform (registries.md §3.6, our rule).
 * NULL: ERR_UNSUPPORTED, code PLATFORM_NOT_FOUND, listing what is there.
 */
const struct descriptor *manifest_choose(const struct manifest *index,
                                         const struct platform *wanted,
                                         struct err *err);

/* Sum of the layer sizes (compressed); false on overflow. */
bool manifest_size(const struct manifest *m, uint64_t *out_bytes);

AUTO_DEFINE(struct manifest, manifest, manifest_free)
#define auto_manifest __attribute__((cleanup(auto_cleanup_manifest)))

#endif
