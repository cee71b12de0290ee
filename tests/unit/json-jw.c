#include <criterion/criterion.h>
#include <string.h>

#include "base/json/jw.h"
#include "base/json/jx.h"
#include "base/str.h"

Test(jw, commas_and_nesting_are_kept)
{
    auto_buf struct buf out = BUF_INIT(1000);
    struct jw w;

    jw_init(&w, &out);
    jw_obj(&w);
    jw_key_str(&w, "a", "x");
    jw_key_str(&w, "null", NULL);
    jw_key_opt(&w, "absent", NULL);
    jw_key_int(&w, "n", INT64_MIN);
    jw_key_bool(&w, "t", true);
    jw_key(&w, "list");
    jw_arr(&w);
    jw_int(&w, 1);
    jw_obj(&w);
    jw_end(&w);
    jw_raw(&w, bytes_str("[2]"));
    jw_end(&w);
    jw_key(&w, "e");
    jw_arr(&w);
    jw_end(&w);
    jw_end(&w);
    cr_expect_str_eq(buf_cstr(&out),
                     "{\"a\":\"x\",\"null\":null,\"n\":-9223372036854775808,"
                     "\"t\":true,\"list\":[1,{},[2]],\"e\":[]}");
}

Test(jw, what_is_written_is_read_back)
{
    auto_buf struct buf out = BUF_INIT(10000);
    char all[256];
    struct jw w;

    for (int i = 0; i < 255; i++)
        all[i] = (char)(i < 127 ? i : ' ');
    jw_init(&w, &out);
    jw_obj(&w);
    jw_key(&w, "k\"\\\n");
    jw_bytes(&w, bytes_of(all, 127));
    jw_end(&w);

    auto_jx struct jx *doc = jx_parse(buf_bytes(&out), 10000, NULL);
    cr_assert_not_null(doc);
    struct bytes back = jx_bytes_value(jx_get(doc, "k\"\\\n"));
    cr_expect(bytes_equal(back, bytes_of(all, 127)));
}

Test(jw, invalid_utf8_is_replaced)
{
    auto_buf struct buf out = BUF_INIT(100);
    struct jw w;

    jw_init(&w, &out);
    jw_bytes(&w, bytes_of("a\xff", 2));
    cr_expect_str_eq(buf_cstr(&out), "\"a\xef\xbf\xbd\"");
}

Test(jw, what_does_not_fit_is_told_once_at_the_end)
{
    auto_buf struct buf out = BUF_INIT(10);
    struct jw w;

    jw_init(&w, &out);
    jw_arr(&w);
    for (int i = 0; i < 10; i++)
        jw_str(&w, "abc");
    jw_end(&w);
    cr_expect_eq(buf_check(&out, "x", NULL), -1);
    cr_expect_leq(out.n, 10);
}
