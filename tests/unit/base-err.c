#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"

Test(err, context_comes_in_front_and_the_kind_stays)
{
    struct err err;

    cr_expect_eq(err_set_code(&err, ERR_LIMIT, "X", "%d too many", 3), -1);
    cr_expect_eq(err_wrap(&err, "layer %s", "a"), -1);
    err_wrap(&err, "scan");
    cr_expect_str_eq(err.text, "scan: layer a: 3 too many");
    cr_expect_eq(err.kind, ERR_LIMIT);
    cr_expect_str_eq(err_code(&err), "X");
}

Test(err, what_strangers_send_stays_one_line)
{
    struct err err;

    err_set(&err, ERR_INPUT, "%s", "a\nb\x1b[31m\x7f");
    err_wrap(&err, "%s", "c\rd");
    cr_expect_null(strpbrk(err.text, "\n\r\x1b\x7f"));
}

Test(err, long_texts_are_cut)
{
    struct err err;
    char text[5000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, ERR_INPUT, "%s", text);
    cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
    err_wrap(&err, "%s", text);
    cr_expect_eq(strlen(err.text), sizeof(err.text) - 1);
}

Test(err, its_own_text_may_be_an_argument)
{
    struct err err;

    err_set(&err, ERR_INPUT, "one");
    err_set(&err, ERR_NET, "two of %s", err.text);
    cr_expect_str_eq(err.text, "two of one");
    err_wrap(&err, "(%s)", err.text);
    cr_expect_str_eq(err.text, "(two of one): two of one");
}

Test(err, setting_forgets_what_was_there)
{
    struct err err = { .peer_status = 500, .retry_after_s = 9, .code = "OLD" };

    err_set(&err, ERR_NET, "x");
    cr_expect_eq(err.peer_status, 0);
    cr_expect_eq(err.retry_after_s, 0);
    cr_expect_null(err.code);
}

Test(err, errno_values_become_kinds)
{
    struct err err;

    err_set_errno(&err, ENOENT, "open %s", "/x");
    cr_expect_eq(err.kind, ERR_ABSENT);
    cr_expect(strstr(err.text, "open /x: ") == err.text);
    err_set_errno(&err, EACCES, "x");
    cr_expect_eq(err.kind, ERR_DENIED);
    err_set_errno(&err, ECONNREFUSED, "x");
    cr_expect_eq(err.kind, ERR_NET);
    err_set_errno(&err, EFBIG, "x");
    cr_expect_eq(err.kind, ERR_LIMIT);
    err_set_errno(&err, EIO, "x");
    cr_expect_eq(err.kind, ERR_IO);
}

Test(err, nobody_needs_to_care)
{
    cr_expect_eq(err_set(NULL, ERR_INPUT, "x"), -1);
    cr_expect_eq(err_set_code(NULL, ERR_INPUT, "X", "x"), -1);
    cr_expect_eq(err_set_errno(NULL, EIO, "x"), -1);
    cr_expect_eq(err_wrap(NULL, "x"), -1);
    err_clear(NULL);
}

Test(err, every_kind_has_a_name_and_a_fate)
{
    for (int k = 0; k < ERR_KINDS; k++) {
        cr_expect_not_null(err_kind_name(k), "%d", k);
        cr_expect_not_null(err_fate(k)->code, "%d", k);
        cr_expect_geq(err_fate(k)->status, 400, "%d", k);
    }
    cr_expect_eq(err_fate(99)->status, 500);
    cr_expect_str_eq(err_kind_name(99), "internal");
}
