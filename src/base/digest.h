/*
 * base/digest.h: content digests: "sha256:<64 hex>", and hashing as bytes
 * pass by.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>

#include "base/auto.h"
#include "base/bytes.h"
#include "base/err.h"

#define SHA256_BYTES 32
#define SHA256_HEX   64
#define SHA1_HEX     40
#define DIGEST_TEXT  (7 + SHA256_HEX) /* strlen("sha256:...") */

/* A digest as text; a value, compare with digest_eq(). */
struct digest {
    char text[DIGEST_TEXT + 1]; /* "sha256:" + lower-case hex, or "" */
};

/* Exactly sha256: and 64 lower-case hex digits; else ERR_INPUT. */
int digest_parse(struct digest *out, const char *text, struct err *err);
bool digest_is_valid(const char *text);
bool digest_eq(const struct digest *a, const struct digest *b);
static inline const char *
digest_hex(const struct digest *d)
{
    return d->text[0] != '\0' ? d->text + 7 : "";
}
/* "sha256:12345678" in a static ring of 8: for messages and logs only. */
const char *digest_short(const struct digest *d);
/* SHA-256 of bytes at hand. */
struct digest digest_of(struct bytes b);
/* SHA-256 of bytes at hand as 64 hex digits. */
void sha256_hex(struct bytes b, char out[SHA256_HEX + 1]);

/* A hash in progress (OpenSSL EVP; SHA-NI where the processor has it). */
struct hasher;
enum hash_algo { HASH_SHA256, HASH_SHA1 };
struct hasher *hasher_new(enum hash_algo algo);
void hasher_free(struct hasher *h);
void hasher_update(struct hasher *h, struct bytes chunk);
/* Lower-case hex of all bytes so far, then starts anew. SHA-1 fills 40. */
void hasher_finish(struct hasher *h, char out_hex[SHA256_HEX + 1]);

AUTO_DEFINE(struct hasher, hasher, hasher_free)
#define auto_hasher __attribute__((cleanup(auto_cleanup_hasher)))

#endif
