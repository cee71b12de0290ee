/* Blobs from registries of every temper: whole, broken off, wrong. */
#include "engine/registry/blob-range.h"
#include "registry-blob-rig.h"

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
