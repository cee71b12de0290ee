/*
 * A layer made in memory, its record, and images of such layers: for tests of
 * analyze, image and graph.
 */
#ifndef TESTS_UNIT_LAYER_RIG_H
#define TESTS_UNIT_LAYER_RIG_H

#include <stdbool.h>
#include <stdio.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json/jx.h"
#include "base/str.h"
#include "worker/analyze/analyze.h"
#include "worker/image/merge.h"
#include "worker/image/record-reader.h"

#include "tar-rig.h"

/* ---- records ----------------------------------------------------------- */

#define RIG_NESTING 3 /* archives in archives that are opened */

/* The record of a tar (which gets its end here), read `piece` bytes at a
 * time; bodies of more than `product` bytes are not kept. */
static inline void
rig_record_with(struct buf *tar, size_t piece, uint64_t product,
                struct buf *record)
{
    FILE *file = tmpfile();
    /* Small, so that large specimens take the way through the file. */
    struct ar_scratch scratch = { .fd = fileno(file), .hold_bytes = 8192 };
    const struct analyze_limits limits = { .product_bytes = product,
                                           .nesting = RIG_NESTING,
                                           .scratch = &scratch };
    const struct ar_limits ar_limits = { 0 };
    struct rig_source source = { buf_bytes(tar), piece };
    auto_record_writer struct record_writer *w = record_writer_new(rig_sink,
                                                                   record);
    auto_analyze struct analyze *a = analyze_new(w, &limits);
    struct ar_entry entry;
    struct err err;
    auto_ar struct ar *ar = ar_new(rig_pull, &source, &ar_limits, &err);
    uint64_t n = 0;

    cr_assert_eq(record_begin(w, ANALYZER_VERSION, &err), 0);
    while (ar_next(ar, &entry, &err) > 0) {
        cr_assert_eq(analyze_entry(a, ar, &entry, &err), 0, "%s", err.text);
        n++;
    }
    cr_assert_eq(record_end(w, n, tar->n, NULL, "plain", &err), 0);
    fclose(file);
}

static inline void
rig_record(struct buf *tar, struct buf *record)
{
    rig_end(tar);
    rig_record_with(tar, 0, 1 << 20, record);
}

/* Lines of a record of one kind (NULL: warnings); owned by the caller. */
static inline struct jx *
rig_lines(const struct buf *record, const char *kind)
{
    struct jx *found = jx_new_arr();
    struct bytes rest = buf_bytes(record), line;

    while (bytes_next(&rest, '\n', &line)) {
        struct jx *doc = jx_parse(line, SIZE_MAX, NULL);

        cr_assert_not_null(doc, "%.*s", BYTES_FMT(line));
        if (kind != NULL ? str_eq(jx_str(doc, "k"), kind)
                         : jx_has(doc, "warning"))
            jx_append(found, doc);
        else
            jx_free(doc);
    }
    return found;
}

/* A layer with one file: its only line of that kind. Owned by the caller. */
static inline struct jx *
rig_one(const char *path, struct bytes body, const char *kind)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL;

    rig_bytes(&tar, path, body);
    rig_record(&tar, &record);
    lines = rig_lines(&record, kind);
    cr_assert_eq(jx_count(lines), 1, "%zu lines of %s", jx_count(lines), kind);
    return jx_copy(jx_at(lines, 0));
}

/* Compact JSON of a value, in a buffer of the caller's. */
static inline const char *
rig_json(const struct jx *v, struct buf *out)
{
    buf_reset(out);
    jx_write(v, out);
    return buf_cstr(out);
}

#define rig_expect_json(v, want) \
    do { \
        auto_buf struct buf rig_text_ = RIG_BUF; \
        cr_expect_str_eq(rig_json((v), &rig_text_), (want)); \
    } while (0)

/* ---- images ------------------------------------------------------------ */

static inline void
rig_merge_record(struct merge *m, const struct buf *record)
{
    auto_record_reader struct record_reader *r =
        record_reader_new(RECORD_LINE_MAX_BYTES);
    struct record_line line;
    enum record_event e;
    struct err err;

    merge_begin_layer(m);
    record_feed(r, buf_bytes(record));
    while ((e = record_step(r, &line, &err)) != RECORD_NEED_MORE) {
        cr_assert_neq(e, RECORD_BAD, "%s", err.text);
        if (e == RECORD_ITEM)
            merge_add(m, r, &line);
    }
    cr_assert_eq(record_finish(r, &err), 0);
    merge_end_layer(m);
}

/* Tars, bottom first; each gets its end here. */
static inline struct merge *
rig_merge(bool compat, struct buf *tars, size_t n)
{
    struct merge *m = merge_new(compat);

    for (size_t i = 0; i < n; i++) {
        auto_buf struct buf record = RIG_BUF;

        rig_record(&tars[i], &record);
        rig_merge_record(m, &record);
    }
    merge_finish(m);
    return m;
}

#endif
