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
