#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "engine/source/range.h"
#include "engine/source/source-private.h"

#define FILE_BYTES (1000 * 1000)

struct reader {
    struct loop *loop;
    struct range *range;
    struct fetch *fetch;
    struct buf got;
    unsigned chunks, ends;
    struct err err;
    struct digest digest;
    size_t stop_after, pause_each; /* chunks; 0: never */
    bool cancel_in_chunk;
};

static enum source_flow
on_chunk(struct bytes chunk, void *arg)
{
    struct reader *r = arg;

    r->chunks++;
    buf_add_bytes(&r->got, chunk);
    if (r->cancel_in_chunk)
        range_cancel(r->range);
    if (r->stop_after > 0 && r->chunks == r->stop_after)
        return SOURCE_STOP;
    if (r->pause_each > 0 && r->chunks % r->pause_each == 0)
        return SOURCE_PAUSE;
    return SOURCE_MORE;
}

static void
on_range_end(const struct err *err, void *arg)
{
    struct reader *r = arg;

    r->ends++;
    if (err != NULL)
        r->err = *err;
}

static void
on_fetch_end(const struct digest *digest, const struct err *err, void *arg)
{
    if (digest != NULL)
        ((struct reader *)arg)->digest = *digest;
    on_range_end(err, arg);
}

static const struct range_events range_events = { .on_chunk = on_chunk,
                                                  .on_end = on_range_end };
static const struct fetch_events fetch_events = { .on_chunk = on_chunk,
                                                  .on_end = on_fetch_end };

static uint8_t pattern[FILE_BYTES];

/* A file of FILE_BYTES; byte i is i * 7. */
static int
pattern_file(void)
{
    FILE *f = tmpfile();

    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = (uint8_t)(i * 7);
    cr_assert_eq(fwrite(pattern, 1, sizeof(pattern), f), sizeof(pattern));
    fflush(f);
    return fileno(f);
}

static void
start(struct reader *r, uint64_t offset, uint64_t size)
{
    r->loop = loop_new(NULL);
    buf_init(&r->got, 2 * FILE_BYTES);
    r->range = range_start(r->loop, pattern_file(), offset, size,
                           &range_events, r);
    cr_expect_eq(r->chunks + r->ends, 0, "never from within");
}

static void
finish(struct reader *r)
{
    buf_clear(&r->got);
    loop_free(r->loop);
}

Test(range, all_of_it_and_nothing_else_comes)
{
    struct reader r = { 0 };

    start(&r, 1000, 600000);
    turn_until(r.loop, r.ends > 0);
    cr_expect_eq(r.err.kind, ERR_NONE);
    cr_expect(bytes_equal(buf_bytes(&r.got), bytes_of(pattern + 1000, 600000)));
    cr_expect_eq(r.chunks, 3);
    finish(&r);
}

Test(range, to_the_end_is_whatever_there_is)
{
    struct reader r = { 0 };

    start(&r, 999999, RANGE_TO_END);
    turn_until(r.loop, r.ends > 0);
    cr_expect_eq(r.got.n, 1);
    cr_expect_eq(r.err.kind, ERR_NONE);
    finish(&r);
}

Test(range, an_empty_range_ends_without_a_chunk)
{
    struct reader r = { 0 };

    start(&r, 5, 0);
    turn_until(r.loop, r.ends > 0);
    cr_expect_eq(r.chunks, 0);
    cr_expect_eq(r.err.kind, ERR_NONE);
    finish(&r);
}

Test(range, a_file_that_is_too_short_is_an_error)
{
    struct reader r = { 0 };

    start(&r, 900000, 200000);
    turn_until(r.loop, r.ends > 0);
    cr_expect_eq(r.got.n, 100000);
    cr_expect_eq(r.err.kind, ERR_INPUT);
    cr_expect_not_null(strstr(r.err.text, "100000 bytes too early"));
    finish(&r);
}

Test(range, a_paused_reader_gets_nothing_until_it_resumes)
{
    struct reader r = { .pause_each = 1 };

    start(&r, 0, 600000);
    turn_until(r.loop, r.chunks == 1);
    for (int i = 0; i < 5; i++) {
        /* Something to turn for, or the loop would have nothing to do. */
        loop_defer(r.loop, free, NULL);
        loop_turn(r.loop);
    }
    cr_expect_eq(r.chunks, 1);
    range_resume(r.range);
    cr_expect_eq(r.chunks, 1, "never from within");
    turn_until(r.loop, r.chunks == 2);
    range_resume(r.range);
    turn_until(r.loop, r.chunks == 3);
    range_resume(r.range);
    turn_until(r.loop, r.ends > 0);
    cr_expect_eq(r.got.n, 600000);
    finish(&r);
}

Test(range, stopping_ends_it_and_cancelling_is_silent)
{
    struct reader stopped = { .stop_after = 1 };
    struct reader cancelled = { .cancel_in_chunk = true };

    start(&stopped, 0, 600000);
    turn_until(stopped.loop, stopped.ends > 0);
    cr_expect_eq(stopped.err.kind, ERR_CANCELLED);
    finish(&stopped);
    start(&cancelled, 0, 600000);
    turn_until(cancelled.loop, cancelled.chunks > 0);
    loop_defer(cancelled.loop, free, NULL);
    loop_turn(cancelled.loop);
    cr_expect_eq(cancelled.chunks, 1);
    cr_expect_eq(cancelled.ends, 0);
    finish(&cancelled);
}

static void
fetch(struct reader *r, const struct digest *want, bool partial)
{
    r->loop = loop_new(NULL);
    buf_init(&r->got, 2 * FILE_BYTES);
    r->fetch = file_fetch_start(r->loop, pattern_file(), false, 3, 500000,
                                want, partial, &fetch_events, r);
    turn_until(r->loop, r->ends > 0);
    finish(r);
}

Test(file_fetch, the_digest_decides)
{
    struct reader known = { 0 }, wrong = { 0 }, unknown = { 0 }, part = { 0 };
    struct digest right, other = digest_of(bytes_str("other"));

    close(pattern_file());
    right = digest_of(bytes_of(pattern + 3, 500000));
    fetch(&known, &right, false);
    cr_expect_eq(known.err.kind, ERR_NONE);
    cr_expect_str_eq(known.digest.text, right.text);
    fetch(&wrong, &other, false);
    cr_expect_eq(wrong.err.kind, ERR_INPUT);
    cr_expect_str_eq(wrong.err.code, "DIGEST_MISMATCH");
    cr_expect_not_null(strstr(wrong.err.text, right.text));
    fetch(&unknown, NULL, false);
    cr_expect_str_eq(unknown.digest.text, right.text);
    /* More than the layer: no digest of it is known. */
    fetch(&part, &other, true);
    cr_expect_eq(part.err.kind, ERR_NONE);
    cr_expect_str_eq(part.digest.text, "");
}
