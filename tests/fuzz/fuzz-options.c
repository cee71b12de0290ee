/* A scan's options as the image worker and both ends of a variant read them. */
#include <stdint.h>

#include "base/json/globlist.h"
#include "base/log.h"
#include "worker/graph/namedfiles.h"
#include "worker/image/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_jx struct jx *doc = jx_parse(bytes_of(data, size), 1 << 20, NULL);
    auto_globlist struct globlist globs = { .variant = { .n_include = 0 } };
    auto_namedfiles struct namedfiles *named = NULL;
    struct image_options options;
    char version[ANALYZER_TEXT];
    struct err err;

    log_setup("fuzz", 2, LOG_LEVEL_NONE, LOG_FORM_JSON);
    options_read(&options, doc, &err);
    if (globlist_read(&globs, doc, &err) < 0)
        return 0;
    analyzer_version(version, &globs.variant);
    named = namedfiles_new(doc, &err);
    return 0;
}
