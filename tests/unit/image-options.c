#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/image/options.h"

static int
read_text(struct image_options *out, const char *json, struct err *err)
{
    static struct jx *doc; /* what is read borrows from it */

    jx_free(doc);
    doc = jx_parse(bytes_str(json), SIZE_MAX, err);
    cr_assert_not_null(doc, "%s", json);
    return options_read(out, doc, err);
}

#define NON_NUMERIC \
    "Non-numeric inputs for --nested-jars-depth are deprecated, replace " \
    "with a numeric input"
#define TWO_OPTIONS \
    "To use --nested-jars-depth, you must not use --exclude-app-vulns"
#define BAD_DEPTH \
    "--nested-jars-depth accepts only numbers bigger than or equal to 0"

Test(options, switches_are_booleans_or_the_text_true)
{
    struct image_options o;
    struct err err;

    cr_assert_eq(read_text(&o, "{\"exclude-app-vulns\":\"True\","
                               "\"exclude-node-modules\":true,"
                               "\"include-system-jars\":\"yes\","
                               "\"exclude-base-image-vulns\":false}", &err), 0);
    cr_expect(o.exclude_app_vulns);
    cr_expect(o.exclude_node_modules);
    cr_expect_not(o.include_system_jars);
    cr_expect_not(o.exclude_base_image);
}

Test(options, depth_is_checked_in_the_peers_words)
{
    static const struct {
        const char *json;
        double depth;
        const char *error, *warning;
    } cases[] = {
        { "{}", 1, NULL, NULL },
        { "{\"nested-jars-depth\":\"2\"}", 2, NULL, NULL },
        { "{\"nested-jars-depth\":\"0\"}", 0, NULL, NULL },
        { "{\"nested-jars-depth\":\" 0x10 \"}", 16, NULL, NULL },
        { "{\"nested-jars-depth\":\"\"}", 1, NULL, NULL },
        { "{\"nested-jars-depth\":null}", 1, NULL, NULL },
        { "{\"nested-jars-depth\":true}", 1, NULL, NON_NUMERIC },
        { "{\"nested-jars-depth\":\"TRUE\"}", 1, NULL, NON_NUMERIC },
        { "{\"nested-jars-depth\":false}", 1, NULL, NON_NUMERIC },
        { "{\"nested-jars-depth\":\"x\"}", 1, BAD_DEPTH, NULL },
        { "{\"nested-jars-depth\":\"-1\"}", 1, BAD_DEPTH, NULL },
        { "{\"nested-jars-depth\":\"1\",\"exclude-app-vulns\":true}", 1,
          TWO_OPTIONS, NULL },
        { "{\"nested-jars-depth\":\"x\",\"exclude-app-vulns\":true}", 1,
          BAD_DEPTH, NULL },
        { "{\"shaded-jars-depth\":\"3\"}", 3, NULL,
          "--shaded-jars-depth is deprecated, use --nested-jars-depth instead" },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct image_options o;
        struct err err;
        int rc = read_text(&o, cases[i].json, &err);

        if (cases[i].error != NULL) {
            cr_expect_eq(rc, -1, "%s", cases[i].json);
            cr_expect_str_eq(err.text, cases[i].error);
            continue;
        }
        cr_expect_eq(rc, 0, "%s", cases[i].json);
        cr_expect_float_eq(o.nested_jars_depth, cases[i].depth, 0);
        cr_expect(str_eq(o.n_warnings > 0 ? o.warnings[0] : NULL,
                         cases[i].warning), "%s", cases[i].json);
    }
}

Test(options, digests_and_texts_are_found_where_they_are)
{
    struct image_options o;
    struct err err;

    cr_assert_eq(read_text(&o, "{\"digests\":{\"manifest\":\"sha256:m\"},"
                               "\"imageNameAndTag\":\"a:1\","
                               "\"target-reference\":\"\"}", &err), 0);
    cr_expect_str_eq(o.manifest_digest, "sha256:m");
    cr_expect_null(o.index_digest);
    cr_expect_str_eq(o.image_name_and_tag, "a:1");
    cr_expect_null(o.target_reference);
}

Test(options, a_text_option_of_another_type_is_an_error)
{
    struct image_options o;
    struct err err;

    cr_expect_eq(read_text(&o, "{\"imageNameAndTag\":7}", &err), -1);
    cr_expect_str_eq(err.text, "option imageNameAndTag: a text is expected");
    cr_expect_eq(read_text(&o, "[]", &err), -1);
}
