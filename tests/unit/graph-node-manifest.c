#include <criterion/criterion.h>

#include "base/str.h"
#include "worker/graph/node-lock.h"

/* "a@1 b@2?" for a manifest; "?" marks what is optional. */
static const char *
wanted(const char *manifest, unsigned which)
{
    static struct buf out = BUF_INIT(1 << 12);
    auto_jx struct jx *m = jx_parse(bytes_str(manifest), SIZE_MAX, NULL);
    struct node_wanted *list;
    size_t n = node_wanted_top(m, which, &list);

    buf_reset(&out);
    for (size_t i = 0; i < n; i++)
        buf_addf(&out, "%s%s@%s%s", i > 0 ? " " : "", list[i].name,
                 list[i].range, list[i].optional ? "?" : "");
    free(list);
    return buf_cstr(&out);
}

#define MANIFEST \
    "{\"dependencies\":{\"a\":\"1\",\"b\":\"2\"}," \
    "\"optionalDependencies\":{\"c\":\"3\",\"a\":\"9\"}," \
    "\"peerDependencies\":{\"p\":\"4\"},\"devDependencies\":{\"b\":\"2\"}}"

Test(node_manifest, a_later_range_replaces_an_earlier_one_at_its_place)
{
    cr_expect_str_eq(wanted(MANIFEST, NODE_OPTIONAL | NODE_PEER),
                     "a@9? c@3? p@4");
}

Test(node_manifest, only_what_is_asked_for_is_merged)
{
    cr_expect_str_eq(wanted(MANIFEST, 0), "a@1");
    cr_expect_str_eq(wanted(MANIFEST, NODE_PEER), "a@1 p@4");
}

Test(node_manifest, what_is_no_name_is_left_out)
{
    cr_expect_str_eq(wanted("{\"dependencies\":{\"\":\"1\",\" \":\"1\","
                            "\"@s/\":\"1\",\"@s/x\":\"1\"}}", 0), "@s/x@1");
}

Test(node_manifest, numbers_come_first)
{
    cr_expect_str_eq(wanted("{\"dependencies\":{\"x\":\"1\",\"10\":\"1\","
                            "\"9\":\"1\"}}", 0), "9@1 10@1 x@1");
}

Test(node_manifest, members_of_another_type_are_none)
{
    cr_expect_str_eq(wanted("{\"dependencies\":[\"a\"],"
                            "\"devDependencies\":7}", 0), "");
}

Test(node_manifest, the_root_has_a_name)
{
    auto_jx struct jx *none = jx_parse(bytes_str("{\"version\":\"\"}"), 99,
                                       NULL);
    auto_jx struct jx *full = jx_parse(
        bytes_str("{\"name\":\"n\",\"version\":\"1\"}"), 99, NULL);

    cr_expect_str_eq(node_root(none).name, "package.json");
    cr_expect_null(node_root(none).version);
    cr_expect_str_eq(node_root(full).name, "n");
    cr_expect_str_eq(node_root(full).version, "1");
}
