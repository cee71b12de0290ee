/*
 * base/secret.h: text that no log shows and that is wiped when freed.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/auto.h"
#include "base/bytes.h"

struct secret;

/* Copies `text`; NULL gives NULL. */
struct secret *secret_new(const char *text);
struct secret *secret_new_bytes(struct bytes text);
struct secret *secret_ref(struct secret *s); /* shares */
void secret_free(struct secret *s);          /* wipes at the last one */
/* The text itself, NUL-terminated; for the one place that sends it. */
const char *secret_reveal(const struct secret *s);
/* First 8 hex digits of its SHA-256, to tell secrets apart in logs. */
void secret_fingerprint(const struct secret *s, char out[9]);
bool secret_is_empty(const struct secret *s); /* NULL counts as empty */

/* Wipe a plain buffer; not optimised away. */
void wipe(void *p, size_t n);

AUTO_DEFINE(struct secret, secret, secret_free)
#define auto_secret __attribute__((cleanup(auto_cleanup_secret)))

#endif
