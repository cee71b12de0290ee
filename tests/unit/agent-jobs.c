/* From the promise to the done callback, whatever happens in between. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent-fakes.h"

TestSuite(jobs, .init = stage_start, .fini = stage_end, .timeout = 60);

#define RESULT "{\"facts\":[]}"

/* Ask for a scan of app; it runs when this returns. */
static void
order_scan(void)
{
    const char *const headers[] = { "Authorization",   stage_login(),
                                    "snyk-request-id", "req-1",
                                    NULL };
    struct fake_answer *a = fake_ask(
        "POST", "/scan", headers,
        "{\"image\":\"app\",\"callbackUrl\":\"http://b/x\",\"context\":[7]}");

    stage_settle();
    cr_assert_eq(a->status, 202, "%s", a->body);
    fake_forget(a);
}

/* One result, then the end. */
static void
scan_well(void)
{
    fake_scan_image(0);
    fake_scan_result(0, 0, RESULT);
    fake_scan_end(0, 1, NULL);
    stage_settle();
}

static struct jx *
body_of_call(void)
{
    struct err err = { 0 };
    struct jx *doc;

    cr_assert_eq(fake_calls(), 1);
    doc = jx_parse(bytes_str(fake_call_body(0)), 1 << 20, &err);
    cr_assert_not_null(doc, "%s: %s", err.text, fake_call_body(0));
    return doc;
}

/* The one call under way is the done callback, with this error code. */
static void
expect_failure(const char *code)
{
    auto_jx struct jx *doc = body_of_call();

    cr_expect_str_eq(fake_call_url(0), "http://b/x/done");
    cr_expect_str_eq(jx_str(doc, "status"), "failure");
    cr_expect_eq(jx_int(doc, "resultsSent", -1), 0);
    cr_expect_str_eq(jx_str(jx_obj(doc, "error"), "code"), code);
}

/* Everything is told: nothing is left, nothing comes again. */
static void
expect_all_told(void)
{
    fake_call_end(0, 200, NULL, NULL);
    stage_settle();
    cr_expect_eq(fake_calls(), 0);
    stage_crash();
    stage_open();
    cr_expect_eq(fake_calls(), 0);
    cr_expect_eq(fake_scans(), 0);
}

Test(jobs, results_then_one_done)
{
    auto_jx struct jx *result = NULL, *done = NULL;

    order_scan();
    scan_well();
    result = body_of_call();
    cr_expect_str_eq(fake_call_url(0), "http://b/x/result");
    cr_expect_str_eq(fake_call_header(0, "content-type"), "application/json");
    cr_expect_str_eq(fake_call_header(0, "snyk-request-id"), "req-1");
    cr_expect_str_eq(jx_str(result, "manifestDigest"), "sha256:aa");
    cr_expect_str_eq(jx_str(result, "stateIdentifier"), "sha256:aa");
    cr_expect_str_eq(jx_str(result, "indexDigest"), "sha256:bb");
    cr_expect_eq(jx_int(result, "count", 0), 1);
    cr_expect_eq(jx_int(result, "index", -1), 0);
    cr_expect_eq(jx_int_value(jx_at(jx_arr(result, "context"), 0), 0), 7);
    fake_call_end(0, 200, NULL, NULL);
    stage_settle();
    done = body_of_call();
    cr_expect_str_eq(fake_call_url(0), "http://b/x/done");
    cr_expect_str_eq(jx_str(done, "id"), jx_str(result, "id"));
    cr_expect_str_eq(jx_str(done, "status"), "success");
    cr_expect_eq(jx_int(done, "resultsSent", 0), 1);
    expect_all_told();
}

Test(jobs, a_failed_scan_sends_done_and_no_results)
{
    struct err err;

    order_scan();
    fake_scan_image(0);
    fake_scan_result(0, 0, RESULT);
    err_set_code(&err, ERR_LIMIT, "IMAGE_TOO_LARGE", "5 GB");
    fake_scan_end(0, 1, &err);
    stage_settle();
    expect_failure("IMAGE_TOO_LARGE");
    expect_all_told();
}

Test(jobs, a_result_that_does_not_fit_fails_the_scan)
{
    auto_buf struct buf huge = BUF_INIT(64 << 20);

    order_scan();
    fake_scan_result(0, 0, RESULT);
    buf_add_str(&huge, "{\"facts\":[{\"type\":\"depGraph\",\"data\":\"");
    memset(buf_room(&huge, 11 << 20), 'x', 11 << 20);
    huge.n += 11 << 20;
    buf_add_str(&huge, "\"}]}");
    fake_scan_result(0, 1, buf_cstr(&huge));
    cr_expect_eq(fake_scans_cancelled(), 1);
    stage_settle();
    expect_failure("RESULT_TOO_LARGE");
    expect_all_told();
}

/* Files of ours may grow to so many bytes, as on a disk that is full. */
static void
disk_ends_at(rlim_t n_bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = n_bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A result of that many bytes. */
static void
scan_result_of(size_t index, size_t n_bytes)
{
    auto_buf struct buf b = BUF_INIT(64 << 20);

    buf_add_str(&b, "{\"facts\":[],\"pad\":\"");
    memset(buf_room(&b, n_bytes), 'x', n_bytes);
    b.n += n_bytes;
    buf_add_str(&b, "\"}");
    fake_scan_result(0, index, buf_cstr(&b));
}

Test(jobs, a_result_that_cannot_be_written_fails_the_scan)
{
    order_scan();
    disk_ends_at(1 << 20);
    scan_result_of(0, 2 << 20);
    fake_scan_end(0, 1, NULL);
    stage_settle();
    disk_ends_at(RLIM_INFINITY);
    expect_failure("IO_ERROR");
    expect_all_told();
}

Test(jobs, an_end_that_cannot_be_written_is_tried_again)
{
    order_scan();
    fake_scan_result(0, 0, RESULT);
    stage_settle();
    disk_ends_at(1);
    fake_scan_end(0, 1, NULL);
    stage_settle();
    cr_expect_eq(fake_calls(), 0);
    disk_ends_at(RLIM_INFINITY);
    clock_advance(5000);
    stage_settle();
    cr_assert_eq(fake_calls(), 1);
    cr_expect_str_eq(fake_call_url(0), "http://b/x/result");
}

Test(jobs, no_worker_is_waited_for)
{
    fake_scans_refuse(2);
    order_scan();
    cr_expect_eq(fake_scans(), 0);
    clock_advance(5000);
    stage_settle();
    cr_expect_eq(fake_scans(), 0);
    clock_advance(5000);
    stage_settle();
    cr_expect_eq(fake_scans(), 1);
}

Test(jobs, a_long_scan_keeps_its_lease)
{
    order_scan();
    for (int i = 0; i < 30; i++) {
        clock_advance(10000);
        stage_settle();
    }
    cr_expect_eq(fake_scans(), 1, "not claimed a second time");
    scan_well();
    cr_expect_eq(fake_calls(), 1);
}

Test(jobs, killed_while_scanning_starts_again)
{
    order_scan();
    fake_scan_result(0, 0, RESULT);
    stage_settle();
    stage_crash();
    stage_open();
    cr_assert_eq(fake_scans(), 1);
    scan_well();
    {
        auto_jx struct jx *doc = body_of_call();

        cr_expect_eq(jx_int(doc, "count", 0), 1, "old results are gone");
    }
}

Test(jobs, killed_between_results_and_done_sends_done_once)
{
    order_scan();
    scan_well();
    fake_call_end(0, 200, NULL, NULL);
    stage_settle();
    stage_crash();
    stage_open();
    cr_assert_eq(fake_calls(), 1);
    cr_expect_str_eq(fake_call_url(0), "http://b/x/done");
    expect_all_told();
}

Test(jobs, a_scan_that_ends_the_process_each_time_is_given_up)
{
    order_scan();
    for (int i = 0; i < 4; i++) {
        stage_crash();
        stage_open();
        cr_assert_eq(fake_scans(), 1, "attempt %d", i + 2);
    }
    stage_crash();
    stage_open();
    cr_expect_eq(fake_scans(), 0);
    expect_failure("TOO_MANY_ATTEMPTS");
    expect_all_told();
}

Test(jobs, credentials_under_another_key_fail_the_scan)
{
    auto_free char *path = xasprintf("%s/seal.key", stage.dir);
    auto_fd int fd = -1;

    order_scan();
    stage_crash();
    fd = open(path, O_WRONLY);
    cr_assert_eq(write(fd, "0123456789abcdef0123456789abcdef", 32), 32);
    stage_open();
    expect_failure("CREDENTIALS_SEALED");
    expect_all_told();
}

static void
on_drained(void *arg)
{
    *(bool *)arg = true;
}

Test(jobs, a_drain_waits_for_scans_that_end_in_time)
{
    bool drained = false;

    order_scan();
    agent_drain(stage.agent, on_drained, &drained);
    stage_settle();
    cr_expect_not(drained);
    scan_well();
    cr_expect_not(drained, "a callback is under way");
    fake_call_end(0, 200, NULL, NULL);
    stage_settle();
    cr_expect(drained);
}

Test(jobs, a_drain_parks_what_takes_too_long)
{
    bool drained = false;

    order_scan();
    agent_drain(stage.agent, on_drained, &drained);
    clock_advance(5999); /* three quarters of 8 s */
    stage_settle();
    cr_expect_not(drained);
    clock_advance(1);
    stage_settle();
    cr_expect(drained);
    cr_expect_eq(fake_scans_cancelled(), 1);
    stage_crash();
    stage_open();
    cr_expect_eq(fake_scans(), 1, "and a later life takes it up");
}

static bool drained_early;

static void
drain_now(void)
{
    agent_drain(stage.agent, on_drained, &drained_early);
}

Test(jobs, claimed_when_the_drain_begins_goes_back_at_once)
{
    fake_on_reply = drain_now; /* the claim is on its way then */
    order_scan();
    cr_expect(drained_early);
    cr_expect_eq(fake_scans(), 0);
    stage_crash();
    stage_open();
    cr_expect_eq(fake_scans(), 1);
}

Test(jobs, while_draining_no_scan_is_promised)
{
    const char *const headers[] = { "Authorization", stage_login(), NULL };
    struct fake_answer *a;
    bool drained = false;

    agent_drain(stage.agent, on_drained, &drained);
    a = fake_ask("POST", "/scan", headers, "{}");
    cr_expect_eq(a->status, 503);
    fake_forget(a);
    turn_until(stage.loop, drained);
}

/* ---- callbacks --------------------------------------------------------- */

/* The next attempt comes within the jitter, not before. */
static void
expect_retry_after(uint64_t s)
{
    cr_expect_eq(fake_calls(), 0);
    clock_advance(s * 750 - 1);
    stage_settle();
    cr_expect_eq(fake_calls(), 0, "too early for %lu s", (unsigned long)s);
    clock_advance(s * 500 + 1);
    stage_settle();
    cr_assert_eq(fake_calls(), 1, "too late for %lu s", (unsigned long)s);
}

Test(jobs, callbacks_are_tried_again_until_taken)
{
    order_scan();
    scan_well();
    fake_call_end(0, 500, NULL, NULL);
    stage_settle();
    expect_retry_after(1);
    fake_call_end(0, 0, NULL, NULL); /* connection refused */
    stage_settle();
    expect_retry_after(2);
    cr_expect_str_eq(fake_call_url(0), "http://b/x/result", "order is kept");
    fake_call_end(0, 200, NULL, NULL);
    stage_settle();
    cr_expect_str_eq(fake_call_url(0), "http://b/x/done");
    expect_all_told();
}

Test(jobs, retry_after_is_obeyed)
{
    order_scan();
    scan_well();
    fake_call_end(0, 429, "120", NULL);
    stage_settle();
    clock_advance(119999);
    stage_settle();
    cr_expect_eq(fake_calls(), 0);
    clock_advance(1);
    stage_settle();
    cr_expect_eq(fake_calls(), 1);
}

Test(jobs, a_final_no_is_logged_and_done_still_goes)
{
    auto_free char *log = NULL;

    order_scan();
    scan_well();
    fake_call_end(0, 413, NULL, "too much for me");
    stage_settle();
    log = stage_log();
    cr_expect_not_null(strstr(log, "too much for me"));
    cr_assert_eq(fake_calls(), 1);
    cr_expect_str_eq(fake_call_url(0), "http://b/x/done");
    expect_all_told();
}

Test(jobs, a_callback_is_given_up_after_fifteen_minutes)
{
    int n = 0;

    order_scan();
    scan_well();
    while (str_eq(fake_call_url(0), "http://b/x/result") && n++ < 100) {
        fake_call_end(0, 503, NULL, NULL);
        stage_settle();
        for (int i = 0; i < 80 && fake_calls() == 0; i++) {
            clock_advance(1000);
            stage_settle();
        }
        cr_assert_eq(fake_calls(), 1);
    }
    /* 1+2+4+8+16+32 s, then minutes: 15 of them are 20 attempts or so. */
    cr_expect(n >= 17 && n <= 27, "%d attempts", n);
    cr_expect_str_eq(fake_call_url(0), "http://b/x/done");
}

Test(jobs, a_wait_for_a_retry_survives_a_restart)
{
    order_scan();
    scan_well();
    fake_call_end(0, 500, NULL, NULL);
    stage_settle();
    stage_crash();
    stage_open();
    expect_retry_after(1);
}

Test(jobs, stricter_settings_stop_a_callback)
{
    order_scan();
    stage_crash();
    stage.conf.callback_hosts = "other";
    stage_open();
    scan_well();
    cr_expect_eq(fake_calls(), 0, "neither result nor done goes to b");
    cr_expect_eq(fake_scans(), 0);
}

/* ---- the log ----------------------------------------------------------- */

Test(jobs, the_log_tells_the_story_under_the_jobs_id)
{
    static const char *const lines[] = {
        "scan accepted", "scan started",  "image found",
        "layer fetched", "scan finished", "callback delivered",
    };
    auto_free char *log = NULL, *id = NULL;
    auto_jx struct jx *doc = NULL;

    order_scan();
    scan_well();
    doc = body_of_call();
    id = xasprintf("\"jobId\":\"%s\"", jx_str(doc, "id"));
    fake_call_end(0, 200, NULL, NULL);
    stage_settle();
    log = stage_log();
    for (size_t i = 0; i < N_ELEMENTS(lines); i++) {
        const char *at = strstr(log, lines[i]), *line = at;

        cr_assert_not_null(at, "%s", lines[i]);
        while (line > log && line[-1] != '\n')
            line--;
        cr_expect(strstr(line, id) != NULL && strstr(line, id) < at, "%s",
                  lines[i]);
    }
}

Test(jobs, no_log_line_and_no_callback_holds_the_password)
{
    auto_buf struct buf b64 = BUF_INIT(256);
    auto_free char *log = NULL;
    struct err err;

    base64_encode(bytes_str("robot:" PASSWORD), &b64);
    order_scan();
    fake_scan_image(0);
    err_set(&err, ERR_AUTH, "HTTP 401");
    fake_scan_end(0, 0, &err);
    stage_settle();
    cr_expect_null(strstr(fake_call_body(0), PASSWORD));
    fake_call_end(0, 401, NULL, "no");
    stage_settle();
    log = stage_log();
    cr_expect_not_null(strstr(log, "cr.example.com"), "it is the right log");
    cr_expect_null(strstr(log, PASSWORD));
    cr_expect_null(strstr(log, stage_login()));
    cr_expect_null(strstr(log, buf_cstr(&b64)));
}
