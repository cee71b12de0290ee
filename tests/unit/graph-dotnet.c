#include <criterion/criterion.h>

#include "app-rig.h"

#define TARGET "\"runtimeTarget\":{\"name\":\"net8/linux\"},"

static const char usual[] =
    "{" TARGET "\"targets\":{\"net8\":{\"Other/1\":{}},\"net8/linux\":{"
    "\"Web/1.2\":{\"dependencies\":{\"serilog\":\"2.0\",\"runtimepack.Core\":"
    "\"8\",\"Absent\":\"1\"}},"
    "\"Serilog/2.12\":{\"dependencies\":{\"Core\":\"1\",\"Web\":\"1\"}},"
    "\"runtimepack.Core/8.0\":{},\"Alone/1\":{}}},"
    "\"libraries\":{\"Web/1.2\":{\"type\":\"project\"},"
    "\"Serilog/2.12\":{\"type\":\"package\"}}}";

static void
expect_one(const char *text, bool compat, const char *want)
{
    const struct app_file files[] = { { "app/x.deps.json", text } };

    expect_apps(files, compat, want);
}

Test(dotnet, names_resolve_in_any_case_and_what_nobody_asks_for_is_left_out)
{
    expect_one(usual, true,
               "/app/x.deps.json: root-node>Serilog@2.12,Core@8.0 "
               "Serilog@2.12>Core@8.0,Web@1.2 Core@8.0 "
               "Web@1.2>Serilog@2.12,Core@8.0");
}

Test(dotnet, the_first_project_counts_and_only_with_dependencies)
{
    expect_one("{" TARGET "\"targets\":{\"net8/linux\":{\"X/1\":{},"
               "\"A/1\":{\"dependencies\":{}}}},\"libraries\":{"
               "\"A/1\":{\"type\":\"project\"},\"X/1\":{\"type\":\"project\"}}}",
               false, "");
    expect_one("{" TARGET "\"targets\":{\"net8/linux\":{\"X/1\":{},"
               "\"A\":{\"dependencies\":{}}}},\"libraries\":{"
               "\"A\":{\"type\":\"project\"}}}",
               false, "/app/x.deps.json: root-node");
}

Test(dotnet, names_that_are_numbers_come_first_as_in_javascript)
{
    expect_one("{" TARGET "\"targets\":{\"net8/linux\":{\"A/1\":{"
               "\"dependencies\":{\"b\":\"\",\"10\":\"\",\"9\":\"\"}},"
               "\"b/1\":{},\"10/1\":{},\"9/1\":{}}},\"libraries\":{"
               "\"A/1\":{\"type\":\"project\"}}}",
               true,
               "/app/x.deps.json: root-node>9@1,10@1,b@1 9@1 10@1 b@1");
}

Test(dotnet, of_packages_equal_but_for_case_the_last_counts)
{
    expect_one("{" TARGET "\"targets\":{\"net8/linux\":{\"A/1\":{"
               "\"dependencies\":{\"b\":\"\"}},\"B/1\":{},\"b/2\":{}}},"
               "\"libraries\":{\"A/1\":{\"type\":\"project\"}}}",
               true, "/app/x.deps.json: root-node>b@2 b@2");
}

Test(dotnet, the_runtime_itself_is_no_program)
{
    const struct app_file files[] = {
        { "usr/share/dotnet/shared/X/8/x.deps.json", usual },
        { "usr/share/dotnet/packs/X/8/x.deps.json", usual },
    };

    expect_apps(files, false, "");
}

Test(dotnet, a_byte_order_mark_is_a_fault_for_the_peer_only)
{
    auto_free char *marked = xasprintf("\xef\xbb\xbf%s", usual);
    const struct app_file files[] = { { "x.deps.json", marked } };
    struct err err;
    auto_jx struct jx *right = app_results(files, 1, false, &err);

    expect_one(marked, true, "");
    cr_expect_eq(jx_count(right), 2);
}

Test(dotnet, malformed_text_is_a_warning_and_hides_the_file_below)
{
    struct buf tars[2] = { RIG_BUF, RIG_BUF };
    auto_merge struct merge *files = NULL;
    struct merged m;

    rig_bytes(&tars[0], "x.deps.json", bytes_str(usual));
    rig_bytes(&tars[1], "x.deps.json", bytes_str("{"));
    files = rig_merge(true, tars, 2);
    cr_assert(merge_find(files, "/x.deps.json", "depsjson", &m));
    cr_expect(jx_bool(m.data, "bad", false));
    for (int i = 0; i < 2; i++)
        buf_clear(&tars[i]);
}

Test(dotnet, truncated_anywhere_nothing_breaks)
{
    const struct app_file files[] = { { "x.deps.json", usual } };

    app_cut_everywhere(files, 1, 0);
}

Test(dotnet, thirty_thousand_packages_are_read_and_more_are_refused)
{
    for (int over = 0; over < 2; over++) {
        auto_buf struct buf text = BUF_INIT(64 << 20);
        auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
        auto_jx struct jx *warnings = NULL;

        buf_add_str(&text, "{" TARGET "\"targets\":{\"net8/linux\":{");
        for (int i = 0; i < 30000 + over; i++)
            buf_addf(&text, "%s\"p%d/1\":{}", i > 0 ? "," : "", i);
        buf_add_str(&text, "}},\"libraries\":{}}");
        rig_bytes(&tar, "x.deps.json", buf_bytes(&text));
        rig_end(&tar);
        rig_record_with(&tar, 0, 64 << 20, &record);
        warnings = rig_lines(&record, NULL);
        cr_assert_eq(jx_count(warnings), (size_t)over);
        if (over)
            cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                             "depsjson: more than 30000 packages");
    }
}
