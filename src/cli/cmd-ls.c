/* crab ls: the repositories of a registry, or the tags of one repository. */
#include <stdio.h>

#include "base/str.h"
#include "cli/cli.h"
#include "cli/login.h"

static struct {
    const char *registry;
    struct login_args login;
} given;

static const struct arg_option ls_options[] = {
    { .name = "registry", .value = "BASE", .text = &given.registry,
      .doc = "[http://]host[:port][/path] (CR_BASE)" },
    LOGIN_OPTIONS(given.login),
    { .name = NULL },
};

struct ls_run {
    struct cli cli;
    struct registry *registry; /* shares */
    struct err err;            /* kind NONE: it worked */
};

static void
on_names(const char *const *names, size_t n, const struct err *err, void *arg)
{
    struct ls_run *run = arg;

    if (err != NULL)
        run->err = *err;
    for (size_t i = 0; err == NULL && i < n; i++)
        puts(names[i]);
    loop_stop(run->cli.loop);
}

static int
list(struct ls_run *run, const char *repo, struct err *err)
{
    if (repo != NULL)
        registry_tags(run->registry, repo, on_names, run);
    else
        registry_catalog(run->registry, on_names, run);
    loop_run(run->cli.loop);
    if (run->err.kind != ERR_NONE)
        *err = run->err;
    return run->err.kind != ERR_NONE ? -1 : 0;
}

static int
work(struct ls_run *run, struct args *args, struct err *err)
{
    if (cli_open_registry(&run->cli, &run->registry, args, given.registry,
                          &given.login, err) < 0)
        return -1;
    return list(run, args->n_words > 0 ? args->words[0] : NULL, err);
}

static int
run_ls(const struct command *self, int argc, char **argv)
{
    struct ls_run run = { 0 };
    struct args args;
    struct err err;
    int code = EXIT_DONE;

    if (cli_parse(&args, self, argc, argv, 0, 1, &code) < 0)
        return code;
    if (work(&run, &args, &err) < 0)
        code = cli_fail(&err);
    if (run.registry != NULL)
        registry_unref(run.registry);
    cli_close(&run.cli);
    /* A list that did not arrive whole is no list. */
    if (fflush(stdout) != 0 && code == EXIT_DONE) {
        err_set(&err, ERR_IO, "standard output cannot be written");
        code = cli_fail(&err);
    }
    return code;
}

const struct command command_ls = {
    .name = "ls",
    .synopsis = "[option ...] [REPOSITORY]",
    .doc = "The repositories of a registry, or the tags of one, a line each.",
    .options = ls_options,
    .run = run_ls,
};
