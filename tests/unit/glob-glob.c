#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/analyzer.h"
#include "base/str.h"
#include "worker/glob/glob.h"

/* Answers of npm's minimatch 9.0.9 (option windowsPathsNoEscape), which is
 * what callers write their patterns for. */
static const struct {
    const char *pattern, *yes[5], *no[6];
} answers[] = {
    { "**/requirements.txt",
      { "/app/requirements.txt", "/requirements.txt", NULL },
      { "/app/.x/requirements.txt", "/app/requirements.txt.bak", NULL } },
    { "/app/*.js",
      { "/app/a.js", NULL },
      { "/app/.a.js", "/app/b/a.js", "/app/.js", NULL } },
    { "/a/**",
      { "/a/b", "/a/b/c", NULL },
      { "/a", "/a/.b", "/a/b/.c", NULL } },
    { "/a/**/b",
      { "/a/b", "/a/x/b", "/a/x/y/b", NULL },
      { "/a/.x/b", "/a/xb", NULL } },
    { "**",
      { "/a", "/a/b", NULL },
      { "/.a", "/a/.b", NULL } },
    { "/**/.env",
      { "/.env", "/a/.env", "/a/b/.env", NULL },
      { NULL } },
    { "**/a/**/.env",
      { NULL },
      { "/a/.env", "/a/b/.env", NULL } },
    { "**/a/**/env",
      { "/a/env", "/x/a/y/env", NULL },
      { NULL } },
    { "**/a/b/**/c/**/d",
      { "/a/b/x/c/y/d", NULL },
      { "/x/a/b/c/d", "/a/b/c/d", NULL } },
    { "/a*b?c",
      { "/axbxc", "/abxc", "/axxbxc", NULL },
      { "/abc", NULL } },
    { "/.*",
      { "/.a", NULL },
      { "/a", NULL } },
    { "/*",
      { "/a", NULL },
      { "/.a", "/a/b", NULL } },
    { "/?",
      { "/a", NULL },
      { "/ab", "/.", NULL } },
    { "/[a-c]x",
      { "/bx", NULL },
      { "/dx", "/-x", NULL } },
    { "/[!a-c]x",
      { "/dx", NULL },
      { "/ax", "/.x", NULL } },
    { "/[^a]",
      { "/b", NULL },
      { "/a", NULL } },
    { "/[a-]",
      { "/a", "/-", NULL },
      { "/b", NULL } },
    { "/[]a]",
      { "/]", "/a", NULL },
      { "/b", NULL } },
    { "/[!]a]",
      { "/b", NULL },
      { "/]", NULL } },
    { "/[z-a]",
      { NULL },
      { "/z", "/m", NULL } },
    { "/[z-ab]",
      { "/b", NULL },
      { "/z", NULL } },
    { "/[.]x",
      { "/.x", NULL },
      { NULL } },
    { "/[.a]x",
      { "/ax", NULL },
      { "/.x", NULL } },
    { "/[",
      { "/[", NULL },
      { NULL } },
    { "/[a",
      { "/[a", NULL },
      { "/a", NULL } },
    { "/[[:digit:]_]",
      { "/5", "/_", NULL },
      { "/x", NULL } },
    { "/[[:alpha:]]",
      { "/q", NULL },
      { "/5", NULL } },
    { "/[![:space:]]",
      { "/a", NULL },
      { "/ ", NULL } },
    { "/[[:upper:]][[:lower:]]",
      { "/Ab", NULL },
      { "/ab", NULL } },
    { "/[[:xdigit:]]",
      { "/f", NULL },
      { "/g", NULL } },
    { "/[[:graph:].]a",
      { "/.a", "/xa", NULL },
      { NULL } },
    { "/[a-[:digit:]]",
      { NULL },
      { "/a", "/5", NULL } },
    { "/{a,b}",
      { "/a", "/b", NULL },
      { "/c", "/{a,b}", NULL } },
    { "/{a,b/c}",
      { "/a", "/b/c", NULL },
      { NULL } },
    { "/x{1..3}",
      { "/x1", "/x3", NULL },
      { "/x4", NULL } },
    { "/x{01..10..3}",
      { "/x04", "/x10", NULL },
      { "/x4", NULL } },
    { "/{a..c}",
      { "/b", NULL },
      { "/d", NULL } },
    { "/{c..a}",
      { "/b", NULL },
      { NULL } },
    { "/x{-1..1}",
      { "/x-1", "/x0", NULL },
      { NULL } },
    { "/{a}",
      { "/{a}", NULL },
      { "/a", NULL } },
    { "/{a},b}",
      { "/a}", "/b", NULL },
      { "/{a},b}", NULL } },
    { "/x{,y}",
      { "/x", "/xy", NULL },
      { NULL } },
    { "/x{{a,b}}",
      { "/x{a}", NULL },
      { "/xa", NULL } },
    { "/${a,b}",
      { "/${a,b}", NULL },
      { "/$a", NULL } },
    { "/{a,{b,c}}d",
      { "/ad", "/cd", "/bd", NULL },
      { NULL } },
    { "{}/a",
      { NULL },
      { "/{}/a", NULL } },
    { "/@(a|b)",
      { "/a", "/b", NULL },
      { "/ab", NULL } },
    { "/@(a|b)c",
      { "/ac", NULL },
      { "/c", NULL } },
    { "/?(a)b",
      { "/b", "/ab", NULL },
      { "/aab", NULL } },
    { "/*(a|b)c",
      { "/c", "/abbac", NULL },
      { "/xc", NULL } },
    { "/+(ab)",
      { "/ab", "/abab", NULL },
      { "/", NULL } },
    { "/+([0-9]).txt",
      { "/12.txt", NULL },
      { "/.txt", "/1a.txt", NULL } },
    { "/!(a)",
      { "/b", "/ab", NULL },
      { "/a", "/.b", NULL } },
    { "/!(a|b).js",
      { "/c.js", "/ab.js", NULL },
      { "/a.js", "/.js", NULL } },
    { "/*.!(js|ts)",
      { "/a.css", "/a.b.js", NULL },
      { "/a.js", "/a.ts", NULL } },
    { "/!(a)b",
      { "/b", "/cb", NULL },
      { "/ab", NULL } },
    { "/!(a|)",
      { "/a", "/b", NULL },
      { NULL } },
    { "/!(!(a))",
      { "/a", NULL },
      { "/b", NULL } },
    { "/!(x@(a))",
      { "/xa", "/b", NULL },
      { NULL } },
    { "/*(.a|b)",
      { "/.a", "/b.a", NULL },
      { NULL } },
    { "/+(*)",
      { "/a", NULL },
      { "/.a", NULL } },
    { "/@(.)a",
      { "/.a", NULL },
      { NULL } },
    { "/a@()",
      { "/a", NULL },
      { NULL } },
    { "/@()",
      { "/@()", NULL },
      { NULL } },
    { "/@(|a)",
      { "/a", NULL },
      { NULL } },
    { "/@(a",
      { "/@(a", NULL },
      { "/a", NULL } },
    { "/*(a",
      { "/x(a", NULL },
      { "/a", NULL } },
    { "/x+(a|+(b))",
      { "/xabab", NULL },
      { "/x", NULL } },
    { "/!(a!(b!(c!(d))))",
      { "/x)", NULL },
      { "/x", NULL } },
    { "/@([)])",
      { "/)", NULL },
      { "/a", NULL } },
    { "/[@(a)]",
      { "/a", "/@", "/(", NULL },
      { NULL } },
    { "/(a|b)",
      { "/(a|b)", NULL },
      { "/a", NULL } },
    { "/a\\b",
      { "/a/b", NULL },
      { "/a\\b", NULL } },
    { "!/a",
      { "/b", NULL },
      { "/a", NULL } },
    { "!!/a",
      { "/a", NULL },
      { "/b", NULL } },
    { "!",
      { "/a", NULL },
      { NULL } },
    { "#a",
      { NULL },
      { "/#a", NULL } },
    { "/#a",
      { "/#a", NULL },
      { NULL } },
    { "",
      { NULL },
      { "/a", NULL } },
    { "a",
      { NULL },
      { "/a", NULL } },
    { "./a",
      { NULL },
      { "/a", NULL } },
    { "/./a",
      { NULL },
      { "/a", NULL } },
    { "/b/../a",
      { "/a", NULL },
      { "/b/../a", NULL } },
    { "/a//b",
      { "/a/b", NULL },
      { NULL } },
    { "/a/",
      { NULL },
      { "/a", NULL } },
    { "/***",
      { "/abc", NULL },
      { NULL } },
    { "/**a",
      { "/xa", NULL },
      { "/b/xa", "/.a", NULL } },
    { "/?",
      { "/\xc3\xa9""", NULL },
      { NULL } },
    { "/?",
      { NULL },
      { "/\xf0\x9f\x98\x80""", NULL } },
    { "/?\?",
      { "/\xf0\x9f\x98\x80""", NULL },
      { NULL } },
    { "/\xc3\xa9""*",
      { "/\xc3\xa9""a", NULL },
      { NULL } },
    { "/[[:alpha:]]?",
      { "/a\xf0\x9f\x98\x80""", NULL },
      { NULL } },
    { "/A",
      { NULL },
      { "/a", NULL } },
};

static bool
matches(const char *pattern, const char *path)
{
    auto_globs struct globs *g = globs_new();
    struct err err = { 0 };

    cr_assert_eq(globs_add(g, pattern, &err), 0, "%s", err.text);
    return globs_match(g, bytes_str(path));
}

Test(glob, paths_match_as_they_do_for_minimatch)
{
    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        for (size_t k = 0; answers[i].yes[k] != NULL; k++)
            cr_expect(matches(answers[i].pattern, answers[i].yes[k]),
                      "%s takes %s", answers[i].pattern, answers[i].yes[k]);
        for (size_t k = 0; answers[i].no[k] != NULL; k++)
            cr_expect_not(matches(answers[i].pattern, answers[i].no[k]),
                          "%s takes no %s", answers[i].pattern,
                          answers[i].no[k]);
    }
}

Test(glob, any_pattern_of_a_set_will_do_and_none_takes_nothing)
{
    auto_globs struct globs *g = globs_new();
    struct err err;

    cr_expect_not(globs_match(g, bytes_str("/a")));
    cr_assert_eq(globs_add(g, "/a", &err), 0);
    cr_assert_eq(globs_add(g, "/b", &err), 0);
    cr_expect(globs_match(g, bytes_str("/a")));
    cr_expect(globs_match(g, bytes_str("/b")));
    cr_expect_not(globs_match(g, bytes_str("/c")));
}

Test(glob, a_byte_that_is_no_utf_8_counts_as_one_character)
{
    cr_expect(matches("/a?b", "/a\xff" "b"));
    cr_expect(matches("/a\xef\xbf\xbd" "b", "/a\xff" "b"));
    cr_expect_not(matches("/ab", "/a\xff" "b"));
}

/* These take exponential time when tried one way after the other. */
Test(glob, no_pattern_takes_long)
{
    char path[257] = "/";

    memset(path + 1, 'a', 254);
    cr_expect_not(matches("/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path));
    cr_expect_not(matches("/+(+(+(a|aa)a|a)+(a|aa))b", path));
    cr_expect_not(matches("/*(*(*(a*)*)*(a|*(a|*)))!(*a)b", path));
    for (size_t i = 2; i < 254; i += 2)
        path[i] = '/';
    cr_expect_not(matches("/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b",
                          path));
}

static void
expect_refused_as(enum err_kind kind, const char *pattern, const char *says)
{
    auto_globs struct globs *g = globs_new();
    struct err err = { 0 };

    cr_expect_eq(globs_add(g, pattern, &err), -1, "%.60s", pattern);
    cr_expect_eq(err.kind, kind);
    cr_expect_not_null(strstr(err.text, says), "%s", err.text);
    /* What a set refused does not harm what it has. */
    cr_expect_not(globs_match(g, bytes_str("/a")));
}

static void
expect_refused(const char *pattern, const char *says)
{
    expect_refused_as(ERR_LIMIT, pattern, says);
}

Test(glob, patterns_have_ceilings)
{
    char deep[GLOB_MAX_BYTES + 2] = "";

    expect_refused("{1..5000}", "1024 texts");
    expect_refused("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
                   "1024 texts");
    expect_refused("{1..999999999999999999999999}", "1024 texts");
    expect_refused("!(a)!(a)!(a)!(a)!(a)!(a)!(a)!(a)!(a)!(a)!(a)!(a)!(a)",
                   "too many");
    for (size_t i = 0; i < 200; i++)
        strcat(deep, "@(");
    expect_refused(deep, "too deep");
    memset(deep, 'a', GLOB_MAX_BYTES + 1);
    expect_refused(deep, "more than 1024 bytes");
}

/* Each group is followed by its own tail: 26 deep they would be millions. */
Test(glob, groups_in_groups_are_refused_before_they_are_made)
{
    char deep[GLOB_MAX_BYTES + 1] = "/";

    for (size_t i = 0; i < 26; i++)
        strcat(deep, "*(a");
    for (size_t i = 0; i < 26; i++)
        strcat(deep, ")");
    expect_refused(deep, "too complex");
    strcpy(deep, "/!(a)!(a)!(a)!(a)!(a)!(a)!(a)!(a)");
    memset(deep + strlen(deep), '[', 900);
    expect_refused(deep, "too complex");
}

/* It stands for a brace while a pattern is unfolded. */
Test(glob, a_control_byte_is_no_brace)
{
    expect_refused_as(ERR_INPUT, "/{a,b\x01", "0x01");
}

Test(glob, a_set_has_a_ceiling)
{
    auto_globs struct globs *g = globs_new();
    struct err err = { 0 };

    for (size_t i = 0; i < GLOBS_MAX; i++)
        cr_assert_eq(globs_add(g, "/a", &err), 0);
    cr_expect_eq(globs_add(g, "/a", &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
    cr_expect_eq(globs_count(g), GLOBS_MAX);
}

Test(glob, every_piece_of_a_pattern_is_a_pattern)
{
    static const char whole[] =
        "!/x{1..3,a}/**/@(a|!(b*)|+([[:digit:]_-]?))/[!a-z]*.js";

    for (size_t i = 0; i < sizeof(whole); i++) {
        for (size_t k = i; k < sizeof(whole); k++) {
            auto_free char *piece = xstrndup(whole + i, k - i);

            matches(piece, "/x1/b/a/_.js");
        }
    }
}
