/* cli/args.h: the words of a command line: options of a sub-command, flags of
 * settings (base/conf), and what is left. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

#define ARGS_MAX 64 /* words of each kind */

struct arg_option {
    const char *name;  /* without "--"; NULL ends a table */
    const char *value; /* what --help calls its value; NULL: a switch */
    const char *doc;
    const char **text; /* where the value goes (borrowed from argv) */
    bool *on;          /* where a switch goes */
};

struct args {
    const char *words[ARGS_MAX]; /* what is no option, in order */
    size_t n_words;
    /* "--flag" "value" pairs for conf_load(), NULL-terminated. */
    const char *flags[2 * ARGS_MAX + 1];
    size_t n_flags;
    const char *config; /* --config FILE, for every command */
    bool help;
};

/*
 * argv[0] is the command's name. "--name value" and "--name=value"; "--" ends
 * the options, "-" is a word. ERR_INPUT for what is unknown or lacks a value.
 */
int args_parse(struct args *out, const struct arg_option *options, int argc,
               char **argv, struct err *err);
/* One more flag for conf_load(); the texts are borrowed. */
void args_add_flag(struct args *args, const char *flag, const char *value);
void args_print(FILE *to, const struct arg_option *options);

#endif
