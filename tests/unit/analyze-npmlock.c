#include <criterion/criterion.h>

#include "layer-rig.h"

#define expect_data(text, want) \
    do { \
        auto_jx struct jx *line_ = \
            rig_one("a/package-lock.json", bytes_str(text), "npmlock"); \
        rig_expect_json(jx_get(line_, "d"), want); \
    } while (0)

Test(npmlock, packages_become_flat_arrays)
{
    expect_data("{\"name\":\"r\",\"packages\":{\"\":{\"name\":\"r\","
                "\"workspaces\":[\"p/*\",7]},\"node_modules/a\":{"
                "\"version\":\"1.0.0\",\"resolved\":\"https://x\","
                "\"dependencies\":{\"b\":\"^1\",\"c\":\"\"},"
                "\"bundleDependencies\":[\"b\"],\"dev\":true,"
                "\"license\":\"MIT\"},\"node_modules/w\":{\"link\":true,"
                "\"resolved\":\"p/w\"}},\"lockfileVersion\":2}",
                "{\"version\":3,\"packages\":[[\"\",0,null,\"r\"],"
                "[\"node_modules/a\",1,\"1.0.0\",null,\"b\\n^1\\nc\\n\",null,"
                "[\"b\"],null,\"MIT\"],"
                "[\"node_modules/w\",4,null,null,null,null,null,\"p/w\"]],"
                "\"workspaces\":[\"p/*\"]}");
}

Test(npmlock, workspaces_may_be_an_object)
{
    expect_data("{\"lockfileVersion\":3,\"packages\":{\"\":{\"workspaces\":"
                "{\"nohoist\":[1],\"packages\":[\"p/*\"]}}}}",
                "{\"version\":3,\"packages\":[[\"\",0]],"
                "\"workspaces\":[\"p/*\"]}");
}

Test(npmlock, nested_entries_know_the_one_they_lie_in)
{
    expect_data("{\"lockfileVersion\":1,\"dependencies\":{\"a\":{"
                "\"requires\":{\"b\":\"1\",\"c\":\"2\"},\"dependencies\":{"
                "\"b\":{\"version\":\"2\",\"dependencies\":{\"c\":{"
                "\"dev\":true}}},\"d\":{}},\"version\":\"1\"},\"e\":{"
                "\"version\":\"5\",\"requires\":true}}}",
                "{\"version\":1,\"entries\":[[-1,0,\"a\",\"1\",\"b\\nc\"],"
                "[0,0,\"b\",\"2\"],[1,1,\"c\"],[0,0,\"d\"],"
                "[-1,0,\"e\",\"5\"]]}");
}

/* As JSON.parse() reads it. */
Test(npmlock, the_last_of_equal_members_counts)
{
    expect_data("{\"lockfileVersion\":3,\"packages\":{\"node_modules/a\":{"
                "\"dev\":true,\"optional\":true,\"dev\":false,"
                "\"version\":\"1\",\"version\":\"2\"}}}",
                "{\"version\":3,\"packages\":[[\"node_modules/a\",8,\"2\"]]}");
    expect_data("{\"lockfileVersion\":1,\"dependencies\":{\"a\":{"
                "\"dev\":true,\"optional\":true,\"bundled\":true,"
                "\"dev\":null,\"optional\":false,\"bundled\":1}}}",
                "{\"version\":1,\"entries\":[[-1,0,\"a\"]]}");
}

Test(npmlock, what_an_entry_holds_is_what_it_says_last)
{
    expect_data("{\"lockfileVersion\":1,\"dependencies\":{\"a\":{"
                "\"dependencies\":{\"b\":{\"dependencies\":{\"c\":{}}}},"
                "\"dependencies\":{\"d\":{}}},\"e\":{\"dependencies\":{"
                "\"f\":{}},\"version\":\"1\",\"dependencies\":null},"
                "\"g\":{}}}",
                "{\"version\":1,\"entries\":[[-1,0,\"a\"],[0,0,\"d\"],"
                "[-1,0,\"e\",\"1\"],[-1,0,\"g\"]]}");
}

Test(npmlock, a_version_that_is_none_is_the_first)
{
    expect_data("{}", "{\"version\":0,\"entries\":[]}");
    expect_data("{\"lockfileVersion\":null}", "{\"version\":0,\"entries\":[]}");
    expect_data("{\"lockfileVersion\":0}", "{\"version\":0,\"entries\":[]}");
    expect_data("{\"lockfileVersion\":1}", "{\"version\":1,\"entries\":[]}");
}

Test(npmlock, what_is_not_understood_is_there_but_bad)
{
    static const char *const bad[] = {
        "{", "[]", "null", "{\"lockfileVersion\":4}",
        "{\"lockfileVersion\":\"3\",\"packages\":{}}",
        "{\"lockfileVersion\":3}", "{} {}",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        expect_data(bad[i], "{\"bad\":true}");
}

Test(npmlock, texts_lose_their_escapes_and_lines_are_no_names)
{
    expect_data("{\"lockfileVersion\":3,\"packages\":{\"node_modules/\\u0061\":"
                "{\"dependencies\":{\"x\\ny\":\"1\",\"\\u00e9\":\"\\u0031\","
                "\"z\":5,\"\":\"1\"}}}}",
                "{\"version\":3,\"packages\":[[\"node_modules/a\",0,null,null,"
                "\"\xc3\xa9\\n1\"]]}");
}

Test(npmlock, a_byte_order_mark_is_told)
{
    expect_data("\xef\xbb\xbf{}", "{\"bom\":true,\"version\":0,\"entries\":[]}");
}

Test(npmlock, more_packages_than_the_ceiling_are_refused)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF, text = RIG_BUF;

    buf_add_str(&text, "{\"lockfileVersion\":3,\"packages\":{\"\":{}");
    for (int i = 0; i < 40001; i++)
        buf_addf(&text, ",\"node_modules/p%d\":{}", i);
    buf_add_str(&text, "}}");
    rig_bytes(&tar, "package-lock.json", buf_bytes(&text));
    rig_end(&tar);
    rig_record_with(&tar, 0, 8 << 20, &record);
    auto_jx struct jx *lines = rig_lines(&record, "npmlock");
    auto_jx struct jx *warnings = rig_lines(&record, NULL);

    rig_expect_json(jx_get(jx_at(lines, 0), "d"), "{\"bad\":true}");
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "warning"),
                     "npmlock: more than 40000 packages or 400000 "
                     "dependencies");
}
