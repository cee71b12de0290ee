#include <criterion/criterion.h>
#include <math.h>

#include "base/jstext.h"
#include "base/str.h"

Test(jstext, trimming_takes_all_white_space_of_unicode)
{
    /* U+00A0 U+FEFF tab ... U+2028 U+3000 */
    struct bytes s = bytes_str("\xc2\xa0\xef\xbb\xbf\t" "a b"
                               "\xe2\x80\xa8\xe3\x80\x80");

    cr_expect(bytes_is(js_trim(s), "a b"));
    cr_expect(bytes_is(js_trim(bytes_str("\xe2\x80\x8b")), "\xe2\x80\x8b"));
    cr_expect_eq(js_trim(bytes_str(" \n")).n, 0);
}

Test(jstext, split_keeps_empty_pieces_at_the_end)
{
    struct js_split it = { .rest = bytes_str("a, b, ") };
    struct js_split empty = { .rest = bytes_str("") };
    struct bytes piece;

    cr_assert(js_split_next(&it, ", ", &piece));
    cr_expect(bytes_is(piece, "a"));
    cr_assert(js_split_next(&it, ", ", &piece));
    cr_expect(bytes_is(piece, "b"));
    cr_assert(js_split_next(&it, ", ", &piece));
    cr_expect_eq(piece.n, 0);
    cr_expect_not(js_split_next(&it, ", ", &piece));
    cr_expect(js_split_next(&empty, ",", &piece));
    cr_expect_not(js_split_next(&empty, ",", &piece));
}

Test(jstext, order_is_that_of_utf16_units)
{
    /* U+1F600 is D83D DE00 there: above U+20AC, below U+FFFD. */
    static const char *const sorted[] = {
        "", "A", "a", "a\x01", "aa", "\xc3\xa9", "\xe2\x82\xac",
        "\xf0\x9f\x98\x80", "\xef\xbf\xbd",
    };

    for (size_t i = 0; i < N_ELEMENTS(sorted); i++) {
        for (size_t k = 0; k < N_ELEMENTS(sorted); k++) {
            int c = js_cmp(bytes_str(sorted[i]), bytes_str(sorted[k]));

            cr_expect_eq(c, i < k ? -1 : i > k, "%zu %zu", i, k);
        }
    }
}

Test(jstext, keys_that_are_indexes_come_first)
{
    const char *keys[] = { "b", "10", "a", "9", "01", "4294967295", "0" };
    static const char *const want[] = { "0", "9", "10", "b", "a", "01",
                                        "4294967295" };

    js_order_keys(keys, N_ELEMENTS(keys));
    for (size_t i = 0; i < N_ELEMENTS(keys); i++)
        cr_expect_str_eq(keys[i], want[i]);
}

Test(jstext, numbers_are_what_number_takes)
{
    static const struct {
        const char *text;
        bool ok;
        double value;
    } cases[] = {
        { "", true, 0 },       { " 12 ", true, 12 },  { "1e3", true, 1000 },
        { ".5", true, 0.5 },   { "5.", true, 5 },     { "0x1F", true, 31 },
        { "0b101", true, 5 },  { "0o17", true, 15 },  { "-1", true, -1 },
        { "1x", false, 0 },    { "0x", false, 0 },    { "1e", false, 0 },
        { "nan", false, 0 },   { "inf", false, 0 },   { "-0x1", false, 0 },
        { "1 2", false, 0 },   { ".", false, 0 },     { "0b2", false, 0 },
    };
    double v;

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        v = 0;
        cr_expect_eq(js_number(bytes_str(cases[i].text), &v), cases[i].ok,
                     "%s", cases[i].text);
        cr_expect_float_eq(v, cases[i].value, 0, "%s", cases[i].text);
    }
    cr_expect(js_number(bytes_str("-Infinity"), &v) && isinf(v) && v < 0);
}
