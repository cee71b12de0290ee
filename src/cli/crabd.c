/*
 * crabd: the service. Reads the settings, introduces the roles to what they
 * share, waits for signals. What the roles do lives in role/.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf/conf.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/footprint.h"
#include "cli/notify.h"
#include "cli/service.h"
#include "cli/version.h"

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

static void
print_help(void)
{
    puts("Usage: crabd [--role ROLE,...] [--config FILE] [--test-config]\n"
         "       crabd --sample-config | --version | --help\n"
         "\n"
         "The Container Registry Agent and Broker service.\n"
         "\n"
         "  --role ROLE,...   client, agent, server (default client,agent)\n"
         "  --config FILE     settings, NAME=value lines\n"
         "                    (default " CRAB_SYSCONFDIR "/crab/crab.conf)\n"
         "  --test-config     check the settings, start nothing\n"
         "  --sample-config   print a commented crab.conf\n"
         "  --version         print the version and whether workers are caged\n"
         "  --help            print this\n"
         "\n"
         "Every setting is an environment variable or a line in the file:\n");
    conf_print_help(stdout);
}

static int
usage(const char *why)
{
    if (why != NULL)
        fprintf(stderr, "crabd: %s\n", why);
    fputs("Try 'crabd --help'.\n", stderr);
    return EXIT_USAGE;
}

static void
redact(const char *name, const char *value, void *arg)
{
    (void)arg;
    log_redact(name, value);
}

static enum log_form
log_form(const struct conf *conf)
{
    if (str_eq(conf->log_form, "json"))
        return LOG_FORM_JSON;
    if (str_eq(conf->log_form, "text"))
        return LOG_FORM_TEXT;
    return LOG_FORM_AUTO;
}

/* ---- running ---------------------------------------------------------- */

struct daemon {
    struct loop *loop;       /* owns */
    struct service *service; /* owns */
    const struct conf *conf; /* borrows */
    bool stopping;
};

static void
on_stopped(void *arg)
{
    struct daemon *d = arg;

    loop_stop(d->loop);
}

static void
on_stop_signal(int signo, void *arg)
{
    struct daemon *d = arg;

    if (d->stopping) {
        log_warn("second signal: stopping at once",
                 LOG_STR("signal", strsignal(signo)));
        loop_stop(d->loop);
        return;
    }
    d->stopping = true;
    log_info("stopping", LOG_STR("signal", strsignal(signo)),
             LOG_MS("drain", d->conf->drain_ms));
    notify_service_manager("STOPPING=1");
    service_drain(d->service, on_stopped, d);
}

static int
run(const struct conf *conf, struct err *err)
{
    struct daemon d = { .conf = conf };
    int rc = -1;

    d.loop = loop_new(err);
    if (d.loop == NULL)
        return -1;
    if (loop_on_signal(d.loop, SIGTERM, on_stop_signal, &d, err) < 0 ||
        loop_on_signal(d.loop, SIGINT, on_stop_signal, &d, err) < 0)
        goto out;
    d.service = service_start(d.loop, conf, err);
    if (d.service == NULL)
        goto out;
    notify_service_manager("READY=1");
    footprint_trim();
    loop_run(d.loop);
    rc = service_failed(d.service, err) ? -1 : 0;
out:
    service_free(d.service);
    loop_free(d.loop);
    return rc;
}

int
main(int argc, char **argv)
{
    enum { OPT_TEST = 1000, OPT_SAMPLE, OPT_ROLE, OPT_CONFIG };
    static const struct option options[] = {
        { "role", required_argument, NULL, OPT_ROLE },
        { "config", required_argument, NULL, OPT_CONFIG },
        { "test-config", no_argument, NULL, OPT_TEST },
        { "sample-config", no_argument, NULL, OPT_SAMPLE },
        { "version", no_argument, NULL, 'V' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    const char *flags[] = { NULL, NULL, NULL };
    const char *file = NULL;
    auto_conf struct conf *conf = NULL;
    struct err err = { .kind = ERR_NONE };
    bool test = false;
    int c;

    footprint_begin();
    while ((c = getopt_long(argc, argv, "Vh", options, NULL)) != -1) {
        switch (c) {
        case OPT_ROLE:
            flags[0] = "--role";
            flags[1] = optarg;
            break;
        case OPT_CONFIG:
            file = optarg;
            break;
        case OPT_TEST:
            test = true;
            break;
        case OPT_SAMPLE:
            conf_print_sample(stdout);
            return EXIT_OK;
        case 'V':
            version_print("crabd");
            return EXIT_OK;
        case 'h':
            print_help();
            return EXIT_OK;
        default:
            return usage(NULL);
        }
    }
    if (optind < argc)
        return usage("there are no further arguments");
    if (conf_load(&conf, file, NULL, flags, &err) < 0) {
        fprintf(stderr, "crabd: %s\n", err.text);
        return EXIT_USAGE;
    }
    if (test) {
        puts("crabd: the settings are fine");
        return EXIT_OK;
    }
    log_setup("crab", STDOUT_FILENO, conf->log_level, log_form(conf));
    conf_each_secret(conf, redact, NULL);
    if (run(conf, &err) < 0) {
        log_error("crabd ends", LOG_ERR(&err));
        fprintf(stderr, "crabd: %s\n", err.text);
        return EXIT_FAILED;
    }
    log_info("stopped");
    return EXIT_OK;
}
