/* The pager's rules, one page at a time. */
#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/registry/page.h"

struct rig {
    struct listing l;
    struct url base;
    struct err err;
    char *next, *before; /* where to go, and where we were told to go before */
};

#define FIRST "https://reg.test/v2/_catalog"

static void
setup(struct rig *r, const char *base, const char *prefix)
{
    listing_init(&r->l, "repositories", prefix);
    cr_assert_eq(url_parse(&r->base, base, NULL), 0);
    if (str_eq(r->base.path, "/"))
        r->base.path[0] = '\0';
}

/* Take a page; what listing_next() answers. */
static int
page(struct rig *r, const char *first, const char *url, unsigned n,
     const char *body, const char *link)
{
    auto_headers struct headers h = HEADERS_INIT;

    if (link != NULL)
        headers_add(&h, "Link", link);
    free(r->before);
    r->before = r->next;
    r->next = NULL;
    if (listing_add(&r->l, bytes_str(body), &r->err) < 0)
        return -1;
    return listing_next(&r->l, &r->base, first, url, n, &h, &r->next, &r->err);
}

static void
clear(struct rig *r)
{
    listing_clear(&r->l);
    url_clear(&r->base);
    free(r->next);
    free(r->before);
}

/* Where one page with this link leads from `base`. */
static void
expect_next(const char *base, const char *first, const char *link,
            const char *want)
{
    struct rig r = { 0 };
    int rc;

    setup(&r, base, NULL);
    rc = page(&r, first, first, 100, "{\"repositories\":[\"a\"]}", link);
    if (want == NULL) {
        cr_expect_eq(rc, -1, "%s", link);
    } else {
        cr_expect_eq(rc, 1, "%s: %s", link, r.err.text);
        cr_expect(str_eq(r.next, want), "%s: %s", link, r.next);
    }
    clear(&r);
}

Test(page, the_link_leads_on_in_any_form)
{
    expect_next("https://reg.test", FIRST,
                "</v2/_catalog?last=many%2Fr3&n=4>; rel=\"next\"",
                "https://reg.test/v2/_catalog?last=many%2Fr3&n=4");
    expect_next("https://reg.test", FIRST,
                "<https://reg.test/v2/_catalog?last=opaque%3D%3D>; rel=next",
                "https://reg.test/v2/_catalog?last=opaque%3D%3D");
    expect_next("https://reg.test", FIRST, "<?next_page=gA%3D&n=50>",
                "https://reg.test/v2/_catalog?next_page=gA%3D&n=50");
}

Test(page, a_prefix_is_kept_and_a_forgotten_one_is_put_back)
{
    static const char first[] =
        "https://reg.test/artifactory/api/docker/d/v2/_catalog";

    expect_next("https://reg.test/artifactory/api/docker/d", first,
                "</artifactory/api/docker/d/v2/_catalog?last=b&n=3>",
                "https://reg.test/artifactory/api/docker/d/v2/_catalog?"
                "last=b&n=3");
    expect_next("https://reg.test/artifactory/api/docker/d", first,
                "</v2/_catalog?last=b&n=3>; rel=next",
                "https://reg.test/artifactory/api/docker/d/v2/_catalog?"
                "last=b&n=3");
}

Test(page, a_link_to_another_origin_is_refused)
{
    expect_next("https://reg.test", FIRST, "<https://evil.test/v2/_catalog>",
                NULL);
    expect_next("https://reg.test", FIRST, "<http://reg.test/v2/_catalog?a=b>",
                NULL);
    expect_next("https://reg.test", FIRST,
                "<https://reg.test:444/v2/_catalog?a=b>", NULL);
}

Test(page, the_same_link_twice_fails_the_whole_listing)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    cr_assert_eq(page(&r, FIRST, FIRST "?n=1", 1, "{\"repositories\":[\"a\"]}",
                      "</v2/_catalog?last=a>"), 1);
    cr_expect_eq(page(&r, FIRST, r.next, 1, "{\"repositories\":[\"b\"]}",
                      "</v2/_catalog?last=a>"), -1);
    cr_expect_str_eq(err_code(&r.err), "REGISTRY_ERROR");
    clear(&r);
}

Test(page, an_empty_page_with_a_new_link_goes_on)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    cr_assert_eq(page(&r, FIRST, FIRST "?n=1", 1, "{\"repositories\":[]}",
                      "</v2/_catalog?last=a>"), 1);
    cr_expect_eq(page(&r, FIRST, r.next, 1, "{\"repositories\":[\"b\"]}", NULL),
                 0);
    cr_expect_eq(r.l.n, 1);
    clear(&r);
}

Test(page, a_full_page_without_link_is_followed_by_last)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    cr_assert_eq(page(&r, FIRST, FIRST "?n=2", 2,
                      "{\"repositories\":[\"a\",\"b/c\"]}", NULL), 1);
    cr_expect_str_eq(r.next, FIRST "?n=2&last=b%2Fc");
    /* The server ignores it and sends the same again: that was all. */
    cr_expect_eq(page(&r, FIRST, r.next, 2,
                      "{\"repositories\":[\"a\",\"b/c\"]}", NULL), 0);
    cr_expect_eq(r.l.n, 2);
    clear(&r);
}

Test(page, paging_by_last_alone_comes_to_an_end)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    cr_assert_eq(page(&r, FIRST, FIRST "?n=1", 1, "{\"repositories\":[\"a\"]}",
                      NULL), 1);
    cr_assert_eq(page(&r, FIRST, FIRST "?n=1&last=a", 1,
                      "{\"repositories\":[\"b\"]}", NULL), 1);
    cr_expect_str_eq(r.next, FIRST "?n=1&last=b");
    cr_expect_eq(page(&r, FIRST, r.next, 1, "{\"repositories\":[]}", NULL), 0);
    cr_expect_eq(r.l.n, 2);
    clear(&r);
}

Test(page, a_server_that_knows_link_is_never_asked_by_last)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    cr_assert_eq(page(&r, FIRST, FIRST "?n=1", 1, "{\"repositories\":[\"a\"]}",
                      "</v2/_catalog?last=a>"), 1);
    cr_expect_eq(page(&r, FIRST, r.next, 1, "{\"repositories\":[\"b\"]}", NULL),
                 0);
    clear(&r);
}

Test(page, names_keep_their_order_and_doubles_go)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    page(&r, FIRST, FIRST, 0, "{\"repositories\":[\"b\",\"a\",\"b\",\"c\"]}",
         NULL);
    cr_assert_eq(r.l.n, 3);
    cr_expect_str_eq(r.l.names[0], "b");
    cr_expect_str_eq(r.l.names[1], "a");
    cr_expect_str_eq(r.l.names[2], "c");
    clear(&r);
}

Test(page, a_name_prefix_filters)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", "acme/");
    page(&r, FIRST, FIRST, 0,
         "{\"repositories\":[\"acme/a\",\"other/b\",\"acmee/c\"]}", NULL);
    cr_assert_eq(r.l.n, 1);
    cr_expect_str_eq(r.l.names[0], "acme/a");
    clear(&r);
}

Test(page, null_is_an_empty_list)
{
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    cr_expect_eq(page(&r, FIRST, FIRST, 100, "{\"repositories\":null}", NULL),
                 0);
    cr_expect_eq(r.l.n, 0);
    clear(&r);
}

Test(page, what_is_no_page_is_an_error_not_an_empty_list)
{
    static const char *const bodies[] = {
        "", "<html>", "{}", "[]", "{\"tags\":[]}", "{\"repositories\":{}}",
        "{\"repositories\":[1]}", "{\"repositories\":[\"\"]}",
        "{\"repositories\":\"a\"}", "{\"repositories\":[\"a\"]",
    };

    for (size_t i = 0; i < N_ELEMENTS(bodies); i++) {
        struct rig r = { 0 };

        setup(&r, "https://reg.test", NULL);
        cr_expect_eq(page(&r, FIRST, FIRST, 100, bodies[i], NULL), -1, "%s",
                     bodies[i]);
        clear(&r);
    }
}

Test(page, more_names_than_the_ceiling_fail_the_listing)
{
    auto_buf struct buf body = BUF_INIT(8 << 20);
    struct rig r = { 0 };

    setup(&r, "https://reg.test", NULL);
    buf_add_str(&body, "{\"repositories\":[\"x\"");
    for (unsigned i = 0; i < LISTING_MAX_ITEMS; i++)
        buf_addf(&body, ",\"r%u\"", i);
    buf_add_str(&body, "]}");
    cr_expect_eq(listing_add(&r.l, buf_bytes(&body), &r.err), -1);
    cr_expect_str_eq(err_code(&r.err), "LISTING_TOO_LARGE");
    clear(&r);
}
