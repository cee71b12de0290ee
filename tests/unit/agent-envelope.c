/* Callback bodies, skimming, retry rules, faults: the agent's pure parts. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "base/json/jx.h"
#include "base/str.h"
#include "role/agent/envelope.h"
#include "role/agent/fault.h"
#include "role/agent/retry.h"
#include "role/agent/skim.h"

static const struct envelope specimen = {
    .id = "0b5f",
    .context = "{\"any\":\"thing\"}",
    .image = "team/app:1.0",
    .registry = "cr.example.com",
    .manifest_digest = "sha256:aa",
    .index_digest = "sha256:bb",
};

Test(envelope, a_result_looks_as_the_contract_says)
{
    auto_buf struct buf b = { 0 };

    cr_assert_eq(envelope_result(&b, &specimen, 1,
                                 bytes_str("{\"facts\":[]}"), NULL),
                 0);
    envelope_close(&b, 3);
    cr_expect_str_eq(
        buf_cstr(&b),
        "{\"id\":\"0b5f\",\"context\":{\"any\":\"thing\"},"
        "\"image\":\"team/app:1.0\",\"registry\":\"cr.example.com\","
        "\"manifestDigest\":\"sha256:aa\",\"indexDigest\":\"sha256:bb\","
        "\"stateIdentifier\":\"sha256:aa\",\"index\":1,"
        "\"scanResult\":{\"facts\":[]},\"count\":3}");
}

Test(envelope, done_tells_success_and_failure)
{
    auto_buf struct buf ok = BUF_INIT(4096), bad = BUF_INIT(4096);
    struct envelope plain = { .id = "1", .image = "a:1" };
    struct err err;

    envelope_done(&ok, &specimen, 3, 5321, NULL);
    cr_expect_str_eq(buf_cstr(&ok),
                     "{\"id\":\"0b5f\",\"context\":{\"any\":\"thing\"},"
                     "\"image\":\"team/app:1.0\",\"status\":\"success\","
                     "\"resultsSent\":3,\"durationMs\":5321}");
    err_set_code(&err, ERR_LIMIT, "IMAGE_TOO_LARGE", "too large");
    envelope_done(&bad, &plain, 0, 7, &err);
    cr_expect_str_eq(buf_cstr(&bad),
                     "{\"id\":\"1\",\"image\":\"a:1\",\"status\":\"failure\","
                     "\"resultsSent\":0,\"durationMs\":7,\"error\":{\"code\":"
                     "\"IMAGE_TOO_LARGE\",\"message\":\"too large\","
                     "\"status\":422}}");
}

Test(envelope, what_is_no_object_is_never_spliced_in)
{
    static const char *const bad[] = { "",     "[]",          "{}{}", "{}x",
                                       "{\"a", "{\"a\":[}]}", "null" };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        auto_buf struct buf b = { 0 };

        cr_expect_eq(envelope_result(&b, &specimen, 0, bytes_str(bad[i]),
                                     NULL),
                     -1, "%s", bad[i]);
    }
}

/* A result whose facts hold about that many bytes each. */
static void
make_result(struct buf *b, size_t graph, size_t app_files, size_t files)
{
    buf_add_str(b, "{\"target\":{\"image\":\"x\"},\"facts\":[{\"type\":"
                   "\"depGraph\",\"data\":\"");
    for (size_t i = 0; i < graph; i++)
        buf_add_char(b, 'g');
    buf_add_str(b, "\"},{\"type\":\"applicationFiles\",\"data\":[1,2,\"");
    for (size_t i = 0; i < app_files; i++)
        buf_add_char(b, 'a');
    buf_add_str(b, "\"]},{\"type\":\"imageManifestFiles\",\"data\":[\"");
    for (size_t i = 0; i < files; i++)
        buf_add_char(b, 'f');
    buf_add_str(b, "\"]},{\"type\":\"pluginWarnings\",\"data\":"
                   "{\"parameterChecks\":[\"w\"]}}],\"identity\":{}}");
}

/* Its envelope, parsed; NULL and err when there is none. */
static struct jx *
sent(size_t graph, size_t app_files, size_t files, struct err *err)
{
    auto_buf struct buf result = BUF_INIT(64 << 20), body = { 0 };

    make_result(&result, graph, app_files, files);
    if (envelope_result(&body, &specimen, 0, buf_bytes(&result), err) < 0)
        return NULL;
    envelope_close(&body, 1);
    cr_expect_leq(body.n, ENVELOPE_MAX_BYTES);
    return jx_parse(buf_bytes(&body), 64 << 20, err);
}

static const struct jx *
fact(const struct jx *doc, const char *type)
{
    const struct jx *facts = jx_arr(jx_obj(doc, "scanResult"), "facts");

    for (size_t i = 0; i < jx_count(facts); i++) {
        if (str_eq(jx_str(jx_at(facts, i), "type"), type))
            return jx_get(jx_at(facts, i), "data");
    }
    return NULL;
}

#define MB (1u << 20)

Test(envelope, a_result_of_ordinary_size_is_left_alone)
{
    auto_jx struct jx *doc = sent(100, 3 * MB, 3 * MB, NULL);

    cr_expect_not_null(fact(doc, "applicationFiles"));
    cr_expect_not_null(fact(doc, "imageManifestFiles"));
}

Test(envelope, files_go_one_kind_after_the_other_with_a_warning)
{
    auto_jx struct jx *one = sent(100, 5 * MB, 5 * MB, NULL);
    auto_jx struct jx *two = sent(100, 5 * MB, 9 * MB, NULL);
    const struct jx *told;

    cr_assert_not_null(one);
    cr_assert_not_null(two);
    cr_expect_null(fact(one, "applicationFiles"));
    cr_expect_not_null(fact(one, "imageManifestFiles"));
    told = jx_obj(jx_obj(fact(one, "pluginWarnings"), "truncatedFacts"),
                  "applicationFiles");
    cr_expect_eq(jx_int(told, "countAboveLimit", 0), 3);
    cr_expect_eq(jx_count(jx_arr(fact(one, "pluginWarnings"),
                                 "parameterChecks")),
                 1, "warnings that were there stay");
    cr_expect_null(fact(two, "applicationFiles"));
    cr_expect_null(fact(two, "imageManifestFiles"));
    cr_expect_not_null(fact(two, "depGraph"));
    cr_expect_eq(jx_count(jx_obj(fact(two, "pluginWarnings"),
                                 "truncatedFacts")),
                 2);
    cr_expect(jx_has(jx_obj(two, "scanResult"), "identity"));
}

Test(envelope, a_graph_above_the_ceiling_is_an_error)
{
    struct err err = { 0 };

    cr_expect_null(sent(11 * MB, 1, 1, &err));
    cr_expect_str_eq(err.code, "RESULT_TOO_LARGE");
    cr_expect_eq(fault_status(&err), 422);
}

Test(skim, walks_members_as_they_stand)
{
    struct skim s;
    struct bytes key, value;

    cr_assert(skim_enter(
        &s, bytes_str("{ \"a\" : [1, {\"}\":2}] , \"b\\\"\":\"],}\" }")));
    cr_expect_eq(skim_member(&s, &key, &value), SKIM_ITEM);
    cr_expect(bytes_is(key, "a"));
    cr_expect(bytes_is(value, "[1, {\"}\":2}]"));
    cr_expect_eq(skim_count(value), 2);
    cr_expect_eq(skim_member(&s, &key, &value), SKIM_ITEM);
    cr_expect(bytes_is(key, "b\\\""));
    cr_expect(bytes_is(value, "\"],}\""));
    cr_expect_eq(skim_member(&s, &key, &value), SKIM_END);
}

Test(skim, every_cut_is_noticed)
{
    static const char whole[] = "{\"a\":[1,{\"b\":\"x\\\"y\"}],\"c\":null}";

    cr_expect(skim_is_object(bytes_str(whole)));
    for (size_t n = 0; n < sizeof(whole) - 1; n++)
        cr_expect_not(skim_is_object(bytes_of(whole, n)), "%zu", n);
}

Test(skim, depth_has_a_ceiling)
{
    auto_buf struct buf b = BUF_INIT(1 << 20);

    buf_add_str(&b, "{\"a\":");
    for (int i = 0; i < 100000; i++)
        buf_add_char(&b, '[');
    cr_expect_not(skim_is_object(buf_bytes(&b)));
}

Test(retry, which_answers_are_final)
{
    struct err net = { .kind = ERR_NET }, url = { .kind = ERR_INPUT };

    cr_expect_eq(retry_judge(200, NULL), RETRY_ACCEPTED);
    cr_expect_eq(retry_judge(202, NULL), RETRY_ACCEPTED);
    cr_expect_eq(retry_judge(301, NULL), RETRY_NEVER);
    cr_expect_eq(retry_judge(401, NULL), RETRY_NEVER);
    cr_expect_eq(retry_judge(408, NULL), RETRY_LATER);
    cr_expect_eq(retry_judge(413, NULL), RETRY_NEVER);
    cr_expect_eq(retry_judge(429, NULL), RETRY_LATER);
    cr_expect_eq(retry_judge(500, NULL), RETRY_LATER);
    cr_expect_eq(retry_judge(503, NULL), RETRY_LATER);
    cr_expect_eq(retry_judge(0, &net), RETRY_LATER);
    cr_expect_eq(retry_judge(0, &url), RETRY_NEVER);
}

Test(retry, waits_double_up_to_a_minute_within_the_jitter)
{
    static const uint64_t want_s[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };

    for (unsigned i = 0; i < N_ELEMENTS(want_s); i++) {
        uint64_t least = retry_delay_ms(i + 1, NULL, 0);
        uint64_t most = retry_delay_ms(i + 1, NULL, 65535);

        cr_expect_eq(least, want_s[i] * 750, "%u", i);
        cr_expect_eq(most, want_s[i] * 1250, "%u", i);
    }
    cr_expect_eq(retry_delay_ms(4000000000u, NULL, 0), 45000);
}

Test(retry, after_what_the_peer_asks_for)
{
    auto_headers struct headers h = HEADERS_INIT;

    clock_freeze(1700000000000); /* Tue, 14 Nov 2023 22:13:20 GMT */
    headers_set(&h, "Retry-After", "120");
    cr_expect_eq(retry_delay_ms(1, &h, 0), 120000);
    headers_set(&h, "Retry-After", "Tue, 14 Nov 2023 22:14:20 GMT");
    cr_expect_eq(retry_delay_ms(1, &h, 0), 60000);
    headers_set(&h, "Retry-After", "Tue, 14 Nov 2023 22:00:00 GMT");
    cr_expect_eq(retry_delay_ms(1, &h, 0), 750);
    headers_set(&h, "Retry-After", "99999999999");
    cr_expect_eq(retry_delay_ms(1, &h, 0), 3600000);
    headers_set(&h, "Retry-After", "soon");
    cr_expect_eq(retry_delay_ms(1, &h, 0), 750);
}

Test(fault, status_is_the_codes_or_the_kinds)
{
    static const struct {
        enum err_kind kind;
        const char *code;
        int status;
    } cases[] = {
        { ERR_INPUT, NULL, 400 },
        { ERR_INPUT, "METHOD_NOT_ALLOWED", 405 },
        { ERR_AUTH, "CREDENTIALS_MISSING", 401 },
        { ERR_DENIED, "REALM_REFUSED", 403 },
        { ERR_ABSENT, "IMAGE_UNKNOWN", 404 },
        { ERR_LIMIT, "BODY_TOO_LARGE", 413 },
        { ERR_LIMIT, "IMAGE_TOO_LARGE", 422 },
        { ERR_UNSUPPORTED, "PLATFORM_NOT_FOUND", 422 },
        { ERR_RATE, NULL, 429 },
        { ERR_LIMIT, "LISTING_TOO_LARGE", 502 },
        { ERR_NET, NULL, 502 },
        { ERR_BUSY, "BUSY", 503 },
        { ERR_TIMEOUT, NULL, 504 },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct err err;

        err_set_code(&err, cases[i].kind, cases[i].code, "x");
        cr_expect_eq(fault_status(&err), cases[i].status, "%zu", i);
    }
}

Test(fault, body_has_the_members_of_the_contract)
{
    auto_buf struct buf b = BUF_INIT(4096);
    struct fault_about about = { "cr.example.com", "harbor-cr", "0b5f" };
    struct err err;
    struct jw w;

    err_set_code(&err, ERR_AUTH, "REGISTRY_UNAUTHORIZED", "refused");
    err.peer_status = 401;
    strcpy(err.peer_code, "UNAUTHORIZED");
    jw_init(&w, &b);
    jw_obj(&w);
    fault_members(&w, &err, &about);
    jw_end(&w);
    cr_expect_str_eq(
        buf_cstr(&b),
        "{\"message\":\"cr.example.com: refused\",\"code\":\"REGISTRY_UNAUTHORIZED\","
        "\"error\":{\"status\":401,\"registryStatus\":401,"
        "\"registryCode\":\"UNAUTHORIZED\","
        "\"detail\":\"refused\","
        "\"registry\":\"cr.example.com\",\"type\":\"harbor-cr\","
        "\"retryAfter\":null,\"requestId\":\"0b5f\"}}");
    err_set(&err, ERR_BUSY, "full");
    cr_expect_eq(fault_retry_after_s(&err), 30);
}
