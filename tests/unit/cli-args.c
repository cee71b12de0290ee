#include <criterion/criterion.h>
#include <string.h>

#include "base/auto.h"
#include "cli/args.h"

static const char *text;
static bool on;

static const struct arg_option options[] = {
    { .name = "text", .value = "T", .text = &text },
    { .name = "on", .on = &on },
    { .name = NULL },
};

#define MAX_WORDS 16

/* Parses a command line written as one string, words separated by blanks. */
static int
parse(struct args *args, const char *line, struct err *err)
{
    static char copy[256];
    char *argv[MAX_WORDS], *word, *rest = copy;
    int argc = 0;

    text = NULL;
    on = false;
    snprintf(copy, sizeof(copy), "cmd %s", line);
    while ((word = strsep(&rest, " ")) != NULL && argc < MAX_WORDS) {
        if (*word != '\0')
            argv[argc++] = word;
    }
    return args_parse(args, options, argc, argv, err);
}

Test(args, options_and_words_may_be_mixed)
{
    struct args a;

    cr_assert_eq(parse(&a, "one --text x --on two", NULL), 0);
    cr_expect_str_eq(text, "x");
    cr_expect(on);
    cr_assert_eq(a.n_words, 2);
    cr_expect_str_eq(a.words[0], "one");
    cr_expect_str_eq(a.words[1], "two");
    cr_assert_eq(parse(&a, "--text=x=y -", NULL), 0);
    cr_expect_str_eq(text, "x=y");
    cr_expect_str_eq(a.words[0], "-");
    cr_assert_eq(parse(&a, "-- --text", NULL), 0);
    cr_expect_null(text);
    cr_expect_str_eq(a.words[0], "--text");
}

Test(args, flags_of_settings_are_handed_on)
{
    struct args a;

    cr_assert_eq(parse(&a, "--log-level=debug --state-dir /x --config /c",
                       NULL),
                 0);
    cr_assert_eq(a.n_flags, 4);
    cr_expect_str_eq(a.flags[0], "--log-level");
    cr_expect_str_eq(a.flags[1], "debug");
    cr_expect_str_eq(a.flags[3], "/x");
    cr_expect_null(a.flags[4]);
    cr_expect_str_eq(a.config, "/c");
}

static void
expect_refused(const char *line, const char *says)
{
    struct args a;
    struct err err;

    cr_assert_eq(parse(&a, line, &err), -1, "%s", line);
    cr_expect_eq(err.kind, ERR_INPUT);
    cr_expect_not_null(strstr(err.text, says), "%s", err.text);
}

Test(args, what_nobody_knows_is_refused)
{
    struct args a;

    expect_refused("--nonsense", "unknown option --nonsense");
    expect_refused("--nonsense=1", "unknown option --nonsense");
    expect_refused("-t", "unknown option -t");
    expect_refused("--text", "--text wants a value");
    expect_refused("--config", "--config wants a value");
    expect_refused("--on=yes", "--on takes no value");
    cr_assert_eq(parse(&a, "--help", NULL), 0);
    cr_expect(a.help);
}

Test(args, too_many_words_are_refused_and_flags_stop)
{
    char *argv[ARGS_MAX + 2];
    struct args a;
    struct err err;

    for (size_t i = 0; i < N_ELEMENTS(argv); i++)
        argv[i] = (char *)(uintptr_t)"w";
    cr_expect_eq(args_parse(&a, options, ARGS_MAX + 1, argv, &err), 0);
    cr_expect_eq(args_parse(&a, options, ARGS_MAX + 2, argv, &err), -1);
    for (int i = 0; i < 3 * ARGS_MAX; i++)
        args_add_flag(&a, "--log-level", "info");
    cr_expect_leq(a.n_flags, 2 * ARGS_MAX);
    cr_expect_null(a.flags[a.n_flags]);
}
