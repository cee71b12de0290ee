#include <criterion/criterion.h>

#include "layer-rig.h"

static struct jx *
status(const char *text)
{
    return rig_one("var/lib/dpkg/status", bytes_str(text), "dpkg");
}

/* "d" of a status file. */
#define expect_pkgs(text, want) \
    do { \
        auto_jx struct jx *line_ = status(text); \
        rig_expect_json(jx_get(line_, "d"), want); \
    } while (0)

Test(dpkg, continuation_lines_never_match_a_key)
{
    expect_pkgs("Package: a\nVersion: 1\nDescription: x\n Depends: z\n"
                "\tVersion: 9\n .\n",
                "{\"pkgs\":[{\"n\":\"a\",\"v\":\"1\"}]}");
}

Test(dpkg, every_alternative_is_a_dependency_without_its_version)
{
    expect_pkgs("Package: a\nDepends: b (>= 1) | c, d:any\n"
                "Pre-Depends: e,b | b\n",
                "{\"pkgs\":[{\"n\":\"a\",\"d\":[\"b\",\"c\",\"d:any\",\"e\"]}]}");
}

Test(dpkg, text_after_a_second_colon_and_blank_is_lost)
{
    expect_pkgs("Package: a\nVersion: 1:2: 3\n",
                "{\"pkgs\":[{\"n\":\"a\",\"v\":\"1:2\"}]}");
}

Test(dpkg, source_is_split_into_name_and_version)
{
    expect_pkgs("Package: a\nSource: s (1.0-2)\n\nPackage: b\nSource: t\n",
                "{\"pkgs\":[{\"n\":\"a\",\"s\":\"s\",\"sv\":\"1.0-2\"},"
                "{\"n\":\"b\",\"s\":\"t\"}]}");
}

Test(dpkg, only_the_first_bracket_of_a_kind_goes)
{
    expect_pkgs("Package: a\nSource: s 1((2)))3\n",
                "{\"pkgs\":[{\"n\":\"a\",\"s\":\"s\",\"sv\":\"1(2))3\"}]}");
}

Test(dpkg, a_record_ends_at_the_next_package_not_at_a_blank_line)
{
    expect_pkgs("Package: a\n\nVersion: 1\nPackage: b\n",
                "{\"pkgs\":[{\"n\":\"a\",\"v\":\"1\"},{\"n\":\"b\"}]}");
}

Test(dpkg, status_and_architecture_are_kept_for_those_who_look)
{
    expect_pkgs("Package: a\nStatus: deinstall ok config-files\n"
                "Architecture: amd64\n",
                "{\"pkgs\":[{\"n\":\"a\",\"a\":\"amd64\","
                "\"st\":\"deinstall ok config-files\"}]}");
}

Test(dpkg, a_field_before_any_package_is_told_and_costs_nothing_else)
{
    auto_jx struct jx *line = status("Version: 1\nPackage: a\nVersion: 2\n");

    cr_expect(jx_bool(jx_get(line, "d"), "broken", false));
    rig_expect_json(jx_arr(jx_get(line, "d"), "pkgs"),
                    "[{\"n\":\"a\",\"v\":\"2\"}]");
}

Test(dpkg, bytes_that_are_no_utf8_become_replacement_characters)
{
    expect_pkgs("Package: a\xff\nVersion: 1\n",
                "{\"pkgs\":[{\"n\":\"a\xef\xbf\xbd\",\"v\":\"1\"}]}");
}

Test(dpkg, no_blank_space_of_unicode_survives_around_a_name)
{
    expect_pkgs("Package: a\nDepends: \xc2\xa0" "b\xe3\x80\x80\n",
                "{\"pkgs\":[{\"n\":\"a\",\"d\":[\"b\"]}]}");
}

Test(dpkg, thousands_of_dependencies_keep_their_first_places)
{
    auto_buf struct buf text = RIG_BUF;
    auto_jx struct jx *line = NULL;
    const struct jx *deps;

    buf_add_str(&text, "Package: a\nDepends: x");
    for (int i = 0; i < 20000; i++)
        buf_addf(&text, ", d%d", i % 5000);
    line = rig_one("var/lib/dpkg/status", buf_bytes(&text), "dpkg");
    deps = jx_arr(jx_at(jx_arr(jx_get(line, "d"), "pkgs"), 0), "d");
    cr_assert_eq(jx_count(deps), 5001);
    cr_expect_str_eq(jx_str_value(jx_at(deps, 0)), "x");
    cr_expect_str_eq(jx_str_value(jx_at(deps, 5000)), "d4999");
}

Test(dpkg, files_of_status_d_are_read_too)
{
    auto_jx struct jx *line = rig_one("var/lib/dpkg/status.d/tzdata",
                                      bytes_str("Package: tzdata\n"), "dpkg");

    rig_expect_json(jx_get(line, "d"), "{\"pkgs\":[{\"n\":\"tzdata\"}]}");
}

Test(dpkg, an_empty_file_is_a_line_without_data)
{
    auto_jx struct jx *line = status("");

    cr_expect_not(jx_has(line, "d"));
}

Test(autoinst, what_parses_to_one_is_marked)
{
    static const struct {
        const char *value;
        bool marked;
    } cases[] = {
        { "1", true },  { "01", true },  { " 1", true }, { "1x", true },
        { "+1", true }, { "0", false },  { "11", false }, { "-1", false },
        { "", false },  { "yes", false },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_buf struct buf text = RIG_BUF;
        auto_jx struct jx *line = NULL;

        buf_addf(&text, "Package: p\nArchitecture: all\nAuto-Installed: %s\n",
                 cases[i].value);
        line = rig_one("var/lib/apt/extended_states", buf_bytes(&text),
                       "autoinst");
        cr_expect_eq(jx_count(jx_arr(jx_get(line, "d"), "auto")) == 1,
                     cases[i].marked, "%s", cases[i].value);
    }
}
