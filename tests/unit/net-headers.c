#include <criterion/criterion.h>

#include "base/str.h"
#include "engine/net/headers.h"

/* "a: 1, b: 2"; in a static buffer. */
static const char *
text(const struct headers *h)
{
    static struct buf b = BUF_INIT(4096);

    buf_reset(&b);
    for (size_t i = 0; i < h->n; i++)
        buf_addf(&b, "%s%s: %s", i > 0 ? ", " : "", h->at[i].name,
                 h->at[i].value);
    return buf_cstr(&b);
}

Test(headers, names_have_no_case_values_no_outer_blanks)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "X-Name", " \t a b ");
    cr_expect_str_eq(headers_get(&h, "x-nAME"), "a b");
    cr_expect(headers_has(&h, "X-NAME"));
    cr_expect_null(headers_get(&h, "X-Nam"));
    cr_expect_str_eq(text(&h), "X-Name: a b");
}

Test(headers, get_gives_the_first_of_a_name)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "a", "1");
    headers_add(&h, "A", "2");
    cr_expect_str_eq(headers_get(&h, "a"), "1");
}

Test(headers, set_replaces_all_at_the_place_of_the_first)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "a", "1");
    headers_add(&h, "b", "2");
    headers_add(&h, "c", "3");
    headers_add(&h, "B", "4");
    headers_setf(&h, "b", "%d", 5);
    cr_expect_str_eq(text(&h), "a: 1, b: 5, c: 3");
    headers_set(&h, "d", "6");
    cr_expect_str_eq(text(&h), "a: 1, b: 5, c: 3, d: 6");
}

Test(headers, set_and_remove_take_text_of_their_own)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "a", "1");
    headers_add(&h, "b", "2");
    headers_set(&h, h.at[0].name, h.at[0].value);
    cr_expect_str_eq(text(&h), "a: 1, b: 2");
    headers_remove(&h, h.at[0].name);
    cr_expect_str_eq(text(&h), "b: 2");
}

Test(headers, remove_takes_all_of_a_name)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "a", "1");
    headers_add(&h, "b", "2");
    headers_add(&h, "A", "3");
    headers_remove(&h, "A");
    cr_expect_str_eq(text(&h), "b: 2");
    headers_remove(&h, "absent");
    cr_expect_str_eq(text(&h), "b: 2");
}

Test(headers, a_token_is_a_whole_member_of_any_list_of_that_name)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "Connection", "keep-alive , Upgrade");
    headers_add(&h, "connection", "x-y");
    cr_expect(headers_has_token(&h, "Connection", "upgrade"));
    cr_expect(headers_has_token(&h, "Connection", "X-Y"));
    cr_expect_not(headers_has_token(&h, "Connection", "x"));
    cr_expect_not(headers_has_token(&h, "Connection", "x-y-z"));
    cr_expect_not(headers_has_token(&h, "Upgrade", "upgrade"));
}

Test(headers, hop_by_hop_goes_with_what_connection_names)
{
    static const char *const hops[] = {
        "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade",
        "Proxy-Connection",
    };
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, "Host", "h");
    for (size_t i = 0; i < N_ELEMENTS(hops); i++)
        headers_add(&h, hops[i], "x");
    headers_add(&h, "X-Secret", "1");
    headers_add(&h, "Connection", "close, x-secret");
    headers_add(&h, "X-Other", "1");
    headers_add(&h, "connection", "X-Other,,");
    headers_add(&h, "X-Kept", "1");
    headers_drop_hop_by_hop(&h);
    cr_expect_str_eq(text(&h), "Host: h, X-Kept: 1");
}

Test(headers, copy_appends_copies_of_itself_too)
{
    auto_headers struct headers a = HEADERS_INIT, b = HEADERS_INIT;

    headers_add(&a, "a", "1");
    headers_add(&b, "b", "2");
    headers_copy(&b, &a);
    headers_copy(&b, &b);
    headers_clear(&a);
    cr_expect_str_eq(text(&b), "b: 2, a: 1, b: 2, a: 1");
}

Test(headers, valid_names_are_tokens_valid_values_one_line)
{
    cr_expect(header_name_valid("x-broker-ws-response"));
    cr_expect_not(header_name_valid(""));
    cr_expect_not(header_name_valid("a b"));
    cr_expect_not(header_name_valid("a:b"));
    cr_expect_not(header_name_valid("a\r"));
    cr_expect_not(header_name_valid("\xc3\xa9"));
    cr_expect(header_value_valid("any \t text \xc3\xa9"));
    cr_expect(header_value_valid(""));
    cr_expect_not(header_value_valid("a\r\nb: c"));
    cr_expect_not(header_value_valid("a\nb"));
}
