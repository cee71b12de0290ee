#include <criterion/criterion.h>

#include "base/clock.h"

static int64_t
parsed(const char *s)
{
    int64_t ms = -1;

    return clock_parse(s, &ms) ? ms : -1;
}

/* Seconds by date(1): date -u -d 2024-05-01T10:00:00Z +%s */
#define MAY_1 1714557600000

Test(clock, rfc_3339_is_read_in_all_its_forms)
{
    cr_expect_eq(parsed("1970-01-01T00:00:00Z"), 0);
    cr_expect_eq(parsed("2024-05-01T10:00:00Z"), MAY_1);
    cr_expect_eq(parsed("2024-05-01 10:00:00z"), MAY_1);
    cr_expect_eq(parsed("2024-05-01T10:00:00.123456789Z"), MAY_1 + 123);
    cr_expect_eq(parsed("2024-05-01T10:00:00.5Z"), MAY_1 + 500);
    cr_expect_eq(parsed("2024-05-01T12:30:00+02:30"), MAY_1);
    cr_expect_eq(parsed("2024-05-01T08:00:00.000-02:00"), MAY_1);
    cr_expect_eq(parsed("2024-02-29T00:00:00Z"), 1709164800000);
}

Test(clock, anything_else_is_no_date)
{
    static const char *const bad[] = {
        "",
        "2024-05-01",
        "2024-05-01T10:00:00",
        "2024-05-01T10:00:00.Z",
        "2024-05-01T10:00:00Zx",
        "2024-13-01T10:00:00Z",
        "2024-00-01T10:00:00Z",
        "2024-02-30T10:00:00Z",
        "2023-02-29T10:00:00Z",
        "2024-05-01T24:00:00Z",
        "2024-05-01T10:60:00Z",
        "2024-05-01T10:00:00+24:00",
        "2024-05-01T10:00:00+0200",
        "24-05-01T10:00:00Z",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        cr_expect_eq(parsed(bad[i]), -1, "%s", bad[i]);
    cr_expect_eq(parsed(NULL), -1);
}

Test(clock, http_dates_are_read)
{
    int64_t ms;

    cr_expect(clock_parse_http("Wed, 01 May 2024 10:00:00 GMT", &ms));
    cr_expect_eq(ms, MAY_1);
    cr_expect_not(clock_parse_http("Wed, 01 May 2024 10:00:00 CET", &ms));
    cr_expect_not(clock_parse_http("Wed, 01 ayJ 2024 10:00:00 GMT", &ms));
    cr_expect_not(clock_parse_http("Wed, 31 Feb 2024 10:00:00 GMT", &ms));
    cr_expect_not(clock_parse_http("120", &ms));
    cr_expect_not(clock_parse_http(NULL, &ms));
}

Test(clock, what_is_written_can_be_read)
{
    char text[32];

    clock_format(MAY_1 + 7, text);
    cr_expect_str_eq(text, "2024-05-01T10:00:00.007Z");
    cr_expect_eq(parsed(text), MAY_1 + 7);
    clock_format(-1, text);
    cr_expect_str_eq(text, "1969-12-31T23:59:59.999Z");
}

Test(clock, a_frozen_clock_moves_only_by_hand)
{
    uint64_t start;

    clock_freeze(MAY_1);
    start = clock_now_ms();
    cr_expect_eq(clock_wall_ms(), MAY_1);
    clock_advance(250);
    cr_expect_eq(clock_now_ms(), start + 250);
    cr_expect_eq(clock_wall_ms(), MAY_1 + 250);
}
