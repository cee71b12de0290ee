#include "scan-rig.h"

#include "base/json/jx.h"

static const char *const two_layers[] = { "bottom", "top" };

/* Turn until it ends; its error text or "". */
static const char *
run(struct scan_rig *r, struct scan_log *log, const char *name)
{
    rig_scan(r, log, name, NULL);
    turn_until(r->loop, log->ends > 0);
    cr_expect_eq(log->ends, 1);
    return log->err.text;
}

Test(scan, results_come_in_order_after_the_image)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    cr_expect_str_eq(run(&r, &log, "a"), "");
    cr_expect_eq(log.n_images, 1);
    cr_expect_eq(log.n_results, 2);
    cr_expect_str_eq(buf_cstr(&log.results),
                     "0:{\"result\":1}\n1:{\"result\":2}\n");
    cr_expect_eq(log.n_started, 2);
    cr_expect_eq(log.n_done_layers, 2);
    cr_expect_eq(rig_calls(&r, "image"), 1);
    log_clear(&log);
    rig_stop(&r);
}

/* records.md: length, header, then the records, bottom layer first. */
Test(scan, the_image_worker_gets_header_and_records)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    rig_scan(&r, &log, "a",
             "{\"exclude-app-vulns\":true,\"username\":\"u\","
             "\"password\":\"sesame\"}");
    turn_until(r.loop, log.ends > 0);

    auto_free char *input = rig_file(&r, "image");
    char *json = strchr(input, '\n') + 1;
    size_t n = strtoul(input, NULL, 10);
    auto_jx struct jx *header = jx_parse(bytes_of(json, n), n, NULL);
    const struct jx *sizes = jx_arr(header, "records");
    struct bytes records = bytes_str(json + n);

    cr_assert_not_null(header, "%s", input);
    cr_expect_eq(jx_int(header, "image", 0), 1);
    cr_expect_not(jx_bool(header, "compat", true));
    cr_expect_str_eq(jx_str(header, "target"), "a");
    cr_expect_str_eq(jx_str(jx_obj(header, "config"), "os"), "linux");
    cr_expect_eq(jx_count(jx_arr(header, "layerNames")), 2);
    cr_expect(jx_has(header, "manifestDigest"));
    cr_expect(jx_bool(jx_obj(header, "options"), "exclude-app-vulns", false));
    /* The worker never sees a password. */
    cr_expect_null(strstr(input, "sesame"));
    cr_assert_eq(jx_count(sizes), 2);
    cr_expect_eq(jx_int_value(jx_at(sizes, 0), 0) +
                     jx_int_value(jx_at(sizes, 1), 0),
                 (int64_t)records.n);
    cr_expect_lt(bytes_find_str(records, "\"bottom\""),
                 bytes_find_str(records, "\"top\""));
    cr_expect_lt(bytes_find_str(records, "\"top\""), records.n);
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, workers_get_the_ceilings_of_the_settings)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 1);
    cr_expect_str_eq(run(&r, &log, "a"), "");

    auto_free char *calls = rig_file(&r, "calls");
    cr_expect_not_null(strstr(calls, "--plain-limit 68719476736"), "%s", calls);
    cr_expect_not_null(strstr(calls, "--cpu-limit 3600"));
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, known_layers_are_not_read_again)
{
    static const char *const more[] = { "bottom", "top", "new" };
    struct scan_rig r;
    struct scan_log one, two;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    rig_layout(&r, "b", more, 3);
    cr_expect_str_eq(run(&r, &one, "a"), "");
    cr_expect_eq(one.n_known, 0);
    cr_expect_str_eq(run(&r, &two, "b"), "");
    cr_expect_eq(two.n_known, 2);
    cr_expect_eq(two.n_started, 1);
    cr_expect_eq(rig_calls(&r, "layer"), 3);
    log_clear(&one);
    log_clear(&two);
    rig_stop(&r);
}

Test(scan, a_layer_that_occurs_twice_is_read_once)
{
    static const char *const twice[] = { "same", "other", "same" };
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", twice, 3);
    cr_expect_str_eq(run(&r, &log, "a"), "");
    cr_expect_eq(rig_calls(&r, "layer"), 2);

    auto_free char *input = rig_file(&r, "image");
    char *first = strstr(input, "\"same\"");
    cr_expect_not_null(strstr(first + 1, "\"same\""));
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, scans_at_the_same_time_share_their_layers)
{
    struct scan_rig r;
    struct scan_log one, two;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    rig_layout(&r, "b", two_layers, 2);
    rig_scan(&r, &one, "a", NULL);
    rig_scan(&r, &two, "b", NULL);
    turn_until(r.loop, one.ends > 0 && two.ends > 0);
    cr_expect_eq(one.n_results + two.n_results, 4);
    cr_expect_eq(rig_calls(&r, "layer"), 2);
    cr_expect_eq(r.scanner->n_flights, 0);
    log_clear(&one);
    log_clear(&two);
    rig_stop(&r);
}

Test(scan, who_stays_goes_on_when_the_other_is_cancelled)
{
    struct scan_rig r;
    struct scan_log one, two;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    rig_layout(&r, "b", two_layers, 2);
    rig_scan(&r, &one, "a", NULL);
    rig_scan(&r, &two, "b", NULL);
    turn_until(r.loop, one.n_started > 0);
    scan_cancel(one.scan);
    turn_until(r.loop, two.ends > 0);
    cr_expect_str_eq(two.err.text, "");
    cr_expect_eq(two.n_results, 2);
    cr_expect_eq(one.ends, 0);
    cr_expect_eq(r.scanner->n_flights, 0);
    log_clear(&one);
    log_clear(&two);
    rig_stop(&r);
}

/* Whatever it is doing: nothing is left, and nobody is called any more. */
Test(scan, can_be_cancelled_at_any_turn)
{
    struct scan_rig r;
    struct scan_log log = { 0 };

    rig_start(&r);
    for (int turns = 0; log.ends == 0; turns++) {
        auto_free char *name = xasprintf("l%d", turns);
        auto_free char *layer = xasprintf("layer %d", turns);
        const char *layers[] = { layer, "top" };

        rig_layout(&r, name, layers, 2);
        log_clear(&log);
        rig_scan(&r, &log, name, NULL);
        for (int i = 0; i < turns && log.ends == 0; i++)
            loop_turn(r.loop);
        if (log.ends == 0) {
            unsigned n_images = log.n_images;

            scan_cancel(log.scan);
            cr_assert_eq(r.scanner->n_flights, 0);
            loop_defer(r.loop, free, NULL);
            loop_turn(r.loop);
            cr_assert_eq(log.ends, 0);
            cr_assert_eq(log.n_images, n_images);
        }
    }
    cr_expect_str_eq(log.err.text, "");
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, freeing_the_scanner_ends_what_runs)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    rig_scan(&r, &log, "a", NULL);
    turn_until(r.loop, log.n_images > 0);
    log_clear(&log);
    rig_stop(&r);
    cr_expect_eq(log.ends, 0);
}

static void
expect_failure(const char *const *layers, size_t n, enum err_kind kind,
               const char *says)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", layers, n);
    run(&r, &log, "a");
    cr_expect_eq(log.err.kind, kind, "%s", log.err.text);
    cr_expect_not_null(strstr(log.err.text, says), "%s", log.err.text);
    cr_expect_eq(log.results.n, 0);
    cr_expect_eq(r.scanner->n_flights, 0);
    cr_expect_eq(rig_calls(&r, "image"), 0);
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, a_layer_that_fails_is_named_and_ends_the_scan)
{
    static const char *const broken[] = { "good", "BROKEN", "good too" };
    static const char *const hungry[] = { "HUNGRY" };
    struct digest d = digest_of(bytes_str("BROKEN"));

    expect_failure(broken, 3, ERR_INPUT, "broken tar");
    expect_failure(broken, 3, ERR_INPUT, d.text);
    expect_failure(hungry, 1, ERR_LIMIT, "too much");
}

/* The blob is not what its name says: what the worker thinks of it is void. */
Test(scan, the_digest_decides_over_the_worker)
{
    static const char *const layers[] = { "harmless" };
    static const char *const contents[] = { "harmles!", "BROKEN.." };
    struct digest d = digest_of(bytes_str("harmless"));

    for (size_t i = 0; i < N_ELEMENTS(contents); i++) {
        struct scan_rig r;
        struct scan_log log;
        auto_free char *blob =
            xasprintf("a/blobs/sha256/%s", digest_hex(&d));

        rig_start(&r);
        rig_layout(&r, "a", layers, 1);
        rig_write(&r, blob, contents[i]);
        run(&r, &log, "a");
        cr_expect_str_eq(err_code(&log.err), "DIGEST_MISMATCH", "%s",
                         log.err.text);
        log_clear(&log);
        /* Nor was its record kept. */
        rig_write(&r, blob, "harmless");
        run(&r, &log, "a");
        cr_expect_eq(log.err.kind, ERR_NONE);
        cr_expect_eq(log.n_known, 0);
        log_clear(&log);
        rig_stop(&r);
    }
}

Test(scan, a_worker_that_has_seen_enough_does_not_spare_the_digest)
{
    static const char *const layers[] = { "early bird" };
    struct digest d = digest_of(bytes_str("early bird"));
    struct scan_rig r;
    struct scan_log log;
    auto_free char *blob = xasprintf("a/blobs/sha256/%s", digest_hex(&d));

    rig_start(&r);
    rig_layout(&r, "a", layers, 1);
    rig_write(&r, "early", "");
    rig_write(&r, blob, "early bee.");
    run(&r, &log, "a");
    cr_expect_str_eq(err_code(&log.err), "DIGEST_MISMATCH");
    log_clear(&log);
    rig_write(&r, blob, "early bird");
    cr_expect_str_eq(run(&r, &log, "a"), "");
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, a_record_without_its_end_is_none)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 1);
    rig_write(&r, "cut", "");
    run(&r, &log, "a");
    cr_expect_eq(log.err.kind, ERR_INTERNAL);
    cr_expect_not_null(strstr(log.err.text, "no whole record"));
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, an_image_that_is_too_large_is_refused_before_any_layer)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);

    auto_free char *path = xasprintf("%s/a", r.dir);
    struct scan_request req = {
        .source = { .kind = SOURCE_OCI_DIR, .path = path, .max_size = 8 },
    };

    rig_scan_spec(&r, &log, &req);
    turn_until(r.loop, log.ends > 0);
    cr_expect_str_eq(err_code(&log.err), "IMAGE_TOO_LARGE");
    cr_expect_not_null(strstr(log.err.text, "9 bytes"));
    cr_expect_eq(log.n_images, 0);
    cr_expect_eq(rig_calls(&r, "layer"), 0);
    log_clear(&log);
    rig_stop(&r);
}

static void
expect_not_started(const char *options, const char *says)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 1);

    auto_free char *path = xasprintf("%s/a", r.dir);
    struct scan_request req = {
        .source = { .kind = SOURCE_OCI_DIR, .path = path },
        .options = options,
    };

    rig_scan_spec(&r, &log, &req);
    cr_expect_null(log.scan);
    cr_expect_not_null(strstr(log.err.text, says), "%s", log.err.text);
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, options_are_checked_at_once)
{
    expect_not_started("{", "options: malformed JSON");
    expect_not_started("[]", "options: not a JSON object");
    expect_not_started("{\"platform\":\"linux\"}", "not a platform");
}

Test(scan, a_source_that_is_not_there_is_told_at_once)
{
    struct scan_rig r;
    struct scan_log log;
    char nowhere[] = "/nonexistent/x.tar";
    struct scan_request req = {
        .source = { .kind = SOURCE_DOCKER_ARCHIVE, .path = nowhere },
    };

    rig_start(&r);
    rig_scan_spec(&r, &log, &req);
    cr_expect_null(log.scan);
    cr_expect_str_eq(log.err.text, "The provided archive path does not exist "
                                   "on the filesystem");
    log_clear(&log);
    rig_stop(&r);
}

/* ---- records of a variant ------------------------------------------------- */

#define LOCKS "{\"globsToFind\":{\"include\":[\"**/*.lock\"]}}"
#define TEXTS "{\"globsToFind\":{\"include\":[\"**/*.txt\"]}}"

/* Two at once; how often a layer was read. */
static unsigned
calls_of_two(const char *options, const char *others)
{
    struct scan_rig r;
    struct scan_log one, two;
    unsigned calls;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    rig_scan(&r, &one, "a", options);
    rig_scan(&r, &two, "a", others);
    turn_until(r.loop, one.ends + two.ends == 2);
    cr_expect_str_eq(one.err.text, "");
    cr_expect_str_eq(two.err.text, "");
    calls = rig_calls(&r, "layer");
    log_clear(&one);
    log_clear(&two);
    rig_stop(&r);
    return calls;
}

Test(scan, scans_share_a_flight_when_their_patterns_are_the_same)
{
    cr_expect_eq(calls_of_two(LOCKS, LOCKS), 2);
    cr_expect_eq(calls_of_two(LOCKS, TEXTS), 4);
    cr_expect_eq(calls_of_two(LOCKS, NULL), 4);
    /* Without includes there is nothing to exclude from. */
    cr_expect_eq(calls_of_two("{\"globsToFind\":{\"exclude\":[\"/x\"]}}", NULL),
                 2);
}

Test(scan, the_layer_worker_gets_the_patterns)
{
    struct scan_rig r;
    struct scan_log log;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 1);
    rig_scan(&r, &log, "a",
             "{\"globsToFind\":{\"include\":[\"/x\",\"**/composer.json\"],"
             "\"exclude\":[\"/a b\"]}}");
    turn_until(r.loop, log.ends > 0);

    auto_free char *calls = rig_file(&r, "calls");
    cr_expect_not_null(strstr(calls, "--glob-include /x --glob-exclude /a b\n"),
                       "%s", calls);
    log_clear(&log);
    rig_stop(&r);
}

Test(scan, records_are_kept_for_each_set_of_patterns)
{
    static const char *const include[] = { "**/*.lock" };
    const struct analyzer_variant locks = { .include = include,
                                            .n_include = 1 };
    char version[ANALYZER_TEXT];
    struct scan_rig r;
    struct scan_log log[4];

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 2);
    cr_expect_str_eq(run(&r, &log[0], "a"), "");
    analyzer_version(version, &locks);
    rig_write(&r, "analyzer", version);
    for (size_t i = 1; i < 3; i++) {
        rig_scan(&r, &log[i], "a", LOCKS);
        turn_until(r.loop, log[i].ends > 0);
    }
    cr_expect_str_eq(run(&r, &log[3], "a"), "");
    cr_expect_eq(log[1].n_known, 0);
    cr_expect_eq(log[2].n_known, 2);
    cr_expect_eq(log[3].n_known, 2);
    for (size_t i = 0; i < 4; i++)
        log_clear(&log[i]);
    rig_stop(&r);
}

Test(scan, patterns_that_are_none_are_refused_before_anything_is_read)
{
    struct scan_rig r;
    struct scan_request req = { .options = "{\"globsToFind\":[]}" };
    struct scan_events events = { 0 };
    struct err err = { 0 };

    rig_start(&r);
    cr_expect_null(scan_start(r.scanner, &req, &events, NULL, &err));
    cr_expect_eq(err.kind, ERR_INPUT);
    rig_stop(&r);
}

/* ---- Dockerfiles ------------------------------------------------------------ */

/* The header that the image worker got; "" when the scan did not begin. */
static char *
header_with(struct bytes dockerfile, const char *options, struct err *err)
{
    struct scan_rig r;
    struct scan_log log;
    struct scan_request req = { .options = options, .dockerfile = dockerfile };
    auto_free char *path = NULL;
    char *input;

    rig_start(&r);
    rig_layout(&r, "a", two_layers, 1);
    path = xasprintf("%s/a", r.dir);
    req.source.kind = SOURCE_OCI_DIR;
    req.source.path = path;
    rig_scan_spec(&r, &log, &req);
    turn_until(r.loop, log.scan == NULL || log.ends > 0);
    *err = log.err;
    input = rig_file(&r, "image");
    log_clear(&log);
    rig_stop(&r);
    return input;
}

Test(scan, a_dockerfile_goes_with_the_header_as_text)
{
    struct err err;
    auto_free char *with = header_with(bytes_str("FROM a\xff"), NULL, &err);
    auto_free char *empty = header_with(bytes_of("", 0), NULL, &err);
    auto_free char *without = header_with(BYTES_NONE, NULL, &err);

    cr_expect_not_null(strstr(with, "\"dockerfile\":\"FROM a\xef\xbf\xbd\""),
                       "%s", with);
    cr_expect_not_null(strstr(empty, "\"dockerfile\":\"\""), "%s", empty);
    cr_expect_null(strstr(without, "dockerfile"));
}

/* A caller of the service names files of its own machine, not of ours. */
Test(scan, the_option_alone_opens_no_file)
{
    struct err err;
    auto_free char *header =
        header_with(BYTES_NONE, "{\"file\":\"/etc/passwd\"}", &err);

    cr_expect_null(strstr(header, "dockerfile"));
    cr_expect_null(strstr(header, "root:"));
}
