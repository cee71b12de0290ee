/* What keys of newer yarn.lock files answer to, and resolutions. */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/analyze/version/semver.h"
#include "worker/graph/berry-descriptor.h"
#include "worker/graph/berry-resolutions.h"

static void
add_line(const char *key, void *arg)
{
    buf_addf(arg, "%s\n", key);
}

static void
expect_ways(const char *keys, const char *want)
{
    auto_buf struct buf ways = BUF_INIT(4096);
    struct err err;

    cr_expect_eq(berry_descriptors(bytes_str(keys), add_line, &ways, &err), 0,
                 "%s", err.text);
    cr_expect_str_eq(buf_cstr(&ways), want, "%s: %s", keys, buf_cstr(&ways));
}

Test(berry_descriptor, of_a_registry_with_and_without_the_protocol)
{
    expect_ways("a@npm:^1", "a@npm:^1\na@^1\na@npm:^1\n");
    expect_ways("@s/a@npm:@t/b@^1::x=y",
                "@s/a@npm:@t/b@^1::x=y\n@s/a@@t/b@^1\n@s/a@npm:@t/b@^1\n");
    expect_ways("a@^1", "a@^1\na@^1\n");
}

Test(berry_descriptor, several_stand_with_commas)
{
    expect_ways("a@1, b@2", "a@1\na@1\nb@2\nb@2\n");
}

Test(berry_descriptor, of_files_and_links_without_parameters)
{
    expect_ways("a@file:./f%20g::locator=r%40w",
                "a@file:./f%20g::locator=r%40w\na@./f g\na@file:./f g\n");
    expect_ways("a@link:./f::locator=r", "a@link:./f::locator=r\na@link:./f\n");
}

Test(berry_descriptor, of_git_with_its_source)
{
    expect_ways("a@git+ssh://git@h/x#v1::p",
                "a@git+ssh://git@h/x#v1::p\na@git+ssh://git@h/x#v1\n");
    expect_ways("a@https://h/x.tgz#v1::p",
                "a@https://h/x.tgz#v1::p\na@https:v1\n");
}

Test(berry_descriptor, of_a_patch_as_the_manifest_writes_it)
{
    expect_ways("a@patch:a@npm%3A^1#./p::version=1",
                "a@patch:a@npm%3A^1#./p::version=1\na@patch:a@npm:^1#./p\n");
    expect_ways("a@patch:a@^1#builtin<compat/a>",
                "a@patch:a@^1#builtin<compat/a>\na@^1\n");
}

Test(berry_descriptor, what_is_none_is_refused)
{
    static const char *const none[] = { "@", "a@", "@/a@1", "a/b@1", "@s@1",
                                        "a@npm:%zz", "a@npm:%ff" };

    for (size_t i = 0; i < N_ELEMENTS(none); i++) {
        auto_buf struct buf ways = BUF_INIT(4096);

        cr_expect_eq(berry_descriptors(bytes_str(none[i]), add_line, &ways,
                                       NULL), -1, "%s", none[i]);
    }
}

/* ---- resolutions -------------------------------------------------------- */

static void
expect_range(const char *rules, const char *parent, const char *version,
             const char *name, const char *range, const char *want)
{
    const struct node_wanted wanted = { name, range, false };
    auto_jx struct jx *doc = jx_parse(bytes_str(rules), 4096, NULL);
    auto_resolutions struct resolutions *r = resolutions_new(doc);
    const char *to;
    struct err err;

    cr_assert_eq(resolutions_find(r, parent, version, &wanted, &to, &err), 0);
    if (want == NULL)
        cr_expect_null(to, "%s", rules);
    else
        cr_expect_str_eq(to != NULL ? to : "nothing", want, "%s", rules);
}

Test(berry_resolutions, a_name_stands_for_all_of_it)
{
    expect_range("{\"b\":\"2\"}", "a", "1.0.0", "b", "^1", "2");
    expect_range("{\"@s/b\":\"2\"}", "a", "1.0.0", "@s/b", "^1", "2");
    expect_range("{\"b\":\"2\"}", "a", "1.0.0", "c", "^1", NULL);
    expect_range("{\"b\":\"\"}", "a", "1.0.0", "b", "^1", NULL);
}

Test(berry_resolutions, a_parent_may_be_named_with_a_range)
{
    expect_range("{\"@p/q/@s/b\":\"2\"}", "@p/q", NULL, "@s/b", "^1", "2");
    expect_range("{\"a@npm:^1/b\":\"2\"}", "a", "1.2.0", "b", "^1", "2");
    expect_range("{\"a@^2/b\":\"2\"}", "a", "1.2.0", "b", "^1", NULL);
    expect_range("{\"a@^1/b\":\"2\"}", "a", NULL, "b", "^1", NULL);
}

Test(berry_resolutions, a_range_means_itself_or_a_version_that_satisfies_it)
{
    expect_range("{\"b@npm:^1\":\"2\"}", "a", "1.0.0", "b", "^1", "2");
    expect_range("{\"b@^1\":\"2\"}", "a", "1.0.0", "b", "npm:1.5.0", "2");
    expect_range("{\"b@*\":\"2\"}", "a", "1.0.0", "b", "^1", NULL);
}

Test(berry_resolutions, the_more_special_one_comes_first)
{
    const char *all = "{\"b\":\"4\",\"b@^1\":\"3\",\"a@^1/b\":\"2\","
                      "\"a/b\":\"1\"}";

    expect_range(all, "a", "1.0.0", "b", "^1", "1");
    expect_range(all, "x", "1.0.0", "b", "^1", "3");
    expect_range(all, "x", "1.0.0", "b", "^2", "4");
}

Test(berry_resolutions, other_patterns_mean_nothing)
{
    expect_range("{\"**/b\":\"2\",\"a/b@^1\":\"2\",\"r/a/b\":\"2\",\"\":\"2\","
                 "\"b\":5}", "a", "1.0.0", "b", "^1", NULL);
}

Test(berry_resolutions, a_long_range_costs_more_steps)
{
    static const struct node_wanted wanted = { "b", "^1", false };
    auto_buf struct buf rules = BUF_INIT(8192);
    const size_t n_bytes = 4000;
    const char *to;
    struct err err;

    buf_addf(&rules, "{\"b@2%*s\":\"3\"}", (int)n_bytes, "");
    auto_jx struct jx *doc = jx_parse(buf_bytes(&rules), 8192, NULL);
    auto_resolutions struct resolutions *r = resolutions_new(doc);
    size_t n_tries = RESOLUTIONS_MAX_STEPS / (n_bytes / SEMVER_STEP_BYTES);

    for (size_t i = 0; i + 1 < n_tries / 2; i++)
        cr_assert_eq(resolutions_find(r, "a", NULL, &wanted, &to, &err), 0);
    for (size_t i = 0; i < n_tries; i++) {
        if (resolutions_find(r, "a", NULL, &wanted, &to, &err) < 0) {
            cr_expect_eq(err.kind, ERR_LIMIT);
            return;
        }
    }
    cr_assert_fail("%zu tries", n_tries + n_tries / 2);
}
