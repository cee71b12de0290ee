#include "loop-proc.h"

#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

/* Why a script that ends this way failed. */
static struct err
why(const char *script)
{
    struct loop *loop = loop_new(NULL);
    struct proc_pool *pool =
        script_pool(loop, script, (struct proc_pool_conf){ 0 });
    struct listener l = { .input = "" };

    listen_to(&l, pool, NULL);
    turn_until(loop, l.exits > 0);
    buf_clear(&l.out);
    proc_pool_free(pool);
    loop_free(loop);
    script_gone();
    return l.err;
}

/* What our log holds after a script wrote its stderr; the caller owns it. */
static char *
logged(const char *script)
{
    struct buf text = BUF_INIT(1024 * 1024);
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    log_setup("test", fds[1], LOG_LEVEL_INFO, LOG_FORM_JSON);
    why(script);
    log_setup("test", 2, LOG_LEVEL_INFO, LOG_FORM_JSON);
    close(fds[1]);
    while (text.n < 1000 * 1024) {
        ssize_t n = read(fds[0], buf_room(&text, 4096), 4096);

        if (n <= 0)
            break;
        text.n += (size_t)n;
    }
    close(fds[0]);
    return buf_steal(&text);
}

TestSuite(reason, .timeout = 30);

Test(reason, the_error_line_is_why_it_failed)
{
    struct err err = why("echo '{\"error\":{\"kind\":\"limit\",\"code\":"
                         "\"LAYER_RATIO\",\"text\":\"entry 812: too small\"}}'"
                         " >&2; exit 1");

    cr_expect_eq(err.kind, ERR_LIMIT);
    cr_expect_str_eq(err.code, "LAYER_RATIO");
    cr_expect_str_eq(err.text, "entry 812: too small");
}

Test(reason, an_error_line_without_its_line_feed_counts)
{
    struct err err = why("printf '{\"error\":{\"kind\":\"input\",\"text\":"
                         "\"cut\"}}' >&2; exit 3");

    cr_expect_eq(err.kind, ERR_INPUT);
    cr_expect_str_eq(err.text, "cut");
    cr_expect_null(err.code);
}

Test(reason, the_name_of_one_of_the_peers_errors_arrives)
{
    struct err err = why("echo '{\"error\":{\"kind\":\"input\",\"code\":"
                         "\"ParseError\",\"text\":\"at 1\"}}' >&2; exit 1");

    cr_assert_not_null(err.code);
    cr_expect_str_eq(err.code, "ParseError");
}

Test(reason, success_has_no_reason_whatever_was_said)
{
    cr_expect_eq(why("echo '{\"error\":{\"kind\":\"limit\",\"text\":\"x\"}}' "
                     ">&2; exit 0")
                     .kind,
                 ERR_NONE);
}

Test(reason, an_unknown_kind_and_a_strange_code_are_not_believed)
{
    struct err err = why("echo '{\"error\":{\"kind\":\"none\",\"code\":"
                         "\"a b\\\\n\",\"text\":\"x\"}}' >&2; exit 1");

    cr_expect_eq(err.kind, ERR_INTERNAL);
    cr_expect_null(err.code);
}

Test(reason, a_status_without_a_reason_is_told)
{
    struct err err = why("exit 7");

    cr_expect_eq(err.kind, ERR_INTERNAL);
    cr_expect_not_null(strstr(err.text, "status 7"));
}

Test(reason, deaths_by_signal_are_told_apart)
{
    static const struct {
        const char *script;
        enum err_kind kind;
        const char *code;
    } cases[] = {
        { "kill -XCPU $$", ERR_LIMIT, "WORKER_CPU" },
        { "kill -KILL $$", ERR_LIMIT, "WORKER_KILLED" },
        { "kill -SYS $$", ERR_INTERNAL, "WORKER_SANDBOX" },
        { "ulimit -c 0; kill -SEGV $$", ERR_INTERNAL, "WORKER_CRASHED" },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct err err = why(cases[i].script);

        cr_expect_eq(err.kind, cases[i].kind, "%s", cases[i].script);
        cr_expect_str_eq(err.code, cases[i].code);
    }
}

Test(reason, log_lines_are_said_again_with_their_fields)
{
    auto_free char *text =
        logged("echo '{\"name\":\"evil\",\"level\":40,\"msg\":\"bad entry\","
               "\"path\":\"/a\",\"n\":7,\"ok\":true,\"v\":0}' >&2");

    cr_expect_not_null(strstr(text, "\"name\":\"test\""));
    cr_expect_null(strstr(text, "evil"));
    cr_expect_not_null(strstr(text, "\"level\":40,\"worker\":"));
    cr_expect_not_null(
        strstr(text, "\"path\":\"/a\",\"n\":7,\"ok\":true,\"msg\":\"bad entry\""));
}

Test(reason, a_worker_cannot_raise_an_alarm_above_warn)
{
    auto_free char *text = logged("echo '{\"level\":60,\"msg\":\"x\"}' >&2");

    cr_expect_not_null(strstr(text, "\"level\":40,"));
}

Test(reason, plain_text_becomes_one_line_of_ours)
{
    auto_free char *text = logged("echo 'assertion \"x\" failed' >&2");

    cr_expect_not_null(
        strstr(text, "\"text\":\"assertion \\\"x\\\" failed\",\"msg\":\"worker says\""));
}

Test(reason, an_endless_line_is_cut_and_the_next_one_is_heard)
{
    auto_free char *text =
        logged("yes aaaaaaaaa | tr -d '\\n' | head -c 300000 >&2; echo >&2;"
               "echo '{\"level\":30,\"msg\":\"after\"}' >&2");

    cr_expect_not_null(strstr(text, "worker line too long"));
    cr_expect_null(strstr(text, "aaaaaaaaa"));
    cr_expect_not_null(strstr(text, "\"msg\":\"after\""));
}

Test(reason, a_chatty_child_is_heard_no_more_but_its_reason_is)
{
    struct err err;
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    log_setup("test", fds[1], LOG_LEVEL_ERROR, LOG_FORM_JSON);
    err = why("yes | head -n 20000 >&2; echo '{\"error\":{\"kind\":\"input\","
              "\"text\":\"late\"}}' >&2; exit 1");
    cr_expect_str_eq(err.text, "late");
}
