#include <criterion/criterion.h>
#include <zstd.h>

#include "layer-rig.h"
#include "rpm-rig.h"
#include "worker/graph/ospkgs.h"

static struct buf tar = RIG_BUF;

static void
os_release(const char *id, const char *version)
{
    auto_buf struct buf text = RIG_BUF;

    buf_addf(&text, "ID=%s\nVERSION_ID=%s\n", id, version);
    rig_file(&tar, "etc/os-release", buf_cstr(&text));
}

/* The purls ("-" without one) of an image of one layer, one a line; an error
 * is its text. The tar can be used once. */
static const char *
purls(bool compat)
{
    static struct buf out = RIG_BUF;
    auto_buf struct buf copy = RIG_BUF;
    auto_os struct os os = { 0 };
    auto_ospkgs struct ospkgs list = { 0 };
    auto_merge struct merge *m = NULL;
    static struct err err;

    buf_add_bytes(&copy, buf_bytes(&tar));
    m = rig_merge(compat, &copy, 1);
    buf_reset(&out);
    cr_assert_eq(os_detect(&os, m, compat, false, &err), 0);
    if (ospkgs_select(&list, m, &os, compat, &err) < 0)
        return err.text;
    buf_addf(&out, "%s", list.manager);
    for (size_t i = 0; i < list.n; i++)
        buf_addf(&out, "\n%s",
                 list.at[i].purl != NULL ? list.at[i].purl : "-");
    return buf_cstr(&out);
}

#define expect_purls(right, compat) \
    do { \
        cr_expect_str_eq(purls(false), right); \
        cr_expect_str_eq(purls(true), compat); \
    } while (0)

static struct buf blobs[16];
static size_t n_blobs;

static struct buf *
next_blob(void)
{
    buf_init(&blobs[n_blobs], 1 << 20);
    return &blobs[n_blobs++];
}

static void
add(const char *name, const char *version)
{
    rpm_rig_package(next_blob(), name, version);
}

/* What was put is not needed any more. */
static void
forget_blobs(void)
{
    while (n_blobs > 0)
        buf_clear(&blobs[--n_blobs]);
}

static void
put_ndb(const char *path)
{
    auto_buf struct buf db = RIG_BUF;

    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    rig_bytes(&tar, path, buf_bytes(&db));
    forget_blobs();
}

static void
put_bdb(const char *path)
{
    auto_buf struct buf db = RIG_BUF;

    rpm_rig_bdb(&db, blobs, n_blobs, false, 1);
    rig_bytes(&tar, path, buf_bytes(&db));
    forget_blobs();
}

static void
put_sqlite(const char *path)
{
    auto_buf struct buf db = RIG_BUF;

    rpm_rig_sqlite(&db, RPM_RIG_SCHEMA, blobs, n_blobs);
    rig_bytes(&tar, path, buf_bytes(&db));
    forget_blobs();
}

Test(rpmpkgs, a_purl_tells_epoch_module_repositories_and_source)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

    os_release("rhel", "9.2");
    rpm_rig_basics(&h, "nodejs", "18.14.2");
    rpm_rig_int(&h, 1003, 1);
    rpm_rig_text(&h, 1044, "node-js-18.14.2-1.src.rpm");
    rpm_rig_text(&h, 5096, "nodejs:18:8080:ab");
    rpm_rig_finish(&h, next_blob());
    put_ndb(RPM_RIG_NDB);
    rig_file(&tar, "root/buildinfo/content_manifests/b",
             "{\"content_sets\":[\"base\",\"app\"]}");
    rig_file(&tar, "root/buildinfo/content_manifests/a",
             "{\"content_sets\":[\"app\",\"extra\"]}");
    expect_purls("rpm\npkg:rpm/rhel/nodejs@1:18.14.2-1?distro=rhel-9.2&epoch=1"
                 "&module=nodejs%3A18&repositories=base%2Capp%2Cextra"
                 "&upstream=node-js%4018.14.2-1",
                 "rpm\npkg:rpm/rhel/nodejs@1:18.14.2-1?distro=rhel-9.2&epoch=1"
                 "&module=nodejs%3A18&repositories=base%2Capp%2Cextra"
                 "&upstream=node-js%4018.14.2-1");
}

Test(rpmpkgs, an_epoch_of_zero_is_told_and_not_written)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

    os_release("debian", "12");
    rpm_rig_basics(&h, "a", "1");
    rpm_rig_int(&h, 1003, 0);
    rpm_rig_finish(&h, next_blob());
    put_ndb(RPM_RIG_NDB);
    /* And rpm knows no code names. */
    cr_expect_str_eq(purls(true),
                     "rpm\npkg:rpm/debian/a@1-1?distro=debian-12&epoch=0");
}

Test(rpmpkgs, source_names_that_are_none_are_left_out)
{
    static const char *const names[] = {
        "(none)", "a-1.src.rpm", "-1-1.src.rpm", "a--1.src.rpm",
        "a-1-.src.rpm", "a-1-1.nosrc.rpm", "a-1-1.rpm", "",
    };

    os_release("rhel", "9");
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

        rpm_rig_basics(&h, "a", "1");
        rpm_rig_text(&h, 1044, names[i]);
        rpm_rig_finish(&h, next_blob());
    }
    put_ndb(RPM_RIG_NDB);
    cr_expect_null(strstr(purls(false), "upstream"));
    cr_expect_null(strstr(purls(true), "upstream"));
}

Test(rpmpkgs, a_module_without_stream_is_none_and_undefined_to_the_peer)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

    os_release("rhel", "9");
    rpm_rig_basics(&h, "a", "1");
    rpm_rig_text(&h, 5096, "m");
    rpm_rig_finish(&h, next_blob());
    put_ndb(RPM_RIG_NDB);
    expect_purls("rpm\npkg:rpm/rhel/a@1-1?distro=rhel-9",
                 "rpm\npkg:rpm/rhel/a@1-1?distro=rhel-9&module=m%3Aundefined");
}

Test(rpmpkgs, keys_of_vendors_are_packages_to_the_peer_alone)
{
    os_release("rhel", "9");
    add("gpg-pubkey", "5a6340b3");
    add("a", "1");
    put_ndb(RPM_RIG_NDB);
    expect_purls("rpm\npkg:rpm/rhel/a@1-1?distro=rhel-9",
                 "rpm\npkg:rpm/rhel/gpg-pubkey@5a6340b3-1?distro=rhel-9"
                 "\npkg:rpm/rhel/a@1-1?distro=rhel-9");
}

Test(rpmpkgs, berkeley_db_comes_first_then_rpms_own_and_sqlite_alone)
{
    os_release("rhel", "9");
    add("s", "1");
    put_sqlite(RPM_RIG_SQLITE);
    add("n", "1");
    put_ndb(RPM_RIG_NDB);
    add("b", "1");
    put_bdb(RPM_RIG_BDB);
    expect_purls("rpm\npkg:rpm/rhel/b@1-1?distro=rhel-9"
                 "\npkg:rpm/rhel/n@1-1?distro=rhel-9",
                 "rpm\npkg:rpm/rhel/b@1-1?distro=rhel-9"
                 "\npkg:rpm/rhel/n@1-1?distro=rhel-9");
}

Test(rpmpkgs, the_first_of_two_places_counts_if_it_has_packages)
{
    os_release("rhel", "9");
    rig_file(&tar, RPM_RIG_NDB, "");
    add("a", "1");
    put_ndb("usr/lib/sysimage/rpm/Packages.db");
    expect_purls("rpm\npkg:rpm/rhel/a@1-1?distro=rhel-9", "linux");
}

Test(rpmpkgs, the_peer_takes_rpms_own_for_sqlites)
{
    os_release("rhel", "9");
    rig_file(&tar, "usr/lib/sysimage/rpm/Packages.db", "rubbish");
    add("a", "1");
    put_sqlite("usr/lib/sysimage/rpm/rpmdb.sqlite");
    expect_purls("rpm\npkg:rpm/rhel/a@1-1?distro=rhel-9", "linux");
}

Test(rpmpkgs, what_the_peer_fails_at_costs_us_nothing)
{
    os_release("rhel", "9");
    add("", "1");
    add("a", "1");
    put_ndb(RPM_RIG_NDB);
    expect_purls("rpm\npkg:rpm/rhel/a@1-1?distro=rhel-9",
                 "Failed to detect installed OS packages");
}

/* What the peer never comes to does not matter to it. */
Test(rpmpkgs, nor_the_peer_in_a_file_it_does_not_read)
{
    os_release("rhel", "9");
    add("a", "1");
    put_ndb(RPM_RIG_NDB);
    add("", "1");
    put_ndb("usr/lib/sysimage/rpm/Packages.db");
    cr_expect_str_eq(purls(true), "rpm\npkg:rpm/rhel/a@1-1?distro=rhel-9");
}

Test(rpmpkgs, dependencies_are_not_the_peers)
{
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;

    os_release("rhel", "9");
    rpm_rig_basics(&h, "a", "1");
    rpm_rig_texts(&h, 1049, "b");
    rpm_rig_finish(&h, next_blob());
    add("b", "1");
    put_ndb(RPM_RIG_NDB);
    for (int compat = 0; compat < 2; compat++) {
        auto_buf struct buf copy = RIG_BUF;
        auto_os struct os os = { 0 };
        auto_ospkgs struct ospkgs list = { 0 };
        struct err err;

        buf_add_bytes(&copy, buf_bytes(&tar));
        auto_merge struct merge *m = rig_merge(compat, &copy, 1);
        cr_assert_eq(os_detect(&os, m, compat, false, &err), 0);
        cr_assert_eq(ospkgs_select(&list, m, &os, compat, &err), 0);
        cr_assert_eq(list.n, 2);
        cr_expect_eq(list.at[0].n_deps, compat ? 0 : 1);
    }
}

/* ---- others ------------------------------------------------------------ */

Test(ospkgs, apk_packages_have_a_purl_unless_compatible)
{
    os_release("alpine", "3.18.2");
    rig_file(&tar, "lib/apk/db/installed",
             "P:libcrypto3\nV:3.1.1-r1\nA:x86_64\no:openssl\n\n"
             "P:.deps\nV:0\n\nP:none\n");
    expect_purls("apk\npkg:apk/alpine/libcrypto3@3.1.1-r1?arch=x86_64"
                 "&distro=alpine-3.18.2&upstream=openssl"
                 "\npkg:apk/alpine/.deps@0?distro=alpine-3.18.2\n-",
                 "apk\n-\n-\n-");
}

static void
put_slices(void)
{
    static const char text[] =
        "{\"kind\":\"package\",\"name\":\"libc6\",\"version\":\"2.39-0\","
        "\"sha256\":\"x\",\"arch\":\"amd64\"}\n";
    char packed[1024];
    size_t n = ZSTD_compress(packed, sizeof(packed), text, strlen(text), 3);

    rig_bytes(&tar, "var/lib/chisel/manifest.wall", bytes_of(packed, n));
}

Test(ospkgs, slices_are_debs_of_their_system)
{
    os_release("ubuntu", "24.04");
    put_slices();
    expect_purls("deb\npkg:deb/ubuntu/libc6@2.39-0?arch=amd64"
                 "&distro=ubuntu-24.04", "deb\n-");
}

Test(ospkgs, or_of_ubuntu_when_none_is_named)
{
    put_slices();
    expect_purls("deb\npkg:deb/ubuntu/libc6@2.39-0?arch=amd64", "deb\n-");
}

Test(ospkgs, code_names_are_debians_unless_compatible)
{
    os_release("raspbian", "12");
    rig_file(&tar, "var/lib/dpkg/status", "Package: a\nVersion: 1\n");
    expect_purls("deb\npkg:deb/raspbian/a@1?distro=raspbian-12",
                 "deb\npkg:deb/raspbian/a@1?distro=raspbian-bookworm");
}

Test(ospkgs, a_debian_before_its_release_is_unstable)
{
    rig_file(&tar, "etc/debian_version", "trixie/sid\n");
    rig_file(&tar, "var/lib/dpkg/status", "Package: a\nVersion: 1\n");
    expect_purls("deb\npkg:deb/debian/a@1?distro=debian-sid",
                 "deb\npkg:deb/debian/a@1?distro=debian-trixie/sid");
}
