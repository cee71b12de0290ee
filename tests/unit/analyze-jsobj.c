#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/analyze/jsobj.h"

/* "key=value key=value" of an object. */
static char *
listed(const char *text)
{
    auto_js_object struct js_object o = { 0 };
    struct buf out = BUF_INIT(1 << 20);
    struct js_value top;
    struct err err;

    cr_assert_eq(js_value_read(&top, bytes_str(text), &err), 0, "%s", err.text);
    js_object_read(&o, top);
    for (size_t i = 0; i < o.n; i++)
        buf_addf(&out, "%s%s=%.*s", i > 0 ? " " : "", o.at[i].key,
                 BYTES_FMT(o.at[i].value.text));
    return buf_steal(&out);
}

static void
expect_listed(const char *text, const char *want)
{
    auto_free char *list = listed(text);

    cr_expect_str_eq(list, want);
}

Test(jsobj, members_come_as_javascript_lists_them)
{
    expect_listed("{\"b\":1,\"10\":2,\"a\":3,\"9\":4,\"01\":5}",
                  "9=4 10=2 b=1 a=3 01=5");
}

Test(jsobj, the_last_value_counts_at_the_first_place)
{
    expect_listed("{\"a\":1,\"b\":2,\"\\u0061\":[3]}", "a=[3] b=2");
}

Test(jsobj, values_keep_all_their_text)
{
    expect_listed("{\"s\":\"x\\n\",\"o\":{\"k\":[1, 2]},\"n\":-1e3,\"t\":true,"
                  "\"z\":null}",
                  "s=\"x\\n\" o={\"k\":[1, 2]} n=-1e3 t=true z=null");
}

Test(jsobj, an_array_has_its_indexes_for_names_and_scalars_have_none)
{
    expect_listed("[\"a\",{}]", "0=\"a\" 1={}");
    expect_listed("5", "");
}

Test(jsobj, members_are_found_after_numbers_moved_to_the_front)
{
    auto_js_object struct js_object o = { 0 };
    struct js_value top;

    cr_assert_eq(js_value_read(&top, bytes_str("{\"a\":1,\"7\":2}"), NULL), 0);
    js_object_read(&o, top);
    cr_expect(bytes_is(js_get(&o, "a").text, "1"));
    cr_expect(bytes_is(js_get(&o, "7").text, "2"));
    cr_expect_eq(js_get(&o, "b").type, JR_BAD);
    cr_expect(bytes_is(js_member_of(top, "7").text, "2"));
}

Test(jsobj, truth_is_that_of_javascript)
{
    static const struct {
        const char *text;
        bool want;
    } cases[] = {
        { "\"\"", false }, { "\"0\"", true }, { "0", false },  { "-0.0", false },
        { "1e-3", true },  { "null", false }, { "[]", true },  { "{}", true },
        { "false", false }, { "true", true },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct js_value v;

        cr_assert_eq(js_value_read(&v, bytes_str(cases[i].text), NULL), 0);
        cr_expect_eq(js_truthy(v), cases[i].want, "%s", cases[i].text);
    }
}

Test(jsobj, faults_are_found_before_anything_is_built)
{
    struct js_value v;
    struct err err;

    cr_expect_eq(js_value_read(&v, bytes_str("{\"a\":[1,}"), &err), -1);
    cr_expect_eq(err.kind, ERR_INPUT);
    cr_expect_eq(js_value_read(&v, bytes_str("{} {}"), &err), -1);
}

Test(jsobj, half_a_million_values_are_enough)
{
    auto_buf struct buf text = BUF_INIT(8 << 20);
    struct js_value v;
    struct err err;

    buf_add_char(&text, '[');
    for (int i = 1; i < JS_MAX_VALUES; i++)
        buf_add_str(&text, i > 1 ? ",1" : "1");
    buf_add_char(&text, ']');
    cr_expect_eq(js_value_read(&v, buf_bytes(&text), &err), 0);
    cr_expect_eq(js_count(v), JS_MAX_VALUES - 1);
    text.n--;
    buf_add_str(&text, ",1]");
    cr_expect_eq(js_value_read(&v, buf_bytes(&text), &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
}
