/* base/oci/platform.h: os/architecture[/variant]. Pure. */
#ifndef BASE_OCI_PLATFORM_H
#define BASE_OCI_PLATFORM_H

#include <stdbool.h>

#include "base/err.h"

struct platform {
    char os[32];
    char arch[32];
    char variant[32]; /* "" when absent */
};

#define PLATFORM_DEFAULT ((struct platform){ "linux", "amd64", "" })

/* "linux/arm64/v8"; normalised (registries.md §3.6: aarch64, x86_64, v8...). */
int platform_parse(struct platform *out, const char *text, struct err *err);
/* From the three members as they stand in JSON (NULL: ""); normalised. */
void platform_set(struct platform *out, const char *os, const char *arch,
                  const char *variant);
bool platform_eq(const struct platform *a, const struct platform *b);
/* Equal os and arch, whatever the variant. */
bool platform_like(const struct platform *a, const struct platform *b);
/* "os/arch[/variant]"; `out` takes 100 chars. */
void platform_format(const struct platform *p, char out[100]);

#endif
