#include "loop-proc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

static char script_path[64];

static void
on_start(void *arg)
{
    struct listener *l = arg;

    l->starts++;
    if (l->order != NULL)
        l->start_place = ++*l->order;
    if (l->input != NULL) {
        proc_write(l->proc, bytes_str(l->input));
        proc_finish(l->proc);
    }
    if (l->cancel_on_start)
        proc_cancel(l->proc);
}

static void
on_output(struct bytes chunk, void *arg)
{
    struct listener *l = arg;

    cr_expect_eq(l->starts, 1);
    cr_expect_eq(l->exits, 0);
    buf_add_bytes(&l->out, chunk);
    if (l->cancel_on_output)
        proc_cancel(l->proc);
    if (l->pause_on_output)
        proc_pause(l->proc);
}

static void
on_drain(void *arg)
{
    struct listener *l = arg;

    l->drains++;
}

static void
on_exit_(const struct err *err, void *arg)
{
    struct listener *l = arg;

    l->exits++;
    err_clear(&l->err);
    if (err != NULL)
        l->err = *err;
    if (l->free_pool_on_exit)
        proc_pool_free(l->pool);
}

const struct proc_events listener_events = {
    .on_start = on_start,
    .on_output = on_output,
    .on_drain = on_drain,
    .on_exit = on_exit_,
};

struct proc_pool *
script_pool(struct loop *loop, const char *script, struct proc_pool_conf conf)
{
    int fd;

    strcpy(script_path, "/tmp/crab-worker-XXXXXX");
    fd = mkstemp(script_path);
    cr_assert_geq(fd, 0);
    dprintf(fd, "#!/bin/sh\n%s\n", script);
    fchmod(fd, 0700);
    close(fd);
    conf.worker_path = script_path;
    if (conf.max_active == 0)
        conf.max_active = 1;
    return proc_pool_new(loop, &conf, NULL);
}

void
script_gone(void)
{
    unlink(script_path);
}

struct proc *
listen_to(struct listener *l, struct proc_pool *pool, const char *const *args)
{
    buf_init(&l->out, 64 * 1024 * 1024);
    l->pool = pool;
    l->proc = proc_start(pool, PROC_LAYER, args, &listener_events, l, &l->err);
    return l->proc;
}

/* Deferred, it lets loop_turn() return although nothing happens. */
static void
nothing(void *arg)
{
    (void)arg;
}

/* Start a script with some input and wait for its end. */
static void
run(struct listener *l, const char *script, const char *const *args)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool =
        script_pool(loop, script, (struct proc_pool_conf){ 0 });

    cr_assert_not_null(listen_to(l, pool, args));
    cr_expect_eq(l->starts, 0, "on_start came from within proc_start");
    turn_until(loop, l->exits > 0);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

TestSuite(proc, .timeout = 30);

Test(proc, bytes_go_in_and_come_out)
{
    struct listener l = { .input = "some bytes" };

    run(&l, "exec cat", NULL);
    cr_expect(bytes_is(buf_bytes(&l.out), "some bytes"));
    cr_expect_eq(l.err.kind, ERR_NONE);
    cr_expect_eq(l.exits, 1);
    buf_clear(&l.out);
}

Test(proc, the_mode_and_the_arguments_are_the_childs)
{
    struct listener l = { .input = "" };

    run(&l, "echo \"$1|$2|$3|$#\"",
        (const char *const[]){ "--plain-limit", "a b", NULL });
    cr_expect(bytes_is(buf_bytes(&l.out), "layer|--plain-limit|a b|3\n"));
    buf_clear(&l.out);
}

Test(proc, the_child_knows_the_log_level_and_nothing_else)
{
    struct listener l = { .input = "" };

    setenv("BROKER_TOKEN", "do-not-tell", 1);
    log_setup("test", 2, LOG_LEVEL_WARN, LOG_FORM_JSON);
    run(&l, "tr '\\0' '\\n' < /proc/$$/environ", NULL);
    cr_expect(bytes_is(buf_bytes(&l.out), "LOG_LEVEL=warn\n"), "%s",
              buf_cstr(&l.out));
    buf_clear(&l.out);
}

Test(proc, the_child_gets_no_descriptor_but_three)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .worker_path = "/bin/ls", .max_active = 1 };
    struct proc_pool *pool = proc_pool_new(loop, &conf, NULL);
    struct listener l = { .input = "" };

    cr_assert_eq(dup2(0, 57), 57);
    listen_to(&l, pool, (const char *const[]){ "/proc/self/fd", NULL });
    turn_until(loop, l.exits > 0);
    /* 3 is the directory that ls itself has open. */
    cr_expect(bytes_is(buf_bytes(&l.out), "/proc/self/fd:\n0\n1\n2\n3\n"), "%s",
              buf_cstr(&l.out));
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
}

Test(proc, pipes_work_for_a_parent_without_its_own_three)
{
    struct listener l = { .input = "some bytes" };

    close(0);
    close(1);
    run(&l, "exec cat", NULL);
    cr_expect(bytes_is(buf_bytes(&l.out), "some bytes"));
    cr_expect_eq(l.err.kind, ERR_NONE);
    buf_clear(&l.out);
}

Test(proc, the_child_is_killed_by_a_broken_pipe_although_we_are_not)
{
    struct listener l = { .input = "" };

    /* 141 is 128 + SIGPIPE: the first cat died of it. */
    run(&l, "(yes; echo $? >&2) | head -c 1 >/dev/null; kill -PIPE $$", NULL);
    cr_expect_eq(l.err.kind, ERR_INTERNAL);
    cr_expect_str_eq(l.err.text, "worker died of SIGPIPE");
    buf_clear(&l.out);
}

Test(proc, more_than_any_pipe_holds_comes_out_whole_and_before_the_exit)
{
    struct listener l = { .input = "" };

    run(&l, "yes 0123456789 | head -c 3000000", NULL);
    cr_expect_eq(l.out.n, 3000000);
    cr_expect_eq(l.err.kind, ERR_NONE);
    buf_clear(&l.out);
}

Test(proc, a_full_pipe_says_so_and_drains)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .pipe_bytes = 65536, .max_waiting = 1 };
    struct proc_pool *pool = script_pool(loop, "read go; exec wc -c", conf);
    struct listener l = { .drains = 0 };
    size_t total = 3; /* "go\n" */
    auto_free char *chunk = xcalloc(1, 100000);

    listen_to(&l, pool, NULL);
    turn_until(loop, l.starts > 0);
    /* 100000 do not fit into 65536, so this one cannot but be FULL. */
    cr_expect_eq(proc_write(l.proc, bytes_of(chunk, 100000)), PROC_FULL);
    cr_expect_eq(l.drains, 0);
    proc_cancel(l.proc);

    l = (struct listener){ .drains = 0 };
    listen_to(&l, pool, NULL);
    turn_until(loop, l.starts > 0);
    cr_expect_eq(proc_write(l.proc, bytes_str("go\n")), PROC_MORE);
    for (unsigned i = 0; i < 20; i++) {
        enum proc_room room = proc_write(l.proc, bytes_of(chunk, 100000));

        cr_assert_neq(room, PROC_GONE);
        total += 100000;
        if (room == PROC_FULL) {
            unsigned before = l.drains;

            turn_until(loop, l.drains == before + 1);
        }
    }
    proc_finish(l.proc);
    turn_until(loop, l.exits > 0);
    cr_expect(bytes_is(buf_bytes(&l.out), "2000000\n"), "%s",
              buf_cstr(&l.out));
    cr_expect_eq(total, 2000003);
    cr_expect_gt(l.drains, 0);
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(proc, finish_does_not_cut_off_what_is_pending)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .pipe_bytes = 65536 };
    struct proc_pool *pool = script_pool(loop, "exec wc -c", conf);
    struct listener l = { .drains = 0 };
    auto_free char *chunk = xcalloc(1, 900000);

    listen_to(&l, pool, NULL);
    turn_until(loop, l.starts > 0);
    proc_write(l.proc, bytes_of(chunk, 900000));
    proc_finish(l.proc);
    cr_expect_eq(proc_write(l.proc, bytes_str("late")), PROC_GONE);
    turn_until(loop, l.exits > 0);
    cr_expect(bytes_is(buf_bytes(&l.out), "900000\n"));
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(proc, who_ignores_full_is_refused_at_the_ceiling)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .pipe_bytes = 65536,
                                   .pending_limit_bytes = 150000 };
    struct proc_pool *pool = script_pool(loop, "kill -STOP $$", conf);
    struct listener l = { .drains = 0 };
    auto_free char *chunk = xcalloc(1, 100000);

    listen_to(&l, pool, NULL);
    turn_until(loop, l.starts > 0);
    cr_expect_eq(proc_write(l.proc, bytes_of(chunk, 100000)), PROC_FULL);
    cr_expect_eq(proc_write(l.proc, bytes_of(chunk, 100000)), PROC_FULL);
    cr_expect_eq(proc_write(l.proc, bytes_of(chunk, 100000)), PROC_GONE);
    turn_until(loop, l.exits > 0);
    cr_expect_eq(l.err.kind, ERR_LIMIT);
    cr_expect_str_eq(l.err.code, "WORKER_PIPE");
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(proc, a_child_that_read_enough_may_still_succeed)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool =
        script_pool(loop, "read line; exec <&-; echo closed; echo \"$line\"",
                    (struct proc_pool_conf){ 0 });
    struct listener l = { .drains = 0 };

    listen_to(&l, pool, NULL);
    turn_until(loop, l.starts > 0);
    proc_write(l.proc, bytes_str("enough\n"));
    turn_until(loop, l.exits > 0);
    cr_expect(bytes_is(buf_bytes(&l.out), "closed\nenough\n"));
    cr_expect_eq(l.err.kind, ERR_NONE);
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(proc, writing_to_one_that_closed_its_input_is_gone)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool =
        script_pool(loop, "exec <&-; echo closed; kill -STOP $$",
                    (struct proc_pool_conf){ 0 });
    struct listener l = { .drains = 0 };

    listen_to(&l, pool, NULL);
    turn_until(loop, l.out.n > 0);
    cr_expect_eq(proc_write(l.proc, bytes_str("x")), PROC_GONE);
    proc_cancel(l.proc);
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(proc, paused_output_waits_and_is_complete_after_resume)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool = script_pool(
        loop, "echo one; read line; echo two", (struct proc_pool_conf){ 0 });
    struct listener l = { .pause_on_output = true };

    listen_to(&l, pool, NULL);
    turn_until(loop, l.out.n > 0);
    cr_expect(bytes_is(buf_bytes(&l.out), "one\n"));
    proc_write(l.proc, bytes_str("go\n"));
    proc_finish(l.proc);
    turn_until(loop, proc_pool_active(pool) == 0);
    loop_defer(loop, nothing, NULL);
    loop_turn(loop);
    cr_expect_eq(l.exits, 0, "the exit overtook the output");
    cr_expect(bytes_is(buf_bytes(&l.out), "one\n"));
    l.pause_on_output = false;
    proc_resume(l.proc);
    turn_until(loop, l.exits > 0);
    cr_expect(bytes_is(buf_bytes(&l.out), "one\ntwo\n"));
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(proc, what_a_child_leaves_behind_does_not_keep_it_alive)
{
    struct listener l = { .input = "" };

    /* The background cat holds stdout open and never ends by itself. */
    run(&l, "tail -f /dev/null & echo $!", NULL);
    cr_expect_eq(l.exits, 1);
    cr_expect_gt(l.out.n, 1);
    if (atoi(buf_cstr(&l.out)) > 1)
        kill((pid_t)atoi(buf_cstr(&l.out)), SIGKILL);
    buf_clear(&l.out);
}

Test(proc, no_byte_for_the_idle_time_is_the_end)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .idle_timeout_ms = 60000 };
    struct proc_pool *pool =
        script_pool(loop, "read line; echo \"$line\"; kill -STOP $$", conf);
    struct listener l = { .drains = 0 };

    clock_freeze(0);
    listen_to(&l, pool, NULL);
    turn_until(loop, l.starts > 0);
    clock_advance(59999);
    proc_write(l.proc, bytes_str("go\n"));
    turn_until(loop, l.out.n > 0);
    clock_advance(59999); /* since the last byte */
    loop_defer(loop, nothing, NULL);
    loop_turn(loop);
    loop_turn(loop);
    cr_expect_eq(proc_pool_active(pool), 1);
    clock_advance(2);
    turn_until(loop, l.exits > 0);
    cr_expect_eq(l.err.kind, ERR_LIMIT);
    cr_expect_str_eq(l.err.code, "WORKER_IDLE");
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}

Test(proc, time_in_which_we_do_not_read_is_not_held_against_it)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool_conf conf = { .idle_timeout_ms = 1000 };
    struct proc_pool *pool =
        script_pool(loop, "echo one; read line; echo two", conf);
    struct listener l = { .pause_on_output = true };

    clock_freeze(0);
    listen_to(&l, pool, NULL);
    turn_until(loop, l.out.n > 0);
    for (int i = 0; i < 5; i++) {
        clock_advance(1000);
        loop_defer(loop, nothing, NULL);
        loop_turn(loop);
    }
    l.pause_on_output = false;
    proc_resume(l.proc);
    proc_write(l.proc, bytes_str("go\n"));
    turn_until(loop, l.exits > 0);
    cr_expect_eq(l.err.kind, ERR_NONE);
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
}
