#include <criterion/criterion.h>

#include "layer-rig.h"
#include "rpm-rig.h"

static struct buf db = RIG_BUF, blobs[300];
static size_t n_blobs;

static void
add(const char *name, const char *version)
{
    buf_init(&blobs[n_blobs], 1 << 20);
    rpm_rig_package(&blobs[n_blobs++], name, version);
}

/* The record's line of that file; *warnings (may be NULL) how many there are.
 * Owned by the caller. */
static struct jx *
line_of(const char *path, size_t *n_warnings)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL, *warnings = NULL;

    rig_bytes(&tar, path, buf_bytes(&db));
    rig_record(&tar, &record);
    lines = rig_lines(&record, "rpm");
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(lines), 1);
    if (n_warnings != NULL)
        *n_warnings = jx_count(warnings);
    return jx_copy(jx_get(jx_at(lines, 0), "d"));
}

/* "a-1-1 b-1-1", of one reading ("right", "compat"). */
static const char *
packages(const struct jx *d, const char *reading)
{
    static struct buf out = RIG_BUF;
    const struct jx *list = jx_arr(d, "pkgs");

    buf_reset(&out);
    for (size_t i = 0; i < jx_count(list); i++) {
        const struct jx *p = jx_at(list, i);

        if (jx_has(p, "only") && !str_eq(jx_str(p, "only"), reading))
            continue;
        buf_addf(&out, "%s%s-%s", out.n > 0 ? " " : "", jx_str(p, "n"),
                 jx_str(p, "v"));
    }
    return buf_cstr(&out);
}

#define expect_both(path, names) \
    do { \
        size_t n_; \
        auto_jx struct jx *d_ = line_of(path, &n_); \
        cr_expect_str_eq(packages(d_, "right"), names); \
        cr_expect_str_eq(packages(d_, "compat"), names); \
        cr_expect_eq(n_, 0); \
        cr_expect_not(jx_has(d_, "lost") || jx_has(d_, "broken")); \
    } while (0)

/* What each reading has, "" when the peer gives the file up; warnings. */
#define expect_readings(path, right, compat, warnings) \
    do { \
        size_t n_; \
        auto_jx struct jx *d_ = line_of(path, &n_); \
        cr_expect_str_eq(packages(d_, "right"), right); \
        cr_expect_str_eq(jx_has(d_, "lost") ? "" : packages(d_, "compat"), \
                         compat); \
        cr_expect_eq(n_, (size_t)(warnings), "%zu warnings", n_); \
    } while (0)

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

/* ---- SQLite ------------------------------------------------------------ */

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

/* ---- all of them ------------------------------------------------------- */

Test(rpm, an_empty_database_is_there_and_lost_to_the_peer)
{
    expect_readings(RPM_RIG_BDB, "", "", 1);
    expect_readings(RPM_RIG_NDB, "", "", 1);
    expect_readings(RPM_RIG_SQLITE, "", "", 1);
}

Test(rpm, an_empty_name_ends_the_peers_scan)
{
    auto_jx struct jx *d = NULL;

    add("", "1");
    add("b", "1");
    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    d = line_of(RPM_RIG_NDB, NULL);
    cr_expect(jx_bool(d, "broken", false));
    cr_expect_str_eq(packages(d, "right"), "b-1-1");
}

/* ---- dependencies ------------------------------------------------------ */

static void
add_with(const char *name, const char *requires, const char *provides,
         const char *folder, const char *file)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

    rpm_rig_basics(&h, name, "1");
    rpm_rig_texts(&h, 1047, provides);
    rpm_rig_texts(&h, 1049, requires);
    if (folder != NULL) {
        const uint32_t at[] = { 0, 0 };

        rpm_rig_ints(&h, 1116, at, 2);
        rpm_rig_texts(&h, 1117, file);
        rpm_rig_texts(&h, 1118, folder);
    }
    buf_init(&blobs[n_blobs], 1 << 20);
    rpm_rig_finish(&h, &blobs[n_blobs++]);
}

/* "a(b c) b c": names and what each depends on. */
#define expect_deps(want) \
    do { \
        auto_buf struct buf out_ = RIG_BUF; \
        rpm_rig_ndb(&db, blobs, n_blobs, 1); \
        auto_jx struct jx *d_ = line_of(RPM_RIG_NDB, NULL); \
        show_deps(d_, &out_); \
        cr_expect_str_eq(buf_cstr(&out_), want); \
    } while (0)

static void
show_deps(const struct jx *d, struct buf *out)
{
    const struct jx *list = jx_arr(d, "pkgs");

    for (size_t i = 0; i < jx_count(list); i++) {
        const struct jx *p = jx_at(list, i), *deps = jx_arr(p, "d");

        buf_addf(out, "%s%s", i > 0 ? " " : "", jx_str(p, "n"));
        for (size_t k = 0; k < jx_count(deps); k++)
            buf_addf(out, "%s%s%s", k == 0 ? "(" : " ",
                     jx_str_value(jx_at(deps, k)),
                     k + 1 == jx_count(deps) ? ")" : "");
    }
}

Test(rpm_deps, names_and_provided_names_resolve)
{
    add_with("bash", "libc.so.6()(64bit) basesystem", "bash", NULL, NULL);
    add_with("glibc", "", "glibc libc.so.6()(64bit)", NULL, NULL);
    add_with("basesystem", "", "", NULL, NULL);
    expect_deps("bash(glibc basesystem) glibc basesystem");
}

Test(rpm_deps, files_resolve)
{
    add_with("script", "/usr/bin/sh /usr/bin/none /bin/sh", "", NULL, NULL);
    add_with("bash", "", "", "/usr/bin/", "bash sh");
    expect_deps("script(bash) bash");
}

Test(rpm_deps, a_file_outside_of_its_folders_is_nobodys)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

    add_with("script", "/bin/sh", "", NULL, NULL);
    rpm_rig_basics(&h, "bash", "1");
    rpm_rig_int(&h, 1116, 4000000000u);
    rpm_rig_texts(&h, 1117, "sh");
    rpm_rig_texts(&h, 1118, "/bin/");
    buf_init(&blobs[n_blobs], 1 << 20);
    rpm_rig_finish(&h, &blobs[n_blobs++]);
    expect_deps("script bash");
}

Test(rpm_deps, what_a_package_provides_it_needs_from_nobody)
{
    add_with("a", "", "virtual", NULL, NULL);
    add_with("b", "virtual b config(b)", "config(b) virtual", NULL, NULL);
    expect_deps("a b");
}

Test(rpm_deps, a_name_wins_over_what_is_provided_and_that_over_a_file)
{
    add_with("a", "mta /bin/x", "", NULL, NULL);
    add_with("exim", "", "mta", "/bin/", "x y");
    add_with("mta", "", "", NULL, NULL);
    add_with("compat", "", "/bin/x", NULL, NULL);
    expect_deps("a(mta compat) exim mta compat");
}

Test(rpm_deps, rpm_itself_and_terms_are_no_dependencies)
{
    add_with("a", "rpmlib(X) (b if c) b", "", NULL, NULL);
    add_with("b", "", "rpmlib(X) (b", NULL, NULL);
    expect_deps("a(b) b");
}

Test(rpm_deps, each_package_is_named_once)
{
    add_with("a", "x y b", "", NULL, NULL);
    add_with("b", "", "x y", NULL, NULL);
    expect_deps("a(b) b");
}

/* Packages that need one with a name of 100 KB, each of them. */
Test(rpm_deps, long_names_do_not_multiply_without_end)
{
    auto_free char *name = xcalloc(1, 100001);
    size_t n_warnings, n = 0;
    auto_jx struct jx *d = NULL;

    memset(name, 'x', 100000);
    add_with(name, "", "it", NULL, NULL);
    for (int i = 0; i < 100; i++)
        add_with("a", "it", "", NULL, NULL);
    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    d = line_of(RPM_RIG_NDB, &n_warnings);
    for (size_t i = 0; i < jx_count(jx_arr(d, "pkgs")); i++)
        n += jx_count(jx_arr(jx_at(jx_arr(d, "pkgs"), i), "d"));
    /* 8 MiB of them. */
    cr_expect_eq(n, 83);
    cr_expect_eq(n_warnings, 1);
}

/* ---- content manifests ------------------------------------------------- */

#define CONTENT "root/buildinfo/content_manifests/a.json"

#define expect_content(text, want) \
    do { \
        auto_jx struct jx *line_ = rig_one(CONTENT, bytes_str(text), \
                                           "rpmcontent"); \
        rig_expect_json(jx_get(line_, "d"), want); \
    } while (0)

Test(rpm_content, the_sets_are_kept_in_order)
{
    expect_content("{\"content_sets\":[\"b\",\"a\",7,\"\"],\"x\":1}",
                   "{\"sets\":[\"b\",\"a\",\"\"]}");
}

Test(rpm_content, what_says_nothing_has_none)
{
    expect_content("{}", "{\"sets\":[]}");
    expect_content("5", "{\"sets\":[]}");
    expect_content(" null\n", "{\"sets\":[]}");
    expect_content("{\"content_sets\":\"x\"}", "{\"sets\":[]}");
}

Test(rpm_content, what_is_no_json_says_so)
{
    expect_content("{", "{\"sets\":[],\"bad\":true}");
    expect_content("", "{\"sets\":[],\"bad\":true}");
    expect_content("\xef\xbb\xbf{\"content_sets\":[\"a\"]}",
                   "{\"sets\":[\"a\"],\"bad\":true}");
}
