/* Error bodies, as captured and as vendors write them. */
#include <criterion/criterion.h>

#include "base/auto.h"
#include "base/clock.h"
#include "engine/registry/error-body.h"

static struct err
error_of(enum reg_asked asked, int status, const char *body)
{
    auto_headers struct headers h = HEADERS_INIT;
    struct httpc_reply reply = { status, &h, bytes_str(body) };
    struct err err = { 0 };

    cr_assert_eq(reg_error_reply(&err, asked, &reply), -1);
    cr_expect_eq(err.peer_status, status);
    return err;
}

static void
expect(enum reg_asked asked, int status, const char *body, enum err_kind kind,
       const char *code)
{
    struct err err = error_of(asked, status, body);

    cr_expect_eq(err.kind, kind, "%d %s: kind %s", status, body,
                 err_kind_name(err.kind));
    cr_expect_str_eq(err_code(&err), code, "%d %s", status, body);
}

#define BODY(code) "{\"errors\":[{\"code\":\"" code "\",\"message\":\"m\"}]}"

Test(registry_error, the_registrys_code_says_what_is_unknown)
{
    expect(REG_ASKED_TAGS, 404, BODY("NAME_UNKNOWN"), ERR_ABSENT,
           "REPOSITORY_UNKNOWN");
    expect(REG_ASKED_MANIFEST, 404, BODY("NAME_UNKNOWN"), ERR_ABSENT,
           "REPOSITORY_UNKNOWN");
    expect(REG_ASKED_MANIFEST, 404, BODY("MANIFEST_UNKNOWN"), ERR_ABSENT,
           "IMAGE_UNKNOWN");
    expect(REG_ASKED_BLOB, 404, BODY("BLOB_UNKNOWN"), ERR_ABSENT,
           "IMAGE_UNKNOWN");
}

Test(registry_error, the_registrys_own_code_is_kept)
{
    cr_expect_str_eq(error_of(REG_ASKED_TAGS, 401, BODY("UNAUTHORIZED")).peer_code,
                     "UNAUTHORIZED");
    cr_expect_str_eq(error_of(REG_ASKED_TAGS, 404, "not found").peer_code, "");
    cr_expect_str_eq(error_of(REG_ASKED_TAGS, 400, BODY("two words")).peer_code, "");
    cr_expect_str_eq(error_of(REG_ASKED_TAGS, 400,
                              BODY("0123456789012345678901234567890123456789")).peer_code,
                     "");
}

Test(registry_error, without_a_code_a_404_means_what_we_asked_for)
{
    static const char text[] = "404 page not found\n";

    expect(REG_ASKED_TAGS, 404, text, ERR_ABSENT, "REPOSITORY_UNKNOWN");
    expect(REG_ASKED_MANIFEST, 404, text, ERR_ABSENT, "IMAGE_UNKNOWN");
    expect(REG_ASKED_PING, 404, text, ERR_NET, "REGISTRY_ERROR");
    expect(REG_ASKED_TOKEN, 404, text, ERR_NET, "REGISTRY_ERROR");
}

Test(registry_error, statuses_have_their_codes)
{
    expect(REG_ASKED_TAGS, 401, BODY("UNAUTHORIZED"), ERR_AUTH,
           "REGISTRY_UNAUTHORIZED");
    expect(REG_ASKED_TAGS, 403, BODY("DENIED"), ERR_DENIED, "REGISTRY_DENIED");
    expect(REG_ASKED_TAGS, 429, "", ERR_RATE, "REGISTRY_RATE_LIMITED");
    expect(REG_ASKED_TAGS, 500, "", ERR_NET, "REGISTRY_ERROR");
    expect(REG_ASKED_TAGS, 503, "<html>", ERR_NET, "REGISTRY_ERROR");
    expect(REG_ASKED_TAGS, 405, "Method not allowed\n", ERR_NET,
           "REGISTRY_ERROR");
}

Test(registry_error, a_spent_quota_is_a_rate_limit_whatever_the_status)
{
    expect(REG_ASKED_MANIFEST, 403,
           "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"Quota exceeded for "
           "quota metric\"}]}",
           ERR_RATE, "REGISTRY_RATE_LIMITED");
    expect(REG_ASKED_MANIFEST, 400, BODY("TOOMANYREQUESTS"), ERR_RATE,
           "REGISTRY_RATE_LIMITED");
}

static void
expect_message(const char *body, const char *want)
{
    auto_free char *got = reg_error_message(bytes_str(body));

    cr_expect_str_eq(got, want, "%s", body);
}

Test(registry_error, the_message_is_found_in_any_body)
{
    expect_message("{\"errors\":[{\"code\":\"C\",\"message\":\"text\"}]}",
                   "text");
    expect_message("{\"errors\":[{\"code\":\"C\"}]}", "C");
    expect_message("{\"errors\":[]}", "{\"errors\":[]}");
    expect_message("{\"error\":\"Invalid bearer token format\"}",
                   "Invalid bearer token format");
    expect_message("{\"id\":\"unauthorized\",\"message\":\"no\"}", "no");
    expect_message("  404 page not found\n", "404 page not found");
    expect_message("<html><body>long page</body></html>", "");
    expect_message("", "");
}

Test(registry_error, a_message_is_one_short_line)
{
    char body[2000];
    auto_free char *got = NULL;

    memset(body, 'x', sizeof(body));
    body[10] = '\n';
    got = reg_error_message(bytes_of(body, sizeof(body)));
    cr_expect_eq(strlen(got), 300);
    cr_expect_eq(got[10], ' ');
}

static int64_t
retry_after(const char *name, const char *value)
{
    auto_headers struct headers h = HEADERS_INIT;

    headers_add(&h, name, value);
    return reg_retry_after_s(&h);
}

Test(registry_error, retry_after_is_seconds_or_a_date)
{
    clock_freeze(1795507850000); /* Tue, 24 Nov 2026 08:10:50 GMT */
    cr_expect_eq(retry_after("Retry-After", "17"), 17);
    cr_expect_eq(retry_after("retry-after", "Tue, 24 Nov 2026 08:11:20 GMT"),
                 30);
    cr_expect_eq(retry_after("Retry-After", "Tue, 24 Nov 2026 08:00:00 GMT"),
                 0);
    cr_expect_eq(retry_after("X-Retry-After", "1795507855"), 5);
    cr_expect_eq(retry_after("Retry-After", "soon"), 0);
    cr_expect_eq(retry_after("Retry-After", "99999999999999999999"), 0);
}

Test(registry_error, codes_of_the_wire_become_codes_of_the_agent)
{
    struct err err = { .kind = ERR_NET, .code = "ECONNREFUSED" };

    reg_error_transport(&err);
    cr_expect_str_eq(err_code(&err), "REGISTRY_UNREACHABLE");
    err = (struct err){ .kind = ERR_TIMEOUT, .code = "ETIMEDOUT" };
    reg_error_transport(&err);
    cr_expect_str_eq(err_code(&err), "REGISTRY_TIMEOUT");
    err = (struct err){ .kind = ERR_TLS };
    reg_error_transport(&err);
    cr_expect_str_eq(err_code(&err), "REGISTRY_TLS");
}
