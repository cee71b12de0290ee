/* What clients want of the API: by rules to an origin, or into the inbox. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../fake/fake-http.h"
#include "base/clock.h"
#include "base/str.h"
#include "engine/store/inbox.h"
#include "role/server/server-private.h"
#include "server-rig.h"

TestSuite(server_callback, .timeout = 60);
TestSuite(server_inbox, .timeout = 60);

#define REQUEST_ID "bf7d7300-6187-4118-b731-aeb71d1db090"

static struct rig_client client;
static struct fake_http *site;
static char rules_path[64];

/* Rules that lead to `origin`. */
static void
start_by_rules(const char *origin)
{
    auto_free char *setting = NULL;
    FILE *f;

    strcpy(rules_path, "/tmp/crab-rules-XXXXXX");
    f = fdopen(mkstemp(rules_path), "w");
    cr_assert_not_null(f);
    fprintf(f, "{\"public\":[{\"method\":\"get\",\"path\":\"/list\"}],"
               "\"private\":[{\"method\":\"post\",\"path\":\"/api/*\","
               "\"origin\":\"%s\"}]}", origin);
    fclose(f);
    setting = xasprintf("CRAB_SERVER_ACCEPT=%s", rules_path);
    server_rig_start(setting);
    rig_join(&client);
}

static void
start_with_site(void)
{
    rig.loop = loop_new(NULL);
    site = fake_http_new(rig.loop, NULL);
    start_by_rules(fake_http_url(site));
}

static void
start_with_inbox(const char *more)
{
    server_rig_start(more);
    rig_join(&client);
}

static void
stop(void)
{
    rig_cut(&client);
    if (site != NULL)
        fake_http_free(site);
    server_rig_stop();
    if (rules_path[0] != '\0')
        unlink(rules_path);
}

/* body: base64, or NULL for none. */
static void
call_api(int id, const char *method, const char *url, const char *body)
{
    auto_free char *frame = xasprintf(
        "4{\"type\":0,\"data\":[\"request\",{\"url\":\"%s\",\"method\":\"%s\","
        "\"headers\":{\"content-type\":\"text/plain\",\"host\":\"agent\","
        "\"snyk-request-id\":\"" REQUEST_ID "\"},"
        "%s%s%s\"streamingID\":\"\"}],\"id\":%d}",
        url, method, body != NULL ? "\"body\":{\"$binary\":\"" : "",
        body != NULL ? body : "", body != NULL ? "\"}," : "", id);

    rig_say(&client, frame);
}

/* Wait for the ack; it begins with its id. */
static void
await_ack(int id)
{
    auto_free char *ack = xasprintf("4{\"id\":%d,\"type\":1,", id);

    turn_until(rig.loop, rig_heard(&client, ack) || client.closed);
    cr_assert_not(client.closed);
}

static bool
says(const struct fake_call *c, const char *text)
{
    return bytes_find_str(buf_bytes(&c->body), text) < c->body.n;
}

Test(server_callback, goes_to_the_origin_of_its_rule)
{
    static const struct fake_row row = { .status = 202,
                                         .headers = "X-Api: yes",
                                         .body = "taken" };
    const struct fake_request *r;

    start_with_site();
    fake_http_add(site, &row);
    call_api(7, "POST", "/api/done?a=1", "AP9i");
    await_ack(7);
    cr_expect(rig_heard(&client, "\"status\":202"));
    cr_expect(rig_heard(&client, "\"body\":\"taken\""));
    cr_expect(rig_heard(&client, "\"x-api\":\"yes\""));
    cr_expect(rig_heard(&client, "\"snyk-request-id\":\"" REQUEST_ID "\""));
    cr_assert_eq(fake_http_count(site), 1);
    r = fake_http_request(site, 0);
    cr_expect_str_eq(r->method, "POST");
    cr_expect_str_eq(r->target, "/api/done?a=1");
    cr_expect(bytes_equal(buf_bytes(&r->body), bytes_of("\0\xff" "b", 3)));
    cr_expect_str_eq(headers_get(&r->headers, "content-type"), "text/plain");
    cr_expect_str_eq(headers_get(&r->headers, "X-Broker-Token"), RIG_TOKEN);
    cr_expect_str_eq(headers_get(&r->headers, "x-snyk-broker"), "6a1f-...-4a5b");
    cr_expect_str_neq(headers_get(&r->headers, "host"), "agent");
    stop();
}

Test(server_callback, no_rule_allows_is_acked_as_401)
{
    start_with_site();
    call_api(1, "POST", "/other", NULL);
    await_ack(1);
    cr_expect(rig_heard(&client, "\"status\":401"));
    cr_expect(rig_heard(&client, "\"errorType\":\"FILTER_BLOCKED\""));
    call_api(2, "GET", "/api/done", NULL);
    await_ack(2);
    cr_expect_eq(fake_http_count(site), 0);
    stop();
}

Test(server_callback, rules_hold_for_callers_too)
{
    struct fake_call call;

    start_with_site();
    rig_get(&call, "/broker/" RIG_TOKEN "/other");
    cr_expect_eq(call.status, 401);
    cr_expect(says(&call, "\"FILTER_BLOCKED\""));
    cr_expect_eq(client.n_requests, 0);
    fake_call_clear(&call);
    rig_ask(&call, "/broker/" RIG_TOKEN "/list");
    turn_until(rig.loop, client.n_requests == 1);
    fake_call_clear(&call);
    stop();
}

Test(server_callback, an_api_that_hangs_up_is_asked_four_times)
{
    static const struct fake_row row = { .drop = true };

    clock_freeze(1700000000000);
    start_with_site();
    fake_http_add(site, &row);
    call_api(1, "POST", "/api/done", NULL);
    while (!rig_heard(&client, "4{\"id\":1,")) {
        rig_settle();
        clock_advance(500);
    }
    cr_expect(rig_heard(&client, "\"status\":502"));
    cr_expect(rig_heard(&client, "\"errorType\":\"DOWNSTREAM_ERROR\""));
    cr_expect_eq(fake_http_count(site), 4);
    stop();
}

Test(server_callback, an_api_that_is_not_there_is_a_502)
{
    auto_free char *origin = NULL;

    clock_freeze(1700000000000);
    rig.loop = loop_new(NULL);
    site = fake_http_new(rig.loop, NULL);
    origin = xstrdup(fake_http_url(site));
    fake_http_free(steal(site));
    start_by_rules(origin);
    call_api(1, "POST", "/api/done", NULL);
    while (!rig_heard(&client, "4{\"id\":1,")) {
        rig_settle();
        clock_advance(500);
    }
    cr_expect(rig_heard(&client, "\"status\":502"));
    cr_expect(rig_heard(&client, "\"errorType\":\"DOWNSTREAM_UNREACHABLE\""));
    stop();
}

Test(server_callback, without_an_id_to_ack_is_ignored)
{
    start_with_site();
    rig_say(&client, "4{\"type\":0,\"data\":[\"request\",{\"url\":\"/api/x\","
                     "\"method\":\"POST\"}]}");
    call_api(3, "POST", "/api/y", NULL);
    await_ack(3);
    cr_expect_eq(fake_http_count(site), 1);
    stop();
}

Test(server_callback, that_is_no_request_is_acked_as_400)
{
    start_with_site();
    rig_say(&client, "4{\"type\":0,\"data\":[\"request\",{\"method\":\"POST\"}],"
                     "\"id\":4}");
    await_ack(4);
    cr_expect(rig_heard(&client, "\"status\":400"));
    cr_expect_eq(fake_http_count(site), 0);
    stop();
}

Test(server_callback, goes_on_when_its_tunnel_is_lost)
{
    static const struct fake_row row = { .hold = true };

    start_with_site();
    fake_http_add(site, &row);
    call_api(1, "POST", "/api/done", NULL);
    turn_until(rig.loop, fake_http_held(site) == 1);
    rig_cut(&client);
    rig_settle();
    fake_http_release(site);
    turn_until(rig.loop, rig.server->n_callbacks == 0);
    cr_expect_eq(fake_http_gone(site), 0);
    stop();
}

Test(server_callback, a_server_ends_with_one_at_the_api)
{
    static const struct fake_row row = { .hold = true };

    start_with_site();
    fake_http_add(site, &row);
    call_api(1, "POST", "/api/done", NULL);
    turn_until(rig.loop, fake_http_held(site) == 1);
    server_free(rig.server);
    rig.server = NULL;
    turn_until(rig.loop, fake_http_gone(site) == 1);
    stop();
}

Test(server_callback, a_server_ends_with_one_that_waits_for_its_next_try)
{
    static const struct fake_row row = { .drop = true };

    clock_freeze(1700000000000);
    start_with_site();
    fake_http_add(site, &row);
    call_api(1, "POST", "/api/done", NULL);
    turn_until(rig.loop, fake_http_count(site) == 1);
    rig_settle();
    server_free(rig.server);
    rig.server = NULL;
    clock_advance(500);
    turn_until(rig.loop, client.closed);
    cr_expect_eq(fake_http_count(site), 1);
    stop();
}

/* ---- the inbox --------------------------------------------------------- */

Test(server_inbox, keeps_what_came_and_shows_it)
{
    struct fake_call call;

    start_with_inbox(NULL);
    call_api(1, "POST", "/api/v2/import/result", "eyJhIjoxfQ==");
    await_ack(1);
    cr_expect(rig_heard(&client, "\"status\":200"));
    cr_expect(rig_heard(&client, "{\"ok\":true,\"id\":\"1\"}"));
    call_api(2, "POST", "/api/v2/import/done", "e30=");
    await_ack(2);
    rig_get(&call, "/results");
    cr_expect(says(&call, "{\"results\":[{\"id\":\"2\","
                          "\"path\":\"/api/v2/import/done\""));
    cr_expect(says(&call, "\"sizeBytes\":7}]}"));
    fake_call_clear(&call);
    rig_get(&call, "/results?before=2&limit=1");
    cr_expect(says(&call, "{\"results\":[{\"id\":\"1\","));
    fake_call_clear(&call);
    rig_get(&call, "/results/1");
    cr_expect_eq(call.status, 200);
    cr_expect_str_eq(buf_cstr(&call.body), "{\"a\":1}");
    fake_call_clear(&call);
    rig_expect("/results/3", 404);
    stop();
}

Test(server_inbox, takes_posts_only)
{
    start_with_inbox(NULL);
    call_api(1, "GET", "/api/v2/import/result", NULL);
    await_ack(1);
    cr_expect(rig_heard(&client, "\"status\":405"));
    rig_expect("/results/1", 404);
    stop();
}

Test(server_inbox, has_a_ceiling_and_the_oldest_go)
{
    start_with_inbox("CRAB_INBOX_LIMIT=10");
    call_api(1, "POST", "/a", "MTIzNDU2"); /* six bytes */
    await_ack(1);
    call_api(2, "POST", "/a", "MTIzNDU2");
    await_ack(2);
    rig_expect("/results/1", 404);
    rig_expect("/results/2", 200);
    call_api(3, "POST", "/a", "MTIzNDU2MTIzNDU2"); /* twelve */
    await_ack(3);
    cr_expect(rig_heard(&client, "\"status\":413"));
    rig_expect("/results/2", 200);
    stop();
}

Test(server_inbox, a_server_ends_with_one_at_the_store)
{
    start_with_inbox(NULL);
    call_api(1, "POST", "/a", "e30=");
    turn_until(rig.loop, rig.server->n_callbacks == 1);
    server_free(rig.server);
    rig.server = NULL;
    turn_until(rig.loop, client.closed);
    cr_expect_not(rig_heard(&client, "4{\"id\":1,"));
    stop();
}

Test(server_inbox, a_server_ends_with_a_reader_at_the_store)
{
    size_t n = 16u << 20;
    auto_free char *much = xcalloc(n, 1);
    struct fake_call call;

    start_with_inbox(NULL);
    /* The store does one thing after the other. */
    for (int i = 0; i < 4; i++)
        inbox_add(rig.store, "/a", NULL, bytes_of(much, n), 0, NULL, NULL);
    rig_ask(&call, "/results");
    rig_settle();
    /* Nothing holds the store but its work. */
    if (call.done)
        cr_skip("the store was faster");
    server_free(rig.server);
    rig.server = NULL;
    turn_until(rig.loop, call.done);
    cr_expect(call.failed);
    fake_call_clear(&call);
    stop();
}
