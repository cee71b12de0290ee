#include "archive.h"

static bool
inflates_to(struct bytes in, size_t chunk, bool use_zlib, struct bytes want)
{
    auto_buf struct buf out = BUF_INIT(ROOM);

    return inflate_all(in, chunk, use_zlib, NULL, &out, NULL) == 0 &&
           bytes_equal(buf_bytes(&out), want);
}

static bool
is_refused(struct bytes in, bool use_zlib, struct err *err)
{
    auto_buf struct buf out = BUF_INIT(ROOM);

    err_clear(err);
    return inflate_all(in, 0, use_zlib, NULL, &out, err) < 0 &&
           err->kind == ERR_INPUT;
}

static enum ar_coding
coding_of(struct bytes in)
{
    static const struct ar_limits none;
    struct mem m = { .rest = in, .chunk = 1 };
    struct inflate *z = inflate_new(mem_pull, &m, &none, false);
    struct bytes chunk;
    struct err err;
    enum ar_coding coding;

    inflate_pull(&chunk, z, &err);
    coding = inflate_coding(z);
    inflate_free(z);
    free(m.copy);
    return coding;
}

Test(inflate, any_chunking_gives_the_same_bytes)
{
    static const size_t chunks[] = { 1, 2, 3, 7, 512, 4096, 0 };
    auto_buf struct buf plain = BUF_INIT(ROOM), gz = BUF_INIT(ROOM);

    add_prose(&plain, 300000, 1);
    add_deflated(&gz, buf_bytes(&plain), 31, 6);
    for (size_t i = 0; i < N_ELEMENTS(chunks); i++) {
        cr_expect(inflates_to(buf_bytes(&gz), chunks[i], false,
                              buf_bytes(&plain)), "%zu", chunks[i]);
        cr_expect(inflates_to(buf_bytes(&gz), chunks[i], true,
                              buf_bytes(&plain)), "zlib %zu", chunks[i]);
    }
}

Test(inflate, stored_fixed_and_dynamic_blocks)
{
    for (int level = 0; level <= 9; level += 3) {
        auto_buf struct buf plain = BUF_INIT(ROOM), gz = BUF_INIT(ROOM);

        add_prose(&plain, level == 3 ? 20 : 100000, 2);
        add_deflated(&gz, buf_bytes(&plain), 31, level);
        cr_expect(inflates_to(buf_bytes(&gz), 1000, false, buf_bytes(&plain)));
        cr_expect(inflates_to(buf_bytes(&gz), 1000, true, buf_bytes(&plain)));
    }
}

/* The decoder keeps tables and history: a member must not see another's. */
Test(inflate, members_follow_each_other_empty_ones_too)
{
    auto_buf struct buf plain = BUF_INIT(ROOM), gz = BUF_INIT(ROOM);

    for (unsigned i = 0; i < 5; i++) {
        size_t from = plain.n;

        if (i != 2)
            add_prose(&plain, 40000, i);
        add_deflated(&gz, bytes_from(buf_bytes(&plain), from), 31,
                     (int)(i * 2 + 1));
    }
    for (size_t chunk = 0; chunk < 12; chunk++) {
        cr_expect(inflates_to(buf_bytes(&gz), chunk, false, buf_bytes(&plain)));
        cr_expect(inflates_to(buf_bytes(&gz), chunk, true, buf_bytes(&plain)));
    }
}

Test(inflate, a_distance_does_not_reach_into_the_member_before)
{
    /* Fixed block: one match, length 3, distance 1, with nothing before. */
    static const uint8_t raw[] = { 0x03, 0x02, 0x00 };
    static const uint8_t head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
    auto_buf struct buf gz = BUF_INIT(ROOM);
    struct err err;

    add_deflated(&gz, bytes_str("aaaa"), 31, 6);
    buf_add(&gz, head, sizeof(head));
    buf_add(&gz, raw, sizeof(raw));
    buf_add(&gz, "\0\0\0\0\0\0\0\0", 8);
    cr_expect(is_refused(buf_bytes(&gz), false, &err));
    cr_expect(is_refused(buf_bytes(&gz), true, &err));
}

Test(inflate, what_follows_the_last_member_is_no_part_of_it)
{
    static const struct bytes tails[] = {
        { (const uint8_t *)"\0\0\0\0\0\0\0\0\0\0", 10 },
        { (const uint8_t *)"garbage", 7 },
        { (const uint8_t *)"\x1f", 1 },
    };

    for (size_t i = 0; i < N_ELEMENTS(tails); i++) {
        auto_buf struct buf gz = BUF_INIT(ROOM);

        add_deflated(&gz, bytes_str("body"), 31, 6);
        buf_add_bytes(&gz, tails[i]);
        for (size_t chunk = 0; chunk < 3; chunk++)
            cr_expect(inflates_to(buf_bytes(&gz), chunk, false,
                                  bytes_str("body")), "%zu", i);
    }
}

Test(inflate, the_source_is_read_to_its_end_behind_garbage)
{
    static const struct ar_limits none;
    auto_buf struct buf gz = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
    struct mem m = { .chunk = 16 };
    struct inflate *z = inflate_new(mem_pull, &m, &none, false);

    add_deflated(&gz, bytes_str("body"), 31, 6);
    for (int i = 0; i < 1000; i++)
        buf_add_str(&gz, "garbage");
    m.rest = buf_bytes(&gz);
    cr_expect_eq(pull_all(inflate_pull, z, &out, NULL), 0);
    cr_expect_eq(m.rest.n, 0);
    inflate_free(z);
    free(m.copy);
}

/* RFC 1952: FEXTRA, FNAME, FCOMMENT, FHCRC, in this order. */
static void
add_full_header(struct buf *gz, uint8_t flags, bool break_crc)
{
    size_t from = gz->n;
    uint8_t head[] = { 0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 0, 255 };
    uint32_t crc;

    buf_add(gz, head, sizeof(head));
    if (flags & 4)
        buf_add(gz, "\x05\x00" "ab\0cd", 7);
    if (flags & 8)
        buf_add(gz, "a name", 7);
    if (flags & 16)
        buf_add(gz, "a comment", 10);
    crc = (uint32_t)crc32(0, gz->p + from, (uInt)(gz->n - from)) ^ break_crc;
    if (flags & 2)
        buf_add(gz, (uint8_t[]){ (uint8_t)crc, (uint8_t)(crc >> 8) }, 2);
}

static void
add_rest(struct buf *gz)
{
    auto_buf struct buf whole = BUF_INIT(ROOM);

    add_deflated(&whole, bytes_str("body"), 31, 6);
    buf_add(gz, whole.p + 10, whole.n - 10);
}

Test(inflate, every_optional_header_field_is_stepped_over)
{
    for (uint8_t flags = 0; flags < 32; flags++) {
        auto_buf struct buf gz = BUF_INIT(ROOM);

        add_full_header(&gz, flags, false);
        add_rest(&gz);
        for (size_t chunk = 0; chunk < 3; chunk++)
            cr_expect(inflates_to(buf_bytes(&gz), chunk, false,
                                  bytes_str("body")), "%u", flags);
    }
}

Test(inflate, header_checksum_and_reserved_flags_are_looked_at)
{
    auto_buf struct buf crc = BUF_INIT(ROOM), flags = BUF_INIT(ROOM);
    struct err err;

    add_full_header(&crc, 2 | 8, true);
    add_rest(&crc);
    cr_expect(is_refused(buf_bytes(&crc), false, &err));
    add_full_header(&flags, 0x20, false);
    add_rest(&flags);
    cr_expect(is_refused(buf_bytes(&flags), false, &err));
}

Test(inflate, checksum_and_length_of_a_member_are_verified)
{
    struct err err;

    for (size_t back = 1; back <= 8; back++) {
        auto_buf struct buf gz = BUF_INIT(ROOM);

        add_deflated(&gz, bytes_str("body"), 31, 6);
        gz.p[gz.n - back] ^= 1;
        cr_expect(is_refused(buf_bytes(&gz), false, &err), "%zu", back);
        cr_expect(bytes_ends(bytes_str(err.text), "at compressed byte 24"),
                  "%s", err.text);
    }
}

Test(inflate, a_refusal_names_member_and_place)
{
    auto_buf struct buf gz = BUF_INIT(ROOM);
    struct err err;

    add_deflated(&gz, bytes_str("one"), 31, 6);
    add_deflated(&gz, bytes_str("two"), 31, 6);
    cr_expect(is_refused(bytes_to(buf_bytes(&gz), gz.n - 3), false, &err));
    cr_expect_str_eq(err.text,
                     "gzip: member 2: truncated at compressed byte 38");
}

Test(inflate, both_engines_refuse_every_cut)
{
    auto_buf struct buf plain = BUF_INIT(ROOM), gz = BUF_INIT(ROOM);
    size_t border;
    struct err err;

    add_prose(&plain, 3000, 3);
    add_deflated(&gz, buf_bytes(&plain), 31, 9);
    border = gz.n;
    add_deflated(&gz, buf_bytes(&plain), 31, 1);
    for (size_t cut = 2; cut < gz.n; cut++) {
        struct bytes part = bytes_to(buf_bytes(&gz), cut);
        /* One byte more than a member is trailing garbage. */
        bool whole = cut == border || cut == border + 1;

        cr_expect_eq(is_refused(part, false, &err), !whole, "%zu", cut);
        cr_expect_eq(is_refused(part, true, &err), !whole, "zlib %zu", cut);
    }
}

/* Both refuse, or both give the same bytes. */
static bool
engines_agree(struct bytes in)
{
    auto_buf struct buf a = BUF_INIT(ROOM), b = BUF_INIT(ROOM);
    int ra = inflate_all(in, 0, false, NULL, &a, NULL);
    int rb = inflate_all(in, 0, true, NULL, &b, NULL);

    return ra == rb && (ra < 0 || bytes_equal(buf_bytes(&a), buf_bytes(&b)));
}

Test(inflate, engines_agree_on_every_flipped_bit)
{
    for (int level = 1; level <= 9; level += 4) {
        auto_buf struct buf plain = BUF_INIT(ROOM), gz = BUF_INIT(ROOM);

        add_prose(&plain, 1500, (unsigned)level);
        add_deflated(&gz, buf_bytes(&plain), 31, level);
        for (size_t bit = 0; bit < gz.n * 8; bit++) {
            gz.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            cr_expect(engines_agree(buf_bytes(&gz)), "level %d bit %zu", level,
                      bit);
            gz.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

Test(inflate, engines_agree_on_noise)
{
    uint32_t x = 12345;

    for (int round = 0; round < 2000; round++) {
        uint8_t noise[200] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };

        for (size_t i = 10; i < sizeof(noise); i++) {
            x = x * 1664525u + 1013904223u;
            noise[i] = (uint8_t)(x >> 24);
        }
        cr_expect(engines_agree(bytes_of(noise, sizeof(noise))), "%d", round);
    }
}

Test(inflate, zlib_streams_are_known_and_verified)
{
    auto_buf struct buf plain = BUF_INIT(ROOM);
    struct err err;

    add_prose(&plain, 100000, 4);
    for (int level = 1; level <= 9; level += 4) {
        auto_buf struct buf z = BUF_INIT(ROOM);

        add_deflated(&z, buf_bytes(&plain), 15, level);
        if (z.p[1] == 0x5e) /* not told from a file name */
            continue;
        cr_expect_eq(coding_of(buf_bytes(&z)), AR_ZLIB);
        cr_expect(inflates_to(buf_bytes(&z), 1000, false, buf_bytes(&plain)));
        z.p[z.n - 1] ^= 1;
        cr_expect(is_refused(buf_bytes(&z), false, &err));
    }
}

Test(inflate, the_first_bytes_tell_the_coding)
{
    static const struct {
        struct bytes head;
        enum ar_coding want;
    } rows[] = {
        { { (const uint8_t *)"\x1f\x8b\x08\0", 4 }, AR_GZIP },
        { { (const uint8_t *)"\x28\xb5\x2f\xfd", 4 }, AR_ZSTD },
        { { (const uint8_t *)"\x5a\x2a\x4d\x18\0\0\0\0", 8 }, AR_ZSTD },
        { { (const uint8_t *)"\x28\xb5\x2f\xfc", 4 }, AR_PLAIN },
        { { (const uint8_t *)"x^y/file", 8 }, AR_PLAIN },
        { { (const uint8_t *)"\x1f", 1 }, AR_PLAIN },
        { { (const uint8_t *)"", 0 }, AR_PLAIN },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        cr_expect_eq(coding_of(rows[i].head), rows[i].want, "%zu", i);
}

Test(inflate, plain_bytes_pass_without_a_copy)
{
    static const struct ar_limits none;
    struct mem m = { .rest = bytes_str("etc/passwd and more"), .chunk = 12 };
    struct inflate *z = inflate_new(mem_pull, &m, &none, false);
    struct bytes chunk;
    struct err err;

    cr_assert_eq(inflate_pull(&chunk, z, &err), 1);
    cr_expect_eq(chunk.p, m.copy);
    cr_assert_eq(inflate_pull(&chunk, z, &err), 1);
    cr_expect_eq(chunk.p, m.copy);
    cr_expect_eq(inflate_pull(&chunk, z, &err), 0);
    cr_expect_eq(inflate_bytes_out(z), 19);
    inflate_free(z);
    free(m.copy);
}

static bool
passes_limit(struct bytes in, const struct ar_limits *limits, const char *code)
{
    auto_buf struct buf out = BUF_INIT(ROOM);
    struct err err;

    return inflate_all(in, 0, false, limits, &out, &err) < 0 &&
           err.kind == ERR_LIMIT && str_eq(err_code(&err), code);
}

Test(inflate, plain_bytes_have_a_ceiling)
{
    auto_buf struct buf plain = BUF_INIT(ROOM), gz = BUF_INIT(ROOM),
                        zstd = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
    struct ar_limits limits = { .plain_bytes = 99999 };

    add_prose(&plain, 100000, 5);
    add_deflated(&gz, buf_bytes(&plain), 31, 6);
    add_zstd(&zstd, buf_bytes(&plain), 0);
    cr_expect(passes_limit(buf_bytes(&plain), &limits, "LAYER_TOO_LARGE"));
    cr_expect(passes_limit(buf_bytes(&gz), &limits, "LAYER_TOO_LARGE"));
    cr_expect(passes_limit(buf_bytes(&zstd), &limits, "LAYER_TOO_LARGE"));
    limits.plain_bytes = 100000;
    cr_expect_eq(inflate_all(buf_bytes(&gz), 0, false, &limits, &out, NULL), 0);
}

Test(inflate, ratio_has_a_ceiling_behind_the_first_mebibyte)
{
    auto_buf struct buf zeros = BUF_INIT(ROOM), small = BUF_INIT(ROOM),
                        large = BUF_INIT(ROOM), out = BUF_INIT(ROOM);
    const struct ar_limits limits = { .ratio = 100 };

    memset(buf_room(&zeros, 3 << 20), 0, 3 << 20);
    zeros.n = 3 << 20;
    add_deflated(&small, bytes_to(buf_bytes(&zeros), 1 << 20), 31, 9);
    add_deflated(&large, buf_bytes(&zeros), 31, 9);
    cr_expect_eq(inflate_all(buf_bytes(&small), 0, false, &limits, &out, NULL),
                 0);
    cr_expect(passes_limit(buf_bytes(&large), &limits, "LAYER_RATIO"));
}

Test(zstd, frames_follow_each_other_skippable_ones_between)
{
    static const uint8_t skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 3, 0,
                                         0,    0,    'x',  'y',  'z' };
    auto_buf struct buf plain = BUF_INIT(ROOM), z = BUF_INIT(ROOM);

    add_prose(&plain, 200000, 6);
    buf_add(&z, skippable, sizeof(skippable));
    add_zstd(&z, bytes_to(buf_bytes(&plain), 70000), 0);
    buf_add(&z, skippable, sizeof(skippable));
    add_zstd(&z, bytes_from(buf_bytes(&plain), 70000), 0);
    for (size_t chunk = 0; chunk < 5; chunk++)
        cr_expect(inflates_to(buf_bytes(&z), chunk, false, buf_bytes(&plain)));
}

Test(zstd, every_cut_is_refused)
{
    auto_buf struct buf plain = BUF_INIT(ROOM), z = BUF_INIT(ROOM);
    struct err err;

    add_prose(&plain, 3000, 7);
    add_zstd(&z, buf_bytes(&plain), 0);
    for (size_t cut = 4; cut < z.n; cut++)
        cr_expect(is_refused(bytes_to(buf_bytes(&z), cut), false, &err), "%zu",
                  cut);
    cr_expect(bytes_starts(bytes_str(err.text), "zstd: frame 1: truncated"),
              "%s", err.text);
}

Test(zstd, checksum_is_verified_and_garbage_behind_a_frame_is_refused)
{
    auto_buf struct buf bad = BUF_INIT(ROOM), tail = BUF_INIT(ROOM);
    struct err err;

    add_zstd(&bad, bytes_str("body body body"), 0);
    bad.p[bad.n - 1] ^= 1;
    cr_expect(is_refused(buf_bytes(&bad), false, &err));
    add_zstd(&tail, bytes_str("body body body"), 0);
    buf_add_str(&tail, "garbage");
    cr_expect(is_refused(buf_bytes(&tail), false, &err));
}

Test(zstd, window_has_a_ceiling)
{
    auto_buf struct buf plain = BUF_INIT(ROOM), z = BUF_INIT(ROOM),
                        out = BUF_INIT(ROOM);
    struct ar_limits limits = { .window_bytes = 1 << 20 };

    add_prose(&plain, 5 << 20, 8);
    add_zstd(&z, buf_bytes(&plain), 22);
    cr_expect(passes_limit(buf_bytes(&z), &limits, "ZSTD_WINDOW"));
    limits.window_bytes = 4 << 20;
    cr_expect_eq(inflate_all(buf_bytes(&z), 0, false, &limits, &out, NULL), 0);
}
