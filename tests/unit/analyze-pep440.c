#include <criterion/criterion.h>

#include "base/auto.h"
#include "worker/analyze/version/pep440.h"

/* Checked with Python's packaging 24.1. */
static const struct {
    const char *a, *op, *b;
} pairs[] = {
    { "1.0", "=", "1.0.0" },           { "1.0.dev1", "<", "1.0a1" },
    { "1.0a1", "<", "1.0b1" },         { "1.0rc1", "<", "1.0" },
    { "1.0c1", "=", "1.0rc1" },        { "1.0", "<", "1.0.post1" },
    { "1.0-1", "=", "1.0.post1" },     { "1.0.post1.dev2", "<", "1.0.post1" },
    { "1.0a1.dev1", "<", "1.0a1" },    { "1.0a1.post1", ">", "1.0a1" },
    { "1!0.1", ">", "2.0" },           { "1.0+local", ">", "1.0" },
    { "1.0+local.1", ">", "1.0+local.a" }, { "1.0+a.b", "=", "1.0+a-b" },
    { "1.0+1", ">", "1.0+a" },         { "1.0+abc", "<", "1.0.post1" },
    { "v1.0", "=", "1.0" },            { "1.0.alpha", "=", "1.0a0" },
    { "1.0-ALPHA2", "=", "1.0a2" },    { "1.0.preview1", "=", "1.0rc1" },
    { "1.0_rev3", "=", "1.0.post3" },  { "1.0r4", "=", "1.0.post4" },
    { "01.02", "=", "1.2" },           { "1.10", ">", "1.9" },
    { "2024.1.1", "=", "2024.01.01" }, { "1.0.dev", "=", "1.0.dev0" },
    { "1.0b2.post345.dev456", "<", "1.0b2.post345" },
    { "0.0.0.0.1", "<", "0.0.0.1" },   { "1.0.post0", ">", "1.0" },
    { "1.0a", ">", "1.0.dev9" },       { "2!1.0.dev1", ">", "1!9" },
    { "99999999999999999999999", ">", "9999999999999999999999" },
};

Test(pep440, versions_are_in_the_order_of_the_standard)
{
    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        struct bytes a = bytes_str(pairs[i].a), b = bytes_str(pairs[i].b);
        int want = *pairs[i].op == '<' ? -1 : *pairs[i].op == '>';
        int c = pep440_cmp(a, b), back = pep440_cmp(b, a);

        cr_expect_eq((c > 0) - (c < 0), want, "%s %s", pairs[i].a, pairs[i].b);
        cr_expect_eq((back > 0) - (back < 0), -want, "%s %s", pairs[i].b,
                     pairs[i].a);
    }
}

Test(pep440, what_is_no_version_is_none_and_comes_before_all)
{
    static const char *const texts[] = { "1.0-x-y", "1.0.", "french toast",
                                         "1.0+a+b", "1.0+_x", "1..0",
                                         "1.0 beta 1 2", "", "v", "1!" };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        cr_expect_not(pep440_valid(bytes_str(texts[i])), "%s", texts[i]);
        cr_expect_lt(pep440_cmp(bytes_str(texts[i]), bytes_str("0.dev0")), 0);
    }
}

/* The examples of the standard's section on specifiers. */
static const struct {
    const char *version, *constraint;
    bool holds;
} asked[] = {
    { "2.2.post3", "~=2.2", true },     { "3.0", "~=2.2", false },
    { "1.4.5.0", "~=1.4.5", true },     { "1.5", "~=1.4.5", false },
    { "2.3", "~=2.2.post3", true },     { "2.2.post2", "~=2.2.post3", false },
    { "2.2", "~=2", false },            { "1.1", "==1.1.0", true },
    { "1.1.post1", "==1.1", false },    { "1.1.post1", "==1.1.post1", true },
    { "1.1.post1", "==1.1.*", true },   { "1.1a1", "==1.1.*", true },
    { "1.10", "==1.1.*", false },       { "1.1.post1", "!=1.1", true },
    { "1.1.post1", "!=1.1.*", false },  { "1.0+local", "==1.0", true },
    { "1.0", "==1.0+local", false },    { "1.7.1", ">1.7", true },
    { "1.7.0.post1", ">1.7", false },   { "1.7.1.post1", ">1.7.post1", true },
    { "1.0a1", "<1.0", false },         { "1.0a1", "<1.0b1", true },
    { "0.9", "<1.0", true },            { "1.5", ">=1,<2", true },
    { "2.0", ">= 1, < 2", false },      { "1.0", "", true },
    { "1.0", "1.0", false },            { "x", "===X", true },
    { "x", ">=0", false },              { "1.0", ">=x", false },
};

Test(pep440, constraints_hold_as_the_standard_says)
{
    for (size_t i = 0; i < N_ELEMENTS(asked); i++)
        cr_expect_eq(pep440_satisfies(bytes_str(asked[i].version),
                                      bytes_str(asked[i].constraint)),
                     asked[i].holds, "%s %s", asked[i].version,
                     asked[i].constraint);
}
