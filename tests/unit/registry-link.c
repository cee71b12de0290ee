/* Link headers as registries and their vendors write them. */
#include <criterion/criterion.h>

#include "base/auto.h"
#include "engine/registry/linkhdr.h"

static void
expect(const char *value, const char *want)
{
    auto_free char *got = link_next_in(bytes_str(value));

    if (want == NULL)
        cr_expect_null(got, "%s: %s", value, got);
    else
        cr_expect(got != NULL && strcmp(got, want) == 0, "%s: %s", value, got);
}

Test(link, the_target_is_taken_as_it_is_written)
{
    expect("</v2/_catalog?last=many%2Fr3&n=4>; rel=\"next\"",
           "/v2/_catalog?last=many%2Fr3&n=4");
    expect("</v2/org/app/tags/list?next_page=gAAAAABg%3D&n=50>; rel=\"next\"",
           "/v2/org/app/tags/list?next_page=gAAAAABg%3D&n=50");
}

Test(link, next_is_found_among_others)
{
    expect("<https://api/x?page=1>; rel=\"prev\", <https://api/x?page=3>; "
           "rel=\"next\", <https://api/x?page=46>; rel=\"last\"",
           "https://api/x?page=3");
    expect("<a>; rel=\"prev next\"", "a");
    expect("<a>;title=\"x, y; rel=next\";REL=Next", "a");
    expect("<a,b;c>;rel=next", "a,b;c");
}

Test(link, a_link_without_rel_counts_when_there_is_no_better)
{
    expect("</v2/x?last=a>", "/v2/x?last=a");
    expect("<a>, <b>; rel=next", "b");
    expect("<a>; title=\"t\"", "a");
}

Test(link, other_relations_are_no_next_page)
{
    expect("<a>; rel=\"last\"", NULL);
    expect("<a>; rel=\"nextish\"", NULL);
    expect("<a>; rel", NULL);
}

Test(link, rubbish_has_no_next_page)
{
    static const char *const rubbish[] = { "", "a; rel=next", "<a; rel=next",
                                           ">,<", ",,;;", "<" };

    for (size_t i = 0; i < N_ELEMENTS(rubbish); i++)
        expect(rubbish[i], NULL);
}

Test(link, next_may_be_in_a_later_header)
{
    auto_headers struct headers h = HEADERS_INIT;
    auto_free char *next = NULL;

    headers_add(&h, "Link", "<bare>");
    headers_add(&h, "link", "<there>; rel=\"next\"");
    next = link_next(&h);
    cr_assert_str_eq(next, "there");
}
