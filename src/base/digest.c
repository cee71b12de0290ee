/* Digests: spelling them and computing them. */
#include "base/digest.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/str.h"

struct hasher {
    EVP_MD_CTX *ctx;  /* owns */
    const EVP_MD *md; /* static */
};

bool
digest_is_valid(const char *text)
{
    if (text == NULL || strlen(text) != DIGEST_TEXT ||
        !str_starts(text, "sha256:"))
        return false;
    return strspn(text + 7, "0123456789abcdef") == SHA256_HEX;
}

int
digest_parse(struct digest *out, const char *text, struct err *err)
{
    if (!digest_is_valid(text))
        return err_set(err, ERR_INPUT, "not a sha256 digest: %.100s",
                       text != NULL ? text : "(none)");
    memcpy(out->text, text, DIGEST_TEXT + 1);
    return 0;
}

bool
digest_eq(const struct digest *a, const struct digest *b)
{
    return strcmp(a->text, b->text) == 0;
}

const char *
digest_short(const struct digest *d)
{
    static __thread char ring[8][24];
    static __thread unsigned at;
    char *s = ring[at++ % N_ELEMENTS(ring)];

    snprintf(s, sizeof(ring[0]), "%.15s", d->text);
    return s;
}

void
sha256_hex(struct bytes b, char out[SHA256_HEX + 1])
{
    auto_hasher struct hasher *h = hasher_new(HASH_SHA256);

    hasher_update(h, b);
    hasher_finish(h, out);
}

struct digest
digest_of(struct bytes b)
{
    struct digest d = { "sha256:" };

    sha256_hex(b, d.text + 7);
    return d;
}

static void
restart(struct hasher *h)
{
    if (EVP_DigestInit_ex(h->ctx, h->md, NULL) != 1)
        die_no_memory();
}

struct hasher *
hasher_new(enum hash_algo algo)
{
    struct hasher *h = xnew(struct hasher);

    h->ctx = EVP_MD_CTX_new();
    h->md = algo == HASH_SHA1 ? EVP_sha1() : EVP_sha256();
    if (h->ctx == NULL)
        die_no_memory();
    restart(h);
    return h;
}

void
hasher_free(struct hasher *h)
{
    if (h == NULL)
        return;
    EVP_MD_CTX_free(h->ctx);
    free(h);
}

void
hasher_update(struct hasher *h, struct bytes chunk)
{
    if (chunk.n > 0)
        EVP_DigestUpdate(h->ctx, chunk.p, chunk.n);
}

void
hasher_finish(struct hasher *h, char out_hex[SHA256_HEX + 1])
{
    uint8_t raw[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    EVP_DigestFinal_ex(h->ctx, raw, &n);
    hex_encode(raw, n, out_hex);
    restart(h);
}
