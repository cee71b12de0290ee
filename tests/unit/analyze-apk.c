#include <criterion/criterion.h>

#include "layer-rig.h"

#define expect_pkgs(text, want) \
    do { \
        auto_jx struct jx *line_ = \
            rig_one("lib/apk/db/installed", bytes_str(text), "apk"); \
        rig_expect_json(jx_arr(jx_get(line_, "d"), "pkgs"), want); \
    } while (0)

Test(apk, a_record_has_name_version_origin_licence_and_architecture)
{
    expect_pkgs("C:Q1=\nP:musl\nV:1.2.4-r0\nA:x86_64\nL:MIT\no:musl-src\n",
                "[{\"n\":\"musl\",\"v\":\"1.2.4-r0\",\"s\":\"musl-src\","
                "\"a\":\"x86_64\",\"l\":\"MIT\"}]");
}

Test(apk, versions_are_cut_at_the_equals_sign_and_nowhere_else)
{
    expect_pkgs("P:a\nD:b=1 so:c.so.1 d>=2 e~3\np:so:x=1 cmd:y=2=3\n",
                "[{\"n\":\"a\",\"p\":[\"so:x\",\"cmd:y\"],"
                "\"d\":[\"b\",\"so:c.so.1\",\"d>\",\"e~3\"]}]");
}

Test(apk, conflicts_are_no_dependencies_and_what_is_replaced_is_one)
{
    expect_pkgs("P:a\nD:!b c\nr:d\n",
                "[{\"n\":\"a\",\"d\":[\"c\",\"d\"]}]");
}

Test(apk, fields_before_a_package_are_nobodys)
{
    expect_pkgs("V:9\nD:x\nP:a\nV:1\n", "[{\"n\":\"a\",\"v\":\"1\"}]");
}

Test(apk, values_are_trimmed_and_lines_of_one_letter_ignored)
{
    expect_pkgs("P: a \r\nV\nV:\t1\r\n\n", "[{\"n\":\"a\",\"v\":\"1\"}]");
}

Test(apk, the_path_under_usr_is_one_too)
{
    auto_jx struct jx *line =
        rig_one("usr/lib/apk/db/installed", bytes_str("P:a\n"), "apk");

    cr_expect_eq(jx_count(jx_arr(jx_get(line, "d"), "pkgs")), 1);
}

/* What is kept of a database, and that it says so when that is not all. */
static size_t
kept_of(const struct buf *text, const char *member)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL, *warnings = NULL;
    const struct jx *pkgs;

    rig_bytes(&tar, "lib/apk/db/installed", buf_bytes(text));
    rig_record(&tar, &record);
    lines = rig_lines(&record, "apk");
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(lines), 1);
    cr_expect_eq(jx_count(warnings), 1);
    pkgs = jx_arr(jx_get(jx_at(lines, 0), "d"), "pkgs");
    return jx_count(member != NULL ? jx_arr(jx_at(pkgs, 0), member) : pkgs);
}

Test(apk, what_follows_too_many_packages_is_left_out)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);

    for (int i = 0; i < 60000; i++)
        buf_addf(&text, "P:a\nD:b\no:c\n");
    cr_expect_eq(kept_of(&text, NULL), 50000);
}

Test(apk, too_many_names_are_left_out)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);

    buf_add_str(&text, "P:a\np:");
    for (int i = 0; i < 250001; i++)
        buf_add_str(&text, "b ");
    cr_expect_eq(kept_of(&text, "p"), 250000);
}

Test(apk, a_package_whose_name_or_version_is_longer_than_any_is_left_out)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);

    for (int i = 0; i < 3; i++) {
        buf_add_str(&text, i == 0 ? "P:" : "P:x\nV:");
        for (int k = 0; k < 1023 + i; k++)
            buf_add_char(&text, '1');
        buf_add_char(&text, '\n');
    }
    cr_expect_eq(kept_of(&text, NULL), 2);
}
