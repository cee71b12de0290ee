/* Blobs for readers that pause, stop or leave, from servers that are slow. */
#include "base/clock.h"
#include "engine/loop/timer.h"
#include "registry-blob-rig.h"

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

Test(blob_reader, no_chunk_comes_during_a_pause)
{
    struct rig rig;
    struct registry *r = scene(&rig, plain, NULL);

    read_slowly(&rig, r);
    expect_blob(&rig);
    cr_expect_gt(rig.chunks, 1);
    end(&rig, r);
}

Test(blob_reader, a_slow_reader_gets_all_of_a_broken_transfer)
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

Test(blob_reader, a_reader_that_stops_is_told_the_end_once)
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

Test(blob_reader, a_reader_may_cancel_from_within_a_chunk)
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

Test(blob_reader, a_reader_may_cancel_from_within_a_restart)
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

/* A millisecond is a turn of the loop, however slow the machine. */
static void
by_our_clock(struct rig *rig)
{
    clock_freeze(1700000000000);
    rig->frozen = true;
}

Test(blob_reader, a_stalled_transfer_is_broken_off_and_resumed)
{
    struct rig rig;
    struct registry *r = scene(&rig, trickle, NULL);

    by_our_clock(&rig);
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

Test(blob_reader, a_trickle_is_no_progress)
{
    struct rig rig;
    struct registry *r = scene(&rig, drip_then_whole, NULL);

    by_our_clock(&rig);
    rig.hub->stall_ms = 100; /* a byte comes 20 times in that time */
    rig_blob(&rig, r, blob());
    expect_blob(&rig);
    cr_assert_eq(rig.peers[0].n, 2);
    timer_clear(&dripper.timer);
    end(&rig, r);
}
