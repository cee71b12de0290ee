/* crab.conf as it may look after an accident. */
#include <stdlib.h>

#include "base/conf/conf-private.h"
#include "base/conf/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_map struct map *vars = map_new();
    struct conf conf = { 0 };
    struct bytes name;
    struct err err;
    void *text;

    if (conf_parse_file(vars, bytes_of(data, size), "fuzz", &err) == 0)
        conf_check_names(vars, &err);
    for (size_t at = 0; map_next(vars, &at, &name, &text);) {
        const struct conf_row *row = conf_row_named(name);

        if (row != NULL)
            conf_value_set(&conf, row, row->names[0], text, &err);
        if (row != NULL)
            conf_value_clear(&conf, row);
        free(text);
    }
    return 0;
}
