/* Which answers are final, and how long to wait after the others. */
#include "role/agent/retry.h"

#include "base/clock.h"
#include "base/str.h"

#define DELAY_FIRST_MS     1000
#define DELAY_MAX_MS       60000
#define RETRY_AFTER_MAX_MS (3600 * 1000)

enum retry_verdict
retry_judge(int status, const struct err *err)
{
    if (err != NULL) /* a bad address stays bad */
        return err->kind == ERR_INPUT ? RETRY_NEVER : RETRY_LATER;
    if (status >= 200 && status < 300)
        return RETRY_ACCEPTED;
    if (status == 408 || status == 429 || status >= 500)
        return RETRY_LATER;
    return RETRY_NEVER;
}

static uint64_t
asked_ms(const struct headers *headers)
{
    const char *text =
        headers != NULL ? headers_get(headers, "retry-after") : NULL;
    uint64_t s;
    int64_t at;

    if (text == NULL)
        return 0;
    if (str_to_u64(text, &s))
        return s > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : s * 1000;
    if (!clock_parse_http(text, &at) || at <= clock_wall_ms())
        return 0;
    at -= clock_wall_ms();
    return at > RETRY_AFTER_MAX_MS ? RETRY_AFTER_MAX_MS : (uint64_t)at;
}

uint64_t
retry_delay_ms(unsigned attempts, const struct headers *headers,
               uint16_t chance)
{
    uint64_t base = attempts > 6 ? DELAY_MAX_MS
                                 : (uint64_t)DELAY_FIRST_MS
                                       << (attempts > 0 ? attempts - 1 : 0);
    uint64_t asked = asked_ms(headers), ms;

    ms = base * 3 / 4 + base * chance / 65535 / 2;
    return ms > asked ? ms : asked;
}
