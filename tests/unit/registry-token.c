/* What a token server's answer is worth. */
#include <criterion/criterion.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/str.h"
#include "engine/registry/token-answer.h"

#define NOW_S 1795479537 /* 2026-11-24T00:18:57Z */

static uint64_t
life_s(const char *body, bool jwt_life)
{
    auto_headers struct headers h = HEADERS_INIT;
    struct httpc_reply reply = { 200, &h, bytes_str(body) };
    struct token_answer answer = { 0 };
    struct err err = { 0 };

    clock_freeze((int64_t)NOW_S * 1000);
    cr_assert_eq(token_answer_read(&answer, &reply, jwt_life, &err), 0, "%s",
                 err.text);
    secret_free(answer.token);
    return answer.life_ms / 1000;
}

Test(token, thirty_seconds_are_kept_back_but_no_more_than_half)
{
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":300}", false), 270);
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":62}", false), 32);
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":40}", false), 20);
    cr_expect_eq(life_s("{\"token\":\"t\"}", false), 30);
}

Test(token, time_that_has_passed_since_its_issue_is_gone)
{
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":"
                        "\"2026-11-24T00:17:57Z\"}", false), 210);
}

Test(token, a_clock_that_differs_makes_no_token_dead_or_immortal)
{
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":"
                        "\"2020-01-01T00:00:00Z\"}", false), 270);
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":300,\"issued_at\":"
                        "\"2099-01-01T00:00:00Z\"}", false), 270);
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":999999999}", false),
                 24 * 60 * 60 - 30);
    cr_expect_eq(life_s("{\"token\":\"t\",\"expires_in\":-5}", false), 30);
}

/* A JWT with this payload; header and signature are not looked at. */
static char *
jwt(const char *claims)
{
    auto_buf struct buf b = BUF_INIT(4096);

    base64_encode(bytes_str(claims), &b);
    return xasprintf("eyJhbGciOiJSUzI1NiJ9.%s.c2ln", buf_cstr(&b));
}

Test(token, the_exp_of_a_jwt_counts_where_the_type_says_so)
{
    auto_free char *claims = xasprintf("{\"exp\":%d}", NOW_S + 4500);
    auto_free char *token = jwt(claims);
    auto_free char *body = xasprintf("{\"access_token\":\"%s\"}", token);

    cr_expect_eq(life_s(body, true), 4470);
    cr_expect_eq(life_s(body, false), 30);
    cr_expect_eq(life_s("{\"access_token\":\"opaque\"}", true), 30);
}

Test(token, what_is_no_jwt_has_no_exp)
{
    static const char *const texts[] = { "", "a", "a.b", "a.!!.c", "..",
                                         "a.e30.c" };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        cr_expect_eq(token_jwt_exp_s(texts[i]), 0, "%s", texts[i]);
}

Test(token, scopes_are_a_set)
{
    static const char *const pairs[][2] = {
        { "b a", "a b" }, { "a a  b", "a b" }, { "", "" }, { " x ", "x" },
    };

    for (size_t i = 0; i < N_ELEMENTS(pairs); i++) {
        auto_free char *got = token_sort_scopes(pairs[i][0]);

        cr_expect_str_eq(got, pairs[i][1]);
    }
}
