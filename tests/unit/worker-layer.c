#include "archive.h"

#include "base/json/jx.h"
#include "worker/analyze/analyze.h"
#include "worker/index.h"
#include "worker/layer.h"

static int
into_buf(struct bytes lines, void *arg, struct err *err)
{
    (void)err;
    return buf_add_bytes(arg, lines);
}

static int
read_layer(struct bytes in, const struct layer_options *options,
           struct buf *out, struct err *err)
{
    struct record_writer *w = record_writer_new(into_buf, out);
    struct mem m = { .rest = in, .chunk = 1000 };
    struct limits limits;
    int r;

    limits_init(&limits);
    r = layer_read(mem_pull, &m, w, options, &limits, err);
    record_writer_free(w);
    free(m.copy);
    return r;
}

static int
read_index(struct bytes in, struct buf *out, struct err *err)
{
    struct mem m = { .rest = in, .chunk = 1000 };
    struct limits limits;
    int r;

    limits_init(&limits);
    r = index_read(mem_pull, &m, into_buf, out, &limits, err);
    free(m.copy);
    return r;
}

/* Line `n` of a result. */
static struct jx *
line(const struct buf *out, size_t n)
{
    struct bytes rest = buf_bytes(out), piece = BYTES_NONE;

    for (size_t i = 0; i <= n; i++)
        cr_assert(bytes_next(&rest, '\n', &piece), "line %zu", i);
    return jx_parse(piece, piece.n, NULL);
}

static size_t
count_lines(const struct buf *out)
{
    struct bytes rest = buf_bytes(out), piece;
    size_t n = 0;

    while (bytes_next(&rest, '\n', &piece))
        n++;
    return n;
}

static void
add_layer(struct buf *tar)
{
    tar_file(tar, "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n");
    tar_file(tar, "app/readme", "nobody wants this");
    tar_file(tar, "app/.wh.gone", "");
    tar_end(tar);
}

Test(layer, a_record_has_products_with_places_and_an_end)
{
    const struct layer_options options = { .has_member = false };
    auto_buf struct buf tar = BUF_INIT(ROOM), gz = BUF_INIT(ROOM),
                        out = BUF_INIT(ROOM);
    struct jx *first, *item, *last;

    add_layer(&tar);
    add_deflated(&gz, buf_bytes(&tar), 31, 6);
    cr_assert_eq(read_layer(buf_bytes(&gz), &options, &out, NULL), 0);
    first = line(&out, 0);
    cr_expect_eq(jx_int(first, "record", 0), RECORD_VERSION);
    cr_expect_str_eq(jx_str(first, "analyzer"), ANALYZER_VERSION);
    item = line(&out, 1);
    cr_expect_str_eq(jx_str(item, "p"), "/etc/os-release");
    cr_expect_eq(jx_int(item, "i", -1), 0);
    last = line(&out, count_lines(&out) - 1);
    cr_expect(jx_bool(last, "end", false));
    cr_expect_eq(jx_int(last, "entries", 0), 3);
    cr_expect_eq(jx_int(last, "plainBytes", 0), (int64_t)tar.n);
    cr_expect_str_eq(jx_str(last, "coding"), "gzip");
    cr_expect(jx_has(last, "diffId") && jx_str(last, "diffId") == NULL);
    jx_free(first);
    jx_free(item);
    jx_free(last);
}

Test(layer, the_diff_id_is_of_all_plain_bytes_behind_the_end_too)
{
    const struct layer_options options = { .diff_id = true };
    auto_buf struct buf tar = BUF_INIT(ROOM), gz = BUF_INIT(ROOM),
                        out = BUF_INIT(ROOM);
    struct digest want;
    struct jx *last;

    add_layer(&tar);
    buf_add_str(&tar, "what no reader of tar looks at");
    add_deflated(&gz, buf_bytes(&tar), 31, 6);
    want = digest_of(buf_bytes(&tar));
    cr_assert_eq(read_layer(buf_bytes(&gz), &options, &out, NULL), 0);
    last = line(&out, count_lines(&out) - 1);
    cr_expect_str_eq(jx_str(last, "diffId"), want.text);
    jx_free(last);
}

/* The tar is complete; the checksum behind it is not what it should be. */
Test(layer, damage_behind_the_last_entry_is_seen)
{
    const struct layer_options options = { .has_member = false };
    auto_buf struct buf tar = BUF_INIT(ROOM), gz = BUF_INIT(ROOM),
                        out = BUF_INIT(ROOM);
    struct jx *last;
    struct err err;

    add_layer(&tar);
    add_deflated(&gz, buf_bytes(&tar), 31, 6);
    gz.p[gz.n - 8] ^= 1;
    cr_expect_eq(read_layer(buf_bytes(&gz), &options, &out, &err), -1);
    cr_expect_eq(err.kind, ERR_INPUT);
    if (out.n > 0) {
        last = line(&out, count_lines(&out) - 1);
        cr_expect(!jx_has(last, "end"));
        jx_free(last);
    }
}

Test(layer, both_engines_give_the_same_record)
{
    auto_buf struct buf tar = BUF_INIT(ROOM), gz = BUF_INIT(ROOM),
                        a = BUF_INIT(ROOM), b = BUF_INIT(ROOM);
    const struct layer_options zlib = { .use_zlib = true }, fast = { 0 };

    add_layer(&tar);
    add_deflated(&gz, buf_bytes(&tar), 31, 9);
    cr_assert_eq(read_layer(buf_bytes(&gz), &fast, &a, NULL), 0);
    cr_assert_eq(read_layer(buf_bytes(&gz), &zlib, &b, NULL), 0);
    cr_expect(bytes_equal(buf_bytes(&a), buf_bytes(&b)));
}

/* An outer archive with one layer, and where the index says it lies. */
static void
make_outer(struct buf *outer, struct layer_options *options)
{
    auto_buf struct buf layer = BUF_INIT(ROOM), gz = BUF_INIT(ROOM),
                        out = BUF_INIT(ROOM);
    struct jx *member;

    add_layer(&layer);
    add_deflated(&gz, buf_bytes(&layer), 31, 6);
    tar_file(outer, "manifest.json", "[{\"Layers\":[\"l.tar\"]}]");
    tar_header(outer, "l.tar", '0', gz.n);
    tar_body(outer, buf_bytes(&gz));
    tar_end(outer);
    cr_assert_eq(read_index(buf_bytes(outer), &out, NULL), 0);
    member = line(&out, 2);
    cr_expect_str_eq(jx_str(member, "n"), "l.tar");
    cr_expect(!jx_has(member, "b"));
    options->has_member = true;
    options->member_offset = (uint64_t)jx_int(member, "o", 0);
    options->member_bytes = (uint64_t)jx_int(member, "s", 0);
    cr_expect_eq(options->member_bytes, gz.n);
    jx_free(member);
}

Test(layer, a_member_of_an_archive_gives_the_record_of_its_bytes)
{
    struct layer_options options = { 0 };
    const struct layer_options alone = { 0 };
    auto_buf struct buf outer = BUF_INIT(ROOM), layer = BUF_INIT(ROOM),
                        gz = BUF_INIT(ROOM), packed = BUF_INIT(ROOM),
                        want = BUF_INIT(ROOM), a = BUF_INIT(ROOM),
                        b = BUF_INIT(ROOM);

    make_outer(&outer, &options);
    add_layer(&layer);
    add_deflated(&gz, buf_bytes(&layer), 31, 6);
    cr_assert_eq(read_layer(buf_bytes(&gz), &alone, &want, NULL), 0);
    cr_expect_eq(read_layer(buf_bytes(&outer), &options, &a, NULL), 0);
    cr_expect(bytes_equal(buf_bytes(&a), buf_bytes(&want)));
    add_deflated(&packed, buf_bytes(&outer), 31, 6);
    cr_expect_eq(read_layer(buf_bytes(&packed), &options, &b, NULL), 0);
    cr_expect(bytes_equal(buf_bytes(&b), buf_bytes(&want)));
}

Test(index, small_json_comes_along_and_links_tell_where_they_lead)
{
    auto_buf struct buf tar = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
    struct jx *head, *json, *text, *link, *last;
    uint8_t *h;

    tar_file(&tar, "manifest.json", "{\"a\":1}");
    tar_file(&tar, "version", "1.0");
    h = tar_header(&tar, "x/layer.tar", '2', 0);
    memcpy(h + 157, "../y/layer.tar", 14);
    tar_seal(h);
    tar_end(&tar);
    cr_assert_eq(read_index(buf_bytes(&tar), &out, NULL), 0);
    head = line(&out, 0);
    json = line(&out, 1);
    text = line(&out, 2);
    link = line(&out, 3);
    last = line(&out, 4);
    cr_expect_str_eq(jx_str(head, "coding"), "plain");
    cr_expect_str_eq(jx_str(json, "b"), "{\"a\":1}");
    cr_expect_eq(jx_int(json, "o", 0), 512);
    cr_expect_eq(jx_int(json, "s", 0), 7);
    cr_expect(!jx_has(text, "b"));
    cr_expect_str_eq(jx_str(link, "t"), "symlink");
    cr_expect_str_eq(jx_str(link, "l"), "../y/layer.tar");
    cr_expect(!jx_has(link, "o"));
    cr_expect_eq(jx_int(last, "entries", 0), 3);
    jx_free(head);
    jx_free(json);
    jx_free(text);
    jx_free(link);
    jx_free(last);
}

Test(index, json_of_more_than_two_mebibytes_stays_where_it_is)
{
    for (size_t n = (2 << 20); n <= (2 << 20) + 1; n++) {
        auto_buf struct buf tar = BUF_INIT(ROOM), body = BUF_INIT(ROOM),
                            out = BUF_INIT(ROOM);
        struct jx *member;

        memset(buf_room(&body, n), ' ', n);
        body.n = n;
        body.p[0] = '[';
        tar_header(&tar, "big.json", '0', n);
        tar_body(&tar, buf_bytes(&body));
        cr_assert_eq(read_index(buf_bytes(&tar), &out, NULL), 0);
        member = line(&out, 1);
        cr_expect_eq(jx_has(member, "b"), n == 2 << 20);
        jx_free(member);
    }
}

Test(limits, every_option_is_set_by_its_name_and_nothing_else)
{
    for (const struct limit_option *o = limit_options; o->name != NULL; o++) {
        struct limits l, before;
        struct err err;

        limits_init(&before);
        l = before;
        cr_expect_eq(limits_set(&l, o, "77", &err), 0);
        cr_expect_eq(*(uint64_t *)(void *)((char *)&l + o->at), 77);
        *(uint64_t *)(void *)((char *)&l + o->at) = o->preset;
        cr_expect_eq(memcmp(&l, &before, sizeof(l)), 0, "%s", o->name);
        cr_expect_eq(limits_set(&l, o, "many", &err), -1);
        cr_expect(bytes_starts(bytes_str(err.text), "--"));
    }
}
