#include "loop-proc.h"

#include <signal.h>
#include <unistd.h>

#include "base/str.h"

TestSuite(pool, .timeout = 30);

Test(pool, never_more_than_its_ceiling_runs_and_the_line_is_served_in_order)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .max_active = 2, .max_waiting = 3 };
    struct proc_pool *pool = script_pool(loop, "exec cat", conf);
    struct listener l[5];
    unsigned order = 0;

    for (int i = 0; i < 5; i++) {
        l[i] = (struct listener){ .order = &order };
        cr_assert_not_null(listen_to(&l[i], pool, NULL));
    }
    cr_expect_eq(proc_pool_active(pool), 2);
    cr_expect_eq(proc_pool_waiting(pool), 3);
    turn_until(loop, order == 2);
    for (int i = 0; i < 5; i++) {
        turn_until(loop, l[i].starts > 0);
        cr_expect_eq(l[i].start_place, (unsigned)i + 1);
        cr_expect_leq(proc_pool_active(pool), 2);
        proc_finish(l[i].proc);
        turn_until(loop, l[i].exits > 0);
        cr_expect_eq(l[i].err.kind, ERR_NONE);
    }
    cr_expect_eq(proc_pool_active(pool), 0);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(pool, a_full_line_is_busy)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .max_active = 1, .max_waiting = 1 };
    struct proc_pool *pool = script_pool(loop, "exec cat", conf);
    struct listener a = { 0 }, b = { 0 }, c = { 0 };

    cr_expect_not_null(listen_to(&a, pool, NULL));
    cr_expect_not_null(listen_to(&b, pool, NULL));
    cr_expect_null(listen_to(&c, pool, NULL));
    cr_expect_eq(c.err.kind, ERR_BUSY);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

/* posix_spawn() learns of a failed exec by memory it shares with the child;
 * valgrind makes that a fork. */
static void
skip_where_spawn_knows_nothing(void)
{
    if (getenv("VALGRIND") != NULL)
        cr_skip("valgrind hides that exec has failed");
}

Test(pool, a_worker_that_is_not_there_is_an_error_at_once)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .worker_path = "/nonexistent/worker",
                                   .max_active = 1 };
    struct proc_pool *pool = proc_pool_new(loop, &conf, NULL);
    struct listener l = { 0 };

    skip_where_spawn_knows_nothing();
    cr_expect_null(listen_to(&l, pool, NULL));
    cr_expect_eq(l.err.kind, ERR_ABSENT);
    cr_expect_not_null(strstr(l.err.text, "/nonexistent/worker"));
    cr_expect_eq(proc_pool_active(pool), 0);
    proc_pool_free(pool);
    loop_free(loop);
}

Test(pool, one_in_line_that_cannot_start_is_told_by_on_exit)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .max_active = 1, .max_waiting = 1 };
    struct listener a = { .input = "" }, b = { 0 };
    struct proc_pool *pool;

    skip_where_spawn_knows_nothing();
    pool = script_pool(loop, "exec cat", conf);
    listen_to(&a, pool, NULL);
    listen_to(&b, pool, NULL);
    script_gone();
    /* The first one has opened its script by the time it answers. */
    turn_until(loop, b.exits > 0);
    cr_expect_eq(b.err.kind, ERR_ABSENT);
    cr_expect_eq(b.starts, 0);
    proc_pool_free(pool);
    loop_free(loop);
}

Test(pool, cancelled_in_line_it_never_starts_and_gives_way)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .max_active = 1, .max_waiting = 2 };
    struct proc_pool *pool = script_pool(loop, "exec cat", conf);
    struct listener a = { .input = "" }, b = { 0 }, c = { .input = "" };

    listen_to(&a, pool, NULL);
    listen_to(&b, pool, NULL);
    listen_to(&c, pool, NULL);
    proc_cancel(b.proc);
    cr_expect_eq(proc_pool_waiting(pool), 1);
    turn_until(loop, c.exits > 0);
    cr_expect_eq(b.starts + b.exits, 0);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(pool, cancelled_while_running_it_is_killed_and_silent)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .max_active = 1, .max_waiting = 2 };
    struct proc_pool *pool =
        script_pool(loop, "echo $$; exec tail -f /dev/null", conf);
    struct listener a = { .cancel_on_output = true }, b = { .input = "" };
    pid_t pid;

    listen_to(&a, pool, NULL);
    listen_to(&b, pool, NULL);
    turn_until(loop, a.out.n > 0);
    pid = (pid_t)atoi(buf_cstr(&a.out));
    /* The next one takes the place only when the first has left. */
    turn_until(loop, b.starts > 0);
    cr_expect_eq(kill(pid, 0), -1);
    cr_expect_eq(a.exits, 0);
    buf_clear(&a.out);
    proc_pool_free(pool);
    buf_clear(&b.out);
    loop_free(loop);
    script_gone();
}

Test(pool, cancelling_from_on_start_is_fine)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool =
        script_pool(loop, "exec cat", (struct proc_pool_conf){ 0 });
    struct listener a = { .cancel_on_start = true };

    listen_to(&a, pool, NULL);
    turn_until(loop, a.starts > 0 && proc_pool_active(pool) == 0);
    cr_expect_eq(a.exits, 0);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(pool, free_kills_and_reaps_without_callbacks)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .max_active = 2, .max_waiting = 2 };
    struct proc_pool *pool =
        script_pool(loop, "echo $$; exec tail -f /dev/null", conf);
    struct listener a = { 0 }, b = { 0 }, c = { 0 };
    pid_t pid;

    listen_to(&a, pool, NULL);
    listen_to(&b, pool, NULL);
    listen_to(&c, pool, NULL);
    turn_until(loop, a.out.n > 0);
    pid = (pid_t)atoi(buf_cstr(&a.out));
    proc_pool_free(pool);
    cr_expect_eq(kill(pid, 0), -1);
    loop_free(loop);
    cr_expect_eq(a.exits + b.exits + c.exits + c.starts, 0);
    buf_clear(&a.out);
    buf_clear(&b.out);
    script_gone();
}

Test(pool, free_is_allowed_from_the_last_callback)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool =
        script_pool(loop, "exec cat", (struct proc_pool_conf){ 0 });
    struct listener a = { .input = "", .free_pool_on_exit = true };

    listen_to(&a, pool, NULL);
    turn_until(loop, a.exits > 0);
    loop_free(loop);
    script_gone();
}

Test(pool, an_idle_pool_does_not_keep_the_loop_running)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool =
        script_pool(loop, "exec cat", (struct proc_pool_conf){ 0 });
    struct listener a = { .input = "x" };

    listen_to(&a, pool, NULL);
    loop_run(loop);
    cr_expect_eq(a.exits, 1);
    cr_expect_gt(proc_pool_peak_rss_bytes(pool), 100 * 1024);
    buf_clear(&a.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}
