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
