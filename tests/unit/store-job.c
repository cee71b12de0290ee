/* Jobs: written down once, claimed by one, finished by the newest holder. */
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

TestSuite(job, .init = start, .fini = end, .timeout = 60);

Test(job, a_claim_gives_back_what_was_added)
{
    cr_assert_eq(rig_add(&r, "team/app:1", "k", 0), ERR_NONE);
    cr_assert(uuid_valid(r.added[0].id));
    cr_assert(rig_claim(&r));
    cr_expect_str_eq(r.job_id, r.added[0].id);
    cr_expect_str_eq(r.image, "team/app:1");
    cr_expect_str_eq(r.request_id, "req-1");
    cr_expect_str_eq(r.request, "{\"a\":1}");
    cr_expect_str_eq(r.password, "pa55word");
    cr_expect_eq(r.attempts, 1);
}

Test(job, nothing_waits_in_an_empty_queue)
{
    cr_expect_not(rig_claim(&r));
}

Test(job, are_claimed_in_the_order_they_came)
{
    rig_add(&r, "first", NULL, 0);
    rig_add(&r, "second", NULL, 0);
    rig_claim(&r);
    cr_expect_str_eq(r.image, "first");
    rig_claim(&r);
    cr_expect_str_eq(r.image, "second");
    cr_expect_not(rig_claim(&r));
}

Test(job, same_key_gives_the_same_id_while_queued_or_running)
{
    char id[40];

    rig_add(&r, "app", "key", 0);
    strcpy(id, r.added[0].id);
    rig_add(&r, "app", "key", 0);
    cr_expect(r.added[0].existed);
    cr_expect_str_eq(r.added[0].id, id);
    rig_claim(&r);
    rig_add(&r, "app", "key", 0);
    cr_expect(r.added[0].existed);
    cr_expect_str_eq(r.added[0].id, id);
    rig_finish(&r, id, r.fence, false);
    rig_add(&r, "app", "key", 0);
    cr_expect_not(r.added[0].existed);
    cr_expect_str_neq(r.added[0].id, id);
}

Test(job, without_a_key_are_never_the_same)
{
    rig_add(&r, "app", NULL, 0);
    rig_add(&r, "app", NULL, 0);
    cr_expect_not(r.added[0].existed);
    rig_counts(&r);
    cr_expect_eq(r.n_queued, 2);
}

Test(job, ceiling_of_the_queue_is_busy)
{
    cr_expect_eq(rig_add(&r, "a", NULL, 2), ERR_NONE);
    cr_expect_eq(rig_add(&r, "b", "kb", 2), ERR_NONE);
    cr_expect_eq(rig_add(&r, "c", NULL, 2), ERR_BUSY);
    cr_expect_str_eq(r.err.code, "BUSY");
    cr_expect_eq(rig_add(&r, "b", "kb", 2), ERR_NONE,
                 "a repeat takes no place");
    rig_claim(&r);
    cr_expect_eq(rig_add(&r, "c", NULL, 2), ERR_NONE,
                 "a running job does not wait");
}

Test(job, several_are_added_all_or_none)
{
    struct job_new jobs[] = { rig_job("a", NULL, NULL),
                              rig_job("b", NULL, NULL),
                              rig_job("c", NULL, NULL) };

    job_add(r.store, jobs, 3, 2, rig_on_added, &r);
    cr_expect_eq(rig_wait(&r), ERR_BUSY);
    rig_counts(&r);
    cr_expect_eq(r.n_queued, 0);
    job_add(r.store, jobs, 3, 3, rig_on_added, &r);
    cr_expect_eq(rig_wait(&r), ERR_NONE);
    cr_expect_eq(r.n_added, 3);
    cr_expect_str_neq(r.added[0].id, r.added[1].id);
}

Test(job, a_lease_that_ran_out_is_claimed_anew)
{
    int64_t old;

    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    old = r.fence;
    clock_advance(59999);
    cr_expect_not(rig_claim(&r));
    clock_advance(1);
    cr_expect(rig_claim(&r));
    cr_expect_gt(r.fence, old);
    cr_expect_eq(r.attempts, 2);
}

Test(job, renewing_keeps_the_lease)
{
    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    clock_advance(50000);
    job_renew(r.store, r.job_id, r.fence, 60000, rig_on_done, &r);
    cr_expect_eq(rig_wait(&r), ERR_NONE);
    clock_advance(50000);
    cr_expect_not(rig_claim(&r));
}

Test(job, a_stale_token_is_refused_everywhere)
{
    char id[40];
    int64_t stale;

    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    strcpy(id, r.job_id);
    stale = r.fence;
    clock_advance(60000);
    rig_claim(&r);
    cr_expect_eq(rig_result(&r, id, stale, "x"), ERR_CANCELLED);
    cr_expect_str_eq(r.err.code, "LEASE_LOST");
    cr_expect_eq(rig_finish(&r, id, stale, false), ERR_CANCELLED);
    job_renew(r.store, id, stale, 60000, rig_on_done, &r);
    cr_expect_eq(rig_wait(&r), ERR_CANCELLED);
    job_release(r.store, id, stale, rig_on_done, &r);
    cr_expect_eq(rig_wait(&r), ERR_CANCELLED);
    cr_expect_eq(rig_due(&r, 8), 0);
    cr_expect_eq(rig_finish(&r, id, r.fence, false), ERR_NONE);
    cr_assert_eq(rig_due(&r, 8), 1);
    cr_expect_eq(r.items[0].kind, OUTBOX_DONE, "no stale result either");
}

Test(job, is_finished_only_once)
{
    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    cr_expect_eq(rig_finish(&r, r.job_id, r.fence, false), ERR_NONE);
    cr_expect_eq(rig_finish(&r, r.job_id, r.fence, false), ERR_CANCELLED);
    cr_expect_eq(rig_due(&r, 8), 1);
}

Test(job, results_are_held_until_the_job_is_finished)
{
    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    rig_result(&r, r.job_id, r.fence, "one");
    cr_expect_eq(rig_due(&r, 8), 0);
    rig_finish(&r, r.job_id, r.fence, false);
    cr_expect_eq(rig_due(&r, 8), 1);
    cr_expect_str_eq(r.items[0].body, "one");
}

Test(job, a_failure_drops_its_results_and_sends_done)
{
    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    rig_result(&r, r.job_id, r.fence, "one");
    rig_finish(&r, r.job_id, r.fence, true);
    cr_assert_eq(rig_due(&r, 8), 1);
    cr_expect_eq(r.items[0].kind, OUTBOX_DONE);
}

Test(job, without_anybody_to_tell_it_goes)
{
    rig_add(&r, "app", "key", 0);
    rig_claim(&r);
    job_finish(r.store, r.job_id, r.fence, true, NULL, "why", rig_on_done, &r);
    cr_expect_eq(rig_wait(&r), ERR_NONE);
    cr_expect_eq(rig_due(&r, 8), 0);
    rig_reopen(&r);
    cr_expect_eq(rig_recover(&r), 0);
}

Test(job, a_new_claim_drops_results_of_the_old_one)
{
    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    rig_result(&r, r.job_id, r.fence, "old");
    clock_advance(60000);
    rig_claim(&r);
    rig_result(&r, r.job_id, r.fence, "new");
    rig_finish(&r, r.job_id, r.fence, false);
    cr_assert_eq(rig_due(&r, 8), 1);
    cr_expect_str_eq(r.items[0].body, "new");
}

Test(job, a_parked_job_is_as_if_never_claimed)
{
    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    rig_result(&r, r.job_id, r.fence, "one");
    job_release(r.store, r.job_id, r.fence, rig_on_done, &r);
    cr_expect_eq(rig_wait(&r), ERR_NONE);
    rig_counts(&r);
    cr_expect_eq(r.n_queued, 1);
    cr_expect_eq(r.n_running, 0);
    cr_expect(rig_claim(&r));
    cr_expect_eq(r.attempts, 1);
    rig_finish(&r, r.job_id, r.fence, false);
    rig_due(&r, 8);
    cr_expect_str_eq(r.items[0].body, "done");
}

Test(job, of_a_dead_holder_are_recovered_at_start)
{
    rig_add(&r, "app", NULL, 0);
    rig_claim(&r);
    rig_result(&r, r.job_id, r.fence, "one");
    rig_reopen(&r);
    cr_expect_eq(rig_recover(&r), 1);
    cr_expect(rig_claim(&r), "without waiting for the lease");
    cr_expect_eq(r.attempts, 2);
    cr_expect_str_eq(r.password, "pa55word");
}

static enum err_kind answers[2];
static size_t n_answers;

static void
on_one_of_two(const struct job_added *added, size_t n, const struct err *err,
              void *arg)
{
    (void)added, (void)n, (void)arg;
    answers[n_answers++] = err != NULL ? err->kind : ERR_NONE;
}

Test(job, answers_come_in_the_order_of_asking)
{
    auto_secret struct secret *huge = NULL;
    auto_buf struct buf text = BUF_INIT(1 << 20);
    struct job_new jobs[2];

    memset(buf_room(&text, 300000), 'x', 300000);
    text.n = 300000;
    huge = secret_new_bytes(buf_bytes(&text));
    jobs[0] = rig_job("good", NULL, NULL);
    jobs[1] = rig_job("cannot be sealed", NULL, huge);
    job_add(r.store, &jobs[0], 1, 0, on_one_of_two, NULL);
    job_add(r.store, &jobs[1], 1, 0, on_one_of_two, NULL);
    cr_expect_eq(n_answers, 0, "never from within the call");
    turn_until(r.loop, n_answers == 2);
    cr_expect_eq(answers[0], ERR_NONE);
    cr_expect_eq(answers[1], ERR_LIMIT);
}
