/* Whose certificates the client believes. They are kept in one store that
 * every connection shares: curl alone would parse the system's bundle for
 * each of them, and could not add a file to it. */
#include "engine/net/httpc-private.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "base/str.h"

struct trust {
    X509_STORE *store; /* shares; NULL: nobody is asked for a certificate */
};

/* "5f618aec.0": OpenSSL's folder can be searched name by name. */
static bool
roots_are_hashed(void)
{
    DIR *dir = opendir(X509_get_default_cert_dir());
    struct dirent *entry;
    bool found = false;

    while (dir != NULL && !found && (entry = readdir(dir)) != NULL)
        found = strspn(entry->d_name, "0123456789abcdef") == 8 &&
                str_eq(entry->d_name + 8, ".0");
    if (dir != NULL)
        closedir(dir);
    return found;
}

/*
 * Reading the whole bundle costs a megabyte for the life of the process, so
 * the folder is preferred where there is one. SSL_CERT_FILE and SSL_CERT_DIR
 * move the roots, as everywhere with OpenSSL.
 */
static void
add_system_roots(X509_STORE *store)
{
    X509_LOOKUP *lookup;

    if (getenv(X509_get_default_cert_file_env()) == NULL &&
        getenv(X509_get_default_cert_dir_env()) == NULL &&
        roots_are_hashed()) {
        lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
        if (lookup == NULL)
            die_no_memory();
        X509_LOOKUP_add_dir(lookup, NULL, X509_FILETYPE_DEFAULT);
        return;
    }
    X509_STORE_set_default_paths(store);
}

static X509_STORE *
store_new(void)
{
    X509_STORE *store = X509_STORE_new();

    if (store == NULL)
        die_no_memory();
    add_system_roots(store);
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
