#include <criterion/criterion.h>

#include "base/str.h"
#include "worker/analyze/rpm-header.h"

#include "rpm-rig.h"

static struct rpm_rig rig = RPM_RIG_INIT;
static struct buf blob = RIG_BUF;

/* The blob as it is made so far, without the entries rpm ends with. */
static struct bytes
bare(void)
{
    buf_reset(&blob);
    rpm_rig_be32(&blob, rig.n);
    rpm_rig_be32(&blob, (uint32_t)rig.data.n);
    buf_add_bytes(&blob, buf_bytes(&rig.index));
    buf_add_bytes(&blob, buf_bytes(&rig.data));
    return buf_bytes(&blob);
}

static struct bytes
finished(void)
{
    buf_reset(&blob);
    rpm_rig_finish(&rig, &blob);
    return buf_bytes(&blob);
}

/* Ours; the error's text, or "". */
static const char *
read_ours(struct bytes b, struct rpm_package *p)
{
    static struct err err;
    struct rpm_header h;

    err_clear(&err);
    if (rpm_header_open(&h, b, &err) < 0)
        return err.text;
    return rpm_header_read(&h, p, &err) < 0 ? err.text : "";
}

Test(rpm_header, everything_reported_is_read)
{
    struct rpm_package p;

    rpm_rig_basics(&rig, "nodejs", "18.14.2");
    rpm_rig_int(&rig, 1003, 3000000000u);
    rpm_rig_text(&rig, 1014, "MIT");
    rpm_rig_text(&rig, 1022, "x86_64");
    rpm_rig_text(&rig, 1044, "nodejs-18.14.2-1.src.rpm");
    rpm_rig_text(&rig, 5096, "nodejs:18:80:99");
    cr_assert_str_eq(read_ours(finished(), &p), "");
    cr_expect(bytes_is(p.name, "nodejs"));
    cr_expect(bytes_is(p.version, "18.14.2"));
    cr_expect(bytes_is(p.release, "1"));
    cr_expect(bytes_is(p.licence, "MIT"));
    cr_expect(bytes_is(p.arch, "x86_64"));
    cr_expect(bytes_is(p.source_rpm, "nodejs-18.14.2-1.src.rpm"));
    cr_expect(bytes_is(p.module, "nodejs:18:80:99"));
    cr_expect(p.has_epoch);
    cr_expect_eq(p.epoch, 3000000000);
}

Test(rpm_header, epochs_are_signed_to_the_peer)
{
    struct rpm_package p;

    rpm_rig_basics(&rig, "a", "1");
    rpm_rig_int(&rig, 1003, 0xffffffff);
    cr_expect_eq(rpm_header_read_as_peer(finished(), &p), RPM_PEER_READS);
    cr_expect_eq(p.epoch, -1);
}

Test(rpm_header, the_last_entry_is_read_and_the_peer_misses_it)
{
    struct rpm_package ours, peers;

    rpm_rig_basics(&rig, "a", "1");
    rpm_rig_text(&rig, 5096, "m:s");
    cr_expect_str_eq(read_ours(bare(), &ours), "");
    cr_expect(bytes_is(ours.module, "m:s"));
    cr_expect_eq(rpm_header_read_as_peer(bare(), &peers), RPM_PEER_READS);
    cr_expect_null(peers.module.p);
}

Test(rpm_header, size_is_only_the_peers_need)
{
    struct rpm_package p;

    rpm_rig_text(&rig, 1000, "a");
    rpm_rig_text(&rig, 1001, "1");
    rpm_rig_text(&rig, 1002, "1");
    cr_expect_eq(rpm_header_read_as_peer(finished(), &p),
                 RPM_PEER_MISSES_TAGS);
    cr_expect_str_eq(read_ours(buf_bytes(&blob), &p), "");
}

Test(rpm_header, the_last_of_two_entries_of_a_tag_counts)
{
    struct rpm_package p;

    rpm_rig_basics(&rig, "old", "1");
    rpm_rig_text(&rig, 1000, "new");
    cr_expect_str_eq(read_ours(finished(), &p), "");
    cr_expect(bytes_is(p.name, "new"));
    cr_expect_eq(rpm_header_read_as_peer(buf_bytes(&blob), &p),
                 RPM_PEER_READS);
    cr_expect(bytes_is(p.name, "new"));
}

/* Data of an entry reaches to that of the next: without a NUL the peer cuts a
 * character, we read on to the NUL. */
Test(rpm_header, texts_without_an_end)
{
    struct rpm_package ours, peers;

    rpm_rig_entry(&rig, 1000, RPM_RIG_TEXT, 1);
    buf_add_str(&rig.data, "abcd");
    rpm_rig_text(&rig, 1001, "12");
    rpm_rig_text(&rig, 1002, "1");
    rpm_rig_int(&rig, 1009, 1);
    cr_expect_eq(rpm_header_read_as_peer(finished(), &peers), RPM_PEER_READS);
    cr_expect(bytes_is(peers.name, "abc"));
    cr_expect_str_eq(read_ours(buf_bytes(&blob), &ours), "");
    cr_expect(bytes_is(ours.name, "abcd12"));
}

Test(rpm_header, entries_of_regions_end_nobodys_data)
{
    struct rpm_package p;

    rpm_rig_entry(&rig, 1000, RPM_RIG_TEXT, 1);
    buf_add_str(&rig.data, "ab");
    rpm_rig_entry(&rig, 63, 7, 16);
    buf_add(&rig.data, "c\0", 2);
    rpm_rig_text(&rig, 1001, "1");
    rpm_rig_text(&rig, 1002, "1");
    rpm_rig_int(&rig, 1009, 1);
    cr_expect_eq(rpm_header_read_as_peer(finished(), &p), RPM_PEER_READS);
    cr_expect(bytes_is(p.name, "abc"));
}

Test(rpm_header, a_wrong_type_throws_for_the_peer)
{
    struct rpm_package p;

    rpm_rig_basics(&rig, "a", "1");
    rpm_rig_texts(&rig, 1022, "x y");
    cr_expect_eq(rpm_header_read_as_peer(finished(), &p), RPM_PEER_THROWS);
    cr_expect_str_eq(read_ours(buf_bytes(&blob), &p), "");
    cr_expect_null(p.arch.p);
}

Test(rpm_header, what_is_missing_is_named)
{
    struct rpm_package p;

    rpm_rig_text(&rig, 1000, "bash");
    rpm_rig_text(&rig, 1001, "5");
    cr_expect_str_eq(read_ours(finished(), &p),
                     "header of bash without a release");
}

Test(rpm_header, counts_have_a_ceiling)
{
    static const uint8_t none[8], many[8] = { 0, 0, 0xc3, 0x51 };
    struct rpm_package p;

    cr_expect_str_eq(read_ours(bytes_of(none, 8), &p), "header of 0 entries");
    cr_expect_str_eq(read_ours(bytes_of(many, 8), &p),
                     "header of 50001 entries");
    cr_expect_eq(rpm_header_read_as_peer(bytes_of(none, 8), &p),
                 RPM_PEER_THROWS);
    cr_expect_eq(rpm_header_read_as_peer(bytes_of(many, 8), &p),
                 RPM_PEER_THROWS);
}

Test(rpm_header, arrays_end_with_their_count_or_their_data)
{
    struct rpm_header h;
    struct rpm_texts it;
    struct bytes text;
    int n = 0;

    rpm_rig_basics(&rig, "a", "1");
    rpm_rig_texts(&rig, 1047, "x y z");
    rpm_rig_entry(&rig, 1049, RPM_RIG_TEXTS, 1000000);
    buf_add(&rig.data, "p\0q\0r", 5);
    cr_assert_eq(rpm_header_open(&h, bare(), NULL), 0);
    for (it = rpm_header_texts(&h, RPM_TAG_PROVIDES);
         rpm_texts_next(&it, &text); n++)
        cr_expect(bytes_is(text, n == 0 ? "x" : n == 1 ? "y" : "z"));
    cr_expect_eq(n, 3);
    for (it = rpm_header_texts(&h, RPM_TAG_REQUIRES);
         rpm_texts_next(&it, &text); n++)
        cr_expect(bytes_is(text, n == 3 ? "p" : "q"));
    cr_expect_eq(n, 5);
}

/* Each prefix in memory of its own size, so that a sanitizer sees a byte too
 * far. */
Test(rpm_header, cut_anywhere_it_is_an_error_or_a_package)
{
    rpm_rig_basics(&rig, "a", "1");
    rpm_rig_int(&rig, 1003, 1);
    rpm_rig_texts(&rig, 1047, "x y z");
    finished();
    for (size_t cut = 0; cut < blob.n; cut++) {
        auto_free uint8_t *piece = xalloc(cut > 0 ? cut : 1);
        struct rpm_package p;

        memcpy(piece, blob.p, cut);
        if (read_ours(bytes_of(piece, cut), &p)[0] == '\0')
            cr_expect(bytes_is(p.name, "a"), "%zu", cut);
        if (rpm_header_read_as_peer(bytes_of(piece, cut), &p) ==
            RPM_PEER_READS)
            cr_expect(p.name.p != NULL, "%zu", cut);
    }
}
