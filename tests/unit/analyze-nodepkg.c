#include <criterion/criterion.h>

#include "layer-rig.h"

#define expect_data(path, text, want) \
    do { \
        auto_jx struct jx *line_ = rig_one(path, bytes_str(text), "nodepkg"); \
        rig_expect_json(jx_get(line_, "d"), want); \
    } while (0)

Test(nodepkg, keeps_the_members_that_decide_as_they_are)
{
    expect_data("app/package.json",
                "\xef\xbb\xbf{\n \"name\": \"a\", \"scripts\": {\"x\": [1]},\n"
                " \"overrides\": {\"b\": {\".\": \"1\", \"c\": null}},\n"
                " \"version\": 7, \"devDependencies\": {\"d\": \"^1\"}}\n",
                "{\"bom\":true,\"name\":\"a\",\"version\":7,"
                "\"devDependencies\":{\"d\":\"^1\"},"
                "\"overrides\":{\"b\":{\".\":\"1\",\"c\":null}}}");
}

Test(nodepkg, of_installed_packages_only_what_counts_there)
{
    auto_jx struct jx *line = rig_one(
        "a/node_modules/b/package.json",
        bytes_str("{\"license\":\"MIT\",\"devDependencies\":{\"d\":\"1\"},"
                  "\"name\":\"b\",\"overrides\":{},\"version\":7,"
                  "\"dependencies\":{\"c\":\"2\",\"n\":null,\"d\":\"\"}}"),
        "nodemod");

    rig_expect_json(jx_get(line, "d"),
                    "[\"b\",null,\"c\\n2\\nd\\n\",null,\"MIT\"]");
}

Test(nodepkg, a_damaged_installed_package_is_bad_too)
{
    auto_jx struct jx *line = rig_one("a/node_modules/b/package.json",
                                      bytes_str("{"), "nodemod");

    rig_expect_json(jx_get(line, "d"), "{\"bad\":true}");
}

Test(nodepkg, the_last_of_equal_members_counts)
{
    expect_data("package.json", "{\"name\":\"a\",\"n\\u0061me\":\"b\"}",
                "{\"name\":\"b\"}");
}

static void
expect_bad(struct bytes body)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_bytes(&tar, "package.json", body);
    rig_record(&tar, &record);
    auto_jx struct jx *warnings = rig_lines(&record, NULL);
    auto_jx struct jx *lines = rig_lines(&record, "nodepkg");

    cr_expect_eq(jx_count(warnings), 1);
    cr_assert_eq(jx_count(lines), 1, "%.*s", BYTES_FMT(body));
    rig_expect_json(jx_get(jx_at(lines, 0), "d"), "{\"bad\":true}");
}

Test(nodepkg, a_damaged_file_is_there_but_bad)
{
    expect_bad(bytes_str("{\"name\":"));
    expect_bad(bytes_str("{} x"));
    expect_bad(bytes_str("[]"));
    expect_bad(bytes_str("null"));
}

Test(nodepkg, every_truncation_is_bad)
{
    struct bytes whole = bytes_str(
        "{\"name\":\"a\\u0062\",\"version\":\"1\",\"workspaces\":[true,false,"
        "null,-1.5e3,{\"x\":[]}],\"dependencies\":{\"b\":\"^1\"}}");

    for (size_t n = 1; n < whole.n; n++)
        expect_bad(bytes_to(whole, n));
}

Test(nodepkg, more_values_than_anybody_needs_are_bad)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);

    buf_add_str(&text, "{\"workspaces\":[1");
    for (int i = 0; i < 50000; i++)
        buf_add_str(&text, ",1");
    buf_add_str(&text, "]}");
    expect_bad(buf_bytes(&text));
}

Test(nodepkg, levels_nobody_looks_at_are_cut)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);

    buf_add_str(&text, "{\"x\":");
    for (int i = 0; i < 10000; i++)
        buf_add_str(&text, "[");
    for (int i = 0; i < 10000; i++)
        buf_add_str(&text, "]");
    buf_add_str(&text, ",\"overrides\":");
    for (int i = 0; i < 100; i++)
        buf_add_str(&text, "{\"a\":");
    buf_add_str(&text, "1");
    for (int i = 0; i < 100; i++)
        buf_add_str(&text, "}");
    buf_add_str(&text, "}");
    auto_jx struct jx *line = rig_one("package.json", buf_bytes(&text),
                                      "nodepkg");
    const struct jx *v = jx_get(jx_get(line, "d"), "overrides");
    int depth = 0;

    for (; jx_count(v) > 0; v = jx_get(v, "a"))
        depth++;
    cr_expect_eq(depth, 39);
}

Test(nodepkg, a_name_with_a_nul_spoils_no_record)
{
    expect_data("package.json",
                "{\"dependencies\":{\"a\\u0000\":\"1\",\"b\":\"2\"}}",
                "{\"dependencies\":{\"b\":\"2\"}}");
}
