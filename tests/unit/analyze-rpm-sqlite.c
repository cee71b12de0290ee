/* Databases of rpm in SQLite. */
#include "rpm-db-rig.h"

Test(rpm_sqlite, packages_come_in_the_order_of_rows)
{
    add("b", "2");
    add("a", "1");
    rpm_rig_sqlite(&db, RPM_RIG_SCHEMA, blobs, n_blobs);
    expect_both(RPM_RIG_SQLITE, "b-2-1 a-1-1");
}

/* rpm leaves its database so. */
Test(rpm_sqlite, a_database_in_wal_mode_is_read_without_its_log)
{
    add("a", "1");
    rpm_rig_sqlite(&db, RPM_RIG_SCHEMA, blobs, n_blobs);
    db.p[18] = db.p[19] = 2;
    expect_both("usr/lib/sysimage/rpm/rpmdb.sqlite", "a-1-1");
}

Test(rpm_sqlite, an_unreadable_blob_costs_the_peer_the_database)
{
    add("a", "1");
    buf_init(&blobs[n_blobs], 100);
    buf_add_str(&blobs[n_blobs++], "rubbish");
    add("b", "1");
    rpm_rig_sqlite(&db, RPM_RIG_SCHEMA, blobs, n_blobs);
    expect_readings(RPM_RIG_SQLITE, "a-1-1 b-1-1", "", 1);
}

Test(rpm_sqlite, a_blob_without_a_tag_costs_the_peer_the_scan)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;
    auto_jx struct jx *d = NULL;

    rpm_rig_text(&h, 1000, "a");
    rpm_rig_text(&h, 1001, "1");
    rpm_rig_text(&h, 1002, "1");
    buf_init(&blobs[0], 1 << 20);
    rpm_rig_finish(&h, &blobs[0]);
    rpm_rig_sqlite(&db, RPM_RIG_SCHEMA, blobs, 1);
    d = line_of(RPM_RIG_SQLITE, NULL);
    cr_expect(jx_bool(d, "broken", false));
    cr_expect_str_eq(packages(d, "right"), "a-1-1");
}

/* "text": one that is no header to the peer either. */
Test(rpm_sqlite, rows_that_are_no_blobs_are_none)
{
    static const char *const values[] = { "7", "'text'", "NULL", "1.5", "''" };

    add("a", "1");
    for (size_t i = 0; i < N_ELEMENTS(values); i++) {
        auto_free char *schema = xasprintf(
            "CREATE TABLE Packages (blob);"
            "INSERT INTO Packages VALUES (%s)", values[i]);

        buf_reset(&db);
        rpm_rig_sqlite(&db, schema, blobs, n_blobs);
        expect_readings(RPM_RIG_SQLITE, "a-1-1", "", 1);
    }
}

/* The second row's header is a text: the bytes of its tags that are no UTF-8
 * are others to the peer, which misses the name then. */
Test(rpm_sqlite, a_header_that_is_a_text_costs_the_peer_the_scan)
{
    auto_jx struct jx *d = NULL;
    size_t n_warnings;

    add("a", "1");
    add("b", "1");
    rpm_rig_sqlite(&db, "CREATE TABLE Packages (blob);"
                        "CREATE TRIGGER t AFTER INSERT ON Packages BEGIN "
                        "UPDATE Packages SET blob = CAST(blob AS TEXT) "
                        "WHERE rowid = 2; END", blobs, n_blobs);
    d = line_of(RPM_RIG_SQLITE, &n_warnings);
    cr_expect_str_eq(packages(d, "right"), "a-1-1");
    cr_expect(jx_bool(d, "broken", false));
    cr_expect_eq(n_warnings, 1);
}

Test(rpm_sqlite, views_are_not_read)
{
    rpm_rig_sqlite(&db, "CREATE VIEW Packages AS WITH RECURSIVE c(n) AS "
                        "(SELECT 1 UNION ALL SELECT n + 1 FROM c) "
                        "SELECT n AS blob FROM c", NULL, 0);
    expect_readings(RPM_RIG_SQLITE, "", "", 1);
}

Test(rpm_sqlite, functions_in_the_schema_are_refused)
{
    add("a", "1");
    rpm_rig_sqlite(&db, "CREATE TABLE Packages (x, blob AS "
                        "(replace(hex(zeroblob(1000000)), '00', 'abc')));"
                        "INSERT INTO Packages VALUES (1)", NULL, 0);
    expect_readings(RPM_RIG_SQLITE, "", "", 1);
}

#define LEVELS 17
#define FANOUT 40

/* An inner page of a tree of tables, all of whose children are `child`; its
 * header stands `skip` bytes from the page's start. */
static void
put_inner(size_t page, size_t skip, uint32_t child)
{
    uint8_t *p = db.p + (page - 1) * 512 + skip;
    size_t end = 512;

    memset(p, 0, 512 - skip);
    p[0] = 5;
    p[4] = FANOUT;
    for (size_t i = 0; i < FANOUT; i++) {
        end -= 5;
        db.p[(page - 1) * 512 + end + 3] = (uint8_t)child;
        p[12 + 2 * i] = (uint8_t)(end >> 8);
        p[13 + 2 * i] = (uint8_t)end;
    }
    p[5] = (uint8_t)(end >> 8);
    p[6] = (uint8_t)end;
    p[11] = (uint8_t)child;
}

/* The tree whose only page is `root` becomes one of 40 to the power of 17. */
static void
grow_tree(size_t root, size_t skip)
{
    static const uint8_t zeros[512];
    uint32_t n = (uint32_t)(db.n / 512);

    for (int i = 0; i <= LEVELS; i++)
        buf_add(&db, zeros, 512);
    for (uint32_t i = 0; i < LEVELS; i++)
        put_inner(n + 1 + i, 0, n + 2 + i);
    /* The leaf; a first page's header moves to where others have it. */
    if (skip == 0) {
        memcpy(db.p + (n + LEVELS) * 512, db.p + (root - 1) * 512, 512);
    } else {
        memcpy(db.p + (n + LEVELS) * 512, db.p, 512);
        memcpy(db.p + (n + LEVELS) * 512, db.p + skip, 40);
    }
    put_inner(root, skip, n + 1);
    db.p[31] = (uint8_t)(db.n / 512);
}

Test(rpm_sqlite, a_table_without_end_is_given_up)
{
    add("a", "1");
    rpm_rig_sqlite(&db, "CREATE TABLE Packages (blob)", blobs, n_blobs);
    grow_tree(2, 0);
    auto_jx struct jx *d = line_of(RPM_RIG_SQLITE, NULL);
    /* No more than fit into the file twice. */
    cr_expect_gt(jx_count(jx_arr(d, "pkgs")), 1);
    cr_expect_leq(jx_count(jx_arr(d, "pkgs")), 2 * db.n / blobs[0].n);
    cr_expect(jx_bool(d, "lost", false));
}

Test(rpm_sqlite, rows_of_nothing_without_end_are_given_up)
{
    size_t n_warnings;

    buf_init(&blobs[0], 1);
    rpm_rig_sqlite(&db, "CREATE TABLE Packages (blob)", blobs, 1);
    grow_tree(2, 0);
    auto_jx struct jx *d = line_of(RPM_RIG_SQLITE, &n_warnings);
    cr_expect(jx_bool(d, "lost", false));
    cr_expect_eq(n_warnings, 1);
}

Test(rpm_sqlite, a_schema_without_end_is_given_up)
{
    size_t n_warnings;

    rpm_rig_sqlite(&db, "CREATE TABLE Packages (blob)", NULL, 0);
    grow_tree(1, 100);
    auto_jx struct jx *d = line_of(RPM_RIG_SQLITE, &n_warnings);
    cr_expect(jx_bool(d, "lost", false));
    cr_expect_eq(n_warnings, 1);
}

Test(rpm_sqlite, cut_or_spoilt_anywhere_it_is_a_line)
{
    auto_buf struct buf whole = RIG_BUF;

    add("a", "1");
    rpm_rig_sqlite(&whole, RPM_RIG_SCHEMA, blobs, n_blobs);
    for (size_t cut = 1; cut < whole.n; cut += 3) {
        size_t n_warnings;

        buf_reset(&db);
        buf_add_bytes(&db, bytes_to(buf_bytes(&whole), cut));
        auto_jx struct jx *d = line_of(RPM_RIG_SQLITE, &n_warnings);
        cr_expect(n_warnings > 0 || jx_count(jx_arr(d, "pkgs")) == 1);
    }
    for (size_t at = 0; at < whole.n; at++) {
        buf_reset(&db);
        buf_add_bytes(&db, buf_bytes(&whole));
        db.p[at] ^= 0xff;
        auto_jx struct jx *d = line_of(RPM_RIG_SQLITE, NULL);
        cr_expect_leq(jx_count(jx_arr(d, "pkgs")), 2);
    }
}

Test(rpm_sqlite, a_log_that_is_not_empty_is_a_warning)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    rig_file(&tar, "var/lib/rpm/rpmdb.sqlite-wal", "x");
    rig_file(&tar, "usr/lib/sysimage/rpm/rpmdb.sqlite-wal", "");
    rig_record(&tar, &record);
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "p"),
                     "/var/lib/rpm/rpmdb.sqlite-wal");
}
