/* Orders of distribution packages, as the tools themselves have them. */
#include <criterion/criterion.h>

#include "fixture.h"
#include "worker/analyze/version/apk.h"
#include "worker/analyze/version/dpkg.h"
#include "worker/analyze/version/rpm.h"

typedef int (*order_fn)(struct bytes a, struct bytes b);

static char
sign(int order)
{
    return order < 0 ? '<' : order > 0 ? '>' : '=';
}

static void
expect_order(const char *name, order_fn cmp)
{
    auto_free char *file = xasprintf("versions/%s.json", name);
    auto_jx struct jx *doc = fixture(file);
    const struct jx *pairs = jx_arr(doc, "pairs");

    cr_assert_gt(jx_count(pairs), 15);
    for (size_t i = 0; i < jx_count(pairs); i++) {
        const struct jx *pair = jx_at(pairs, i);
        struct bytes a = jx_bytes_value(jx_at(pair, 0));
        struct bytes b = jx_bytes_value(jx_at(pair, 2));
        const char *want = jx_str_value(jx_at(pair, 1));

        cr_expect_eq(sign(cmp(a, b)), *want, "%.*s %s %.*s", BYTES_FMT(a),
                     want, BYTES_FMT(b));
        cr_expect_eq(cmp(b, a), -cmp(a, b), "%.*s, %.*s", BYTES_FMT(a),
                     BYTES_FMT(b));
        cr_expect_eq(cmp(a, a), 0, "%.*s", BYTES_FMT(a));
    }
}

Test(versions, of_debian_are_in_dpkgs_order)
{
    expect_order("deb", dpkg_version_cmp);
}

Test(versions, of_rpm_are_in_rpms_order)
{
    expect_order("rpm", rpm_version_cmp);
    expect_order("rpmvercmp", rpm_segment_cmp);
}

Test(versions, of_alpine_are_in_apks_order)
{
    expect_order("apk", apk_version_cmp);
}

Test(versions, what_alpine_calls_invalid_comes_before_the_rest)
{
    auto_jx struct jx *doc = fixture("versions/apk.json");
    const struct jx *invalid = jx_arr(doc, "invalid");

    cr_assert_gt(jx_count(invalid), 10);
    cr_expect(apk_version_valid(bytes_str("1.0a_rc1_p2~0af-r3")));
    for (size_t i = 0; i < jx_count(invalid); i++) {
        struct bytes v = jx_bytes_value(jx_at(invalid, i));

        cr_expect_not(apk_version_valid(v), "%.*s", BYTES_FMT(v));
        cr_expect_lt(apk_version_cmp(v, bytes_str("0")), 0);
        cr_expect_gt(apk_version_cmp(bytes_str("0"), v), 0);
    }
    cr_expect_not(apk_version_valid(bytes_of(NULL, 0)));
}

Test(versions, numbers_have_any_length)
{
    char a[100], b[100];

    memset(a, '9', sizeof(a));
    memset(b, '9', sizeof(b));
    b[99] = '8';
    struct bytes x = bytes_of(a, 100), y = bytes_of(b, 100);

    cr_expect_eq(dpkg_version_cmp(x, y), 1);
    cr_expect_eq(rpm_version_cmp(x, y), 1);
    cr_expect_eq(apk_version_cmp(x, y), 1);
}

Test(versions, a_release_that_is_missing_comes_first)
{
    cr_expect_eq(rpm_version_cmp(bytes_str("1"), bytes_str("1-0")), -1);
    cr_expect_eq(dpkg_version_cmp(bytes_str("1"), bytes_str("1-0")), 0);
    cr_expect_eq(rpm_version_cmp(bytes_of(NULL, 0), bytes_of(NULL, 0)), 0);
}
