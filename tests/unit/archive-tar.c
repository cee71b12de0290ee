#include "archive.h"

#include "worker/archive/name.h"
#include "worker/archive/range.h"

#define HUGE_BYTES ((uint64_t)1 << 40)

/* A reader over a tar in memory. */
struct reading {
    struct mem m;
    struct ar *ar;
    struct ar_entry entry;
    struct err err;
};

static void
open_tar(struct reading *r, const struct buf *tar,
         const struct ar_limits *limits)
{
    static const struct ar_limits none;

    *r = (struct reading){ .m = { .rest = buf_bytes(tar), .chunk = 700 } };
    r->ar = ar_new(mem_pull, &r->m, limits != NULL ? limits : &none, &r->err);
    cr_assert_not_null(r->ar, "%s", r->err.text);
}

static void
close_tar(struct reading *r)
{
    ar_free(r->ar);
    free(r->m.copy);
}

static bool
next_is(struct reading *r, const char *path)
{
    return ar_next(r->ar, &r->entry, &r->err) == 1 &&
           bytes_is(r->entry.path, path);
}

static int
take(struct bytes *chunk, void *arg, struct err *err)
{
    return ar_read(((struct reading *)arg)->ar, chunk, err);
}

static bool
body_is(struct reading *r, const char *want)
{
    auto_buf struct buf body = BUF_INIT(ROOM);

    return pull_all(take, r, &body, &r->err) == 0 &&
           bytes_is(buf_bytes(&body), want);
}

static bool
is_at_end(struct reading *r)
{
    return ar_next(r->ar, &r->entry, &r->err) == 0;
}

static void
add_symlink(struct buf *tar, const char *name, const char *to)
{
    uint8_t *h = tar_header(tar, name, '2', 0);

    memcpy(h + 157, to, strlen(to));
    tar_seal(h);
}

Test(tar, bodies_are_read_or_stepped_over)
{
    auto_buf struct buf tar = BUF_INIT(ROOM), large = BUF_INIT(ROOM);
    struct reading r;

    add_prose(&large, 100000, 1);
    tar_file(&tar, "./etc/first", "one");
    tar_file(&tar, "empty", "");
    tar_header(&tar, "skipped", '0', large.n);
    tar_body(&tar, buf_bytes(&large));
    tar_file(&tar, "last", "four");
    tar_end(&tar);
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/etc/first") && body_is(&r, "one"));
    cr_expect(bytes_is(r.entry.name, "./etc/first"));
    cr_expect(next_is(&r, "/empty") && body_is(&r, ""));
    cr_expect(next_is(&r, "/skipped"));
    cr_expect(next_is(&r, "/last") && body_is(&r, "four"));
    cr_expect_eq(r.entry.index, 3);
    cr_expect(is_at_end(&r) && is_at_end(&r));
    close_tar(&r);
}

Test(tar, offset_and_size_are_where_the_body_lies)
{
    auto_buf struct buf tar = BUF_INIT(ROOM);
    struct reading r;

    tar_file(&tar, "a", "xyz");
    tar_file(&tar, "b", "body of b");
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/a"));
    cr_expect(next_is(&r, "/b"));
    cr_expect_eq(r.entry.offset, 1536);
    cr_expect(bytes_starts(bytes_from(buf_bytes(&tar), 1536), "body of b"));
    cr_expect_eq(r.entry.size, 9);
    close_tar(&r);
}

Test(tar, kinds_of_entries_and_their_links)
{
    static const struct {
        char flag;
        enum ar_type type;
    } rows[] = {
        { '0', AR_FILE },    { '\0', AR_FILE },  { '7', AR_FILE },
        { '5', AR_DIR },     { '2', AR_SYMLINK }, { '1', AR_HARDLINK },
        { '3', AR_OTHER },   { '4', AR_OTHER },   { '6', AR_OTHER },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        auto_buf struct buf tar = BUF_INIT(ROOM);
        uint8_t *h = tar_header(&tar, "x", rows[i].flag, 0);
        bool link = rows[i].flag == '1' || rows[i].flag == '2';
        struct reading r;

        memcpy(h + 157, "../to", 5);
        tar_seal(h);
        open_tar(&r, &tar, NULL);
        cr_expect(next_is(&r, "/x"));
        cr_expect_eq(r.entry.type, rows[i].type, "%c", rows[i].flag);
        cr_expect(bytes_is(r.entry.link, link ? "../to" : ""));
        close_tar(&r);
    }
}

Test(tar, v7_headers_have_no_magic)
{
    auto_buf struct buf tar = BUF_INIT(ROOM);
    uint8_t *h = tar_header(&tar, "old", '\0', 3);
    struct reading r;

    memset(h + 257, 0, 8);
    tar_seal(h);
    tar_body(&tar, bytes_str("abc"));
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/old") && body_is(&r, "abc"));
    close_tar(&r);
}

Test(tar, gnu_long_names_and_long_links)
{
    auto_buf struct buf tar = BUF_INIT(ROOM), name = BUF_INIT(ROOM);
    struct reading r;

    for (int i = 0; i < 60; i++)
        buf_add_str(&name, "/folder");
    tar_header(&tar, "././@LongLink", 'L', name.n + 1);
    tar_body(&tar, bytes_of(buf_cstr(&name), name.n + 1));
    tar_header(&tar, "././@LongLink", 'K', name.n + 1);
    tar_body(&tar, bytes_of(buf_cstr(&name), name.n + 1));
    add_symlink(&tar, "short", "cut");
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, buf_cstr(&name)));
    cr_expect(bytes_equal(r.entry.link, buf_bytes(&name)));
    close_tar(&r);
}

/* "<length> key=value\n", the length counting itself. */
static void
pax_record(struct buf *out, const char *key, struct bytes value)
{
    size_t n = strlen(key) + value.n + 3, digits = 1;

    for (size_t x = 10; x <= n + digits; x *= 10)
        digits++;
    buf_addf(out, "%zu %s=", n + digits, key);
    buf_add_bytes(out, value);
    buf_add_char(out, '\n');
}

static void
pax_header(struct buf *tar, const struct buf *records)
{
    tar_header(tar, "pax", 'x', records->n);
    tar_body(tar, buf_bytes(records));
}

Test(tar, pax_names_are_bytes_whatever_their_encoding)
{
    static const char *const names[] = {
        "caf\xc3\xa9", "caf\xe9", "\xff\xfe", "\xe6\x97\xa5/\xc0\x80",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        auto_buf struct buf tar = BUF_INIT(ROOM), records = BUF_INIT(ROOM);
        struct reading r;

        pax_record(&records, "path", bytes_str(names[i]));
        pax_record(&records, "linkpath", bytes_str(names[i]));
        pax_record(&records, "uname", bytes_str("us\xe9r"));
        pax_header(&tar, &records);
        add_symlink(&tar, "short", "cut");
        open_tar(&r, &tar, NULL);
        cr_assert_eq(ar_next(r.ar, &r.entry, &r.err), 1);
        cr_expect(bytes_is(r.entry.name, names[i]), "%zu", i);
        cr_expect(bytes_is(r.entry.link, names[i]), "%zu", i);
        close_tar(&r);
    }
}

Test(tar, pax_size_wins_over_the_header)
{
    auto_buf struct buf tar = BUF_INIT(ROOM), records = BUF_INIT(ROOM);
    struct reading r;

    pax_record(&records, "size", bytes_str("5"));
    pax_header(&tar, &records);
    tar_header(&tar, "x", '0', 0);
    tar_body(&tar, bytes_str("hello"));
    tar_file(&tar, "y", "next");
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/x") && body_is(&r, "hello"));
    cr_expect(next_is(&r, "/y") && body_is(&r, "next"));
    close_tar(&r);
}

/* Old GNU: one block of data at the end of a hole of a terabyte. */
static void
add_sparse(struct buf *tar, uint64_t real_size)
{
    uint8_t *h = tar_header(tar, "sparse", 'S', 512);

    memcpy(h + 257, "ustar  ", 8);
    h[386] = 0x80; /* base 256 */
    for (int i = 0; i < 8; i++)
        h[397 - i] = (uint8_t)((real_size - 512) >> (8 * i));
    snprintf((char *)h + 398, 12, "%011o", 512);
    h[483] = 0x80;
    for (int i = 0; i < 8; i++)
        h[494 - i] = (uint8_t)(real_size >> (8 * i));
    tar_seal(h);
    tar_body(tar, bytes_str("data"));
}

Test(tar, a_hole_of_a_terabyte_is_stepped_over)
{
    auto_buf struct buf tar = BUF_INIT(ROOM);
    struct reading r;

    add_sparse(&tar, HUGE_BYTES);
    tar_file(&tar, "next", "x");
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/sparse"));
    cr_expect(r.entry.sparse);
    cr_expect_eq(r.entry.size, HUGE_BYTES);
    cr_expect(next_is(&r, "/next") && body_is(&r, "x"));
    cr_expect(!r.entry.sparse);
    close_tar(&r);
}

Test(tar, holes_read_as_zeros)
{
    auto_buf struct buf tar = BUF_INIT(ROOM), body = BUF_INIT(ROOM);
    struct reading r;

    add_sparse(&tar, 100512);
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/sparse"));
    cr_expect_eq(pull_all(take, &r, &body, &r.err), 0);
    cr_assert_eq(body.n, 100512);
    cr_expect(bytes_starts(bytes_from(buf_bytes(&body), 100000), "data"));
    for (size_t i = 0; i < 100000; i++)
        cr_assert_eq(body.p[i], 0);
    close_tar(&r);
}

Test(tar, holes_that_are_read_count_as_plain_bytes)
{
    const struct ar_limits limits = { .plain_bytes = 1 << 20 };
    auto_buf struct buf tar = BUF_INIT(ROOM), body = BUF_INIT(ROOM);
    struct reading r;

    add_sparse(&tar, HUGE_BYTES);
    open_tar(&r, &tar, &limits);
    cr_expect(next_is(&r, "/sparse"));
    cr_expect_eq(pull_all(take, &r, &body, &r.err), -1);
    cr_expect_eq(r.err.kind, ERR_LIMIT);
    cr_expect_str_eq(err_code(&r.err), "LAYER_TOO_LARGE");
    cr_expect(bytes_starts(bytes_str(r.err.text), "entry 0: "));
    close_tar(&r);
}

Test(tar, nothing_and_zeros_are_archives_without_entries)
{
    for (size_t n = 0; n <= 20480; n += 512) {
        auto_buf struct buf tar = BUF_INIT(ROOM);
        struct reading r;

        memset(buf_room(&tar, 20480), 0, 20480);
        tar.n = n;
        open_tar(&r, &tar, NULL);
        cr_expect(is_at_end(&r), "%zu: %s", n, r.err.text);
        close_tar(&r);
    }
}

Test(tar, a_tar_may_end_without_its_two_blocks)
{
    auto_buf struct buf tar = BUF_INIT(ROOM);
    struct reading r;

    tar_file(&tar, "x", "body");
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/x"));
    cr_expect(is_at_end(&r));
    close_tar(&r);
}

Test(tar, what_is_no_tar_is_refused)
{
    static const struct ar_limits none;
    auto_buf struct buf text = BUF_INIT(ROOM);
    struct mem m = { .chunk = 0 };
    struct err err;

    add_prose(&text, 5000, 1);
    m.rest = buf_bytes(&text);
    cr_expect_null(ar_new(mem_pull, &m, &none, &err));
    cr_expect_eq(err.kind, ERR_INPUT);
    free(m.copy);
}

Test(tar, damage_names_the_entry)
{
    auto_buf struct buf tar = BUF_INIT(ROOM);
    struct reading r;

    tar_file(&tar, "fine", "body");
    tar_file(&tar, "broken", "body");
    tar.p[1024] ^= 1;
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/fine"));
    cr_expect_eq(ar_next(r.ar, &r.entry, &r.err), -1);
    cr_expect_eq(r.err.kind, ERR_INPUT);
    cr_expect(bytes_starts(bytes_str(r.err.text), "entry 1: "), "%s",
              r.err.text);
    close_tar(&r);
}

Test(tar, a_body_that_is_cut_is_refused)
{
    auto_buf struct buf tar = BUF_INIT(ROOM);
    struct reading r;

    tar_header(&tar, "x", '0', 5000);
    tar_body(&tar, bytes_str("too little"));
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/x"));
    cr_expect(!body_is(&r, "too little"));
    cr_expect_eq(r.err.kind, ERR_INPUT);
    close_tar(&r);
    open_tar(&r, &tar, NULL);
    cr_expect(next_is(&r, "/x"));
    cr_expect_eq(ar_next(r.ar, &r.entry, &r.err), -1);
    close_tar(&r);
}

Test(tar, entries_have_a_ceiling)
{
    const struct ar_limits limits = { .entries = 2 };
    auto_buf struct buf tar = BUF_INIT(ROOM);
    struct reading r;

    tar_file(&tar, "a", "");
    tar_file(&tar, "b", "");
    tar_file(&tar, "c", "");
    open_tar(&r, &tar, &limits);
    cr_expect(next_is(&r, "/a") && next_is(&r, "/b"));
    cr_expect_eq(ar_next(r.ar, &r.entry, &r.err), -1);
    cr_expect_str_eq(r.err.text, "entry 2: more than 2 entries");
    cr_expect_str_eq(err_code(&r.err), "LAYER_ENTRIES");
    close_tar(&r);
}

Test(tar, names_and_links_have_a_ceiling)
{
    const struct ar_limits limits = { .path_bytes = 9 };
    auto_buf struct buf tar = BUF_INIT(ROOM);
    struct reading r;

    tar_file(&tar, "123456789", "");
    add_symlink(&tar, "x", "0123456789");
    open_tar(&r, &tar, &limits);
    cr_expect(next_is(&r, "/123456789"));
    cr_expect_eq(ar_next(r.ar, &r.entry, &r.err), -1);
    cr_expect_eq(r.err.kind, ERR_LIMIT);
    cr_expect_str_eq(err_code(&r.err), "PATH_TOO_LONG");
    cr_expect(bytes_starts(bytes_str(r.err.text), "entry 1: "));
    close_tar(&r);
}

/* The reason of the source arrives, not libarchive's "no input". */
Test(tar, why_the_source_failed_is_kept)
{
    auto_buf struct buf tar = BUF_INIT(ROOM), gz = BUF_INIT(ROOM),
                        large = BUF_INIT(ROOM);
    const struct ar_limits limits = { .plain_bytes = 5000 };
    struct reading r;
    struct inflate *z;

    add_prose(&large, 600000, 1);
    tar_header(&tar, "x", '0', large.n);
    tar_body(&tar, buf_bytes(&large));
    add_deflated(&gz, buf_bytes(&tar), 31, 6);
    r = (struct reading){ .m = { .rest = buf_bytes(&gz) } };
    z = inflate_new(mem_pull, &r.m, &limits, false);
    cr_expect_null(ar_new(inflate_pull, z, &limits, &r.err));
    cr_expect_str_eq(err_code(&r.err), "LAYER_TOO_LARGE");
    inflate_free(z);
    free(r.m.copy);
}

Test(name, becomes_the_path_in_the_image)
{
    static const char *const rows[][2] = {
        { "etc/x", "/etc/x" },       { "./etc/x", "/etc/x" },
        { "/etc//x", "/etc/x" },     { "etc/", "/etc" },
        { "", "/" },                 { ".", "/" },
        { "./", "/" },               { "a/../b", "/b" },
        { "../../etc", "/etc" },     { "a/b/../../../c", "/c" },
        { "a/./b/.", "/a/b" },       { "..a/.b", "/..a/.b" },
        { "a/..", "/" },             { "/..", "/" },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        auto_buf struct buf out = BUF_INIT(100);

        cr_expect_eq(ar_name_to_path(bytes_str(rows[i][0]), &out), 0);
        cr_expect_str_eq(buf_cstr(&out), rows[i][1], "%s", rows[i][0]);
    }
}

Test(range, any_chunking_gives_the_range)
{
    static const char text[] = "0123456789abcdef";

    for (size_t chunk = 1; chunk <= 17; chunk++) {
        for (size_t from = 0; from < 16; from++) {
            for (size_t n = 0; from + n <= 16; n++) {
                auto_buf struct buf out = BUF_INIT(100);
                struct mem m = { .rest = bytes_str(text), .chunk = chunk };
                struct ar_range range = { mem_pull, &m, from, n };

                cr_assert_eq(pull_all(ar_range_pull, &range, &out, NULL), 0);
                cr_assert(bytes_equal(
                    buf_bytes(&out), bytes_of(text + from, n)));
                free(m.copy);
            }
        }
    }
}

Test(range, behind_the_range_nothing_is_read)
{
    auto_buf struct buf out = BUF_INIT(100);
    struct mem m = { .rest = bytes_str("0123456789"), .chunk = 1 };
    struct ar_range range = { mem_pull, &m, 2, 3 };

    cr_expect_eq(pull_all(ar_range_pull, &range, &out, NULL), 0);
    cr_expect_eq(m.n_pulls, 5);
    free(m.copy);
}

Test(range, that_is_not_all_there_is_refused)
{
    auto_buf struct buf out = BUF_INIT(100);
    struct mem m = { .rest = bytes_str("0123"), .chunk = 3 };
    struct ar_range range = { mem_pull, &m, 2, 3 };
    struct err err;

    cr_expect_eq(pull_all(ar_range_pull, &range, &out, &err), -1);
    cr_expect_eq(err.kind, ERR_INPUT);
    free(m.copy);
}
