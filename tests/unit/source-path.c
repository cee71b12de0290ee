#include <criterion/criterion.h>
#include <string.h>

#include "base/auto.h"
#include "base/str.h"
#include "engine/source/member-path.h"

static void
expect_path(const char *name, const char *want)
{
    auto_free char *got = member_path(bytes_str(name));

    if (want == NULL)
        cr_expect_null(got, "%s: %s", name, got);
    else
        cr_expect_str_eq(got, want, "%s: %s", name, got);
}

Test(member_path, one_spelling_for_each_name)
{
    expect_path("a.tar", "a.tar");
    expect_path("./x/layer.tar", "x/layer.tar");
    expect_path("/x//y/", "x/y");
    expect_path("x/./y/../z", "x/z");
    expect_path("x/..", "");
    expect_path("", "");
}

Test(member_path, names_that_climb_out_are_none)
{
    char big[5000];

    expect_path("../x", NULL);
    expect_path("x/../../y", NULL);
    expect_path("/..", NULL);
    memset(big, 'a', sizeof(big));
    cr_expect_null(member_path(bytes_of(big, sizeof(big))));
    cr_expect_null(member_path(bytes_of("a\0b", 3)));
}

static void
expect_link(const char *at, const char *target, const char *want)
{
    auto_free char *got = member_link(at, bytes_str(target));

    if (want == NULL)
        cr_expect_null(got);
    else
        cr_expect_str_eq(got, want, "%s -> %s: %s", at, target, got);
}

Test(member_path, links_are_relative_to_their_folder)
{
    expect_link("x/layer.tar", "../y/layer.tar", "y/layer.tar");
    expect_link("a.tar", "b.tar", "b.tar");
    expect_link("x/a.tar", "/b.tar", "b.tar");
    expect_link("x/a.tar", "../../b.tar", NULL);
    cr_expect_str_eq(member_base("x/y"), "y");
    cr_expect_str_eq(member_base("y"), "y");
}
