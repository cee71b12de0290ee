/* tests/unit/source-index.h: an archive's index from the lines a worker
 * would write. */
#ifndef TESTS_UNIT_SOURCE_INDEX_H
#define TESTS_UNIT_SOURCE_INDEX_H

#include <criterion/criterion.h>

#include "base/json/jw.h"
#include "base/str.h"
#include "engine/source/archive-index.h"
#include "engine/source/source-private.h"

#define INDEX_HEAD "{\"index\":1,\"coding\":\"plain\"}\n"
#define INDEX_END  "{\"end\":true,\"entries\":0}\n"

static inline struct archive_index *
index_of(const char *lines)
{
    auto_index_reader struct index_reader *r = index_reader_new();
    struct err err = { 0 };
    struct archive_index *x;

    cr_assert_eq(index_reader_feed(r, bytes_str(INDEX_HEAD), &err), 0);
    cr_assert_eq(index_reader_feed(r, bytes_str(lines), &err), 0, "%s",
                 err.text);
    cr_assert_eq(index_reader_feed(r, bytes_str(INDEX_END), &err), 0);
    x = index_reader_finish(r, &err);
    cr_assert_not_null(x, "%s", err.text);
    return x;
}

/* A line for a file; body NULL: none is told. */
static inline void
add_file(struct buf *lines, const char *name, uint64_t offset, uint64_t size,
         const char *body)
{
    struct jw w;

    jw_init(&w, lines);
    jw_obj(&w);
    jw_key_str(&w, "n", name);
    jw_key_str(&w, "t", "file");
    jw_key_int(&w, "o", (int64_t)offset);
    jw_key_int(&w, "s", (int64_t)size);
    jw_key_opt(&w, "b", body);
    jw_end(&w);
    buf_add_char(lines, '\n');
}

/* What an archive said its image is. */
struct got {
    struct source_image image;
    struct place *places;
    struct err err;
    int rc;
};

static inline void
got_clear(struct got *g)
{
    source_image_clear(&g->image);
    free(g->places);
}
#define auto_got __attribute__((cleanup(got_clear)))

#endif
