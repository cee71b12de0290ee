#include <criterion/criterion.h>

#include "layer-rig.h"

#define HEAD "{\"record\":1,\"analyzer\":\"1\"}\n"
#define END \
    "{\"end\":true,\"entries\":3,\"plainBytes\":9,\"diffId\":null," \
    "\"coding\":\"gzip\"}\n"

/* The events of a text, one letter each; stops at the first bad one. */
static const char *
events(const char *text, size_t piece, size_t limit, char out[64])
{
    static const char letters[] = "?hiwe!";
    auto_record_reader struct record_reader *r = record_reader_new(limit);
    struct bytes left = bytes_str(text);
    struct record_line line;
    struct err err;
    size_t n = 0;

    while (left.n > 0) {
        enum record_event e;

        record_feed(r, bytes_to(left, piece));
        left = bytes_from(left, piece);
        while ((e = record_step(r, &line, &err)) != RECORD_NEED_MORE) {
            out[n++] = letters[e];
            if (e == RECORD_BAD)
                goto done;
        }
    }
    if (record_finish(r, &err) < 0)
        out[n++] = '-';
done:
    out[n] = '\0';
    return out;
}

#define expect_events(text, want) \
    do { \
        char got_[64]; \
        cr_expect_str_eq(events((text), strlen(text), 4096, got_), (want)); \
    } while (0)

Test(record, what_is_written_is_read_back)
{
    auto_buf struct buf out = RIG_BUF;
    auto_record_writer struct record_writer *w = record_writer_new(rig_sink,
                                                                   &out);
    auto_record_reader struct record_reader *r = record_reader_new(4096);
    struct ar_entry entry = { .index = 7 };
    struct record_line line;
    struct err err;

    entry.path = bytes_of("/a\xff\n\"b", 6);
    cr_assert_eq(record_begin(w, "9", &err), 0);
    cr_assert_eq(record_item(w, &entry, "link", NULL, NULL, &err), 0);
    cr_assert_eq(record_warning(w, bytes_str("/x"), "odd", &err), 0);
    cr_assert_eq(record_end(w, 8, 100, "sha256:ab", "zstd", &err), 0);
    record_feed(r, buf_bytes(&out));
    cr_assert_eq(record_step(r, &line, &err), RECORD_BEGIN);
    cr_expect_str_eq(line.text, "9");
    cr_assert_eq(record_step(r, &line, &err), RECORD_ITEM);
    cr_expect(bytes_equal(line.path, entry.path));
    cr_expect_eq(line.index, 7);
    cr_expect_str_eq(line.kind, "link");
    cr_expect_null(line.data);
    cr_assert_eq(record_step(r, &line, &err), RECORD_WARNING);
    cr_expect_str_eq(line.text, "odd");
    cr_assert_eq(record_step(r, &line, &err), RECORD_END);
    cr_expect_eq(line.n_entries, 8);
    cr_expect_str_eq(line.diff_id, "sha256:ab");
    cr_expect_eq(record_finish(r, &err), 0);
}

Test(record, any_split_gives_the_same_events)
{
    static const char text[] = HEAD
        "{\"i\":0,\"p\":\"/a\",\"k\":\"apk\",\"d\":{\"x\":[1]}}\n"
        "{\"warning\":\"w\",\"p\":\"/a\"}\n" END;
    char got[64];

    for (size_t piece = 1; piece < sizeof(text); piece++)
        cr_expect_str_eq(events(text, piece, 4096, got), "hiwe", "%zu", piece);
}

Test(record, without_its_end_line_it_is_none)
{
    expect_events(HEAD, "h-");
    expect_events(HEAD "{\"i\":0,\"p\":\"/a\",\"k\":\"x\"}\n", "hi-");
    expect_events(HEAD "{\"end\":true,\"entries\":1}", "h-");
}

Test(record, a_head_of_another_version_or_none_is_refused)
{
    expect_events("{\"record\":2,\"analyzer\":\"1\"}\n", "!");
    expect_events("{\"record\":1}\n", "!");
    expect_events(END, "!");
}

Test(record, hostile_lines_are_refused)
{
    expect_events(HEAD "{\"i\":5,\"p\":\"/a\",\"k\":\"x\"}\n"
                       "{\"i\":4,\"p\":\"/a\",\"k\":\"x\"}\n", "hi!");
    expect_events(HEAD "{\"i\":-1,\"p\":\"/a\",\"k\":\"x\"}\n", "h!");
    expect_events(HEAD "{\"i\":0,\"p\":\"a\",\"k\":\"x\"}\n", "h!");
    expect_events(HEAD "{\"i\":0,\"pb\":\"%%\",\"k\":\"x\"}\n", "h!");
    expect_events(HEAD "{\"i\":0,\"p\":\"/a\"}\n", "h!");
    expect_events(HEAD "{\"i\":\"0\",\"p\":\"/a\",\"k\":\"x\"}\n", "h!");
    expect_events(HEAD "{\"warning\":1,\"p\":\"/a\"}\n", "h!");
    expect_events(HEAD "{\"end\":true}\n", "h!");
    expect_events(HEAD "nonsense\n", "h!");
    expect_events(HEAD "\n", "h!");
    expect_events(HEAD END HEAD, "he!");
}

Test(record, a_line_beyond_the_ceiling_is_refused_those_before_it_are_read)
{
    auto_buf struct buf text = RIG_BUF;
    char got[64];

    buf_add_str(&text, HEAD "{\"warning\":\"");
    for (int i = 0; i < 200; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "\",\"p\":\"/a\"}\n" END);
    cr_expect_str_eq(events(buf_cstr(&text), 50, 150, got), "h!");
    cr_expect_str_eq(events(buf_cstr(&text), 50, 300, got), "hwe");
}
