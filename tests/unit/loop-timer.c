#include "engine.h"

#include "base/clock.h"
#include "base/str.h"
#include "engine/loop/timer.h"

struct bell {
    struct timer timer;
    struct timer *other;
    unsigned rang;
    uint64_t at_ms;
    unsigned *order, place;
};

static void
on_ring(void *arg)
{
    struct bell *b = arg;

    b->rang++;
    b->at_ms = clock_now_ms();
    if (b->order != NULL)
        b->place = ++*b->order;
}

static void
on_ring_again(void *arg)
{
    struct bell *b = arg;

    b->rang++;
    timer_after(&b->timer, 0, on_ring_again, b);
}

static void
on_ring_stop_other(void *arg)
{
    struct bell *b = arg;

    b->rang++;
    timer_stop(b->other);
}

Test(timer, rings_once_when_the_clock_reaches_it_and_not_before)
{
    struct loop *loop = loop_new(NULL);
    struct bell b = { .rang = 0 }, now = { .rang = 0 };

    clock_freeze(0);
    timer_init(&b.timer, loop);
    timer_init(&now.timer, loop);
    timer_after(&b.timer, 25000, on_ring, &b);
    clock_advance(24999);
    timer_after(&now.timer, 0, on_ring, &now);
    loop_turn(loop);
    cr_expect_eq(now.rang, 1);
    cr_expect_eq(b.rang, 0);
    clock_advance(1);
    loop_turn(loop);
    cr_expect_eq(b.rang, 1);
    cr_expect_not(timer_is_armed(&b.timer));
    loop_free(loop);
}

Test(timer, many_ring_in_order_of_due_time_then_of_arming)
{
    enum { N = 500 };
    struct loop *loop = loop_new(NULL);
    struct bell *b = xcalloc(N, sizeof(*b));
    unsigned order = 0;

    clock_freeze(0);
    for (unsigned i = 0; i < N; i++) {
        b[i].order = &order;
        timer_init(&b[i].timer, loop);
        timer_after(&b[i].timer, (i * 7919) % 100, on_ring, &b[i]);
    }
    for (unsigned i = 0; i < N; i += 3)
        timer_stop(&b[i].timer);
    clock_advance(1000);
    loop_turn(loop);
    for (unsigned i = 0; i < N; i++) {
        cr_assert_eq(b[i].rang, i % 3 == 0 ? 0 : 1, "%u", i);
        for (unsigned j = 0; j < i; j++) {
            unsigned di = (i * 7919) % 100, dj = (j * 7919) % 100;

            if (i % 3 != 0 && j % 3 != 0)
                cr_assert_eq(b[j].place < b[i].place, dj <= di, "%u %u", j, i);
        }
    }
    free(b);
    loop_free(loop);
}

Test(timer, arming_anew_forgets_the_first_time)
{
    struct loop *loop = loop_new(NULL);
    struct bell b = { .rang = 0 };

    clock_freeze(0);
    timer_init(&b.timer, loop);
    timer_after(&b.timer, 10, on_ring, &b);
    timer_after(&b.timer, 30, on_ring, &b);
    clock_advance(100);
    loop_turn(loop);
    cr_expect_eq(b.rang, 1);
    loop_free(loop);
}

Test(timer, one_armed_by_its_own_callback_waits_for_the_next_turn)
{
    struct loop *loop = loop_new(NULL);
    struct bell b = { .rang = 0 };

    clock_freeze(0);
    timer_init(&b.timer, loop);
    timer_after(&b.timer, 0, on_ring_again, &b);
    loop_turn(loop);
    cr_expect_eq(b.rang, 1);
    loop_turn(loop);
    cr_expect_eq(b.rang, 2);
    timer_clear(&b.timer);
    loop_free(loop);
}

Test(timer, a_stopped_one_never_rings_even_when_due_in_the_same_turn)
{
    struct loop *loop = loop_new(NULL);
    struct bell a = { .rang = 0 }, b = { .rang = 0 };

    clock_freeze(0);
    timer_init(&a.timer, loop);
    timer_init(&b.timer, loop);
    a.other = &b.timer;
    timer_after(&a.timer, 5, on_ring_stop_other, &a);
    timer_after(&b.timer, 5, on_ring, &b);
    clock_advance(5);
    loop_turn(loop);
    cr_expect_eq(a.rang, 1);
    cr_expect_eq(b.rang, 0);
    loop_free(loop);
}

Test(timer, an_endless_wait_does_not_wrap_round)
{
    struct loop *loop = loop_new(NULL);
    struct bell far = { .rang = 0 }, near = { .rang = 0 };

    clock_freeze(0);
    timer_init(&far.timer, loop);
    timer_init(&near.timer, loop);
    timer_after(&far.timer, UINT64_MAX, on_ring, &far);
    timer_after(&near.timer, 0, on_ring, &near);
    loop_turn(loop);
    cr_expect_eq(near.rang, 1);
    cr_expect_eq(far.rang, 0);
    timer_clear(&far.timer);
    loop_free(loop);
}

Test(timer, the_real_clock_wakes_the_loop, .timeout = 10)
{
    struct loop *loop = loop_new(NULL);
    struct bell b = { .rang = 0 };
    uint64_t start_ms = clock_now_ms();

    timer_init(&b.timer, loop);
    timer_after(&b.timer, 20, on_ring, &b);
    loop_run(loop);
    cr_expect_eq(b.rang, 1);
    cr_expect_geq(b.at_ms, start_ms + 20);
    loop_free(loop);
}
