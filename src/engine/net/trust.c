/* Whose certificates the client believes. The roots are read once, into a
 * store of our own that every connection shares: curl alone would parse the
 * system's bundle for each of them, and could not add a file to it. */
#include "engine/net/httpc-private.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/str.h"

struct trust {
    X509_STORE *store; /* shares; NULL: nobody is asked for a certificate */
};

/* The system's folder is only looked into when a name is searched for;
 * SSL_CERT_FILE and SSL_CERT_DIR move it, as everywhere with OpenSSL. */
static X509_STORE *
store_new(void)
{
    X509_STORE *store = X509_STORE_new();

    if (store == NULL)
        die_no_memory();
    X509_STORE_set_default_paths(store);
    /* A file may hold an intermediate, or the server's own certificate. */
    X509_STORE_set_flags(store,
                         X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    ERR_clear_error();
    return store;
}

static int
store_add_file(X509_STORE *store, const char *ca_file, struct err *err)
{
    X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    unsigned long why;

    if (lookup == NULL)
        die_no_memory();
    if (X509_load_cert_crl_file(lookup, ca_file, X509_FILETYPE_PEM) > 0)
        return 0;
    why = ERR_peek_last_error();
    err_set(err, ERR_TLS, "certificates %s: %s", ca_file,
            why != 0 ? ERR_reason_error_string(why) : "none in it");
    ERR_clear_error();
    return -1;
}

struct trust *
trust_new(const char *ca_file, bool insecure, struct err *err)
{
    struct trust *t = xnew(struct trust);

    if (insecure)
        return t;
    t->store = store_new();
    if (ca_file != NULL && store_add_file(t->store, ca_file, err) < 0) {
        trust_free(t);
        return NULL;
    }
    return t;
}

void
trust_free(struct trust *t)
{
    if (t == NULL)
        return;
    X509_STORE_free(t->store);
    free(t);
}

/* CURLOPT_SSL_CTX_FUNCTION; also for a proxy that is spoken to with TLS. */
static CURLcode
on_ssl_ctx(CURL *easy, void *ssl_ctx, void *arg)
{
    const struct trust *t = arg;

    (void)easy;
    SSL_CTX_set1_cert_store(ssl_ctx, t->store);
    return CURLE_OK;
}

void
trust_apply(const struct trust *t, CURL *easy)
{
    long check = t->store != NULL;

    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, check);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, check ? 2L : 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, check);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, check ? 2L : 0L);
    /* Or curl reads its bundle, only for us to replace it. */
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    if (!check)
        return;
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, (void *)t);
}
