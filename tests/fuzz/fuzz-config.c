/* An image config, which comes with the image: history, labels, settings. */
#include "fuzz-image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORD \
    "{\"record\":1,\"analyzer\":\"0\"}\n" \
    "{\"i\":0,\"p\":\"/lib/apk/db/installed\",\"k\":\"apk\",\"d\":{\"pkgs\":[" \
    "{\"n\":\"a\",\"v\":\"1\",\"d\":[\"b\"]},{\"n\":\"b\",\"v\":\"2\"," \
    "\"d\":[\"a\"]},{\"n\":\"c\",\"v\":\"3\",\"s\":\"d\"}]}}\n" \
    "{\"end\":true,\"entries\":1}\n"

static void
report(const struct jx *config, bool compat)
{
    auto_record_reader struct record_reader *r =
        record_reader_new(FUZZ_LINE_BYTES);
    auto_merge struct merge *files = merge_new(compat);
    struct image_options options = { .exclude_base_image = compat };
    struct image image = { .compat = compat, .options = &options,
                           .files = files, .config = config,
                           .target = "reg:5000/a" };
    auto_facts struct facts *facts = NULL;
    struct record_line line;
    struct err err;

    merge_begin_layer(files);
    record_feed(r, bytes_str(RECORD));
    while (record_step(r, &line, &err) != RECORD_NEED_MORE) {
        if (line.kind != NULL)
            merge_add(files, r, &line);
    }
    merge_end_layer(files);
    merge_finish(files);
    facts = facts_new(&image, &err);
    if (facts != NULL)
        facts_write(facts, fuzz_sink, NULL, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_jx struct jx *config = jx_parse_lossy(bytes_of(data, size), 1 << 20,
                                               NULL);

    log_setup("fuzz", STDERR_FILENO, LOG_LEVEL_NONE, LOG_FORM_JSON);
    if (jx_is_obj(config)) {
        report(config, false);
        report(config, true);
    }
    return 0;
}
