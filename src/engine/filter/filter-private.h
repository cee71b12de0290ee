/* engine/filter/filter-private.h: a compiled rule; for this folder only. */
#ifndef ENGINE_FILTER_FILTER_PRIVATE_H
#define ENGINE_FILTER_FILTER_PRIVATE_H

#include "engine/filter/filter.h"
#include "engine/filter/re.h"
#include "engine/filter/valid.h"

struct filter_rule {
    size_t index;
    char *method; /* NULL: any */
    char *path;   /* as written */
    struct re *re;
    char *origin;         /* NULL without; as written */
    const struct jx *auth; /* borrows from the document; NULL without */
    struct valid *valid;   /* owns; NULL: no conditions */
};

#endif
