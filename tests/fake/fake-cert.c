#include "fake-cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void
must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "fake-cert: %s\n", what);
    abort();
}

static void
add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(ext != NULL && X509_add_ext(x, ext, -1), value);
    X509_EXTENSION_free(ext);
}

static X509 *
make(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);

    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), getpid());
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, name);
    add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    must(X509_sign(x, key, EVP_sha256()) > 0, "sign");
    return x;
}

void
fake_cert_make(struct fake_cert *c)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = make(key);
    FILE *f;

    strcpy(c->dir, "/tmp/crab-cert-XXXXXX");
    must(mkdtemp(c->dir) != NULL, "mkdtemp");
    snprintf(c->cert_file, sizeof(c->cert_file), "%s/cert.pem", c->dir);
    snprintf(c->key_file, sizeof(c->key_file), "%s/key.pem", c->dir);
    f = fopen(c->cert_file, "w");
    must(f != NULL && PEM_write_X509(f, x) == 1, "certificate");
    fclose(f);
    f = fopen(c->key_file, "w");
    must(f != NULL &&
             PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1,
         "key");
    fclose(f);
    X509_free(x);
    EVP_PKEY_free(key);
}

void
fake_cert_clear(struct fake_cert *c)
{
    unlink(c->cert_file);
    unlink(c->key_file);
    rmdir(c->dir);
}
