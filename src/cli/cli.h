/* cli/cli.h: what the sub-commands of crab share. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>

#include "base/conf/conf.h"
#include "base/err.h"
#include "cli/args.h"
#include "engine/loop/loop.h"
#include "engine/loop/proc.h"
#include "engine/net/httpc.h"
#include "engine/registry/registry.h"
#include "engine/scan/scan.h"
#include "engine/store/store.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* A row of crab.c: one sub-command. run gets argv[0] = its name and returns
 * an exit code. */
struct command {
    const char *name;
    const char *synopsis; /* behind the name */
    const char *doc;
    const struct arg_option *options;
    int (*run)(const struct command *self, int argc, char **argv);
};

extern const struct command command_scan, command_ls, command_check;

/* "crab: <text>" and how to get help, on stderr. Returns EXIT_USAGE. */
int cli_usage(const struct command *cmd, const struct err *err);
/* "crab: <text>" on stderr. Returns EXIT_FAILED. */
int cli_fail(const struct err *err);
/* Parse the words; -1: nothing is left to do and *code tells with what (help
 * was printed, or wrong usage told). At least `min`, at most `max` words. */
int cli_parse(struct args *args, const struct command *cmd, int argc,
              char **argv, size_t min, size_t max, int *code);

/* The engine without a tunnel. */
struct cli {
    struct conf *conf;       /* owns, all of them */
    struct loop *loop;
    struct httpc *httpc;
    struct reg_hub *hub;
    struct store *store;     /* with cli_open_scanner() only, as the rest */
    struct proc_pool *pool;
    struct scanner *scanner;
};

/*
 * Settings, log (stderr) and what talks to registries. plain_host: a
 * "host[:port]" that may be spoken to without TLS, or NULL. SIGINT and SIGTERM
 * end the process; workers end with it.
 */
int cli_open(struct cli *cli, struct args *args, const char *plain_host,
             struct err *err);
/*
 * The same, and a registry: `registry` as --registry has it, or NULL for that
 * of the settings. *out is a share of the caller's.
 */
struct login_args;
int cli_open_registry(struct cli *cli, struct registry **out,
                      struct args *args, const char *registry,
                      const struct login_args *given, struct err *err);
int cli_open_scanner(struct cli *cli, struct err *err);
void cli_close(struct cli *cli);

#endif
