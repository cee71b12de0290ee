#include <criterion/criterion.h>

#include "base/buf.h"

Test(buf, ceiling_is_an_answer_and_nothing_is_added)
{
    struct buf b = BUF_INIT(4);
    struct err err;

    cr_expect_eq(buf_add(&b, "abc", 3), 0);
    cr_expect_eq(buf_add(&b, "de", 2), -1);
    cr_expect(bytes_is(buf_bytes(&b), "abc"));
    cr_expect_eq(buf_check(&b, "list", &err), -1);
    cr_expect_eq(err.kind, ERR_LIMIT);
    buf_clear(&b);
}

Test(buf, cstr_fits_at_the_ceiling)
{
    struct buf b = BUF_INIT(3);

    buf_add(&b, "abc", 3);
    cr_expect_str_eq(buf_cstr(&b), "abc");
    buf_clear(&b);
}

Test(buf, clearing_and_stealing_keep_the_ceiling)
{
    struct buf b = BUF_INIT(3);
    char *s;

    buf_add_str(&b, "abc");
    s = buf_steal(&b);
    cr_expect_str_eq(s, "abc");
    free(s);
    cr_expect_eq(b.n, 0);
    cr_expect_eq(buf_add_str(&b, "abcd"), -1);
    buf_clear(&b);
    cr_expect_eq(buf_add_str(&b, "abcd"), -1);
    buf_reset(&b);
    cr_expect_eq(buf_check(&b, "x", NULL), 0);
}

Test(buf, sizes_that_overflow_are_refused)
{
    struct buf b = BUF_INIT(SIZE_MAX / 2);

    buf_add_str(&b, "x");
    cr_expect_null(buf_room(&b, SIZE_MAX));
    cr_expect(b.full);
    buf_clear(&b);
}

Test(buf, eating_drops_from_the_front)
{
    struct buf b = BUF_INIT(100);

    buf_addf(&b, "%s-%d", "abc", 7);
    buf_eat(&b, 2);
    cr_expect_str_eq(buf_cstr(&b), "c-7");
    buf_eat(&b, 9);
    cr_expect_str_eq(buf_cstr(&b), "");
    buf_clear(&b);
}
