/* What all databases of rpm have in common, and content manifests. */
#include "rpm-db-rig.h"

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

/* 65536 of them are looked at. */
Test(rpm_deps, folders_of_one_package_have_a_ceiling)
{
    const uint32_t at[] = { 65535, 65536 };
    auto_rpm_rig struct rpm_rig h = RPM_RIG_INIT;
    auto_jx struct jx *d = NULL;
    auto_buf struct buf shown = RIG_BUF;
    size_t n_warnings;

    add_with("a", "/bin/x", "", NULL, NULL);
    add_with("b", "/lib/y", "", NULL, NULL);
    rpm_rig_basics(&h, "c", "1");
    rpm_rig_ints(&h, 1116, at, 2);
    rpm_rig_texts(&h, 1117, "x y");
    rpm_rig_entry(&h, 1118, RPM_RIG_TEXTS, 70000);
    for (int i = 0; i < 70000; i++)
        buf_add(&h.data, i == 65535 ? "/bin/" : i == 65536 ? "/lib/" : "",
                i == 65535 || i == 65536 ? 6 : 1);
    buf_init(&blobs[n_blobs], 1 << 20);
    rpm_rig_finish(&h, &blobs[n_blobs++]);
    rpm_rig_ndb(&db, blobs, n_blobs, 1);
    d = line_of(RPM_RIG_NDB, &n_warnings);
    show_deps(d, &shown);
    cr_expect_str_eq(buf_cstr(&shown), "a(c) b c");
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
