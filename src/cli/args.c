/* Command lines. Every option has a long name and nothing else, so that a
 * script reads like a sentence. */
#include "cli/args.h"

#include <string.h>

#include "base/auto.h"
#include "base/conf/conf.h"
#include "base/str.h"

void
args_add_flag(struct args *args, const char *flag, const char *value)
{
    if (args->n_flags + 2 >= N_ELEMENTS(args->flags))
        return;
    args->flags[args->n_flags++] = flag;
    args->flags[args->n_flags++] = value;
    args->flags[args->n_flags] = NULL;
}

static const struct arg_option *
find(const struct arg_option *options, const char *name)
{
    for (; options->name != NULL; options++) {
        if (strcmp(options->name, name) == 0)
            return options;
    }
    return NULL;
}

/* What a word names, and whether it wants a value. */
struct meaning {
    const struct arg_option *option; /* of the command */
    bool is_config, is_setting;
};

static int
understand(struct meaning *out, const struct arg_option *options,
           const char *word, struct err *err)
{
    *out = (struct meaning){ .option = find(options, word + 2) };
    if (out->option != NULL)
        return 0;
    out->is_config = strcmp(word, "--config") == 0;
    out->is_setting = conf_is_flag(word);
    if (out->is_config || out->is_setting)
        return 0;
    return err_set(err, ERR_INPUT, "unknown option %.100s", word);
}

static void
keep(struct args *a, const struct meaning *m, const char *word,
     const char *value)
{
    if (m->is_config)
        a->config = value;
    else if (m->is_setting)
        args_add_flag(a, word, value);
    else
        *m->option->text = value;
}

/* The option at argv[*i]; *i ends at its last word. */
static int
take_option(struct args *a, const struct arg_option *options, int argc,
            char **argv, int *i, struct err *err)
{
    char *word = argv[*i], *equals = strchr(word, '=');
    struct meaning m;

    if (equals != NULL)
        *equals++ = '\0';
    if (strcmp(word, "--help") == 0) {
        a->help = true;
        return 0;
    }
    if (understand(&m, options, word, err) < 0)
        return -1;
    if (m.option != NULL && m.option->on != NULL) {
        if (equals != NULL)
            return err_set(err, ERR_INPUT, "%.100s takes no value", word);
        *m.option->on = true;
        return 0;
    }
    if (equals == NULL && *i + 1 == argc)
        return err_set(err, ERR_INPUT, "%.100s wants a value", word);
    keep(a, &m, word, equals != NULL ? equals : argv[++*i]);
    return 0;
}

int
args_parse(struct args *out, const struct arg_option *options, int argc,
           char **argv, struct err *err)
{
    bool only_words = false;

    memset(out, 0, sizeof(*out));
    for (int i = 1; i < argc; i++) {
        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && str_starts(argv[i], "--")) {
            if (take_option(out, options, argc, argv, &i, err) < 0)
                return -1;
        } else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
            return err_set(err, ERR_INPUT, "unknown option %.100s", argv[i]);
        } else if (out->n_words == ARGS_MAX) {
            return err_set(err, ERR_INPUT, "too many words");
        } else {
            out->words[out->n_words++] = argv[i];
        }
    }
    return 0;
}

void
args_print(FILE *to, const struct arg_option *options)
{
    for (; options->name != NULL; options++) {
        auto_free char *left =
            xasprintf("--%s%s%s", options->name,
                      options->value != NULL ? " " : "",
                      options->value != NULL ? options->value : "");

        fprintf(to, "  %-28s %s\n", left, options->doc);
    }
}
