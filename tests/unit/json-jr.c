#include <criterion/criterion.h>

#include "base/json/jr.h"
#include "base/str.h"

/* What a text is made of: "{ k:s n } ." with names and scalars as written. */
static const char *
tokens(const char *text)
{
    static struct buf out = BUF_INIT(1 << 16);
    static const char *const names[] = { "bad", ".", "{", "[", "<",
                                         "s", "n", "t", "f", "null" };
    static struct jr r;

    buf_reset(&out);
    jr_init(&r, bytes_str(text), JR_MAX_DEPTH);
    do {
        jr_next(&r);
        if (r.key.p != NULL)
            buf_addf(&out, "%.*s:", BYTES_FMT(r.key));
        buf_addf(&out, "%s", names[r.token]);
        if (r.raw.n > 0)
            buf_addf(&out, "=%.*s", BYTES_FMT(r.raw));
        buf_add_char(&out, ' ');
    } while (r.token != JR_BAD && r.token != JR_END);
    return buf_cstr(&out);
}

static bool
is_good(const char *text)
{
    return !str_ends(tokens(text), "bad ");
}

Test(jr, gives_values_with_their_names)
{
    cr_expect_str_eq(tokens(" {\"a\" : [1,-2.5e3 , true],\"b\":{},\"\":null}"),
                     "{ a:[ n=1 n=-2.5e3 t < b:{ < :null < . ");
}

Test(jr, a_scalar_is_a_text_too)
{
    cr_expect_str_eq(tokens("\"x\\\"y\""), "s=x\\\"y . ");
    cr_expect_str_eq(tokens("\xef\xbb\xbf" "false "), "f . ");
}

Test(jr, refuses_what_the_grammar_does_not_have)
{
    static const char *const bad[] = {
        "", " ", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}", "[1 2]", "01", "1.", "-", "1e", "'a'", "\"a", "\"\\x\"",
        "\"\\u12g4\"", "\"\n\"", "tru", "nul", "NaN", "[]]", "{}{}", "[}",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        cr_expect(!is_good(bad[i]), "%s", bad[i]);
}

Test(jr, skip_goes_behind_a_container)
{
    struct jr r;

    jr_init(&r, bytes_str("[{\"a\":[{}]},7]"), JR_MAX_DEPTH);
    jr_next(&r);
    jr_next(&r);
    jr_skip(&r);
    cr_expect_eq(jr_next(&r), JR_NUM);
    jr_skip(&r);
    cr_expect_eq(jr_next(&r), JR_CLOSE);
}

Test(jr, levels_beyond_the_depth_are_refused)
{
    struct jr r;

    jr_init(&r, bytes_str("[[[]]]"), 3);
    while (jr_next(&r) != JR_END && r.token != JR_BAD)
        continue;
    cr_expect_eq(r.token, JR_END);
    jr_init(&r, bytes_str("[[[]]]"), 2);
    while (jr_next(&r) != JR_END && r.token != JR_BAD)
        continue;
    cr_expect_eq(r.token, JR_BAD);
}

Test(jr, ten_thousand_levels_are_read)
{
    auto_buf struct buf text = BUF_INIT(1 << 20);

    for (int i = 0; i < 10000; i++)
        buf_add_str(&text, i % 2 ? "[" : "{\"a\":");
    buf_add_str(&text, "1");
    for (int i = 10000; i-- > 0;)
        buf_add_str(&text, i % 2 ? "]" : "}");
    cr_expect(is_good(buf_cstr(&text)));
}

static void
expect_text(const char *raw, const char *want)
{
    auto_buf struct buf out = BUF_INIT(1 << 10);

    jr_text(bytes_str(raw), &out);
    cr_expect_str_eq(buf_cstr(&out), want);
}

Test(jr, texts_lose_their_escapes)
{
    expect_text("a\\n\\t\\\"\\\\\\/b", "a\n\t\"\\/b");
    expect_text("\\u00e9\\u20AC", "\xc3\xa9\xe2\x82\xac");
    expect_text("\\ud83d\\ude00!", "\xf0\x9f\x98\x80!");
    expect_text("\\ud83d\\u0041", "\xef\xbf\xbd" "A");
    expect_text("\\ude00x", "\xef\xbf\xbdx");
}

Test(jr, a_name_is_compared_without_its_escapes)
{
    cr_expect(jr_is(bytes_str("n\\u0061me"), "name"));
    cr_expect(!jr_is(bytes_str("name\\u0000"), "name"));
}
