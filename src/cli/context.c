/* The engine without a tunnel: made for one command, gone with it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/login.h"

static void
redact(const char *name, const char *value, void *arg)
{
    (void)arg;
    log_redact(name, value);
}

/* The daemon's settings may be none of this user's business. */
static const char *
config_file(const struct args *args)
{
    static const char preset[] = CRAB_SYSCONFDIR "/crab/crab.conf";

    if (args->config == NULL && access(preset, R_OK) < 0 && errno == EACCES)
        return "";
    return args->config;
}

static int
load_conf(struct cli *cli, struct args *args, const char *plain_host,
          struct err *err)
{
    auto_free char *hosts = NULL;
    const char *before;

    if (conf_load(&cli->conf, config_file(args), NULL, args->flags, err) < 0)
        return -1;
    if (plain_host == NULL)
        return 0;
    before = cli->conf->allow_http;
    hosts = xasprintf("%s%s%s", before != NULL ? before : "",
                      before != NULL ? "," : "", plain_host);
    args_add_flag(args, "--allow-http", hosts);
    conf_free(steal(cli->conf));
    return conf_load(&cli->conf, config_file(args), NULL, args->flags, err);
}

/* People do not want to hear the story of the day, unless they ask for it. */
static void
set_up_log(const struct conf *conf)
{
    enum log_level level = conf_is_given(conf, "LOG_LEVEL") ? conf->log_level
                                                            : LOG_LEVEL_WARN;
    enum log_form form = LOG_FORM_TEXT;

    if (conf_is_given(conf, "CRAB_LOG_FORMAT") &&
        str_eq(conf->log_form, "json"))
        form = LOG_FORM_JSON;
    log_setup("crab", STDERR_FILENO, level, form);
    conf_each_secret(conf, redact, NULL);
}

static int
open_net(struct cli *cli, struct err *err)
{
    const struct conf *c = cli->conf;
    struct httpc_conf net = {
        .ca_file = c->ca_file,
        .insecure = c->tls_insecure,
        .http_proxy = c->http_proxy,
        .https_proxy = c->https_proxy,
        .no_proxy = c->no_proxy,
        .connect_timeout_ms = c->registry_connect_ms,
    };

    cli->loop = loop_new(err);
    if (cli->loop == NULL)
        return -1;
    cli->httpc = httpc_new(cli->loop, &net, err);
    if (cli->httpc == NULL)
        return -1;
    cli->hub = reg_hub_new(cli->loop, c, cli->httpc, err);
    return cli->hub != NULL ? 0 : -1;
}

int
cli_open(struct cli *cli, struct args *args, const char *plain_host,
         struct err *err)
{
    memset(cli, 0, sizeof(*cli));
    if (load_conf(cli, args, plain_host, err) < 0)
        return -1;
    set_up_log(cli->conf);
    if (cli->conf->tls_insecure)
        fputs("crab: certificates are not verified "
              "(NODE_TLS_REJECT_UNAUTHORIZED=0)\n",
              stderr);
    return open_net(cli, err);
}

int
cli_open_registry(struct cli *cli, struct registry **out, struct args *args,
                  const char *registry, const struct login_args *given,
                  struct err *err)
{
    bool plain = false;
    const char *base =
        registry != NULL ? login_strip_scheme(registry, &plain) : NULL;
    auto_free char *bare = xstrdup(base);
    auto_free char *host =
        plain ? xstrndup(base, strcspn(base, "/")) : NULL;
    auto_login struct login login = { 0 };

    for (size_t n = bare != NULL ? strlen(bare) : 0;
         n > 0 && bare[n - 1] == '/';)
        bare[--n] = '\0';
    if (cli_open(cli, args, host, err) < 0 ||
        login_find(&login, given, bare, NULL, cli->conf, err) < 0)
        return -1;
    if (login.base == NULL && login.type == NULL)
        return err_set(err, ERR_INPUT, "which registry? --registry, or CR_BASE "
                                       "in the settings");
    *out = login_registry(&login, cli->hub, err);
    return *out != NULL ? 0 : -1;
}

int
cli_open_scanner(struct cli *cli, struct err *err)
{
    const char *where = conf_is_given(cli->conf, "CRAB_STATE_DIR")
                            ? cli->conf->state_dir
                            : ":memory:";

    cli->store = store_open(cli->loop, where, err);
    if (cli->store == NULL)
        return -1;
    cli->pool = scanner_pool_new(cli->loop, cli->conf, err);
    if (cli->pool == NULL)
        return -1;
    cli->scanner = scanner_new(cli->loop, cli->conf, cli->pool, cli->store,
                               err);
    return cli->scanner != NULL ? 0 : -1;
}

void
cli_close(struct cli *cli)
{
    scanner_free(cli->scanner);
    if (cli->pool != NULL)
        proc_pool_free(cli->pool);
    if (cli->store != NULL)
        store_close(cli->store);
    if (cli->hub != NULL)
        reg_hub_free(cli->hub);
    if (cli->httpc != NULL)
        httpc_free(cli->httpc);
    loop_free(cli->loop);
    conf_free(cli->conf);
    log_redact_forget();
}
