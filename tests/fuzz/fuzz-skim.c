/* Skimming and parsing agree: what is a JSON object can be walked, with as
 * many members as it has keys at most. */
#include <stdlib.h>

#include "base/json/jx.h"
#include "role/agent/skim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
walk(struct bytes value, int depth)
{
    struct skim s;
    struct bytes k, v;

    if (depth > 4 || !skim_enter(&s, value))
        return;
    if (value.p[0] == '{') {
        while (skim_member(&s, &k, &v) == SKIM_ITEM)
            walk(v, depth + 1);
    } else {
        while (skim_item(&s, &v) == SKIM_ITEM)
            walk(v, depth + 1);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    bool has_mark = size >= 3 && data[0] == 0xef;
    auto_jx struct jx *doc = has_mark ? NULL : jx_parse(text, 65536, NULL);

    walk(text, 0);
    if (!jx_is_obj(doc)) {
        (void)skim_is_object(text);
        return 0;
    }
    if (!skim_is_object(text))
        abort();
    /* Repeated keys are one member, but stand there several times. */
    if (skim_count(bytes_trim(text)) < jx_count(doc))
        abort();
    return 0;
}
