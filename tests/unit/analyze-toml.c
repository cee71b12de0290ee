#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/analyze/toml.h"

static void
show(const struct toml *t, const struct toml_node *n, struct buf *out)
{
    const char *open = toml_type(n) == TOML_TABLE ? "{" : "[";

    if (toml_type(n) != TOML_TABLE && toml_type(n) != TOML_ARRAY) {
        buf_add_bytes(out, toml_text(n));
        return;
    }
    buf_add_str(out, open);
    for (const struct toml_node *m = toml_first(t, n); m != NULL;
         m = toml_next(t, m)) {
        if (m != toml_first(t, n))
            buf_add_char(out, ' ');
        if (*open == '{') {
            buf_add_bytes(out, toml_key(m));
            buf_add_char(out, '=');
        }
        show(t, m, out);
    }
    buf_add_str(out, *open == '{' ? "}" : "]");
}

static void
expect_tree(const char *text, const char *want)
{
    struct err err;
    auto_toml struct toml *t = toml_parse(bytes_str(text), &err);
    auto_buf struct buf out = BUF_INIT(1 << 20);

    cr_assert_not_null(t, "%s: %s", text, err.text);
    show(t, toml_root(t), &out);
    cr_expect_str_eq(buf_cstr(&out), want);
}

static void
expect_refused(const char *text)
{
    struct err err;
    auto_toml struct toml *t = toml_parse(bytes_str(text), &err);

    cr_expect_null(t, "%s", text);
    cr_expect_eq(err.kind, ERR_INPUT);
}

Test(toml, keys_are_bare_quoted_and_dotted)
{
    expect_tree("a-b_1 = 1\n\"c d\" = 2\n'e\"f' = 3\ng . \"h.i\" = 4\n1.2 = 5",
                "{a-b_1=1 c d=2 e\"f=3 g={h.i=4} 1={2=5}}");
}

Test(toml, strings_are_of_four_kinds)
{
    expect_tree("a = \"x\\t\\u00e9\\U0001F600\\\"\"", "{a=x\t\xc3\xa9"
                                                      "\xf0\x9f\x98\x80\"}");
    expect_tree("a = 'C:\\x'", "{a=C:\\x}");
    expect_tree("a = \"\"\"\n x \\  \n\n   y\"\"\"\"", "{a= x y\"}");
    expect_tree("a = '''\r\nx''y\n'''", "{a=x''y\n}");
    expect_tree("a = \"\"\nb = ''", "{a= b=}");
}

Test(toml, numbers_and_dates_stay_as_they_are_written)
{
    expect_tree("a = [+1_000, 0xDEAD_beef, 0o17, 0b1]",
                "{a=[+1_000 0xDEAD_beef 0o17 0b1]}");
    expect_tree("a = [1.5e-3, -inf, +nan, 5E1_0]", "{a=[1.5e-3 -inf +nan 5E1_0]}");
    expect_tree("a = 1979-05-27T07:32:00.5-07:00\nb = 1979-05-27 07:32:00 # c\n"
                "c = 1979-05-27\nd = 07:32:00",
                "{a=1979-05-27T07:32:00.5-07:00 b=1979-05-27 07:32:00 "
                "c=1979-05-27 d=07:32:00}");
}

Test(toml, tables_nest_by_headers_dots_and_in_lines)
{
    expect_tree("x = 1\n[a.b]\nc = 2\n[a]\nd = {e = {}, f.g = [1, {h = 3}]}\n",
                "{x=1 a={b={c=2} d={e={} f={g=[1 {h=3}]}}}}");
    expect_tree("[[p]]\nn = 1\n[p.d]\nx = 1\n[[p]]\nn = 2\n[[p.q]]\n[[p.q]]\n",
                "{p=[{n=1 d={x=1}} {n=2 q=[{} {}]}]}");
}

Test(toml, arrays_run_over_lines_with_comments_and_a_last_comma)
{
    expect_tree("a = [ # one\n 1, # two\n\n 2,\n]\r\nb = []", "{a=[1 2] b=[]}");
}

Test(toml, what_is_no_toml_is_refused)
{
    static const char *const texts[] = {
        "a",          "a = ",       "a = 1 b = 2", "= 1",      "a b = 1",
        "a = [1 2]",  "a = [1,,2]", "a = {b}",     "a = {\n}", "a = \"x",
        "a = \"\\x\"", "a = \"\n\"", "a = \"\\ud800\"", "a = 'x\ny'",
        "a = 01",     "a = 1__0",   "a = 1_",      "a = 0X1",  "a = .5",
        "a = 5.",     "a = +0x1",   "a = True",    "a = 1979-13-01",
        "a = 24:00:00", "[a",       "[a]]",        "[]",       "[a.]",
        "[a] b = 1",  "a = \"\"\"x", "a = \"\001\"", "a = 1\r",
    };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        expect_refused(texts[i]);
}

Test(toml, nothing_is_defined_twice)
{
    static const char *const texts[] = {
        "a = 1\na = 2",           "[a]\n[a]",          "a.b = 1\na.b.c = 2",
        "a.b.c = 1\na.b = 2",     "[a.b.c]\nz = 1\n[a]\nb.c.t = 2",
        "a = []\n[[a]]",          "[a]\n[[a]]",        "[[a]]\n[a]",
        "a = {b = 1}\n[a.c]",     "a = {b = 1}\na.c = 2",
        "a = {b = {c = 1}, b.d = 2}", "a = {b = 1, b = 2}",
        "a = [{}]\n[a.b]",
    };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        expect_refused(texts[i]);
}

Test(toml, an_error_names_the_line)
{
    struct err err;

    cr_assert_null(toml_parse(bytes_str("a = 1\n\n[b]\nc = ?\n"), &err));
    cr_expect_str_eq(err.text,
                     "malformed TOML in line 4: a value of no known kind");
}

Test(toml, arrays_of_several_kinds_are_noted)
{
    static const struct {
        const char *text;
        bool mixed;
    } cases[] = {
        { "a = [1, 2]", false },         { "a = [1, 'x']", true },
        { "a = [1, 1.0]", true },        { "a = ['x', {b = 1}]", true },
        { "a = [[1], ['x']]", false },   { "a = 1\nb = 'x'", false },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        auto_toml struct toml *t = toml_parse(bytes_str(cases[i].text), NULL);

        cr_assert_not_null(t);
        cr_expect_eq(toml_is_mixed(t), cases[i].mixed, "%s", cases[i].text);
    }
}

Test(toml, depth_and_number_of_nodes_have_ceilings)
{
    auto_buf struct buf deep = BUF_INIT(8 << 20), many = BUF_INIT(8 << 20);
    auto_buf struct buf dots = BUF_INIT(8 << 20);
    struct err err;

    buf_add_str(&deep, "a = ");
    for (int i = 0; i < 1000000; i++)
        buf_add_char(&deep, '[');
    cr_expect_null(toml_parse(buf_bytes(&deep), &err));
    cr_expect_eq(err.kind, ERR_LIMIT);
    for (int i = 0; i < 1000000; i++)
        buf_add_str(&dots, "a.");
    cr_expect_null(toml_parse(buf_bytes(&dots), &err));
    cr_expect_eq(err.kind, ERR_LIMIT);
    buf_add_str(&many, "a = [");
    for (int i = 0; i < 1000000; i++)
        buf_add_str(&many, "1,");
    cr_expect_null(toml_parse(buf_bytes(&many), &err));
    cr_expect_eq(err.kind, ERR_LIMIT);
}

/* Items are compared with the first one, which may be longer than all. */
Test(toml, a_long_number_in_front_of_many_costs_linear_time)
{
    auto_buf struct buf text = BUF_INIT(8 << 20);
    auto_toml struct toml *t = NULL;

    buf_add_str(&text, "a = [");
    for (int i = 0; i < 1000000; i++)
        buf_add_char(&text, '1');
    for (int i = 0; i < 300000; i++)
        buf_add_str(&text, ",1");
    buf_add_str(&text, "]\n");
    t = toml_parse(buf_bytes(&text), NULL);
    cr_assert_not_null(t);
    cr_expect_not(toml_is_mixed(t));
}
