/* Names nobody knows: found before they are silently without effect. */
#include "base/conf/conf-private.h"

#include <assert.h>
#include <string.h>

#include "base/str.h"

/* How many letters to change, add or drop to get from a to b. */
static size_t
distance(struct bytes a, struct bytes b)
{
    size_t row[128], corner, up;

    assert(b.n < N_ELEMENTS(row));
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 0; i < a.n; i++) {
        corner = row[0]++;
        for (size_t j = 0; j < b.n; j++) {
            size_t best = corner + (a.p[i] != b.p[j]);

            up = row[j + 1];
            if (up + 1 < best)
                best = up + 1;
            if (row[j] + 1 < best)
                best = row[j] + 1;
            corner = up;
            row[j + 1] = best;
        }
    }
    return row[b.n];
}

static const char *
nearest_name(struct bytes name)
{
    const struct conf_row *row;
    const char *best = NULL;
    size_t least = SIZE_MAX;

    for (size_t at = 0; (row = conf_row_next(&at)) != NULL;) {
        for (size_t i = 0; i < CONF_MAX_NAMES && row->names[i] != NULL; i++) {
            size_t d = distance(bytes_to(name, 200), bytes_str(row->names[i]));

            if (d < least) {
                least = d;
                best = row->names[i];
            }
        }
    }
    return best;
}

/* NAME of "NAME_FILE" when that is allowed, else NULL. */
static const struct conf_row *
row_of_file_name(struct bytes name)
{
    const struct conf_row *row;

    if (!bytes_ends(name, "_FILE"))
        return NULL;
    row = conf_row_named(bytes_to(name, name.n - strlen("_FILE")));
    return row != NULL && conf_row_takes_file(row) ? row : NULL;
}

int
conf_check_names(const struct map *vars, struct err *err)
{
    struct bytes name;

    for (size_t at = 0; map_next(vars, &at, &name, NULL);) {
        if (!bytes_starts(name, "CRAB_") || conf_row_named(name) != NULL ||
            row_of_file_name(name) != NULL)
            continue;
        return err_set(err, ERR_INPUT,
                       "unknown setting %.*s (the nearest is %s)",
                       BYTES_FMT(bytes_to(name, 100)), nearest_name(name));
    }
    return 0;
}
