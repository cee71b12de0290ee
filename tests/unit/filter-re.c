#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/filter/path.h"
#include "engine/filter/re.h"

static bool
test(const char *pattern, bool icase, const char *text)
{
    auto_re struct re *re = NULL;
    struct err err = { 0 };

    cr_assert_eq(re_compile(&re, pattern, icase, &err), 0, "%s", err.text);
    return re_matches(re, bytes_str(text));
}

Test(re, matches_as_javascript_does)
{
    static const struct {
        const char *re, *text;
        bool want;
    } cases[] = {
        { "b+", "abbc", true },         { "^b", "ab", false },
        { "^a.c$", "abc", true },       { "^a.c$", "a\nc", false },
        { "a|bc|d", "xbcx", true },     { "^(?:a|bc|d)$", "bc", true },
        { "^(?:a|bc|d)$", "b", false }, { "^(a|b)*$", "abba", true },
        { "^(a|b)*$", "abca", false },  { "^a{2,3}$", "aa", true },
        { "^a{2,3}$", "aaaa", false },  { "^a{2}$", "aaa", false },
        { "^a{2,}$", "aaaaa", true },   { "^(ab){1,2}c$", "ababc", true },
        { "^a{0}b$", "b", true },       { "^[a-c]+$", "abcabc", true },
        { "^[^a-c]+$", "abd", false },  { "^[\\w-]+$", "a_b-9", true },
        { "^\\d+$", "12a", false },     { "^\\S+\\s\\D$", "ab x", true },
        { "^a+?b*?$", "aab", true },    { "^\\/x\\.y$", "/x.y", true },
        { "^\\/x\\.y$", "/xay", false }, { "^$", "", true },
        { "^$", "a", false },           { "", "anything", true },
        { "^a{x$", "a{x", true },       { "^[\\]\\-]+$", "]-", true },
        { "^(?:)*$", "", true },        { "^(a*)*$", "aaab", false },
        { "^(|a)+$", "aa", true },      { "^\\x41\\u0042$", "AB", true },
        { "a$|^b", "bz", true },        { "(^a|b)c", "xbc", true },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++)
        cr_expect_eq(test(cases[i].re, false, cases[i].text), cases[i].want,
                     "/%s/ on \"%s\"", cases[i].re, cases[i].text);
}

Test(re, case_is_ignored_when_asked_also_in_classes)
{
    cr_expect(test("^liSt$", true, "LIsT"));
    cr_expect(!test("^list$", false, "LIST"));
    cr_expect(test("^[a-f]+$", true, "CaFe"));
    cr_expect(!test("^[^a]$", true, "A"));
}

Test(re, what_is_malformed_or_not_supported_is_refused)
{
    static const struct {
        const char *re;
        enum err_kind kind;
    } cases[] = {
        { "(a", ERR_INPUT },       { "a)", ERR_INPUT },
        { "[a", ERR_INPUT },       { "*a", ERR_INPUT },
        { "a**", ERR_INPUT },      { "a\\", ERR_INPUT },
        { "[z-a]", ERR_INPUT },    { "a{3,2}", ERR_INPUT },
        { "(?=a)", ERR_UNSUPPORTED }, { "(a)\\1", ERR_UNSUPPORTED },
        { "\\bword", ERR_UNSUPPORTED }, { "(?<n>a)", ERR_UNSUPPORTED },
        { "\\u20ac", ERR_UNSUPPORTED }, { "a{1,300}", ERR_LIMIT },
        { "((a{99}){99}){99}", ERR_LIMIT },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct re *re = NULL;
        struct err err = { 0 };

        cr_expect_eq(re_compile(&re, cases[i].re, false, &err), -1, "%s",
                     cases[i].re);
        cr_expect_eq(err.kind, cases[i].kind, "%s: %s", cases[i].re, err.text);
    }
}

/* A backtracking matcher needs 2^2000 steps for this one. */
Test(re, hostile_text_costs_linear_time, .timeout = 20)
{
    auto_buf struct buf text = BUF_INIT(100000);

    for (int i = 0; i < 2000; i++)
        buf_add_str(&text, "a");
    buf_add_str(&text, "!");
    cr_expect(!test("^(a+)+$", false, buf_cstr(&text)));
    cr_expect(!test("^(a|aa)+$", false, buf_cstr(&text)));
    cr_expect(!test("^(.*)(.*)(.*)(.*)(.*)x$", false, buf_cstr(&text)));
}

Test(re, deep_groups_are_refused)
{
    char deep[200] = { 0 };
    struct re *re = NULL;

    memset(deep, '(', 99);
    memset(deep + 99, ')', 99);
    cr_expect_eq(re_compile(&re, deep, false, NULL), -1);
}

static bool
path_matches(const char *pattern, const char *path)
{
    auto_buf struct buf re = BUF_INIT(4096);
    struct err err = { 0 };

    cr_assert_eq(path_to_re(pattern, &re, &err), 0, "%s", err.text);
    return test(buf_cstr(&re), true, path);
}

/* broker-protocol.md §g.1, item 4: measured at the peer. */
Test(path, patterns_match_what_the_peer_matches)
{
    static const struct {
        const char *pattern, *path;
        bool want;
    } cases[] = {
        { "/list", "/list", true },      { "/list", "/list/", true },
        { "/list", "/LIST", true },      { "/list", "/list/a", false },
        { "/list", "/list//", false },   { "/list", "/xlist", false },
        { "/list/*", "/list/", true },   { "/list/*", "/list/a/b", true },
        { "/list/*", "/list/a%2Fb", true }, { "/list/*", "/list", false },
        { "/list/*", "/list-x/a", false }, { "/*", "/", true },
        { "/*", "/any/thing", true },    { "/r/:a", "/r/x", true },
        { "/r/:a", "/r/x/y", false },    { "/r/:a", "/r/", false },
        { "/r/:a", "/r/x/", true },      { "*/info/refs*", "/info/refs", false },
        { "*/info/refs*", "/x/info/refs", true },
        { "*/info/refs*", "/a/b/info/refs/c", true },
        { "/v1.0/a+b", "/v1.0/a+b", true }, { "/v1.0/a+b", "/v1x0/a+b", false },
        { "/v1.0/a+b", "/v1.0/aab", false },
        { "list", "/list", true },       { "/", "/", true },
        { "/", "/x", false },            { "/list/", "/list", true },
        { "/a/:b?", "/a", true },        { "/a/:b?", "/a/x", true },
        { "/a/:b?", "/a/x/y", false },   { "/a/:b*", "/a/x/y", true },
        { "/a/:b*", "/a", true },        { "/a/:b+", "/a", false },
        { "/a/:b+", "/a/x/y/z", true },  { "/:x(\\d+)/c", "/12/c", true },
        { "/:x(\\d+)/c", "/1a/c", false }, { "/(a|b)/c", "/b/c", true },
        { "/(a|b)/c", "/x/c", false },   { "/f.:ext", "/f.tar", true },
        { "/f.:ext", "/f.tar.gz", false }, { "/a\\:b", "/a:b", true },
        { "/repos/:o/:r/x*", "/repos/a/b/xyz/1", true },
        { "/**", "/a/b", true },         { "/a-:b-c", "/a-x-c", true },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++)
        cr_expect_eq(path_matches(cases[i].pattern, cases[i].path),
                     cases[i].want, "%s on %s", cases[i].pattern,
                     cases[i].path);
}

Test(path, nested_parentheses_are_refused)
{
    auto_buf struct buf re = BUF_INIT(4096);
    struct err err;

    cr_expect_eq(path_to_re("/a(b(c))", &re, &err), -1);
    cr_expect_eq(err.kind, ERR_UNSUPPORTED);
}

Test(path, an_endless_pattern_meets_the_ceiling)
{
    auto_buf struct buf re = BUF_INIT(8);
    struct err err;

    cr_expect_eq(path_to_re("/a/long/pattern", &re, &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
}

static bool
glob_matches(const char *glob, const char *text)
{
    auto_buf struct buf re = BUF_INIT(4096);

    cr_assert_eq(glob_to_re(glob, &re, NULL), 0, "%s", glob);
    return test(buf_cstr(&re), false, text);
}

Test(glob, stars_stop_at_slashes_unless_doubled)
{
    static const struct {
        const char *glob, *text;
        bool want;
    } cases[] = {
        { "*.json", "a.json", true },   { "*.json", "a/b.json", false },
        { "**/*.json", "a/b.json", true }, { "**/*.json", "b.json", true },
        { "a/**", "a/b/c", true },      { "a**", "ab/c", false },
        { "?.x", "a.x", true },         { "?.x", "ab.x", false },
        { "[a-c]x", "bx", true },       { "[!a-c]x", "bx", false },
        { "{a,b}.c", "b.c", true },     { "{a,b}.c", "c.c", false },
        { ".*", ".snyk", true },        { "*", ".snyk", true },
        { "", "", true },               { "a", "", false },
        { "a.b", "axb", false },        { "A", "a", false },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++)
        cr_expect_eq(glob_matches(cases[i].glob, cases[i].text), cases[i].want,
                     "%s on \"%s\"", cases[i].glob, cases[i].text);
}

Test(glob, extended_globs_are_refused)
{
    static const char *const bad[] = { "!a", "#a", "+(a)", "{a,b", "[a" };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        auto_buf struct buf re = BUF_INIT(4096);
        struct err err = { 0 };

        cr_expect_eq(glob_to_re(bad[i], &re, &err), -1, "%s", bad[i]);
        cr_expect_eq(err.kind, ERR_UNSUPPORTED);
    }
}
