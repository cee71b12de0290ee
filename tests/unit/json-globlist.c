#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/json/globlist.h"
#include "base/str.h"

static int
read_text(struct globlist *g, struct jx **doc, const char *text,
          struct err *err)
{
    *doc = jx_parse(bytes_str(text), SIZE_MAX, NULL);
    cr_assert_not_null(*doc);
    return globlist_read(g, *doc, err);
}

Test(globlist, includes_with_composer_in_them_do_not_count)
{
    auto_globlist struct globlist g;
    auto_jx struct jx *doc = NULL;

    cr_assert_eq(read_text(&g, &doc,
                           "{\"globsToFind\":{\"include\":[\"**/composer.lock\","
                           "\"**/*.lock\"],\"exclude\":[\"/composer\"]}}", NULL),
                 0);
    cr_assert_eq(g.variant.n_include, 1);
    cr_expect_str_eq(g.variant.include[0], "**/*.lock");
    cr_assert_eq(g.variant.n_exclude, 1);
    cr_expect_str_eq(g.variant.exclude[0], "/composer");
}

Test(globlist, none_is_none)
{
    static const char *const none[] = {
        "{}", "{\"globsToFind\":null}", "{\"globsToFind\":{}}",
        "{\"globsToFind\":{\"include\":[],\"exclude\":null}}",
    };

    for (size_t i = 0; i < N_ELEMENTS(none); i++) {
        auto_globlist struct globlist g;
        auto_jx struct jx *doc = NULL;

        cr_expect_eq(read_text(&g, &doc, none[i], NULL), 0);
        cr_expect_eq(g.variant.n_include + g.variant.n_exclude, 0);
    }
}

Test(globlist, what_is_no_list_of_texts_is_refused)
{
    static const char *const bad[] = {
        "{\"globsToFind\":\"x\"}",
        "{\"globsToFind\":{\"include\":\"x\"}}",
        "{\"globsToFind\":{\"include\":[],\"exclude\":{}}}",
        "{\"globsToFind\":{\"include\":[\"a\",5]}}",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        auto_globlist struct globlist g;
        auto_jx struct jx *doc = NULL;
        struct err err = { 0 };

        cr_expect_eq(read_text(&g, &doc, bad[i], &err), -1, "%s", bad[i]);
        cr_expect_eq(err.kind, ERR_INPUT);
    }
}

static void
expect_limit(size_t n_include, size_t n_exclude, size_t length, bool fits)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);
    auto_free char *pattern = xcalloc(length + 1, 1);
    auto_globlist struct globlist g;
    auto_jx struct jx *doc = NULL;
    struct err err = { 0 };

    memset(pattern, 'x', length);
    buf_add_str(&text, "{\"globsToFind\":{\"include\":[");
    for (size_t i = 0; i < n_include; i++)
        buf_addf(&text, "%s\"%s\"", i > 0 ? "," : "", pattern);
    buf_add_str(&text, "],\"exclude\":[");
    for (size_t i = 0; i < n_exclude; i++)
        buf_addf(&text, "%s\"%s\"", i > 0 ? "," : "", pattern);
    buf_add_str(&text, "]}}");
    cr_expect_eq(read_text(&g, &doc, buf_cstr(&text), &err), fits ? 0 : -1);
    cr_expect_eq(err.kind, fits ? ERR_NONE : ERR_LIMIT);
}

Test(globlist, number_and_length_have_ceilings)
{
    expect_limit(GLOBS_MAX, 0, 3, true);
    expect_limit(GLOBS_MAX + 1, 0, 3, false);
    expect_limit(GLOBS_MAX - 1, 1, 3, true);
    expect_limit(GLOBS_MAX - 1, 2, 3, false);
    expect_limit(1, 0, GLOB_MAX_BYTES, true);
    expect_limit(1, 0, GLOB_MAX_BYTES + 1, false);
}

static void
version_of(char out[ANALYZER_TEXT], const char *options)
{
    auto_globlist struct globlist g;
    auto_jx struct jx *doc = NULL;

    cr_assert_eq(read_text(&g, &doc, options, NULL), 0);
    analyzer_version(out, &g.variant);
}

#define GLOBS(include, exclude) \
    "{\"globsToFind\":{\"include\":[" include "],\"exclude\":[" exclude "]}}"

Test(analyzer, a_version_without_includes_is_the_plain_one)
{
    char v[ANALYZER_TEXT];

    version_of(v, "{}");
    cr_expect_str_eq(v, ANALYZER_VERSION);
    version_of(v, GLOBS("\"composer\"", "\"/x\""));
    cr_expect_str_eq(v, ANALYZER_VERSION);
}

Test(analyzer, lists_that_differ_have_versions_that_differ)
{
    static const char *const lists[] = {
        GLOBS("\"ab\"", ""),         GLOBS("\"a\",\"b\"", ""),
        GLOBS("\"a\"", "\"b\""),     GLOBS("\"b\",\"a\"", ""),
        GLOBS("\"a\",\"b\"", "\"\""), GLOBS("\"\",\"ab\"", ""),
    };
    char v[N_ELEMENTS(lists)][ANALYZER_TEXT], again[ANALYZER_TEXT];

    for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
        version_of(v[i], lists[i]);
        version_of(again, lists[i]);
        cr_expect_str_eq(again, v[i]);
        cr_expect(str_starts(v[i], ANALYZER_VERSION "+globs:"));
        for (size_t k = 0; k < i; k++)
            cr_expect_str_neq(v[i], v[k]);
    }
}
