#include <criterion/criterion.h>

#include "layer-rig.h"
#include "worker/graph/osdetect.h"
#include "worker/graph/ospkgs.h"

static struct buf tar = RIG_BUF;

static struct merge *
image(bool compat)
{
    return rig_merge(compat, &tar, 1);
}

static void
expect_os(const char *name, const char *version)
{
    auto_merge struct merge *m = image(false);
    auto_os struct os os;
    struct err err;

    cr_assert_eq(os_detect(&os, m, false, false, &err), 0);
    cr_expect_str_eq(os.name, name);
    cr_expect_str_eq(os.version, version);
}

Test(osdetect, the_first_file_that_can_be_parsed_decides)
{
    rig_file(&tar, "etc/centos-release", "CentOS 7.9\n");
    rig_file(&tar, "etc/debian_version", "11.2\n");
    rig_file(&tar, "etc/os-release", "NAME=nothing\n");
    expect_os("debian", "11");
}

Test(osdetect, ol_is_oracle)
{
    rig_file(&tar, "etc/os-release", "ID=ol\nVERSION_ID=8.7\n");
    expect_os("oracle", "8");
}

Test(osdetect, a_round_sles_gets_its_service_pack)
{
    rig_file(&tar, "etc/os-release", "ID=sles\nVERSION_ID=15\n");
    expect_os("sles", "15.0");
}

Test(osdetect, without_files_it_is_unknown)
{
    rig_file(&tar, "etc/motd", "x");
    expect_os("unknown", "0.0");
}

Test(osdetect, or_chisel_when_its_manifest_is_there)
{
    rig_file(&tar, "var/lib/chisel/manifest.wall", "");
    expect_os("chisel", "0.0");
}

static void
expect_pkgs(bool compat, const char *manager, const char *names)
{
    auto_merge struct merge *m = image(compat);
    auto_buf struct buf got = RIG_BUF;
    auto_os struct os os;
    auto_ospkgs struct ospkgs pkgs;
    struct err err;

    cr_assert_eq(os_detect(&os, m, compat, false, &err), 0);
    cr_assert_eq(ospkgs_select(&pkgs, m, &os, compat, &err), 0);
    for (size_t i = 0; i < pkgs.n; i++)
        buf_addf(&got, "%s%s%s", i > 0 ? " " : "", pkgs.at[i].full_name,
                 pkgs.at[i].auto_installed ? "*" : "");
    cr_expect_str_eq(pkgs.manager, manager);
    cr_expect_str_eq(buf_cstr(&got), names);
}

Test(ospkgs, the_first_database_with_a_package_decides)
{
    rig_file(&tar, "var/lib/dpkg/status.d/x", "Package: x\n");
    rig_file(&tar, "var/lib/dpkg/status", "Package: a\n\nPackage: b\n");
    rig_file(&tar, "var/lib/apt/extended_states",
             "Package: b\nAuto-Installed: 1\n");
    rig_file(&tar, "lib/apk/db/installed", "C:nothing\n");
    expect_pkgs(true, "deb", "a b*");
}

Test(ospkgs, of_two_apk_databases_the_first_in_order_is_the_only_one)
{
    rig_file(&tar, "usr/lib/apk/db/installed", "P:u\no:s\n");
    rig_file(&tar, "lib/apk/db/installed", "P:l\n");
    expect_pkgs(true, "apk", "s/u");
}

Test(ospkgs, files_of_status_d_are_joined_in_order)
{
    rig_file(&tar, "var/lib/dpkg/status.d/b", "Package: b\n");
    rig_file(&tar, "var/lib/dpkg/status.d/b.md5sums", "0123  usr/bin/b\n");
    rig_file(&tar, "var/lib/dpkg/status.d/a", "Package: a\n");
    expect_pkgs(true, "deb", "b a");
}

Test(ospkgs, none_at_all_is_linux)
{
    rig_file(&tar, "etc/motd", "x");
    expect_pkgs(true, "linux", "");
}

Test(ospkgs, dependencies_that_are_numbers_come_first_as_keys_do)
{
    auto_merge struct merge *m = NULL;
    auto_os struct os os;
    auto_ospkgs struct ospkgs pkgs;
    struct err err;

    rig_file(&tar, "var/lib/dpkg/status", "Package: a\nDepends: b, 10, 07, 9\n");
    m = image(true);
    cr_assert_eq(os_detect(&os, m, true, false, &err), 0);
    cr_assert_eq(ospkgs_select(&pkgs, m, &os, true, &err), 0);
    cr_assert_eq(pkgs.at[0].n_deps, 4);
    cr_expect_str_eq(pkgs.at[0].deps[0], "9");
    cr_expect_str_eq(pkgs.at[0].deps[1], "10");
    cr_expect_str_eq(pkgs.at[0].deps[2], "b");
    cr_expect_str_eq(pkgs.at[0].deps[3], "07");
}
