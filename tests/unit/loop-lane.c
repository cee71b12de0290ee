#include "engine.h"

#include <pthread.h>

#include "engine/loop/lane.h"

struct job {
    struct lane *lane;
    pthread_t worked_on, answered_on;
    int *counter;
    int worked, answered; /* the counter at that time */
    struct job *next;
    bool free_lane;
};

static void
work(void *arg)
{
    struct job *j = arg;

    j->worked_on = pthread_self();
    j->worked = ++*j->counter;
}

static void
done(void *arg)
{
    struct job *j = arg;

    j->answered_on = pthread_self();
    j->answered = ++*j->counter;
    if (j->next != NULL)
        lane_ask(j->lane, work, done, j->next);
    if (j->free_lane)
        lane_free(j->lane);
}

Test(lane, works_elsewhere_and_answers_here, .timeout = 10)
{
    struct loop *loop = loop_new(NULL);
    int counter = 0;
    struct job j = { .lane = lane_new(loop, "test", NULL), .counter = &counter };

    lane_ask(j.lane, work, done, &j);
    cr_expect_eq(j.answered, 0);
    turn_until(loop, j.answered != 0);
    cr_expect_eq(j.worked, 1);
    cr_expect_not(pthread_equal(j.worked_on, pthread_self()));
    cr_expect(pthread_equal(j.answered_on, pthread_self()));
    lane_free(j.lane);
    loop_free(loop);
}

Test(lane, keeps_the_order_and_free_finishes_what_was_asked, .timeout = 10)
{
    struct loop *loop = loop_new(NULL);
    struct lane *lane = lane_new(loop, "test", NULL);
    struct job jobs[100];
    int work_counter = 0;

    for (int i = 0; i < 100; i++) {
        jobs[i] = (struct job){ .lane = lane, .counter = &work_counter };
        lane_ask(lane, work, i % 2 == 0 ? NULL : done, &jobs[i]);
    }
    lane_free(lane);
    for (int i = 0; i < 100; i++) {
        cr_assert_gt(jobs[i].worked, i == 0 ? 0 : jobs[i - 1].worked);
        cr_assert_eq(jobs[i].answered != 0, i % 2 == 1);
    }
    loop_free(loop);
}

Test(lane, what_an_answer_asks_during_free_is_done_too, .timeout = 10)
{
    struct loop *loop = loop_new(NULL);
    int counter = 0;
    struct job second = { .lane = lane_new(loop, "test", NULL),
                          .counter = &counter },
               first = second;

    first.next = &second;
    lane_ask(first.lane, work, done, &first);
    lane_free(first.lane);
    cr_expect_gt(second.answered, first.answered);
    loop_free(loop);
}

Test(lane, an_answer_may_free_its_lane, .timeout = 10)
{
    struct loop *loop = loop_new(NULL);
    int counter = 0;
    struct job j = { .lane = lane_new(loop, "test", NULL),
                     .counter = &counter,
                     .free_lane = true };

    lane_ask(j.lane, work, done, &j);
    turn_until(loop, j.answered != 0);
    loop_free(loop);
}

Test(lane, an_idle_one_does_not_keep_the_loop_running, .timeout = 10)
{
    struct loop *loop = loop_new(NULL);
    int counter = 0;
    struct job j = { .lane = lane_new(loop, "test", NULL), .counter = &counter };

    lane_ask(j.lane, work, done, &j);
    loop_run(loop);
    cr_expect_neq(j.answered, 0);
    lane_free(j.lane);
    loop_free(loop);
}
