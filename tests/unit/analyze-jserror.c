#include <criterion/criterion.h>

#include "base/buf.h"
#include "worker/analyze/jserror.h"

/* What node 20.20.2 says of each of these. */
static const struct {
    const char *text, *want;
} said[] = {
    { "{\"a\":1 \"b\"}",
      "Expected ',' or '}' after property value in JSON at position 7" },
    { "{\"a\" 1}", "Expected ':' after property name in JSON at position 5" },
    { "{\"a\":1,\"b\" 1}", "Unexpected number in JSON at position 11" },
    { "[1 2]", "Expected ',' or ']' after array element in JSON at position 3" },
    { "\"abc", "Unterminated string in JSON at position 4" },
    { "\"a\001\"",
      "Bad control character in string literal in JSON at position 2" },
    { "\"\\x\"", "Bad escaped character in JSON at position 2" },
    { "\"\\u12g4\"", "Bad Unicode escape in JSON at position 5" },
    { "-", "No number after minus sign in JSON at position 1" },
    { "1.", "Unterminated fractional number in JSON at position 2" },
    { "1e+", "Exponent part is missing a number in JSON at position 3" },
    { "01", "Unexpected number in JSON at position 1" },
    { "{} x", "Unexpected non-whitespace character after JSON at position 3" },
    { "tru", "Unexpected end of JSON input" },
    { "\"\\", "Unexpected end of JSON input" },
    { "", "Unexpected end of JSON input" },
    { "trux", "Unexpected token 'x', \"trux\" is not valid JSON" },
    { "undefined", "\"undefined\" is not valid JSON" },
    { "{,}", "Expected property name or '}' in JSON at position 1" },
    { "{\"a\":1,}", "Expected double-quoted property name in JSON at position 7" },
    { "[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON" },
    { "xxxxxxxxxxxxxxxxxxxxxxxxx",
      "Unexpected token 'x', \"xxxxxxxxxx\"... is not valid JSON" },
    { "[1,2,3,4,5,6,7,8,9,x]",
      "Unexpected token 'x', ...\"5,6,7,8,9,x]\" is not valid JSON" },
    { "[1,2,3,4,5,6,7,x,8,9,10,11,12,13,14,15,16,1]",
      "Unexpected token 'x', ...\"3,4,5,6,7,x,8,9,10,1\"... is not valid JSON" },
    { "[\"\xf0\x9f\x98\x80\",x]",
      "Unexpected token 'x', \"[\"\xf0\x9f\x98\x80\",x]\" is not valid JSON" },
    { "\"\xf0\x9f\x98\x80", "Unterminated string in JSON at position 3" },
};

Test(jserror, the_sentence_is_the_one_of_node_20)
{
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
        auto_buf struct buf out = BUF_INIT(1 << 20);

        js_error(bytes_str(said[i].text), &out);
        cr_expect_str_eq(buf_cstr(&out), said[i].want);
    }
}

Test(jserror, of_text_without_fault_nothing_is_said)
{
    auto_buf struct buf out = BUF_INIT(1 << 20);

    js_error(bytes_str(" {\"a\":[1,-0.5e+3,true,false,null,\"\\u00e9\",{},[]]} "),
             &out);
    cr_expect_eq(out.n, 0);
}

Test(jserror, depth_costs_no_stack)
{
    auto_buf struct buf text = BUF_INIT(8 << 20), out = BUF_INIT(1 << 20);

    for (int i = 0; i < 1000000; i++)
        buf_add_str(&text, "[");
    js_error(buf_bytes(&text), &out);
    cr_expect_str_eq(buf_cstr(&out), "Unexpected end of JSON input");
}
