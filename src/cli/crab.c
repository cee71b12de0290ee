/* crab: the engine on the command line. Each sub-command is a file and a row
 * here. */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/cli.h"
#include "cli/version.h"

static const struct command *const commands[] = {
    &command_scan,
    &command_ls,
    &command_check,
};

static void
print_help(FILE *to)
{
    fputs("usage: crab COMMAND [option ...] [word ...]\n\n", to);
    for (size_t i = 0; i < N_ELEMENTS(commands); i++)
        fprintf(to, "  crab %s %s\n      %s\n", commands[i]->name,
                commands[i]->synopsis, commands[i]->doc);
    fputs("\n  crab COMMAND --help            options of a command\n"
          "  crab --settings [sample|mdoc]  settings: environment variables,\n"
          "                                 lines of crab.conf(5)\n"
          "  crab --version\n",
          to);
}

int
cli_usage(const struct command *cmd, const struct err *err)
{
    fprintf(stderr, "crab: %s\nTry: crab %s%s--help\n", err->text,
            cmd != NULL ? cmd->name : "", cmd != NULL ? " " : "");
    return EXIT_USAGE;
}

int
cli_fail(const struct err *err)
{
    fprintf(stderr, "crab: %s\n", err->text);
    return EXIT_FAILED;
}

static void
print_command_help(const struct command *cmd)
{
    static const struct arg_option common[] = {
        { .name = "config", .value = "FILE", .doc = "settings, crab.conf(5)" },
        { .name = "help", .doc = "this" },
        { .name = NULL },
    };

    printf("usage: crab %s %s\n%s\n\n", cmd->name, cmd->synopsis, cmd->doc);
    args_print(stdout, cmd->options);
    args_print(stdout, common);
    puts("\nSettings with an option of their own (crab --settings) may be "
         "given too.");
}

int
cli_parse(struct args *args, const struct command *cmd, int argc, char **argv,
          size_t min, size_t max, int *code)
{
    struct err err;

    if (args_parse(args, cmd->options, argc, argv, &err) < 0) {
        *code = cli_usage(cmd, &err);
        return -1;
    }
    if (args->help) {
        print_command_help(cmd);
        *code = EXIT_DONE;
        return -1;
    }
    if (args->n_words < min || args->n_words > max) {
        err_set(&err, ERR_INPUT, "%s: %s", cmd->name,
                args->n_words < min ? "something is missing"
                                    : "too many words");
        *code = cli_usage(cmd, &err);
        return -1;
    }
    return 0;
}

/* The table of settings: as help, as a file to begin with, for the manual. */
static int
print_settings(const char *form)
{
    struct err err;

    if (form == NULL) {
        conf_print_help(stdout);
    } else if (strcmp(form, "sample") == 0) {
        conf_print_sample(stdout);
    } else if (strcmp(form, "mdoc") == 0) {
        conf_print_mdoc(stdout);
    } else {
        err_set(&err, ERR_INPUT, "--settings: sample or mdoc is wanted");
        return cli_usage(NULL, &err);
    }
    return EXIT_DONE;
}

int
main(int argc, char **argv)
{
    const char *first = argc > 1 ? argv[1] : "";
    struct err err;

    if (strcmp(first, "--version") == 0) {
        version_print("crab");
        return EXIT_DONE;
    }
    if (strcmp(first, "--help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    if (strcmp(first, "--settings") == 0)
        return print_settings(argv[2]);
    for (size_t i = 0; i < N_ELEMENTS(commands); i++) {
        if (strcmp(first, commands[i]->name) == 0)
            return commands[i]->run(commands[i], argc - 1, argv + 1);
    }
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    err_set(&err, ERR_INPUT, first[0] == '-' ? "unknown option %.100s"
                                             : "unknown command %.100s",
            first);
    return cli_usage(NULL, &err);
}
