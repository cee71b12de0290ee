/* From hostile bytes all the way to facts, in both modes: what a worker does
 * with one layer and one image. */
#ifndef TESTS_FUZZ_FUZZ_IMAGE_H
#define TESTS_FUZZ_FUZZ_IMAGE_H

#include "../unit/tar-rig.h"
#include "base/json/jx.h"
#include "base/log.h"
#include "worker/analyze/analyze.h"
#include "worker/graph/facts.h"
#include "worker/image/merge.h"
#include "worker/image/record-reader.h"

#define FUZZ_LINE_BYTES (1u << 20)

static inline int
fuzz_sink(struct bytes line, void *arg, struct err *err)
{
    (void)arg;
    (void)err;
    return line.n > 0 ? 0 : -1;
}

static inline void
fuzz_facts(struct bytes record, bool compat)
{
    static const char config_text[] =
        "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{},"
        "\"history\":[{\"created\":\"2024-01-01T00:00:00Z\"},{\"created\":"
        "\"2024-05-01T00:00:00Z\",\"created_by\":\"RUN apk add a\"}]}";
    auto_jx struct jx *config = jx_parse(bytes_str(config_text), 4096, NULL);
    auto_record_reader struct record_reader *r =
        record_reader_new(FUZZ_LINE_BYTES);
    auto_merge struct merge *files = merge_new(compat);
    struct image_options options = { .exclude_base_image = record.n % 2,
                                     .nested_jars_depth = 9 };
    struct image image = { .compat = compat, .options = &options,
                           .files = files, .config = config,
                           .target = "reg:5000/a" };
    enum record_event event;
    struct record_line line;
    struct err err;

    merge_begin_layer(files);
    record_feed(r, record);
    while ((event = record_step(r, &line, &err)) != RECORD_NEED_MORE) {
        if (event == RECORD_BAD)
            break;
        if (event == RECORD_ITEM)
            merge_add(files, r, &line);
    }
    merge_end_layer(files);
    merge_finish(files);
    auto_facts struct facts *facts = facts_new(&image, &err);
    if (facts != NULL)
        facts_write(facts, fuzz_sink, NULL, &err);
}

/* A layer; the tar gets its end here. */
static inline void
fuzz_layer(struct buf *tar, size_t piece)
{
    struct ar_scratch scratch = { .fd = -1, .hold_bytes = 4u << 20 };
    const struct analyze_limits limits = { .product_bytes = 1 << 20,
                                           .nesting = 3,
                                           .scratch = &scratch };
    const struct ar_limits ar_limits = { 0 };
    auto_buf struct buf record = RIG_BUF;
    auto_record_writer struct record_writer *w = record_writer_new(rig_sink,
                                                                   &record);
    auto_analyze struct analyze *a = analyze_new(w, &limits);
    struct rig_source source;
    struct ar_entry entry;
    struct err err;

    log_setup("fuzz", STDERR_FILENO, LOG_LEVEL_NONE, LOG_FORM_JSON);
    rig_end(tar);
    source = (struct rig_source){ buf_bytes(tar), piece };
    auto_ar struct ar *ar = ar_new(rig_pull, &source, &ar_limits, &err);
    record_begin(w, ANALYZER_VERSION, &err);
    while (ar_next(ar, &entry, &err) > 0)
        analyze_entry(a, ar, &entry, &err);
    record_end(w, 1, tar->n, NULL, "plain", &err);
    fuzz_facts(buf_bytes(&record), false);
    fuzz_facts(buf_bytes(&record), true);
}

/* One file of a layer. */
static inline void
fuzz_file(const char *path, const uint8_t *data, size_t size)
{
    auto_buf struct buf tar = RIG_BUF;

    rig_bytes(&tar, path, bytes_of(data, size));
    fuzz_layer(&tar, size % 600);
}

/* Two of them: the first NUL stands between them. */
static inline void
fuzz_two_files(const char *first, const char *second, const uint8_t *data,
               size_t size)
{
    struct bytes all = bytes_of(data, size);
    size_t n = bytes_find(all, 0);
    auto_buf struct buf tar = RIG_BUF;

    rig_bytes(&tar, first, bytes_to(all, n));
    rig_bytes(&tar, second, bytes_from(all, n + 1));
    fuzz_layer(&tar, size % 600);
}

#endif
