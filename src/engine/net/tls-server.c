/* The TLS side of listeners. */
#include "engine/net/tls-server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* The newest reason OpenSSL has, and none left behind for the next. */
static const char *
ssl_reason(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return text != NULL ? text : "no reason given";
}

static int
load(SSL_CTX *ctx, const char *cert_file, const char *key_file,
     struct err *err)
{
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        return err_set(err, ERR_TLS, "certificate %s: %s", cert_file,
                       ssl_reason());
    if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
        return err_set(err, ERR_TLS, "key %s: %s", key_file, ssl_reason());
    if (SSL_CTX_check_private_key(ctx) != 1)
        return err_set(err, ERR_TLS, "key %s does not belong to %s", key_file,
                       cert_file);
    return 0;
}

SSL_CTX *
tls_server_new(const char *cert_file, const char *key_file, struct err *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (ctx == NULL) {
        err_set(err, ERR_TLS, "TLS: %s", ssl_reason());
        return NULL;
    }
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    if (load(ctx, cert_file, key_file, err) < 0) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}
