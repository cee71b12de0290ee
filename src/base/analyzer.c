/* The name of a variant. */
#include "base/analyzer.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Each with its length in front, so that no two lists read alike. */
static void
hash_texts(struct hasher *h, const char *const *texts, size_t n)
{
    char number[24];

    snprintf(number, sizeof(number), "%zu:", n);
    hasher_update(h, bytes_str(number));
    for (size_t i = 0; i < n; i++) {
        snprintf(number, sizeof(number), "%zu:", strlen(texts[i]));
        hasher_update(h, bytes_str(number));
        hasher_update(h, bytes_str(texts[i]));
    }
}

void
analyzer_version(char out[ANALYZER_TEXT],
                 const struct analyzer_variant *variant)
{
    auto_hasher struct hasher *h = NULL;
    char hex[SHA256_HEX + 1];

    strcpy(out, ANALYZER_VERSION);
    if (variant->n_include == 0)
        return;
    h = hasher_new(HASH_SHA256);
    hash_texts(h, variant->include, variant->n_include);
    hash_texts(h, variant->exclude, variant->n_exclude);
    hasher_finish(h, hex);
    snprintf(out, ANALYZER_TEXT, "%s+globs:%s", ANALYZER_VERSION, hex);
}
