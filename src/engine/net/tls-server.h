/*
 * engine/net/tls-server.h: certificates for listeners. Private to the room.
 */
#ifndef ENGINE_NET_TLS_SERVER_H
#define ENGINE_NET_TLS_SERVER_H

#include <openssl/types.h>

#include "base/err.h"

/*
 * TLS 1.2 or newer with this certificate (PEM, its chain behind it) and key.
 * Reads two files: at start only. The caller owns the result.
 */
SSL_CTX *tls_server_new(const char *cert_file, const char *key_file,
                        struct err *err);

#endif
