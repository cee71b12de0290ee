#include <criterion/criterion.h>

#include "base/str.h"
#include "worker/archive/zip.h"

#include "zip-rig.h"

static struct zip_rig rig = ZIP_RIG;
static struct ar_scratch scratch = { .fd = -1, .hold_bytes = 256u << 20 };

/* An archive to look into. */
static struct ar_body *
body_of(struct bytes b)
{
    struct ar_body *body = ar_body_new(&scratch);

    cr_assert_eq(ar_body_add(body, b, NULL), 0);
    return body;
}

static int
collect(struct bytes chunk, void *arg, struct err *err)
{
    (void)err;
    return buf_add_bytes(arg, chunk);
}

static int
stop_at_once(struct bytes chunk, void *arg, struct err *err)
{
    (void)err;
    *(size_t *)arg += chunk.n;
    return 1;
}

/* "name=content;", with the fault's name for what cannot be read; ends with
 * "!" where the directory is damaged. */
static void
describe(struct bytes archive, struct buf *out)
{
    auto_ar_body struct ar_body *body = body_of(archive);
    struct err err;
    auto_zip struct zip *z = zip_new(body, &err);
    struct zip_entry e;
    int r;

    if (z == NULL) {
        buf_addf(out, "none");
        return;
    }
    while ((r = zip_next(z, &e, &err)) > 0) {
        auto_buf struct buf text = BUF_INIT(1u << 20);
        struct zip_verdict v;

        if (zip_read(z, &e, 1u << 20, collect, &text, &v, &err) < 0) {
            buf_reset(&text);
            buf_add_char(&text, '?');
        }
        buf_addf(out, "%.*s=%.*s", BYTES_FMT(e.name),
                 BYTES_FMT(buf_bytes(&text)));
        if (v.fault != ZIP_FINE)
            buf_addf(out, "(%s)", zip_fault_name(v.fault));
        buf_addf(out, "%s;", e.counted ? "" : "+");
    }
    if (r < 0)
        buf_addf(out, "!");
}

#define expect_archive(bytes, want) \
    do { \
        auto_buf struct buf got_ = BUF_INIT(1u << 20); \
        describe(bytes, &got_); \
        cr_expect_str_eq(buf_cstr(&got_), want); \
    } while (0)

static void
two_members(void)
{
    zip_rig_add(&rig, "a", bytes_str("first"));
    zip_rig_store(&rig, "b", bytes_str("second"));
}

static bool
is_plain(struct bytes archive)
{
    auto_ar_body struct ar_body *body = body_of(archive);
    auto_zip struct zip *z = zip_new(body, NULL);

    cr_assert_not_null(z);
    return zip_is_plain(z);
}

Test(zip, members_come_in_the_order_of_the_directory)
{
    two_members();
    expect_archive(zip_rig_end(&rig), "a=first;b=second;");
    cr_expect(is_plain(buf_bytes(&rig.out)));
}

Test(zip, an_empty_archive_has_no_members)
{
    expect_archive(zip_rig_end(&rig), "");
}

Test(zip, what_has_no_end_record_is_none)
{
    two_members();
    expect_archive(bytes_str(""), "none");
    expect_archive(bytes_str("PK\5\6"), "none");
    expect_archive(buf_bytes(&rig.out), "none");
}

Test(zip, large_members_come_in_pieces_and_whole)
{
    auto_buf struct buf big = BUF_INIT(8u << 20), got = BUF_INIT(8u << 20);
    struct zip_entry e;
    struct zip_verdict v;
    struct err err;

    for (unsigned i = 0; i < 500000; i++)
        buf_addf(&big, "%u ", i * 2654435761u);
    zip_rig_add(&rig, "big", buf_bytes(&big));
    auto_ar_body struct ar_body *body = body_of(zip_rig_end(&rig));
    auto_zip struct zip *z = zip_new(body, &err);
    cr_assert_eq(zip_next(z, &e, &err), 1);
    cr_assert_eq(zip_read(z, &e, big.n, collect, &got, &v, &err), 0);
    cr_expect(bytes_equal(buf_bytes(&big), buf_bytes(&got)));
    cr_assert_lt(zip_read(z, &e, big.n - 1, collect, &got, &v, &err), 0);
    cr_expect_eq(err.kind, ERR_LIMIT);
}

Test(zip, who_had_enough_is_given_no_more)
{
    static const char zeros[200000];
    struct zip_entry e;
    struct zip_verdict v;
    struct err err;
    size_t n = 0;

    zip_rig_add(&rig, "zeros", bytes_of(zeros, sizeof(zeros)));
    auto_ar_body struct ar_body *body = body_of(zip_rig_end(&rig));
    auto_zip struct zip *z = zip_new(body, &err);
    cr_assert_eq(zip_next(z, &e, &err), 1);
    cr_assert_eq(zip_read(z, &e, UINT64_MAX, stop_at_once, &n, &v, &err), 0);
    cr_expect_gt(n, 0);
    cr_expect_lt(n, sizeof(zeros));
}

/* ---- where the directory is -------------------------------------------- */

Test(zip, bytes_put_in_front_shift_everything)
{
    auto_buf struct buf all = BUF_INIT(4096);

    two_members();
    buf_add_str(&all, "#!/bin/sh\nexec java -jar $0\n");
    buf_add_bytes(&all, zip_rig_end(&rig));
    expect_archive(buf_bytes(&all), "a=first;b=second;");
    cr_expect_not(is_plain(buf_bytes(&all)));
}

Test(zip, bytes_in_front_that_the_offsets_know_of_are_nothing_special)
{
    buf_add_str(&rig.out, "#!/bin/sh\n");
    two_members();
    expect_archive(zip_rig_end(&rig), "a=first;b=second;");
    cr_expect(is_plain(buf_bytes(&rig.out)));
}

Test(zip, a_comment_may_look_like_an_end_record)
{
    two_members();
    zip_rig_end(&rig);
    zip_put16(zip_rig_end_record(&rig) + 20, 40);
    buf_add_str(&rig.out, "PK\5\6 but only in a comment of 40 letters.");
    expect_archive(buf_bytes(&rig.out), "a=first;b=second;");
    cr_expect_not(is_plain(buf_bytes(&rig.out)));
}

Test(zip, a_wrong_directory_size_is_no_harm)
{
    two_members();
    zip_rig_end(&rig);
    zip_put32(zip_rig_end_record(&rig) + 12, 7);
    expect_archive(buf_bytes(&rig.out), "a=first;b=second;");
}

Test(zip, members_beyond_the_stated_number_are_marked)
{
    two_members();
    zip_rig_end(&rig);
    zip_put16(zip_rig_end_record(&rig) + 8, 1);
    expect_archive(buf_bytes(&rig.out), "a=first;b=second+;");
}

Test(zip, a_directory_that_ends_early_keeps_its_beginning)
{
    two_members();
    zip_rig_end(&rig);
    zip_put16(zip_rig_end_record(&rig) + 8, 3);
    expect_archive(buf_bytes(&rig.out), "a=first;b=second;!");
    rig.out.p[rig.out.n - 22 - 47] = 'X'; /* the second one's signature */
    expect_archive(buf_bytes(&rig.out), "a=first;!");
}

/* A zip64 field with size, packed size and place for the last member. */
static void
make_zip64(void)
{
    uint8_t f[28] = { 1, 0, 24, 0 };
    uint8_t *c = zip_rig_central(&rig);

    zip_put64(f + 4, 6);
    zip_put64(f + 12, 6);
    zip_put64(f + 20, rig.local);
    zip_put32(c + 20, UINT32_MAX);
    zip_put32(c + 24, UINT32_MAX);
    zip_put32(c + 42, UINT32_MAX);
    zip_put16(c + 30, sizeof(f));
    buf_add(&rig.directory, f, sizeof(f));
}

Test(zip, zip64_numbers_take_the_place_of_those_that_are_all_ones)
{
    uint8_t e[56] = { 'P', 'K', 6, 6 }, l[20] = { 'P', 'K', 6, 7 };
    size_t at;

    two_members();
    make_zip64();
    at = rig.out.n + rig.directory.n;
    zip_put64(e + 24, 2);
    zip_put64(e + 32, 2);
    zip_put64(e + 40, rig.directory.n);
    zip_put64(e + 48, rig.out.n);
    zip_put64(l + 8, at);
    buf_add(&rig.directory, e, sizeof(e));
    buf_add(&rig.directory, l, sizeof(l));
    zip_rig_end(&rig);
    memset(zip_rig_end_record(&rig) + 8, 0xff, 12);
    expect_archive(buf_bytes(&rig.out), "a=first;b=second;");
    cr_expect(is_plain(buf_bytes(&rig.out)));
}

Test(zip, a_zip64_field_that_is_cut_ends_the_directory)
{
    two_members();
    make_zip64();
    zip_put16(zip_rig_central(&rig) + 46 + 1 + 2, 20);
    zip_put16(zip_rig_central(&rig) + 30, 24);
    rig.directory.n -= 4;
    expect_archive(zip_rig_end(&rig), "a=first;!");
}

/* ---- what is wrong with a member --------------------------------------- */

#define expect_last(want) expect_archive(zip_rig_end(&rig), want)

Test(zip, a_wrong_checksum_is_found_in_both_kinds)
{
    zip_rig_add(&rig, "a", bytes_str("first"));
    zip_rig_central(&rig)[16] ^= 1;
    zip_rig_local(&rig)[14] ^= 1;
    zip_rig_store(&rig, "b", bytes_str("second"));
    zip_rig_central(&rig)[16] ^= 1;
    zip_rig_local(&rig)[14] ^= 1;
    expect_last("a=?(crc);b=?(crc);");
}

Test(zip, the_checksum_of_one_header_will_do)
{
    zip_rig_add(&rig, "a", bytes_str("first"));
    zip_rig_local(&rig)[14] ^= 1;
    zip_rig_add(&rig, "b", bytes_str("second"));
    zip_rig_central(&rig)[16] ^= 1;
    expect_last("a=first(localCrc);b=second;");
}

Test(zip, encrypted_members_and_other_methods_say_so)
{
    zip_rig_add(&rig, "a", bytes_str("first"));
    zip_rig_central(&rig)[8] |= 1;
    zip_rig_raw(&rig, "b", 12, bytes_str("BZh9"), bytes_str("second"));
    zip_rig_store(&rig, "c", bytes_str("third"));
    expect_last("a=?(encrypted);b=?(method);c=third;");
}

Test(zip, damaged_deflate_is_told_in_zlibs_words)
{
    struct zip_entry e;
    struct zip_verdict v;
    struct err err;
    auto_buf struct buf got = BUF_INIT(4096);

    zip_rig_raw(&rig, "a", 8, bytes_str("\7\7\7"), bytes_str("first"));
    auto_ar_body struct ar_body *body = body_of(zip_rig_end(&rig));
    auto_zip struct zip *z = zip_new(body, &err);
    cr_assert_eq(zip_next(z, &e, &err), 1);
    cr_assert_lt(zip_read(z, &e, 99, collect, &got, &v, &err), 0);
    cr_expect_str_eq(v.why, "invalid block type");
    cr_expect_str_eq(err.text, "deflate is damaged: invalid block type");
}

Test(zip, sizes_that_lie_are_found_out)
{
    auto_buf struct buf packed = BUF_INIT(4096);

    zip_rig_deflate(&packed, bytes_str("first"));
    zip_rig_raw(&rig, "cut", 8, bytes_to(buf_bytes(&packed), 3),
                bytes_str("first"));
    zip_rig_add(&rig, "long", bytes_str("first"));
    zip_put32(zip_rig_central(&rig) + 24, 4);
    zip_rig_add(&rig, "short", bytes_str("first"));
    zip_put32(zip_rig_central(&rig) + 24, 6);
    zip_rig_add(&rig, "fat", bytes_str("first")); /* ends by itself */
    zip_put32(zip_rig_central(&rig) + 20, 100000);
    expect_last("cut=?(truncated);long=?(long);short=?(crc);fat=first;");
}

Test(zip, local_headers_have_to_be_there)
{
    zip_rig_add(&rig, "a", bytes_str("first"));
    zip_put32(zip_rig_central(&rig) + 42, 1000000);
    zip_rig_add(&rig, "b", bytes_str("second"));
    zip_put32(zip_rig_central(&rig) + 42, 3);
    zip_rig_add(&rig, "c", bytes_str("third"));
    expect_last("a=?(outside);b=?(noHeader);c=third;");
}

/* A member whose local header leaves the numbers to what follows it. */
static void
described(const char *name, const char *text, bool with_signature)
{
    uint8_t d[16] = { 'P', 'K', 7, 8 };

    zip_rig_add(&rig, name, bytes_str(text));
    memcpy(d + 4, zip_rig_central(&rig) + 16, 12);
    memset(zip_rig_local(&rig) + 14, 0, 12);
    zip_rig_central(&rig)[8] |= 8;
    buf_add(&rig.out, with_signature ? d : d + 4, with_signature ? 16 : 12);
}

Test(zip, data_descriptors_come_with_and_without_a_signature)
{
    described("a", "first", true);
    described("b", "second", false);
    expect_last("a=first;b=second;");
}

Test(zip, odd_data_descriptors_spoil_nothing)
{
    described("a", "first", true);
    rig.out.p[rig.out.n - 1] ^= 1;
    described("b", "second", true);
    rig.out.p[rig.out.n - 16] ^= 1;
    described("c", "third", true);
    rig.out.n -= 16;
    expect_last("a=first(wrongDescriptor);b=second(oddDescriptor);"
                "c=third(noDescriptor);");
}

Test(zip, members_that_share_their_bytes_are_each_themselves)
{
    uint8_t header[47];

    zip_rig_add(&rig, "a", bytes_str("first"));
    memcpy(header, rig.directory.p, sizeof(header));
    for (int i = 0; i < 3; i++) {
        buf_add(&rig.directory, header, sizeof(header));
        rig.n++;
    }
    expect_last("a=first;a=first;a=first;a=first;");
}

Test(zip, cut_anywhere_it_ends)
{
    two_members();
    described("c", "third", true);
    zip_rig_end(&rig);
    for (size_t n = 0; n < rig.out.n; n++) {
        auto_buf struct buf got = BUF_INIT(4096);

        describe(bytes_to(buf_bytes(&rig.out), n), &got);
        cr_expect_str_eq(buf_cstr(&got), "none", "%zu", n);
    }
}

Test(zip, any_byte_may_be_wrong)
{
    two_members();
    make_zip64();
    described("c", "third", false);
    zip_rig_end(&rig);
    for (size_t i = 0; i < rig.out.n; i++) {
        for (unsigned k = 0; k < 4; k++) {
            static const uint8_t masks[] = { 1, 0x80, 0xff, 0x3c };
            auto_buf struct buf got = BUF_INIT(1u << 20);

            rig.out.p[i] ^= masks[k];
            describe(buf_bytes(&rig.out), &got);
            rig.out.p[i] ^= masks[k];
            cr_expect_not(got.full);
        }
    }
    expect_archive(buf_bytes(&rig.out), "a=first;b=second;c=third;");
}
