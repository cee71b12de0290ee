/* The agent's door: routes, credentials, checks, listings, promises. */
#include "agent-fakes.h"

TestSuite(agent, .init = stage_start, .fini = stage_end, .timeout = 60);

static const char *
login_header(void)
{
    return stage_login();
}

/* A request with the login in its Authorization header. */
static struct fake_answer *
ask(const char *method, const char *target, const char *body)
{
    const char *const headers[] = { "Authorization",   login_header(),
                                    "snyk-request-id", "req-1",
                                    NULL };

    return fake_ask(method, target, headers, body);
}

static void
expect(struct fake_answer *a, int status, const char *code)
{
    auto_jx struct jx *doc = NULL;

    cr_assert_eq(a->status, status, "%d %s", a->status, a->body);
    if (code != NULL) {
        doc = jx_parse(bytes_str(a->body), 1 << 20, NULL);
        cr_expect_str_eq(jx_str(doc, "code"), code, "%s", a->body);
        cr_expect_eq(jx_int(jx_obj(doc, "error"), "status", 0), status);
    }
    fake_forget(a);
}

Test(agent, unknown_routes_and_methods_are_told_apart)
{
    struct fake_answer *a = ask("POST", "/list", "");

    cr_expect_str_eq(a->allow, "GET");
    expect(a, 405, "METHOD_NOT_ALLOWED");
    expect(ask("GET", "/scan", NULL), 405, "METHOD_NOT_ALLOWED");
    expect(ask("GET", "/nothing", NULL), 404, "NOT_FOUND");
    expect(ask("GET", "/list-paginated/app", NULL), 404, "NOT_FOUND");
    expect(ask("GET", "/listing", NULL), 404, "NOT_FOUND");
}

Test(agent, healthcheck_counts_scans)
{
    struct fake_answer *a = fake_ask("GET", "/healthcheck", NULL, NULL);
    auto_jx struct jx *doc = NULL;

    cr_expect_eq(a->status, 0, "the store is asked first");
    stage_settle();
    cr_assert_eq(a->status, 200);
    doc = jx_parse(bytes_str(a->body), 4096, NULL);
    cr_expect(jx_bool(doc, "ok", false));
    cr_expect_str_eq(jx_str(doc, "version"), PACKAGE_VERSION);
    cr_expect_eq(jx_int(doc, "activeScans", -1), 0);
    cr_expect_eq(jx_int(doc, "queuedScans", -1), 0);
    fake_forget(a);
}

Test(agent, systemcheck_says_what_it_checked)
{
    struct fake_answer *a = ask("GET", "/systemcheck", NULL);

    cr_assert_str_eq(fake_registry_op(), "validate");
    fake_registry_done(NULL);
    cr_expect_str_eq(a->body, "{\"ok\":true,\"type\":\"harbor-cr\","
                              "\"registry\":\"cr.example.com\"}");
    cr_expect_str_eq(a->request_id, "req-1");
    cr_expect_str_eq(a->content_type, "application/json; charset=utf-8");
    expect(a, 200, NULL);
}

Test(agent, systemcheck_failure_has_ok_false)
{
    struct fake_answer *a = ask("GET", "/systemcheck", NULL);
    struct err err;

    err_set_code(&err, ERR_AUTH, "REGISTRY_UNAUTHORIZED", "refused");
    fake_registry_done(&err);
    cr_expect(str_starts(a->body, "{\"ok\":false,"), "%s", a->body);
    expect(a, 401, "REGISTRY_UNAUTHORIZED");
}

Test(agent, validate_credentials_passes_the_registrys_word_on)
{
    struct fake_answer *a = ask("GET", "/validate-credentials", NULL);
    struct err err;

    fake_registry_done(NULL);
    cr_expect_str_eq(a->body, "{\"ok\":true}");
    fake_forget(a);
    a = ask("GET", "/validate-credentials", NULL);
    err_set_code(&err, ERR_RATE, "REGISTRY_RATE_LIMITED", "slow down");
    err.retry_after_s = 17;
    fake_registry_done(&err);
    cr_expect_str_eq(a->retry_after, "17");
    expect(a, 429, "REGISTRY_RATE_LIMITED");
}

/* ---- whose credentials ------------------------------------------------- */

static void
expect_user(const char *const *headers, const char *body, const char *user)
{
    struct fake_answer *a = fake_ask("POST", "/scan", headers, body);

    stage_settle();
    cr_assert_eq(a->status, 202, "%s", a->body);
    cr_expect_str_eq(fake_username, user);
    fake_forget(a);
}

/* As JSON, which credentials_parse() takes too. */
#define LOGIN(user) \
    "{\"type\":\"harbor-cr\",\"username\":\"" user "\"," \
    "\"password\":\"p\",\"registryBase\":\"cr\"}"
#define SCAN "\"image\":\"app\",\"callbackUrl\":\"http://b/x\""

Test(agent, credentials_are_looked_for_in_order)
{
    static const char body[] = "{" SCAN ",\"credentials\":" LOGIN("body") "}";
    static const char *const all[] = { "Authorization",
                                       LOGIN("auth"),
                                       "x-cr-credentials",
                                       LOGIN("cr"),
                                       "x-registry-credentials",
                                       LOGIN("reg"),
                                       NULL };

    stage.conf.max_queued = 100;
    expect_user(all, body, "auth");
    expect_user(all + 2, body, "cr");
    expect_user(all + 4, body, "reg");
    expect_user(all + 6, body, "body");
    stage.conf.cr_type = "harbor-cr";
    stage.conf.cr_base = "cr";
    stage.conf.cr_username = "own";
    expect_user(all + 6, "{" SCAN "}", "own");
}

Test(agent, an_unreadable_document_is_passed_over)
{
    static const char *const headers[] = { "Authorization", "Digest nonsense",
                                           "x-cr-credentials", LOGIN("cr"),
                                           NULL };

    expect_user(headers, "{" SCAN "}", "cr");
}

Test(agent, a_leftover_variable_is_said_so_and_nothing_else_is_used)
{
    static const char *const headers[] = { "Authorization",
                                           "${CR_CREDENTIALS}",
                                           "x-cr-credentials", LOGIN("cr"),
                                           NULL };
    struct fake_answer *a = fake_ask("GET", "/list", headers, NULL);

    cr_expect_not_null(strstr(a->body, "no such variable"), "%s", a->body);
    expect(a, 401, "CREDENTIALS_MISSING");
}

Test(agent, no_credentials_bad_credentials_unknown_type)
{
    static const char *const bad[] = { "Authorization", "!!!", NULL };
    static const char *const unknown[] = {
        "Authorization", "{\"type\":\"nope-cr\",\"registryBase\":\"cr\"}", NULL
    };

    expect(fake_ask("GET", "/list", NULL, NULL), 401, "CREDENTIALS_MISSING");
    expect(fake_ask("GET", "/list", bad, NULL), 401, "CREDENTIALS_MALFORMED");
    expect(fake_ask("GET", "/list", unknown, NULL), 400,
           "UNKNOWN_REGISTRY_TYPE");
}

/* ---- listings ---------------------------------------------------------- */

Test(agent, list_is_an_array_in_order_without_repeats)
{
    static const char *const names[] = { "z/app", "a", "z/app" };
    struct fake_answer *a = ask("GET", "/list", NULL);

    cr_assert_str_eq(fake_registry_op(), "catalog");
    fake_registry_list(names, 3);
    cr_expect_str_eq(a->body, "[\"z/app\",\"a\"]");
    expect(a, 200, NULL);
}

Test(agent, list_as_an_object_when_asked)
{
    static const char *const names[] = { "app" };
    struct fake_answer *a = ask("GET", "/list?format=object", NULL);

    fake_registry_list(names, 1);
    cr_expect_str_eq(a->body,
                     "{\"repositories\":[\"app\"],\"source\":\"catalog\"}");
    expect(a, 200, NULL);
}

Test(agent, disabled_listing_is_empty_and_asks_nobody)
{
    struct fake_answer *a;

    stage.conf.disable_list_repos = true;
    a = ask("GET", "/list", NULL);
    cr_expect_null(fake_registry_op());
    cr_expect_str_eq(a->body, "[]");
    expect(a, 200, NULL);
}

static void
expect_tags_of(const char *target, const char *op)
{
    struct fake_answer *a = ask("GET", target, NULL);

    cr_expect_str_eq(fake_registry_op(), op, "%s: %s", target, a->body);
    fake_registry_list(NULL, 0);
    cr_expect_str_eq(a->body, "[]");
    expect(a, 200, NULL);
}

Test(agent, tags_of_a_repository_however_it_is_spelled)
{
    expect_tags_of("/list/team/app", "tags team/app");
    expect_tags_of("/list/team%2Fapp", "tags team/app");
    expect_tags_of("/list/team/app/", "tags team/app");
    expect_tags_of("/list/cr.example.com/team/app", "tags team/app");
    expect_tags_of("/list/Team/App", "tags Team/App");
    expect_tags_of("/list?repo=team%2Fapp", "tags team/app");
    expect_tags_of("/list?x=1&imageName=app", "tags app");
}

Test(agent, bad_names_are_refused_without_asking)
{
    static const char *const targets[] = {
        "/list/a//b", "/list/a%20b",       "/list/a;b", "/list/a%26b",
        "/list/a%22", "/list/%2e%2e/x",    "/list/../x", "/list/.",
        "/list/a/",   NULL,
    };

    for (size_t i = 0; i < 8; i++)
        expect(ask("GET", targets[i], NULL), 400, "INVALID_NAME");
    expect(ask("GET", "/list/a%2", NULL), 400, "BAD_REQUEST");
    expect(ask("GET", "/list/a%00", NULL), 400, "BAD_REQUEST");
    cr_expect_null(fake_registry_op());
}

Test(agent, a_failed_listing_is_an_error_never_an_empty_list)
{
    struct fake_answer *a = ask("GET", "/list", NULL);
    struct err err;

    err_set_code(&err, ERR_DENIED, "REGISTRY_DENIED", "no catalog for you");
    err.peer_status = 403;
    fake_registry_done(&err);
    expect(a, 403, "REGISTRY_DENIED");
}

Test(agent, too_many_names_are_an_error)
{
    size_t n = 100001;
    const char **names = xcalloc(n, sizeof(*names));
    struct fake_answer *a = ask("GET", "/list", NULL);

    for (size_t i = 0; i < n; i++)
        names[i] = "x";
    fake_registry_list(names, n);
    expect(a, 502, "LISTING_TOO_LARGE");
    free(names);
}

Test(agent, a_listing_has_55_seconds)
{
    struct fake_answer *a = ask("GET", "/list", NULL);

    clock_advance(54999);
    stage_settle();
    cr_expect_eq(a->status, 0);
    clock_advance(1);
    stage_settle();
    cr_expect_eq(fake_registry_cancelled(), 1);
    expect(a, 504, "REGISTRY_TIMEOUT");
}

Test(agent, a_caller_who_goes_away_stops_the_operation)
{
    struct fake_answer *a = ask("GET", "/list", NULL);

    fake_hang_up(a);
    cr_expect_eq(fake_registry_cancelled(), 1);
    cr_expect_eq(a->status, 0);
    fake_forget(a);
}

/* ---- promises ---------------------------------------------------------- */

static char *
accepted_id(struct fake_answer *a)
{
    auto_jx struct jx *doc = NULL;
    char *id;

    stage_settle();
    cr_assert_eq(a->status, 202, "%d %s", a->status, a->body);
    doc = jx_parse(bytes_str(a->body), 4096, NULL);
    cr_expect_str_eq(jx_str(doc, "status"), "accepted");
    id = xstrdup(jx_str(doc, "id"));
    cr_expect(uuid_valid(id));
    fake_forget(a);
    return id;
}

Test(agent, a_scan_is_promised_only_when_it_is_written_down)
{
    struct fake_answer *a = ask("POST", "/scan", "{" SCAN "}");

    cr_expect_eq(a->status, 0, "the disk first");
    free(accepted_id(a));
}

Test(agent, a_repeated_request_gets_the_same_id)
{
    auto_free char *one = accepted_id(ask("POST", "/scan", "{" SCAN "}"));
    auto_free char *same = accepted_id(ask("POST", "/scan", "{" SCAN "}"));
    auto_free char *other = accepted_id(
        ask("POST", "/scan", "{" SCAN ",\"platform\":\"linux/arm64\"}"));

    cr_expect_str_eq(one, same);
    cr_expect_str_neq(one, other, "another platform is another image");
    cr_expect_eq(fake_scans(), 2, "max_active + 1");
}

Test(agent, a_full_queue_is_busy_and_says_when_to_come_back)
{
    static const char *const headers[] = { "Authorization", LOGIN("u"),
                                           NULL };
    struct fake_answer *a;

    for (int i = 0; i < 4; i++) /* two run, two wait */
        free(accepted_id(fake_ask("POST", "/scan", headers, "{" SCAN "}")));
    a = fake_ask("POST", "/scan", headers, "{" SCAN "}");
    stage_settle();
    cr_expect_str_eq(a->retry_after, "30");
    expect(a, 503, "BUSY");
}

Test(agent, several_images_get_a_job_each)
{
    struct fake_answer *a =
        ask("POST", "/scan",
            "{\"callbackUrl\":\"http://b/x\",\"images\":[\"a\",\"b:1\"]}");
    auto_jx struct jx *doc = NULL;
    const struct jx *jobs;

    stage_settle();
    cr_assert_eq(a->status, 202, "%s", a->body);
    doc = jx_parse(bytes_str(a->body), 4096, NULL);
    jobs = jx_arr(doc, "jobs");
    cr_assert_eq(jx_count(jobs), 2);
    cr_expect_str_eq(jx_str(jx_at(jobs, 0), "image"), "a:latest");
    cr_expect_str_eq(jx_str(jx_at(jobs, 1), "image"), "b:1");
    cr_expect_str_neq(jx_str(jx_at(jobs, 0), "id"),
                      jx_str(jx_at(jobs, 1), "id"));
    fake_forget(a);
    cr_expect_eq(fake_scans(), 2);
}

Test(agent, bad_scan_requests_are_refused_at_once)
{
    expect(ask("POST", "/scan", ""), 400, "BAD_REQUEST");
    expect(ask("POST", "/scan", "{\"image\":\"app\""), 400, "BAD_REQUEST");
    expect(ask("POST", "/scan", "[1]"), 400, "BAD_REQUEST");
    expect(ask("POST", "/scan", "{\"image\":\"app\"}"), 400, "BAD_REQUEST");
    expect(ask("POST", "/scan", "{\"image\":\"a b\",\"callbackUrl\":"
                                "\"http://b/x\"}"),
           400, "INVALID_NAME");
    expect(ask("POST", "/scan", "{\"image\":\"a\",\"callbackUrl\":"
                                "\"http://169.254.169.254/x\"}"),
           400, "CALLBACK_REFUSED");
    cr_expect_eq(fake_scans(), 0);
}

Test(agent, a_caller_who_goes_away_still_has_the_scan_done)
{
    struct fake_answer *a = ask("POST", "/scan", "{" SCAN "}");

    fake_hang_up(a);
    stage_settle();
    cr_expect_eq(fake_scans(), 1);
    fake_forget(a);
}

Test(agent, the_scanner_is_told_what_was_asked)
{
    const struct scan_request *req;

    free(accepted_id(ask("POST", "/scan",
                         "{" SCAN ",\"tag\":\"2\",\"platform\":"
                         "\"linux/arm64/v8\",\"options\":"
                         "{\"excludeNodeModules\":true}}")));
    req = fake_scan(0);
    cr_expect_str_eq(req->source.ref, "app:2");
    cr_expect_eq(req->source.max_size, 4242);
    cr_expect(req->source.has_platform);
    cr_expect_str_eq(req->source.platform.arch, "arm64");
    cr_expect_str_eq(req->options,
                     "{\"exclude-node-modules\":true,"
                     "\"imageNameAndTag\":\"cr.example.com/app:2\"}");
}
