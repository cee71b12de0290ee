/*
 * engine/registry/registry.h: reading one registry as one login.
 *
 * registries.md Part A: auth, manifests, blobs, listings. What a registry
 * type does otherwise lives in flavours/<name>.c, one row each.
 */
#ifndef ENGINE_REGISTRY_REGISTRY_H
#define ENGINE_REGISTRY_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/conf/conf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/oci/manifest.h"
#include "base/secret.h"
#include "engine/loop/loop.h"
#include "engine/net/httpc.h"

struct registry;
struct reg_op; /* one running operation */

/* A login: what a credentials document says (agent-api.md §2). */
struct reg_login {
    const char *type;     /* "harbor-cr", ...; any case, aliases; NULL: by a
                             well-known host, else generic */
    const char *base;     /* host[:port][/path]; scheme and final / stripped.
                             Without a scheme: https, but plain HTTP where conf
                             allows it for this host and port (80 if none is
                             written). "http://" only where conf allows it */
    const char *username; /* NULL: anonymous */
    struct secret *password; /* shares */
    const char *role_arn, *region, *external_id; /* ecr */
};

/*
 * Shared by all registries of a process: connections, tokens (keyed by
 * login, so that two logins at one host never share), per-host ceilings.
 */
struct reg_hub;
struct reg_hub *reg_hub_new(struct loop *loop, const struct conf *conf,
                            struct httpc *httpc, struct err *err);
void reg_hub_free(struct reg_hub *hub); /* when no operation runs any more */

/* ERR_INPUT UNKNOWN_REGISTRY_TYPE (naming the twelve), ERR_INPUT for a bad
 * base, ERR_UNSUPPORTED for a type this version cannot speak to (ecr). */
struct registry *registry_new(struct reg_hub *hub,
                              const struct reg_login *login, struct err *err);
struct registry *registry_ref(struct registry *r); /* shares */
void registry_unref(struct registry *r); /* running operations keep it */
/* What follows is borrowed. The canonical type; the base without a scheme; 8
 * hex digits that tell logins apart in logs and keys. */
const char *registry_type(const struct registry *r);
const char *registry_base(const struct registry *r);
const char *registry_fingerprint(const struct registry *r);
/* "library/app" for docker-hub's "app", prefixes of digitalocean-cr...; the
 * caller owns it. */
char *registry_repo_name(const struct registry *r, const char *repo);

/* Every operation: one callback unless cancelled, never from within. */
typedef void (*reg_done_cb)(const struct err *err, void *arg);

/* agent-api.md §4.3, the whole of it. */
struct reg_op *registry_validate(struct registry *r, uint64_t timeout_ms,
                                 reg_done_cb fn, void *arg);

/* Steps for `crab check`: "ping" "auth" "list" "manifest" "blob". */
struct reg_op *registry_ping(struct registry *r, reg_done_cb fn, void *arg);

/* names: borrowed until it returns. All of them or an error, never a part. */
typedef void (*reg_list_cb)(const char *const *names, size_t n,
                            const struct err *err, void *arg);
struct reg_op *registry_catalog(struct registry *r, reg_list_cb fn, void *arg);
struct reg_op *registry_tags(struct registry *r, const char *repo,
                             reg_list_cb fn, void *arg);

/* A manifest as it was sent; all borrowed until the callback returns. */
struct reg_manifest {
    struct bytes body;
    const char *content_type;
    struct digest digest;    /* of the bytes */
    const struct manifest *parsed;
};
typedef void (*reg_manifest_cb)(const struct reg_manifest *m,
                                const struct err *err, void *arg);
/* reference: tag or digest (then verified). */
struct reg_op *registry_manifest(struct registry *r, const char *repo,
                                 const char *reference, reg_manifest_cb fn,
                                 void *arg);

/* The image a reference means: index resolved for the platform, config blob
 * fetched and verified. */
struct reg_image {
    const struct manifest *manifest;
    struct digest manifest_digest;
    struct digest index_digest;  /* text "" when none was resolved */
    struct bytes config;
    const char *content_type;    /* of the manifest */
};
typedef void (*reg_image_cb)(const struct reg_image *image,
                             const struct err *err, void *arg);
struct reg_op *registry_image(struct registry *r, const char *repo,
                              const char *reference,
                              const struct platform *platform, reg_image_cb fn,
                              void *arg);

/* A blob as a verified stream: resumes by Range, follows redirects without
 * Authorization, renews tokens, restarts when it must. */
enum reg_flow {
    REG_MORE,
    REG_PAUSE, /* taken; reg_op_resume() goes on */
    REG_STOP   /* enough: on_end comes with ERR_CANCELLED */
};
struct reg_blob_events {
    enum reg_flow (*on_chunk)(struct bytes chunk, void *arg);
    /* Forget what came, it comes again; a pause is over. */
    void (*on_restart)(void *arg);
    /* Once. err NULL: all `size` bytes came and hash to the digest. Code
     * DIGEST_MISMATCH (ERR_INPUT): they did not, twice. */
    void (*on_end)(const struct err *err, void *arg);
};
struct reg_op *registry_blob(struct registry *r, const char *repo,
                             const struct digest *digest, uint64_t size,
                             const struct reg_blob_events *events, void *arg);
void reg_op_resume(struct reg_op *op);
void reg_op_cancel(struct reg_op *op); /* takes op; no callback any more */

#endif
