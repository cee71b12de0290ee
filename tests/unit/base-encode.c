#include <criterion/criterion.h>
#include <string.h>

#include "base/str.h"

static char *
b64(const char *s)
{
    struct buf out = BUF_INIT(100);

    cr_assert_eq(base64_encode(bytes_str(s), &out), 0);
    return buf_steal(&out);
}

static void
expect_decoded(const char *text, const char *want)
{
    auto_buf struct buf out = BUF_INIT(100);
    int rc = base64_decode(bytes_str(text), &out);

    cr_expect_eq(rc, want != NULL ? 0 : -1, "%s", text);
    if (want != NULL)
        cr_expect_str_eq(buf_cstr(&out), want, "%s", text);
}

/* RFC 4648 section 10. */
Test(encode, base64_is_the_standards)
{
    static const char *const pairs[][2] = {
        { "", "" },         { "f", "Zg==" },         { "fo", "Zm8=" },
        { "foo", "Zm9v" },  { "foob", "Zm9vYg==" },  { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
    };

    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        auto_free char *got = b64(pairs[i][0]);

        cr_expect_str_eq(got, pairs[i][1]);
        expect_decoded(pairs[i][1], pairs[i][0]);
    }
}

Test(encode, base64_is_read_leniently_but_not_blindly)
{
    expect_decoded("Zm9v\nYg", "foob");
    expect_decoded("Pz8_Pj4-", "??\x3f>>>");
    expect_decoded("Pz8/Pj4+\n", "??\x3f>>>");
    expect_decoded("Zm9vY", NULL);
    expect_decoded("Zm9v*", NULL);
    expect_decoded("Zg==Zg==", NULL);
}

Test(encode, ceilings_hold_for_encoders_too)
{
    struct buf small = BUF_INIT(3);

    cr_expect_eq(base64_encode(bytes_str("abc"), &small), -1);
    cr_expect_eq(base64_decode(bytes_str("YWJjZA=="), &small), -1);
    cr_expect_eq(percent_encode("/////", NULL, &small), -1);
    cr_expect_eq(utf8_add_lossy(&small, bytes_str("\xff\xff")), -1);
    buf_clear(&small);
}

Test(encode, hex_goes_both_ways)
{
    uint8_t raw[2];
    char text[5];

    hex_encode("\x0a\xff", 2, text);
    cr_expect_str_eq(text, "0aff");
    cr_expect_eq(hex_decode(bytes_str("0AfF"), raw), 0);
    cr_expect_eq(memcmp(raw, "\x0a\xff", 2), 0);
    cr_expect_eq(hex_decode(bytes_str("0a0"), raw), -1);
    cr_expect_eq(hex_decode(bytes_str("0x"), raw), -1);
}

Test(encode, percent_escapes_are_decoded_once)
{
    auto_buf struct buf out = BUF_INIT(100);

    percent_encode("a/b ~\xc3\xa4", "/", &out);
    cr_expect_str_eq(buf_cstr(&out), "a/b%20~%C3%A4");
    buf_reset(&out);
    cr_expect_eq(percent_decode(bytes_str("%2541%2f"), &out), 0);
    cr_expect_str_eq(buf_cstr(&out), "%41/");
    cr_expect_eq(percent_decode(bytes_str("%4"), &out), -1);
    cr_expect_eq(percent_decode(bytes_str("%zz"), &out), -1);
    cr_expect_eq(percent_decode(bytes_str("%00"), &out), -1);
}

/* WHATWG: each maximal part of an ill-formed sequence becomes one U+FFFD;
 * the table is Unicode's 3-8 and 3-9 (chapter 3, D93b). */
Test(encode, characters_become_one_to_four_bytes)
{
    static const struct {
        uint32_t c;
        const char *utf8;
    } cases[] = {
        { 0x7f, "\x7f" },          { 0x80, "\xc2\x80" },
        { 0x7ff, "\xdf\xbf" },     { 0x800, "\xe0\xa0\x80" },
        { 0xffff, "\xef\xbf\xbf" }, { 0x10000, "\xf0\x90\x80\x80" },
        { 0x10ffff, "\xf4\x8f\xbf\xbf" },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_buf struct buf got = BUF_INIT(4);

        cr_expect_eq(utf8_add(&got, cases[i].c), 0);
        cr_expect_str_eq(buf_cstr(&got), cases[i].utf8, "%x", cases[i].c);
    }
}

Test(encode, latin_1_becomes_utf8)
{
    auto_buf struct buf got = BUF_INIT(16);

    cr_expect_eq(utf8_add_latin1(&got, bytes_str("a\xe9\xff")), 0);
    cr_expect_str_eq(buf_cstr(&got), "a\xc3\xa9\xc3\xbf");
    got.limit = got.n + 1;
    cr_expect_eq(utf8_add_latin1(&got, bytes_str("\xe9")), -1);
}

Test(encode, invalid_utf8_is_replaced_part_by_part)
{
    static const char *const pairs[][2] = {
        { "a\xc3\xa4", "a\xc3\xa4" },
        { "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82" "A", "########A" },
        { "\xed\xa0\x80\xed\xbf\xbf\xed\xaf" "A", "########A" },
        { "\xf4\x91\x92\x93\xff" "A\x80\xbf" "B", "#####A##B" },
        { "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf" "A", "####A" },
        { "\xf0\x9f\x98", "#" },
    };

    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        auto_buf struct buf got = BUF_INIT(200), want = BUF_INIT(200);

        utf8_add_lossy(&got, bytes_str(pairs[i][0]));
        for (const char *p = pairs[i][1]; *p != '\0'; p++) {
            if (*p == '#')
                buf_add_str(&want, "\xef\xbf\xbd");
            else
                buf_add_char(&want, *p);
        }
        cr_expect(bytes_equal(buf_bytes(&got), buf_bytes(&want)), "%zu", i);
        cr_expect_eq(utf8_valid(bytes_str(pairs[i][0])), i == 0);
    }
}

Test(encode, text_that_is_valid_is_mended_without_a_copy)
{
    auto_buf struct buf room = BUF_INIT(200);
    struct bytes good = bytes_str("a\xc3\xa4");

    cr_expect_eq(utf8_mended(good, &room).p, good.p);
    cr_expect_eq(room.n, 0);
    cr_expect(bytes_is(utf8_mended(bytes_str("a\xff"), &room),
                       "a\xef\xbf\xbd"));
}

Test(encode, utf16_units_are_counted_and_never_cut_in_two)
{
    struct bytes s = bytes_str("a\xc3\xa4\xf0\x9f\x98\x80z");

    cr_expect_eq(utf16_length(s), 5);
    cr_expect_eq(utf16_prefix(s, 2), 3);
    cr_expect_eq(utf16_prefix(s, 3), 3);
    cr_expect_eq(utf16_prefix(s, 4), 7);
    cr_expect_eq(utf16_prefix(s, 99), 8);
}
