/* Databases of rpm that are files of its own: ndb and Berkeley DB. */
#include "rpm-db-rig.h"

/* ---- rpm's own --------------------------------------------------------- */

Test(rpm_ndb, packages_come_in_the_order_of_slots)
{
    add("b", "2");
    add("a", "1");
    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    expect_both(RPM_RIG_NDB, "b-2-1 a-1-1");
}

Test(rpm_ndb, slots_fill_several_pages)
{
    auto_jx struct jx *d = NULL;

    for (int i = 0; i < 300; i++)
        add("a", "1");
    rpm_rig_ndb(&db, blobs, n_blobs, 3);
    d = line_of("usr/lib/sysimage/rpm/Packages.db", NULL);
    cr_expect_eq(jx_count(jx_arr(d, "pkgs")), 300);
}

Test(rpm_ndb, a_damaged_slot_costs_itself)
{
    add("a", "1");
    add("b", "1");
    add("c", "1");
    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    db.p[32 + 16 + 4] = 77; /* the second one's package index */
    expect_readings(RPM_RIG_NDB, "a-1-1 c-1-1", "a-1-1 c-1-1", 1);
}

Test(rpm_ndb, blobs_cannot_be_read_again_and_again)
{
    auto_jx struct jx *d = NULL;
    size_t n_warnings;

    add("a", "1");
    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    /* All slots point at the one blob, which says it is as long as the file
     * still is. */
    for (size_t i = 1; i < 254; i++)
        memcpy(db.p + 32 + 16 * i, db.p + 32, 16);
    rpm_rig_put(&db, 4096 + 12, (uint32_t)(db.n - 4096 - 16), 4, false);
    d = line_of(RPM_RIG_NDB, &n_warnings);
    cr_expect_lt(jx_count(jx_arr(d, "pkgs")), 250);
    cr_expect_eq(n_warnings, 1);
}

Test(rpm_ndb, cut_anywhere_it_is_a_line_and_a_warning)
{
    size_t whole;

    add("a", "1");
    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    whole = 4096 + 16 + blobs[0].n;
    for (size_t cut = 0; cut < whole; cut += cut < 64 || cut > 4090 ? 1 : 61) {
        size_t n_warnings;

        db.n = cut;
        auto_jx struct jx *d = line_of(RPM_RIG_NDB, &n_warnings);
        cr_expect_eq(jx_count(jx_arr(d, "pkgs")), 0, "%zu", cut);
        cr_expect_eq(n_warnings, 1, "%zu", cut);
    }
}

/* ---- Berkeley DB ------------------------------------------------------- */

Test(rpm_bdb, values_are_chains_of_pages)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;
    char text[4000];

    add("a", "1");
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    rpm_rig_text(&h, 1005, text);
    rpm_rig_basics(&h, "big", "2");
    buf_init(&blobs[n_blobs], 1 << 20);
    rpm_rig_finish(&h, &blobs[n_blobs++]);
    rpm_rig_bdb(&db, blobs, n_blobs, false, 1);
    cr_assert_gt(db.n, 9 * RPM_RIG_PAGE);
    expect_both(RPM_RIG_BDB, "a-1-1 big-2-1");
}

Test(rpm_bdb, the_other_byte_order_is_read_and_the_peer_refuses_it)
{
    add("a", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, true, 1);
    expect_readings("usr/lib/sysimage/rpm/Packages", "a-1-1", "", 0);
}

Test(rpm_bdb, the_peer_loses_what_a_page_header_is_long)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;
    auto_jx struct jx *d = NULL;

    /* The release is the last that is read, 10 bytes before the end. */
    rpm_rig_text(&h, 1000, "a");
    rpm_rig_text(&h, 1001, "1");
    rpm_rig_int(&h, 1009, 1);
    rpm_rig_text(&h, 1002, "0123456789abcdefghijklmnopqrstuvwxyz");
    rpm_rig_entry(&h, 1128, 7, 0);
    buf_init(&blobs[0], 1 << 20);
    rpm_rig_be32(&blobs[0], h.n);
    rpm_rig_be32(&blobs[0], (uint32_t)h.data.n);
    buf_add_bytes(&blobs[0], buf_bytes(&h.index));
    buf_add_bytes(&blobs[0], buf_bytes(&h.data));
    rpm_rig_bdb(&db, blobs, 1, false, 1);
    d = line_of(RPM_RIG_BDB, NULL);
    cr_expect_str_eq(packages(d, "right"),
                     "a-1-0123456789abcdefghijklmnopqrstuvwxyz");
    /* 37 bytes with the NUL, less 26. */
    cr_expect_str_eq(packages(d, "compat"), "a-1-0123456789a");
}

Test(rpm_bdb, the_last_page_is_visited_and_by_the_peer_it_is_not)
{
    add("a", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, false, 0);
    /* The page of pairs is made the last by saying so. */
    rpm_rig_put(&db, 32, 1, 4, false);
    expect_readings(RPM_RIG_BDB, "a-1-1", "", 0);
}

Test(rpm_bdb, pages_of_the_old_type_are_ours_alone)
{
    add("a", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, false, 1);
    db.p[RPM_RIG_PAGE + 25] = 2;
    expect_readings(RPM_RIG_BDB, "a-1-1", "", 0);
}

Test(rpm_bdb, a_small_value_stands_in_its_page)
{
    size_t page = RPM_RIG_PAGE, end = RPM_RIG_PAGE;

    add("a", "1");
    rpm_rig_bdb(&db, blobs, 0, false, 1);
    cr_assert_lt(blobs[0].n + 40, RPM_RIG_PAGE);
    end -= 5;
    db.p[page + end] = 1;
    db.p[page + end + 1] = 9;
    rpm_rig_put(&db, page + 26, (uint32_t)end, 2, false);
    end -= blobs[0].n + 1;
    db.p[page + end] = 1;
    memcpy(db.p + page + end + 1, blobs[0].p, blobs[0].n);
    rpm_rig_put(&db, page + 28, (uint32_t)end, 2, false);
    rpm_rig_put(&db, page + 20, 2, 2, false);
    expect_readings(RPM_RIG_BDB, "a-1-1", "", 0);
}

Test(rpm_bdb, small_values_cannot_be_read_again_and_again)
{
    size_t page = RPM_RIG_PAGE, end = RPM_RIG_PAGE, n_warnings, n;
    auto_jx struct jx *d = NULL;

    add("a", "1");
    rpm_rig_bdb(&db, blobs, 0, false, 1);
    end -= blobs[0].n + 1;
    db.p[page + end] = 1;
    memcpy(db.p + page + end + 1, blobs[0].p, blobs[0].n);
    n = (end - 26) / 4;
    for (size_t i = 0; i < n; i++) {
        rpm_rig_put(&db, page + 26 + 4 * i, RPM_RIG_PAGE, 2, false);
        rpm_rig_put(&db, page + 28 + 4 * i, (uint32_t)end, 2, false);
    }
    rpm_rig_put(&db, page + 20, (uint32_t)n * 2, 2, false);
    cr_assert_gt(n, 2 * db.n / blobs[0].n);
    d = line_of(RPM_RIG_BDB, &n_warnings);
    cr_expect_eq(jx_count(jx_arr(d, "pkgs")), 2 * db.n / blobs[0].n);
    cr_expect_eq(n_warnings, 1);
}

/* Values say that they are as long as the file: two may, three may not. */
Test(rpm_bdb, to_the_peer_values_have_no_more_than_the_file_twice)
{
    add("a", "1");
    add("b", "1");
    add("c", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, false, 1);
    for (size_t i = 0; i < 2; i++)
        rpm_rig_put(&db, 2 * RPM_RIG_PAGE - 17 * (i + 1) + 8, (uint32_t)db.n,
                    4, false);
    expect_readings(RPM_RIG_BDB, "a-1-1 b-1-1 c-1-1", "", 1);
    rpm_rig_put(&db, 2 * RPM_RIG_PAGE - 17 + 8, (uint32_t)blobs[0].n, 4, false);
    expect_readings(RPM_RIG_BDB, "a-1-1 b-1-1 c-1-1", "a-1-1 b-1-1 c-1-1", 1);
}

Test(rpm_bdb, a_chain_without_end_is_given_up)
{
    add("a", "1");
    add("b", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, false, 1);
    /* The first chain's page is its own next one; the second is sound, and
     * pages are not followed without end on its account. */
    rpm_rig_put(&db, 2 * RPM_RIG_PAGE + 16, 2, 4, false);
    expect_readings(RPM_RIG_BDB, "", "", 1);
}

Test(rpm_bdb, what_lies_beyond_the_file_costs_its_package)
{
    add("a", "1");
    add("b", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, false, 1);
    rpm_rig_put(&db, 2 * RPM_RIG_PAGE + 16, 1000, 4, false);
    expect_readings(RPM_RIG_BDB, "b-1-1", "", 1);
}

Test(rpm_bdb, an_encrypted_one_is_said_to_be)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    add("a", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, false, 1);
    db.p[24] = 1;
    rig_bytes(&tar, RPM_RIG_BDB, buf_bytes(&db));
    rig_record(&tar, &record);
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "rpm: encrypted database");
}

Test(rpm_bdb, cut_anywhere_it_is_a_line_and_a_warning)
{
    add("a", "1");
    rpm_rig_bdb(&db, blobs, n_blobs, false, 0);
    for (db.n = 2 * RPM_RIG_PAGE + 26 + blobs[0].n; db.n-- > 0;) {
        size_t n_warnings;
        auto_jx struct jx *d = line_of(RPM_RIG_BDB, &n_warnings);

        cr_expect_gt(n_warnings, 0, "%zu", db.n);
        cr_expect_leq(jx_count(jx_arr(d, "pkgs")), 2);
    }
}
