#include "engine.h"

#include <signal.h>
#include <unistd.h>

#include "base/str.h"

struct trace {
    struct loop *loop;
    char text[64];
    bool within;
};

static void
mark(struct trace *t, char c)
{
    size_t n = strlen(t->text);

    cr_assert_lt(n + 1, sizeof(t->text));
    t->text[n] = c;
    t->text[n + 1] = '\0';
}

static void
mark_a(void *arg)
{
    mark(arg, 'a');
}

static void
mark_b(void *arg)
{
    mark(arg, 'b');
}

static void
mark_c_then_defer_a(void *arg)
{
    struct trace *t = arg;

    mark(t, 'c');
    loop_defer(t->loop, mark_a, t);
    mark(t, 'd');
}

static void
take_back_b(void *arg)
{
    struct trace *t = arg;

    mark(t, 'u');
    loop_undefer(t->loop, mark_b, t);
}

static void
bury_b(void *arg)
{
    struct trace *t = arg;

    loop_bury(t->loop, mark_b, t);
    mark(t, 'x');
}

Test(loop, deferred_calls_come_in_order_on_the_next_turn)
{
    struct trace t = { .loop = loop_new(NULL) };

    loop_defer(t.loop, mark_a, &t);
    loop_defer(t.loop, mark_b, &t);
    cr_expect_str_eq(t.text, "");
    loop_turn(t.loop);
    cr_expect_str_eq(t.text, "ab");
    loop_free(t.loop);
}

Test(loop, what_a_deferred_call_defers_waits_one_more_turn)
{
    struct trace t = { .loop = loop_new(NULL) };

    loop_defer(t.loop, mark_c_then_defer_a, &t);
    loop_turn(t.loop);
    cr_expect_str_eq(t.text, "cd");
    loop_turn(t.loop);
    cr_expect_str_eq(t.text, "cda");
    loop_free(t.loop);
}

Test(loop, undefer_takes_back_what_is_about_to_run)
{
    struct trace t = { .loop = loop_new(NULL) };

    loop_defer(t.loop, take_back_b, &t);
    loop_defer(t.loop, mark_b, &t);
    loop_defer(t.loop, mark_a, &t);
    loop_turn(t.loop);
    cr_expect_str_eq(t.text, "ua");
    loop_free(t.loop);
}

Test(loop, the_buried_are_freed_at_the_end_of_the_turn)
{
    struct trace t = { .loop = loop_new(NULL) };

    loop_defer(t.loop, bury_b, &t);
    loop_defer(t.loop, mark_a, &t);
    loop_turn(t.loop);
    cr_expect_str_eq(t.text, "xab");
    loop_free(t.loop);
}

Test(loop, free_runs_what_is_deferred_and_buried)
{
    struct trace t = { .loop = loop_new(NULL) };

    loop_bury(t.loop, mark_b, &t);
    loop_defer(t.loop, mark_c_then_defer_a, &t);
    loop_free(t.loop);
    cr_expect_str_eq(t.text, "cdba");
}

Test(loop, run_ends_when_nothing_could_wake_it, .timeout = 10)
{
    struct trace t = { .loop = loop_new(NULL) };

    loop_defer(t.loop, mark_c_then_defer_a, &t);
    loop_run(t.loop);
    cr_expect_str_eq(t.text, "cda");
    loop_free(t.loop);
}

static void
on_usr1(int signo, void *arg)
{
    struct trace *t = arg;

    cr_expect_eq(signo, SIGUSR1);
    mark(t, 's');
    if (strlen(t->text) == 2)
        loop_stop(t->loop);
    else
        kill(getpid(), SIGUSR1);
}

Test(loop, signals_come_as_often_as_they_are_sent_and_stop_ends_run,
     .timeout = 10)
{
    struct trace t = { .loop = loop_new(NULL) };
    struct err err;

    cr_assert_eq(loop_on_signal(t.loop, SIGUSR1, on_usr1, &t, &err), 0);
    kill(getpid(), SIGUSR1);
    loop_run(t.loop);
    cr_expect_str_eq(t.text, "ss");
    loop_free(t.loop);
}

Test(loop, a_peer_that_hangs_up_does_not_end_the_process)
{
    struct loop *loop = loop_new(NULL);
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    close(fds[0]);
    cr_expect_eq(write(fds[1], "x", 1), -1);
    loop_free(loop);
}
