#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json/jx.h"
#include "base/log.h"
#include "base/str.h"

static int log_fd = -1;

static void
start(enum log_level level, enum log_form form)
{
    FILE *f = tmpfile();

    log_fd = dup(fileno(f));
    fclose(f);
    clock_freeze(1714557600000);
    log_setup("crab", log_fd, level, form);
}

/* Everything logged since start(); the caller owns it. */
static char *
logged(void)
{
    static char text[200000];
    ssize_t n = pread(log_fd, text, sizeof(text) - 1, 0);

    cr_assert_geq(n, 0);
    text[n] = '\0';
    return text;
}

static size_t
n_lines(const char *text)
{
    size_t n = 0;

    for (; (text = strchr(text, '\n')) != NULL; text++)
        n++;
    return n;
}

static struct jx *
only_line(void)
{
    const char *text = logged();
    struct err err = { 0 };
    struct jx *line;

    cr_assert_eq(n_lines(text), 1, "%s", text);
    line = jx_parse(bytes_str(text), SIZE_MAX, &err);
    cr_assert_not_null(line, "%s: %s", err.text, text);
    return line;
}

Test(log, a_line_has_bunyans_members)
{
    struct err err;

    start(LOG_LEVEL_INFO, LOG_FORM_JSON);
    err_set(&err, ERR_NET, "gone");
    log_warn("layer fetched", LOG_STR("repo", "a/b"), LOG_STR("none", NULL),
             LOG_BYTES("size", 5), LOG_MS("took", 7), LOG_BOOL("known", true),
             LOG_ERR(&err));

    auto_jx struct jx *line = only_line();
    cr_expect_str_eq(jx_str(line, "name"), "crab");
    cr_expect_eq(jx_int(line, "pid", 0), getpid());
    cr_expect_eq(jx_int(line, "level", 0), 40);
    cr_expect_str_eq(jx_str(line, "repo"), "a/b");
    cr_expect_not(jx_has(line, "none"));
    cr_expect_eq(jx_int(line, "sizeBytes", 0), 5);
    cr_expect_eq(jx_int(line, "tookMs", 0), 7);
    cr_expect(jx_bool(line, "known", false));
    cr_expect_str_eq(jx_str(line, "error"), "gone");
    cr_expect_str_eq(jx_str(line, "kind"), "net");
    cr_expect_not(jx_has(line, "code"));
    cr_expect_str_eq(jx_str(line, "msg"), "layer fetched");
    cr_expect_str_eq(jx_str(line, "time"), "2024-05-01T10:00:00.000Z");
    cr_expect_eq(jx_int(line, "v", -1), 0);
}

Test(log, an_error_shows_the_code_it_was_given)
{
    struct err err;

    start(LOG_LEVEL_INFO, LOG_FORM_JSON);
    err_set_code(&err, ERR_TIMEOUT, "ETIMEDOUT", "too late");
    log_warn("gone", LOG_ERR(&err));

    auto_jx struct jx *line = only_line();
    cr_expect_str_eq(jx_str(line, "kind"), "timeout");
    cr_expect_str_eq(jx_str(line, "code"), "ETIMEDOUT");
}

Test(log, levels_below_the_wanted_one_are_silent)
{
    enum log_level level;

    start(LOG_LEVEL_WARN, LOG_FORM_JSON);
    log_info("no");
    log_debug("no");
    cr_expect_str_eq(logged(), "");
    cr_expect_not(log_wants(LOG_LEVEL_INFO));
    cr_expect(log_wants(LOG_LEVEL_ERROR));
    cr_expect_eq(log_level_parse("WARN", &level), 0);
    cr_expect_eq(level, LOG_LEVEL_WARN);
    cr_expect_eq(log_level_parse("loud", &level), -1);
    cr_expect_eq(log_level_parse(NULL, &level), -1);
}

static void
log_secret_everywhere(void)
{
    struct err err;

    log_redact("CR_PASSWORD", "hunter2");
    log_redact("SHORT", "ab");
    err_set(&err, ERR_AUTH, "refused HUNTER2");
    log_info("msg hunter2", LOG_STR("text", "xhunter2x ab"), LOG_ERR(&err),
             LOG_URL("url", "https://u:hunter2@h.example/a/hunter2?q=hunter2"));
}

Test(log, no_field_shows_a_secret)
{
    start(LOG_LEVEL_INFO, LOG_FORM_JSON);
    log_secret_everywhere();

    auto_jx struct jx *line = only_line();
    cr_expect_null(strcasestr(logged(), "hunter2"));
    cr_expect_str_eq(jx_str(line, "msg"), "msg ${CR_PASSWORD}");
    /* Fewer than three characters would hit too much else. */
    cr_expect_str_eq(jx_str(line, "text"), "x${CR_PASSWORD}x ab");
    cr_expect_str_eq(jx_str(line, "error"), "refused ${CR_PASSWORD}");
    cr_expect_str_eq(jx_str(line, "url"), "https://h.example/a/${CR_PASSWORD}");
}

Test(log, nor_does_the_form_for_people)
{
    start(LOG_LEVEL_INFO, LOG_FORM_TEXT);
    log_secret_everywhere();
    cr_expect_null(strcasestr(logged(), "hunter2"));
    cr_expect_not_null(strstr(logged(), "text=x${CR_PASSWORD}x ab"));
}

Test(log, the_longest_secret_wins_and_forgetting_forgets)
{
    auto_buf struct buf out = BUF_INIT(1000);

    log_redact("ONE", "abc");
    log_redact("TWO", "abcdef");
    log_clean(&out, bytes_str("abcdef abcx"));
    cr_expect_str_eq(buf_cstr(&out), "${TWO} ${ONE}x");
    log_redact_forget();
    buf_reset(&out);
    log_clean(&out, bytes_str("abcdef"));
    cr_expect_str_eq(buf_cstr(&out), "abcdef");
}

Test(log, a_strangers_text_cannot_begin_a_line)
{
    start(LOG_LEVEL_INFO, LOG_FORM_TEXT);
    log_info("one", LOG_STR("text", "a\nERROR forged\r\x1b[2J"));
    cr_expect_eq(n_lines(logged()), 1);
    cr_expect_null(strpbrk(logged(), "\r\x1b"));
    start(LOG_LEVEL_INFO, LOG_FORM_JSON);
    log_info("one", LOG_STR("text", "a\nb\xff"));

    auto_jx struct jx *line = only_line();
    cr_expect_str_eq(jx_str(line, "text"), "a\nb\xef\xbf\xbd");
}

/* The cut must not leave the first half of a secret at the end. */
Test(log, long_fields_are_cut_without_baring_a_secret)
{
    auto_free char *text = xalloc(40000);

    memset(text, 'x', 39999);
    text[39999] = '\0';
    /* Wherever the cut is, a secret lies across it or near. */
    for (size_t at = 16000; at < 17000; at += 7)
        memcpy(text + at, "hunter2", 7);
    log_redact("S", "hunter2");
    for (int form = 0; form < 2; form++) {
        start(LOG_LEVEL_INFO, form == 0 ? LOG_FORM_JSON : LOG_FORM_TEXT);
        log_info("long", LOG_STR("a", text), LOG_STR("b", text));
        cr_expect_eq(n_lines(logged()), 1);
        cr_expect_not_null(strstr(logged(), "long"));
        cr_expect_not_null(strstr(logged(), "xxxx${S}"));
        cr_expect_null(strstr(logged(), "hu"));
    }
}

Test(log, a_line_too_long_says_so_instead_of_being_cut_in_the_middle)
{
    auto_free char *text = xalloc(30000);

    memset(text, '\x01', 29999);
    text[29999] = '\0';
    start(LOG_LEVEL_INFO, LOG_FORM_JSON);
    log_info("long", LOG_STR("a", text), LOG_STR("b", text));

    auto_jx struct jx *line = only_line();
    cr_expect_str_eq(jx_str(line, "msg"), "log line too long");
}
