/* Two clocks: one for durations, one for people. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct {
    bool frozen;
    uint64_t mono_ms;
    int64_t wall_ms;
} test_clock;

static int64_t
read_ms(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint64_t
clock_now_ms(void)
{
    if (test_clock.frozen)
        return test_clock.mono_ms;
    return (uint64_t)read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_wall_ms(void)
{
    if (test_clock.frozen)
        return test_clock.wall_ms;
    return read_ms(CLOCK_REALTIME);
}

void
clock_format(int64_t wall_ms, char out[32])
{
    time_t secs = (time_t)(wall_ms / 1000);
    int ms = (int)(wall_ms % 1000);
    struct tm tm;
    size_t n;

    if (ms < 0) {
        ms += 1000;
        secs--;
    }
    if (gmtime_r(&secs, &tm) == NULL)
        memset(&tm, 0, sizeof(tm));
    n = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, 32 - n, ".%03dZ", ms);
}

/* Exactly `n` digits at *s; moves it. */
static bool
digits(const char **s, int n, int *out)
{
    *out = 0;
    while (n-- > 0) {
        if (**s < '0' || **s > '9')
            return false;
        *out = *out * 10 + (*(*s)++ - '0');
    }
    return true;
}

static bool
literal(const char **s, const char *any_of)
{
    if (**s == '\0' || strchr(any_of, **s) == NULL)
        return false;
    (*s)++;
    return true;
}

static bool
fields_valid(const struct tm *tm)
{
    struct tm day = { .tm_year = tm->tm_year, .tm_mon = tm->tm_mon,
                      .tm_mday = tm->tm_mday };

    if (tm->tm_mon < 0 || tm->tm_mon > 11 || tm->tm_hour < 0 ||
        tm->tm_hour > 23 || tm->tm_min < 0 || tm->tm_min > 59 ||
        tm->tm_sec < 0 || tm->tm_sec > 60)
        return false;
    timegm(&day); /* makes 1 March of 30 February */
    return day.tm_mon == tm->tm_mon && day.tm_mday == tm->tm_mday;
}

bool
clock_parse(const char *s, int64_t *out_wall_ms)
{
    struct tm tm = { 0 };
    int year, month, oh = 0, om = 0, ms = 0, sign = 0, scale = 100, ahead_s;

    if (s == NULL || !digits(&s, 4, &year) || !literal(&s, "-") ||
        !digits(&s, 2, &month) || !literal(&s, "-") ||
        !digits(&s, 2, &tm.tm_mday) || !literal(&s, "Tt ") ||
        !digits(&s, 2, &tm.tm_hour) || !literal(&s, ":") ||
        !digits(&s, 2, &tm.tm_min) || !literal(&s, ":") ||
        !digits(&s, 2, &tm.tm_sec))
        return false;
    if (*s == '.') {
        s++;
        if (*s < '0' || *s > '9')
            return false;
        for (; *s >= '0' && *s <= '9'; s++, scale /= 10)
            ms += (*s - '0') * scale;
    }
    if (*s == 'Z' || *s == 'z') {
        s++;
    } else if (*s == '+' || *s == '-') {
        sign = *s++ == '+' ? 1 : -1;
        if (!digits(&s, 2, &oh) || !literal(&s, ":") || !digits(&s, 2, &om))
            return false;
    } else {
        return false;
    }
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    if (*s != '\0' || oh > 23 || om > 59 || !fields_valid(&tm))
        return false;
    ahead_s = sign * (oh * 3600 + om * 60);
    *out_wall_ms = ((int64_t)timegm(&tm) - ahead_s) * 1000 + ms;
    return true;
}

bool
clock_parse_http(const char *s, int64_t *out_wall_ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm = { 0 };
    char month[4];
    const char *at;
    int n = 0;

    if (s == NULL ||
        sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n",
               &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour, &tm.tm_min,
               &tm.tm_sec, &n) != 6 ||
        n == 0 || strlen(month) != 3 || (at = strstr(months, month)) == NULL ||
        (at - months) % 3 != 0)
        return false;
    tm.tm_mon = (int)(at - months) / 3;
    tm.tm_year -= 1900;
    if (!fields_valid(&tm))
        return false;
    *out_wall_ms = (int64_t)timegm(&tm) * 1000;
    return true;
}

void
clock_freeze(int64_t wall_ms)
{
    test_clock.frozen = true;
    test_clock.mono_ms = 1000;
    test_clock.wall_ms = wall_ms;
}

void
clock_advance(uint64_t ms)
{
    test_clock.mono_ms += ms;
    test_clock.wall_ms += (int64_t)ms;
}
