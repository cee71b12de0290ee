/* Blobs from registries and object stores of every temper. */
#include "engine/loop/timer.h"
#include "engine/registry/blob-range.h"
#include "registry-rig.h"

#define SIZE 300303u

static uint8_t content[SIZE];

static struct bytes
blob(void)
{
    for (size_t i = 0; i < SIZE; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 13);
    return bytes_of(content, SIZE);
}

static size_t
range_of(const struct httpd_request *req)
{
    const char *range = headers_get(req->headers, "range");
    unsigned long from = 0;

    if (range != NULL)
        cr_assert_eq(sscanf(range, "bytes=%lu-", &from), 1, "%s", range);
    return from;
}

/* As a good server: 200, or 206 from where it is asked. */
static void
say_blob(struct httpd_ex *ex, const struct httpd_request *req)
{
    size_t from = range_of(req);
    auto_free char *range =
        xasprintf("bytes %zu-%u/%u", from, SIZE - 1, SIZE);

    if (from > 0)
        say_bytes(ex, 206, "Content-Range", range, bytes_from(blob(), from));
    else
        say_bytes(ex, 200, NULL, NULL, blob());
}

/* The same, but broken off after `n` bytes. */
static void
say_some(struct httpd_ex *ex, const struct httpd_request *req, size_t n)
{
    size_t from = range_of(req);
    auto_free char *range =
        xasprintf("bytes %zu-%u/%u", from, SIZE - 1, SIZE);

    say_cut(ex, from > 0 ? 206 : 200, from > 0 ? "Content-Range" : NULL, range,
            SIZE - from, bytes_to(bytes_from(blob(), from), n));
}

static void
expect_blob(const struct rig *rig)
{
    rig_expect_ok(rig);
    cr_expect(bytes_equal(buf_bytes(&rig->bytes), blob()),
              "other bytes were handed on");
}

static struct registry *
scene(struct rig *rig, peer_answer registry, peer_answer store)
{
    rig_init(rig);
    rig_peer(rig, 0, registry);
    if (store != NULL)
        rig_peer(rig, 1, store)->no_login = true;
    return rig_login(rig, "harbor-cr", rig->peers[0].host, "user", "secret");
}

static void
end(struct rig *rig, struct registry *r)
{
    registry_unref(r);
    rig_clear(rig);
}

static void
plain(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    say_blob(ex, req);
}

Test(blob, all_bytes_come_once)
{
    struct rig rig;
    struct registry *r = scene(&rig, plain, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 0);
    cr_expect_eq(rig.peers[0].n, 1);
    cr_expect_null(rig.peers[0].range[0]);
    end(&rig, r);
}

static void
nothing(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 200, NULL, NULL, "");
}

Test(blob, an_empty_one_is_fine)
{
    struct rig rig;
    struct registry *r = scene(&rig, nothing, NULL);

    rig_blob(&rig, r, BYTES_NONE);
    rig_expect_ok(&rig);
    cr_expect_eq(rig.chunks, 0);
    end(&rig, r);
}

static void
cut_twice(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    if (p->count++ < 2)
        say_some(ex, req, 100000);
    else
        say_blob(ex, req);
}

Test(blob, a_broken_transfer_resumes_where_it_broke)
{
    struct rig rig;
    struct registry *r = scene(&rig, cut_twice, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 0);
    cr_assert_eq(rig.peers[0].n, 3);
    cr_expect_str_eq(rig.peers[0].range[1], "bytes=100000-");
    cr_expect_str_eq(rig.peers[0].range[2], "bytes=200000-");
    end(&rig, r);
}

static void
cut_always(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    say_some(ex, req, 10);
}

Test(blob, resumes_without_progress_come_to_an_end)
{
    struct rig rig;
    struct registry *r = scene(&rig, cut_always, NULL);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "REGISTRY_UNREACHABLE");
    cr_expect_eq(rig.peers[0].n, 6);
    end(&rig, r);
}

static void
cut_with_progress(struct peer *p, struct httpd_ex *ex,
                  const struct httpd_request *req)
{
    (void)p;
    say_some(ex, req, 40000);
}

Test(blob, resumes_with_progress_have_no_end_but_the_blobs)
{
    struct rig rig;
    struct registry *r = scene(&rig, cut_with_progress, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.peers[0].n, 8);
    end(&rig, r);
}

static void
cut_then_whole(struct peer *p, struct httpd_ex *ex,
               const struct httpd_request *req)
{
    if (p->count++ == 0)
        say_some(ex, req, 100000);
    else
        say_bytes(ex, 200, NULL, NULL, blob()); /* knows no Range */
}

Test(blob, a_200_to_a_range_starts_over)
{
    struct rig rig;
    struct registry *r = scene(&rig, cut_then_whole, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 1);
    end(&rig, r);
}

static void
never_whole(struct peer *p, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say_cut(ex, 200, NULL, NULL, SIZE, bytes_to(blob(), 100000));
}

Test(blob, a_server_without_range_that_always_breaks_is_given_up)
{
    struct rig rig;
    struct registry *r = scene(&rig, never_whole, NULL);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "REGISTRY_UNREACHABLE");
    end(&rig, r);
}

/* As one registry really does: 416 announces more than it sends. */
static void
lying_416(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    if (p->count++ == 0)
        say_some(ex, req, 100000);
    else if (range_of(req) > 0)
        say_cut(ex, 416, "Content-Range", "bytes */300303", SIZE,
                bytes_str("invalid range: failed to overlap\n"));
    else
        say_blob(ex, req);
}

Test(blob, a_416_starts_over_even_when_it_lies_about_its_length)
{
    struct rig rig;
    struct registry *r = scene(&rig, lying_416, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 1);
    cr_expect_eq(rig.peers[0].n, 3);
    end(&rig, r);
}

/* Twice: other bytes than the digest's are forgiven only once. */
static void
wrong_offset(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    if (range_of(req) > 0)
        say_bytes(ex, 206, "Content-Range", "bytes 99999-300302/300303",
                  bytes_from(blob(), 99999));
    else if (p->count++ < 2)
        say_some(ex, req, 100000);
    else
        say_blob(ex, req);
}

Test(blob, a_206_from_another_offset_is_not_glued_on)
{
    struct rig rig;
    struct registry *r = scene(&rig, wrong_offset, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 2);
    cr_expect_eq(rig.peers[0].n, 5);
    end(&rig, r);
}

/* --- digests --- */

static void
wrong_once(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    if (p->count++ == 0) {
        blob();
        content[SIZE / 2] ^= 1;
        say_bytes(ex, 200, NULL, NULL, bytes_of(content, SIZE));
    } else {
        say_blob(ex, req);
    }
}

Test(blob, wrong_bytes_are_taken_back_and_fetched_once_more)
{
    struct rig rig;
    struct registry *r = scene(&rig, wrong_once, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 1);
    cr_expect_eq(rig.peers[0].n, 2);
    cr_expect_null(rig.peers[0].range[1]);
    end(&rig, r);
}

static void
wrong_always(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    (void)req;
    blob();
    content[0] ^= 1;
    say_bytes(ex, 200, NULL, NULL, bytes_of(content, SIZE));
}

Test(blob, twice_wrong_bytes_are_an_error)
{
    struct rig rig;
    struct registry *r = scene(&rig, wrong_always, NULL);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "DIGEST_MISMATCH");
    cr_expect_eq(rig.peers[0].n, 2);
    end(&rig, r);
}

Test(blob, more_bytes_than_the_size_are_an_error)
{
    struct rig rig;
    struct registry *r = scene(&rig, plain, NULL);
    struct digest digest = digest_of(blob());

    rig_blob_sized(&rig, r, &digest, SIZE - 1);
    rig_expect_error(&rig, "DIGEST_MISMATCH");
    cr_expect_lt(rig.bytes.n, SIZE);
    end(&rig, r);
}

static void
short_always(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    say_bytes(ex, 200, NULL, NULL, bytes_to(blob(), 1000));
    (void)req;
}

Test(blob, fewer_bytes_than_the_size_are_no_blob)
{
    struct rig rig;
    struct registry *r = scene(&rig, short_always, NULL);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "REGISTRY_ERROR");
    end(&rig, r);
}

/* --- object stores --- */

static void
redirecting(struct peer *p, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    auto_free char *to = xasprintf("%s/bucket/data?X-Amz-Signature=%u",
                                   p->rig->peers[1].origin, p->count++);

    if (login_of(req)[0] == '\0')
        challenge(ex, "Basic realm=\"r\"");
    else
        say(ex, 307, "Location", to, "");
}

static void
store(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    say_blob(ex, req);
}

Test(blob, no_login_follows_to_the_object_store)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_str_eq(rig.peers[0].login[1], BASIC_USER_SECRET);
    cr_assert_eq(rig.peers[1].n, 1);
    cr_expect_str_eq(rig.peers[1].asked[0],
                     "GET /bucket/data?X-Amz-Signature=1");
    end(&rig, r);
}

static void
store_cut(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    if (p->count++ == 0)
        say_some(ex, req, 123456);
    else
        say_blob(ex, req);
}

Test(blob, a_resume_asks_the_registry_again_and_passes_the_range_on)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store_cut);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 0);
    cr_assert_eq(rig.peers[1].n, 2);
    cr_expect_str_eq(rig.peers[1].range[1], "bytes=123456-");
    cr_expect_str_neq(rig.peers[1].asked[0], rig.peers[1].asked[1],
                      "an old signed address was used again");
    end(&rig, r);
}

static void
store_expired(struct peer *p, struct httpd_ex *ex,
              const struct httpd_request *req)
{
    if (p->count++ == 0)
        say(ex, 403, "Content-Type", "application/xml",
            "<Error><Code>AccessDenied</Code><Message>Request has expired"
            "</Message></Error>");
    else
        say_blob(ex, req);
}

Test(blob, an_expired_signature_is_renewed_at_the_registry)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store_expired);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.peers[1].n, 2);
    cr_expect_eq(rig.restarts, 0);
    end(&rig, r);
}

static void
store_absent(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 404, NULL, NULL, "<Error><Code>NoSuchKey</Code></Error>");
}

Test(blob, what_the_store_does_not_have_is_unknown)
{
    struct rig rig;
    struct registry *r = scene(&rig, redirecting, store_absent);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "IMAGE_UNKNOWN");
    end(&rig, r);
}

static void
circle(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    auto_free char *to = xasprintf("/v2/hop/%u", p->count++);

    (void)req;
    say(ex, 302, "Location", to, "");
}

Test(blob, more_than_five_redirects_are_too_many)
{
    struct rig rig;
    struct registry *r = scene(&rig, circle, NULL);

    rig_blob(&rig, r, blob());
    rig_expect_error(&rig, "REGISTRY_ERROR");
    cr_expect_eq(rig.peers[0].n, 6);
    end(&rig, r);
}

static void
within(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    (void)p;
    if (login_of(req)[0] == '\0')
        challenge(ex, "Basic realm=\"r\"");
    else if (asks(req, "/v2/"))
        say(ex, 307, "Location", "../../../../moved", "");
    else
        say_blob(ex, req);
}

Test(blob, a_redirect_within_the_registry_keeps_the_login)
{
    struct rig rig;
    struct registry *r = scene(&rig, within, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_assert_eq(rig.peers[0].n, 3);
    cr_expect_str_eq(rig.peers[0].asked[2], "GET /moved");
    cr_expect_str_eq(rig.peers[0].login[2], BASIC_USER_SECRET);
    end(&rig, r);
}

static const char *elsewhere;

static void
to_elsewhere(struct peer *p, struct httpd_ex *ex,
             const struct httpd_request *req)
{
    (void)p;
    (void)req;
    say(ex, 307, "Location", elsewhere, "");
}

Test(blob, dangerous_places_are_not_visited)
{
    static const char *const places[] = {
        "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd",
        "http://[fe80::1]/", "gopher://127.0.0.1/", "http://",
    };

    for (size_t i = 0; i < N_ELEMENTS(places); i++) {
        struct rig rig;
        struct registry *r = scene(&rig, to_elsewhere, NULL);

        elsewhere = places[i];
        rig_blob(&rig, r, blob());
        rig_expect_error(&rig, "REGISTRY_ERROR");
        cr_expect_eq(rig.peers[0].n, 1);
        end(&rig, r);
    }
}

/* --- tokens --- */

static void
short_lived(struct peer *p, struct httpd_ex *ex,
            const struct httpd_request *req)
{
    auto_free char *want = xasprintf("Bearer t%u", p->count);
    auto_free char *text = NULL;

    if (asks(req, "/token")) {
        text = xasprintf("{\"token\":\"t%u\",\"expires_in\":300}", ++p->count);
        say(ex, 200, NULL, NULL, text);
    } else if (!str_eq(login_of(req), want)) {
        text = xasprintf("Bearer realm=\"%s/token\",service=\"s\",scope="
                         "\"repository:team/app:pull\"", p->origin);
        challenge(ex, text);
    } else if (p->count == 1) {
        p->count = 7; /* from now on t1 is no good */
        say_some(ex, req, 100000);
    } else {
        say_blob(ex, req);
    }
}

Test(blob, a_token_that_dies_in_mid_pull_is_renewed)
{
    struct rig rig;
    struct registry *r = scene(&rig, short_lived, NULL);

    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(rig.restarts, 0);
    /* challenge, token, part; refused, token, rest */
    cr_assert_eq(rig.peers[0].n, 6);
    cr_expect_str_eq(rig.peers[0].login[5], "Bearer t8");
    cr_expect_str_eq(rig.peers[0].range[5], "bytes=100000-");
    end(&rig, r);
}

/* --- pressure --- */

struct slow_reader {
    struct rig *rig;
    struct reg_op *op;
    bool paused;
};

static enum reg_flow
on_slow_chunk(struct bytes chunk, void *arg)
{
    struct slow_reader *s = arg;

    cr_assert_not(s->paused, "a chunk came during a pause");
    rig_blob_events.on_chunk(chunk, s->rig);
    s->paused = true;
    return REG_PAUSE;
}

static void
on_slow_restart(void *arg)
{
    struct slow_reader *s = arg;

    s->paused = false;
    rig_blob_events.on_restart(s->rig);
}

static void
on_slow_end(const struct err *err, void *arg)
{
    struct slow_reader *s = arg;

    s->op = NULL;
    rig_blob_events.on_end(err, s->rig);
}

static const struct reg_blob_events slow_events = {
    .on_chunk = on_slow_chunk, .on_restart = on_slow_restart,
    .on_end = on_slow_end,
};

static void
read_slowly(struct rig *rig, struct registry *r)
{
    struct digest digest = digest_of(blob());
    struct slow_reader s = { .rig = rig };

    s.op = registry_blob(r, "team/app", &digest, SIZE, &slow_events, &s);
    while (!rig->done) {
        rig_turn(rig);
        if (s.paused && s.op != NULL) {
            s.paused = false;
            reg_op_resume(s.op);
        }
    }
}

Test(blob, no_chunk_comes_during_a_pause)
{
    struct rig rig;
    struct registry *r = scene(&rig, plain, NULL);

    read_slowly(&rig, r);
    expect_blob(&rig);
    cr_expect_gt(rig.chunks, 1);
    end(&rig, r);
}

Test(blob, a_slow_reader_gets_all_of_a_broken_transfer)
{
    struct rig rig;
    struct registry *r = scene(&rig, cut_twice, NULL);

    read_slowly(&rig, r);
    expect_blob(&rig);
    end(&rig, r);
}

static enum reg_flow
on_stop_chunk(struct bytes chunk, void *arg)
{
    rig_blob_events.on_chunk(chunk, arg);
    return REG_STOP;
}

static void
on_stop_end(const struct err *err, void *arg)
{
    rig_blob_events.on_end(err, arg);
}

static const struct reg_blob_events stop_events = {
    .on_chunk = on_stop_chunk, .on_end = on_stop_end,
};

Test(blob, a_reader_that_stops_is_told_the_end_once)
{
    struct rig rig;
    struct registry *r = scene(&rig, plain, NULL);
    struct digest digest = digest_of(blob());

    registry_blob(r, "team/app", &digest, SIZE, &stop_events, &rig);
    while (!rig.done)
        rig_turn(&rig);
    cr_expect_eq(rig.err.kind, ERR_CANCELLED);
    cr_expect_eq(rig.chunks, 1);
    end(&rig, r);
}

struct quitter {
    struct reg_op *op;
    unsigned calls;
};

static enum reg_flow
on_quit_chunk(struct bytes chunk, void *arg)
{
    struct quitter *q = arg;

    (void)chunk;
    q->calls++;
    reg_op_cancel(q->op);
    return REG_MORE;
}

static void
on_quit_restart(void *arg)
{
    struct quitter *q = arg;

    q->calls++;
    reg_op_cancel(q->op);
}

static void
on_quit_end(const struct err *err, void *arg)
{
    struct quitter *q = arg;

    (void)err;
    q->calls += 100;
}

static const struct reg_blob_events quit_events = {
    .on_chunk = on_quit_chunk, .on_restart = on_quit_restart,
    .on_end = on_quit_end,
};

Test(blob, a_reader_may_cancel_from_within_a_chunk)
{
    struct rig rig;
    struct registry *r = scene(&rig, plain, NULL);
    struct digest digest = digest_of(blob());
    struct quitter q = { 0 };

    q.op = registry_blob(r, "team/app", &digest, SIZE, &quit_events, &q);
    while (q.calls == 0)
        rig_turn(&rig);
    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(q.calls, 1);
    end(&rig, r);
}

static enum reg_flow
on_keep_chunk(struct bytes chunk, void *arg)
{
    (void)chunk;
    (void)arg;
    return REG_MORE;
}

static const struct reg_blob_events quit_late_events = {
    .on_chunk = on_keep_chunk, .on_restart = on_quit_restart,
    .on_end = on_quit_end,
};

Test(blob, a_reader_may_cancel_from_within_a_restart)
{
    struct rig rig;
    struct registry *r = scene(&rig, wrong_always, NULL);
    struct digest digest = digest_of(blob());
    struct quitter q = { 0 };

    q.op = registry_blob(r, "team/app", &digest, SIZE, &quit_late_events, &q);
    while (q.calls == 0)
        rig_turn(&rig);
    rig.peers[0].answer = plain;
    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_expect_eq(q.calls, 1);
    cr_expect_eq(rig.peers[0].n, 2);
    end(&rig, r);
}

/* --- slowness --- */

static void
trickle(struct peer *p, struct httpd_ex *ex, const struct httpd_request *req)
{
    auto_headers struct headers h = HEADERS_INIT;

    if (p->count++ > 0) {
        say_blob(ex, req);
        return;
    }
    headers_setf(&h, "Content-Length", "%u", SIZE);
    httpd_reply_start(ex, 200, &h);
    httpd_reply_write(ex, bytes_to(blob(), 10)); /* and then silence */
    p->held = ex;
}

Test(blob, a_stalled_transfer_is_broken_off_and_resumed)
{
    struct rig rig;
    struct registry *r = scene(&rig, trickle, NULL);

    rig.hub->stall_ms = 20;
    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_assert_eq(rig.peers[0].n, 2);
    cr_expect_str_eq(rig.peers[0].range[1], "bytes=10-");
    end(&rig, r);
}

/* A byte now and then: never silent, never done. */
struct dripper {
    struct timer timer;
    struct httpd_ex *ex;
    unsigned n;
};

static struct dripper dripper;

static void
on_drip(void *arg)
{
    struct dripper *d = arg;

    if (httpd_reply_write(d->ex, bytes_to(bytes_from(blob(), d->n++), 1)) !=
        HTTPD_GONE)
        timer_after(&d->timer, 5, on_drip, d);
}

static void
drip_then_whole(struct peer *p, struct httpd_ex *ex,
                const struct httpd_request *req)
{
    auto_headers struct headers h = HEADERS_INIT;

    if (p->count++ > 0) {
        say_blob(ex, req);
        return;
    }
    headers_setf(&h, "Content-Length", "%u", SIZE);
    httpd_reply_start(ex, 200, &h);
    p->held = dripper.ex = ex;
    timer_init(&dripper.timer, p->rig->loop);
    on_drip(&dripper);
}

Test(blob, a_trickle_is_no_progress)
{
    struct rig rig;
    struct registry *r = scene(&rig, drip_then_whole, NULL);

    rig.hub->stall_ms = 100; /* a byte comes 20 times in that time */
    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_assert_eq(rig.peers[0].n, 2);
    timer_clear(&dripper.timer);
    end(&rig, r);
}

Test(blob, a_bad_name_is_told_later_not_sent)
{
    struct rig rig;
    struct registry *r = scene(&rig, plain, NULL);
    struct digest digest = digest_of(blob());

    registry_blob(r, "../etc", &digest, SIZE, &rig_blob_events, &rig);
    cr_expect_not(rig.done);
    while (!rig.done)
        rig_turn(&rig);
    rig_expect_error(&rig, "INVALID_NAME");
    cr_expect_eq(rig.peers[0].n, 0);
    end(&rig, r);
}

Test(blob, only_the_rest_of_the_blob_is_a_fitting_range)
{
    static const char *const wrong[] = {
        NULL, "", "bytes 5-9", "bytes 4-9/10", "bytes 6-9/10", "bytes 5-8/10",
        "bytes 5-9/11", "bytes 5-10/10", "bytes */10", "items 5-9/10",
        "bytes 5-9/", "bytes -9/10", "bytes 5-/10", "bytes 5-9/10x",
        "bytes 18446744073709551621-9/10", "bytes=5-9/10",
    };

    cr_expect(blob_range_fits("bytes 5-9/10", 5, 10));
    cr_expect(blob_range_fits("Bytes 5-9/*", 5, 10));
    for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
        cr_expect_not(blob_range_fits(wrong[i], 5, 10), "%s", wrong[i]);
    cr_expect_not(blob_range_fits("bytes 0-0/0", 0, 0));
}
