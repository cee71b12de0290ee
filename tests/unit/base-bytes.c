#include <criterion/criterion.h>

#include "base/auto.h"
#include "base/bytes.h"

static struct bytes
b(const char *s)
{
    return bytes_str(s);
}

Test(bytes, comparing_is_by_byte_and_a_prefix_sorts_first)
{
    cr_expect_eq(bytes_cmp(b("a"), b("ab")), -1);
    cr_expect_eq(bytes_cmp(b("b"), b("ab")), 1);
    cr_expect_eq(bytes_cmp(b("\xff"), b("a")), 1);
    cr_expect_eq(bytes_cmp(BYTES_NONE, b("")), 0);
    cr_expect(bytes_equal(BYTES_NONE, b("")));
    cr_expect(bytes_is(b("x"), "x"));
    cr_expect_not(bytes_is(bytes_of("x\0", 2), "x"));
    cr_expect(bytes_starts(b("abc"), "ab") && bytes_ends(b("abc"), "bc"));
    cr_expect_not(bytes_starts(b("a"), "ab") || bytes_ends(b("b"), "ab"));
}

Test(bytes, searching_gives_the_end_when_there_is_nothing)
{
    cr_expect_eq(bytes_find(b("a:b"), ':'), 1);
    cr_expect_eq(bytes_find(b("ab"), ':'), 2);
    cr_expect_eq(bytes_find(BYTES_NONE, ':'), 0);
    cr_expect_eq(bytes_find_str(b("xabab"), "ab"), 1);
    cr_expect_eq(bytes_find_str(b("xa"), "ab"), 2);
}

Test(bytes, cutting_never_passes_the_end)
{
    cr_expect(bytes_is(bytes_from(b("abc"), 1), "bc"));
    cr_expect_eq(bytes_from(b("abc"), 9).n, 0);
    cr_expect(bytes_is(bytes_to(b("abc"), 9), "abc"));
    cr_expect(bytes_is(bytes_trim(b(" \t\r\n\f\va b ")), "a b"));
    cr_expect_eq(bytes_trim(b(" ")).n, 0);
}

Test(bytes, pieces_are_split_as_the_header_says)
{
    struct bytes rest = b("a,,b,"), piece;

    cr_expect(bytes_next(&rest, ',', &piece) && bytes_is(piece, "a"));
    cr_expect(bytes_next(&rest, ',', &piece) && bytes_is(piece, ""));
    cr_expect(bytes_next(&rest, ',', &piece) && bytes_is(piece, "b"));
    cr_expect_not(bytes_next(&rest, ',', &piece));
    rest = b("");
    cr_expect_not(bytes_next(&rest, ',', &piece));
}

Test(bytes, sums_that_overflow_are_told)
{
    size_t n;

    cr_expect(size_add(SIZE_MAX - 1, 1, &n));
    cr_expect_eq(n, SIZE_MAX);
    cr_expect_not(size_add(SIZE_MAX, 1, &n));
    cr_expect_not(size_mul(SIZE_MAX / 2, 3, &n));
}
