#include <criterion/criterion.h>
#include <string.h>

#include "base/str.h"

static uint64_t
size(const char *s)
{
    uint64_t n;

    return size_parse(s, &n) == 0 ? n : UINT64_MAX;
}

static uint64_t
duration(const char *s)
{
    uint64_t n;

    return duration_parse(s, &n) == 0 ? n : UINT64_MAX;
}

Test(units, sizes)
{
    cr_expect_eq(size("0"), 0);
    cr_expect_eq(size("2147483648"), 2147483648u);
    cr_expect_eq(size("4GiB"), 4294967296u);
    cr_expect_eq(size("512 MiB"), 536870912);
    cr_expect_eq(size("1.5k"), 1536);
    cr_expect_eq(size("1kB"), 1000);
    cr_expect_eq(size("7b"), 7);
}

Test(units, durations)
{
    cr_expect_eq(duration("1500"), 1500);
    cr_expect_eq(duration("250ms"), 250);
    cr_expect_eq(duration("30s"), 30000);
    cr_expect_eq(duration("5m"), 300000);
    cr_expect_eq(duration("1.5h"), 5400000);
    cr_expect_eq(duration("2d"), 172800000);
}

Test(units, nonsense_is_refused)
{
    static const char *const bad[] = { "",     "-1",  "+1",  "k",   "1e3",
                                       "0x10", "1kk", " 1",  "1.2.3", "inf",
                                       "nan",  "99999999999t", "1,5k" };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        cr_expect_eq(size(bad[i]), UINT64_MAX, "%s", bad[i]);
        cr_expect_eq(duration(bad[i]), UINT64_MAX, "%s", bad[i]);
    }
    cr_expect_eq(size(NULL), UINT64_MAX);
    cr_expect_eq(size("5s"), UINT64_MAX);
    cr_expect_eq(duration("5GiB"), UINT64_MAX);
}

Test(units, sizes_are_shown_for_people)
{
    char text[24];

    size_format(0, text);
    cr_expect_str_eq(text, "0 B");
    size_format(1023, text);
    cr_expect_str_eq(text, "1023 B");
    size_format(389231411, text);
    cr_expect_str_eq(text, "371.2 MiB");
    size_format(UINT64_MAX, text);
    cr_expect_not_null(strstr(text, "TiB"));
}

Test(units, numbers_are_digits_only)
{
    uint64_t v;

    cr_expect(str_to_u64("18446744073709551615", &v));
    cr_expect_eq(v, UINT64_MAX);
    cr_expect_not(str_to_u64("18446744073709551616", &v));
    cr_expect_not(str_to_u64("", &v));
    cr_expect_not(str_to_u64("-1", &v));
    cr_expect_not(str_to_u64("1 ", &v));
    cr_expect_not(str_to_u64("0x1", &v));
}

Test(units, uuids_are_random_and_of_version_4)
{
    char a[UUID_LEN + 1], b[UUID_LEN + 1];

    uuid_new(a);
    uuid_new(b);
    cr_expect_str_neq(a, b);
    cr_expect(uuid_valid(a));
    cr_expect_eq(a[14], '4');
    cr_expect(uuid_valid("123E4567-E89B-12D3-A456-426614174000"));
    cr_expect_not(uuid_valid("00000000-0000-0000-0000-000000000000"));
    cr_expect_not(uuid_valid("123e4567-e89b-62d3-a456-426614174000"));
    cr_expect_not(uuid_valid("123e4567e89b12d3a456426614174000"));
    cr_expect_not(uuid_valid("123e4567-e89b-12d3-a456-42661417400g"));
    cr_expect_not(uuid_valid(NULL));
}

Test(units, text_helpers_take_what_is_not_there)
{
    char mixed[] = "AbC-\xc3\x84";

    cr_expect(str_eq(NULL, NULL) && !str_eq(NULL, "") && str_eq("a", "a"));
    cr_expect(str_ieq("Ab", "aB") && !str_ieq("a", NULL));
    cr_expect(str_is_empty(NULL) && str_is_empty("") && !str_is_empty(" "));
    cr_expect(str_is_true("Yes") && str_is_true("1") && !str_is_true("y") &&
              !str_is_true(NULL));
    cr_expect(str_ends("a.tar", ".tar") && !str_ends("tar", ".tar"));
    cr_expect_str_eq(str_lower(mixed), "abc-\xc3\x84");
    cr_expect_null(xstrdup(NULL));
}
