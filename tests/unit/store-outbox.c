/* Callbacks: in order per job, each until it is settled. */
#include "store-rig.h"

static struct rig r;

static void
start(void)
{
    rig_start(&r);
}

static void
end(void)
{
    rig_end(&r);
}

TestSuite(outbox, .init = start, .fini = end, .timeout = 60);

/* A finished job with two results. */
static void
finished(const char *image)
{
    rig_add(&r, image, NULL, 0);
    rig_claim(&r);
    rig_result(&r, r.job_id, r.fence, "one");
    rig_result(&r, r.job_id, r.fence, "two");
    rig_finish(&r, r.job_id, r.fence, false);
}

Test(outbox, results_go_in_order_then_done)
{
    static const char *const want[] = { "one", "two", "done" };

    finished("app");
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(rig_due(&r, 8), 1, "only the head of a job is due");
        cr_expect_str_eq(r.items[0].body, want[i]);
        cr_expect_str_eq(r.items[0].job_id, r.job_id);
        cr_expect_eq(r.items[0].kind, i < 2 ? OUTBOX_RESULT : OUTBOX_DONE);
        cr_expect_eq(r.items[0].n_results, 2);
        cr_expect_eq(rig_due(&r, 8), 0, "it is ours now");
        cr_expect_eq(rig_remove(&r, r.items[0].row), ERR_NONE);
    }
    cr_expect_eq(rig_due(&r, 8), 0);
    cr_expect_eq(r.next_wall_ms, INT64_MAX);
}

Test(outbox, a_retry_holds_back_what_is_behind_it)
{
    int64_t later = clock_wall_ms() + 4000;

    finished("app");
    rig_due(&r, 8);
    outbox_retry_later(r.store, r.items[0].row, later, rig_on_done, &r);
    rig_wait(&r);
    cr_expect_eq(rig_due(&r, 8), 0);
    cr_expect_eq(r.next_wall_ms, later);
    clock_advance(4000);
    cr_assert_eq(rig_due(&r, 8), 1);
    cr_expect_str_eq(r.items[0].body, "one");
    cr_expect_eq(r.items[0].attempts, 2);
    cr_expect_eq(r.items[0].first_wall_ms, later - 4000);
}

Test(outbox, jobs_do_not_wait_for_each_other)
{
    finished("a");
    finished("b");
    cr_expect_eq(rig_due(&r, 8), 2);
    cr_expect_str_neq(r.items[0].job_id, r.items[1].job_id);
}

Test(outbox, no_more_than_asked_for_and_says_that_there_is_more)
{
    finished("a");
    finished("b");
    cr_expect_eq(rig_due(&r, 1), 1);
    cr_expect_leq(r.next_wall_ms, clock_wall_ms());
}

Test(outbox, ceiling_of_bytes_still_gives_one)
{
    finished("a");
    finished("b");
    outbox_due(r.store, 8, 1, 60000, rig_on_due, &r);
    rig_wait(&r);
    cr_expect_eq(r.n_items, 1);
    outbox_due(r.store, 8, 1, 60000, rig_on_due, &r);
    rig_wait(&r);
    cr_expect_eq(r.n_items, 1, "the one left behind was not taken");
}

Test(outbox, a_sender_that_died_loses_its_lease)
{
    finished("app");
    rig_due(&r, 8);
    clock_advance(59999);
    cr_expect_eq(rig_due(&r, 8), 0);
    clock_advance(1);
    cr_expect_eq(rig_due(&r, 8), 1);
    cr_expect_str_eq(r.items[0].body, "one");
}

Test(outbox, what_was_under_way_is_due_again_after_a_restart)
{
    finished("app");
    rig_due(&r, 8);
    rig_reopen(&r);
    rig_recover(&r);
    cr_assert_eq(rig_due(&r, 8), 1);
    cr_expect_str_eq(r.items[0].body, "one");
    cr_expect_eq(r.items[0].attempts, 2);
}

Test(outbox, a_wait_survives_a_restart)
{
    finished("app");
    rig_due(&r, 8);
    outbox_retry_later(r.store, r.items[0].row, clock_wall_ms() + 4000,
                       rig_on_done, &r);
    rig_wait(&r);
    rig_reopen(&r);
    rig_recover(&r);
    cr_expect_eq(rig_due(&r, 8), 0);
}

Test(outbox, a_job_goes_with_its_last_callback)
{
    finished("app");
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(rig_due(&r, 8), 1);
        rig_remove(&r, r.items[0].row);
    }
    rig_reopen(&r);
    cr_expect_eq(rig_recover(&r), 0);
    cr_expect_not(rig_claim(&r));
}
