#include <criterion/criterion.h>
#include <string.h>

#include "base/oci/platform.h"

static void
expect_platform(const char *text, const char *want)
{
    struct platform p;
    struct err err;
    char got[100];

    cr_assert_eq(platform_parse(&p, text, &err), want != NULL ? 0 : -1, "%s",
                 text);
    if (want == NULL) {
        cr_expect_eq(err.kind, ERR_INPUT);
        return;
    }
    platform_format(&p, got);
    cr_expect_str_eq(got, want, "%s: %s", text, got);
}

Test(platform, every_spelling_becomes_one)
{
    expect_platform("linux/amd64", "linux/amd64");
    expect_platform("Linux/x86_64", "linux/amd64");
    expect_platform("linux/amd64/v1", "linux/amd64");
    expect_platform("linux/amd64/v3", "linux/amd64/v3");
    expect_platform("linux/aarch64", "linux/arm64");
    expect_platform("linux/arm64/v8", "linux/arm64");
    expect_platform("linux/arm64/8", "linux/arm64");
    expect_platform("linux/arm", "linux/arm/v7");
    expect_platform("linux/armhf", "linux/arm/v7");
    expect_platform("linux/arm/v6", "linux/arm/v6");
    expect_platform("linux/i386", "linux/386");
}

Test(platform, anything_else_is_refused)
{
    expect_platform("", NULL);
    expect_platform(NULL, NULL);
    expect_platform("linux", NULL);
    expect_platform("linux/", NULL);
    expect_platform("/amd64", NULL);
    expect_platform("linux/arm64/v8/x", NULL);
    expect_platform("linux/arm64/", NULL);
    expect_platform("linux/a b", NULL);
    expect_platform("linux/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL);
}

Test(platform, equality_minds_the_variant_and_likeness_does_not)
{
    struct platform v6, v7;

    platform_set(&v6, "linux", "arm", "v6");
    platform_set(&v7, "linux", "arm", NULL);
    cr_expect_not(platform_eq(&v6, &v7));
    cr_expect(platform_like(&v6, &v7));
    platform_set(&v6, "windows", "arm", NULL);
    cr_expect_not(platform_like(&v6, &v7));
}

Test(platform, members_of_any_length_are_held)
{
    struct platform p;
    char longest[500];

    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    platform_set(&p, longest, longest, longest);
    cr_expect_lt(strlen(p.os), sizeof(p.os));
    platform_set(&p, NULL, NULL, NULL);
    cr_expect_str_eq(p.os, "");
}
