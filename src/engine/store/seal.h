/*
 * engine/store/seal.h: AES-256-GCM for the credentials of waiting jobs.
 *
 * A sealed text is: version byte 1, nonce (12 bytes, random), ciphertext, tag
 * (16). It opens only with the same key and the same `name` (the job's id),
 * so that rows cannot be exchanged. Pure but for the key file.
 */
#ifndef ENGINE_STORE_SEAL_H
#define ENGINE_STORE_SEAL_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/secret.h"

#define SEAL_LIMIT_BYTES (256u << 10) /* of a text to be sealed */

struct seal;

/*
 * The key in `path` (32 bytes); made, mode 0600, when there is none. Another
 * size is ERR_IO. A key others may read is made private, with a warning.
 */
int seal_load(struct seal **out, const char *path, struct err *err);
/* A key that nobody else has and nothing keeps. */
int seal_random(struct seal **out, struct err *err);
void seal_free(struct seal *seal); /* wipes */

/* Appends to `out`. */
int seal_close(const struct seal *seal, const char *name,
               const struct secret *text, struct buf *out, struct err *err);
/* ERR_AUTH, code CREDENTIALS_SEALED: another key, another name, damage. */
int seal_open(const struct seal *seal, const char *name, struct bytes sealed,
              struct secret **out, struct err *err);

AUTO_DEFINE(struct seal, seal, seal_free)
#define auto_seal __attribute__((cleanup(auto_cleanup_seal)))

#endif
