#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/conf/conf.h"
#include "base/str.h"

#define NO_FILE ""

static const char *const none[] = { NULL };

/* A file of this content; the caller unlinks and frees the name. */
static char *
file_of(const char *content)
{
    char *path = xstrdup("/tmp/crab-conf-XXXXXX");
    int fd = mkstemp(path);

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, content, strlen(content)),
                 (ssize_t)strlen(content));
    close(fd);
    return path;
}

static struct conf *
load(const char *file, const char *const *env, const char *const *flags,
     struct err *err)
{
    struct conf *conf = NULL;

    if (conf_load(&conf, file, (char *const *)(uintptr_t)env, flags, err) < 0)
        cr_assert_null(conf);
    return conf;
}

static void
expect_refused(const char *file, const char *const *env,
               const char *const *flags, const char *says)
{
    struct err err = { 0 };

    cr_assert_null(load(file, env, flags, &err));
    cr_expect_eq(err.kind, ERR_INPUT, "%s", err.text);
    cr_expect_not_null(strstr(err.text, says), "%s", err.text);
}

Test(conf, presets_hold_when_nothing_is_given)
{
    auto_conf struct conf *c = load(NO_FILE, none, NULL, NULL);

    cr_assert_not_null(c);
    cr_expect_eq(c->roles, ROLE_CLIENT | ROLE_AGENT);
    cr_expect_eq(c->agent_port, 17500);
    cr_expect_eq(c->client_port, 7341);
    cr_expect_eq(c->max_image_bytes, 2147483648u);
    cr_expect_eq(c->drain_ms, 30000);
    cr_expect_eq(c->worker_cpu_s, 3600);
    cr_expect_eq(c->callback_give_up_ms, 15 * 60 * 1000);
    cr_expect_geq(c->max_active, 1);
    cr_expect_null(c->broker_token);
    cr_expect_null(c->validation_authorization);
    cr_expect_not(c->tls_insecure);
    cr_expect_str_eq(c->validation_method, "GET");
    cr_expect_eq(c->log_level, LOG_LEVEL_INFO);
    cr_expect_not_null(c->host_id);
}

Test(conf, flag_over_environment_over_file)
{
    auto_free char *file = file_of("LOG_LEVEL=error\nSNYK_PORT=1\n"
                                   "CRAB_STATE_DIR=/file\n");
    const char *const env[] = { "LOG_LEVEL=warn", "SNYK_PORT=2", NULL };
    const char *const flags[] = { "--log-level", "debug", NULL };
    auto_conf struct conf *c = load(file, env, flags, NULL);

    unlink(file);
    cr_assert_not_null(c);
    cr_expect_eq(c->log_level, LOG_LEVEL_DEBUG);
    cr_expect_eq(c->agent_port, 2);
    cr_expect_str_eq(c->state_dir, "/file");
}

Test(conf, empty_values_are_not_given)
{
    auto_free char *file = file_of("SNYK_PORT=5\n");
    const char *const env[] = { "SNYK_PORT=", "CR_TYPE=", NULL };
    auto_conf struct conf *c = load(file, env, NULL, NULL);

    unlink(file);
    cr_assert_not_null(c);
    cr_expect_eq(c->agent_port, 5);
    cr_expect_null(c->cr_type);
    cr_expect_not(conf_is_given(c, "CR_TYPE"));
    cr_expect(conf_is_given(c, "SNYK_PORT"));
    cr_expect_not(conf_is_given(c, "PORT"));
    cr_expect_not(conf_is_given(c, "NO_SUCH"));
}

Test(conf, the_files_lines_may_have_blanks_quotes_and_comments)
{
    auto_free char *file = file_of("# a comment\n\n  CR_TYPE = harbor-cr \r\n"
                                   "export CR_BASE=\"reg.example\"\n"
                                   "CR_USERNAME='robot$x'\n"
                                   "CR_PASSWORD=a=b#c \"d\n"
                                   "MY_OWN=kept");
    auto_conf struct conf *c = load(file, none, NULL, NULL);

    unlink(file);
    cr_assert_not_null(c);
    cr_expect_str_eq(c->cr_type, "harbor-cr");
    cr_expect_str_eq(c->cr_base, "reg.example");
    cr_expect_str_eq(c->cr_username, "robot$x");
    cr_expect_str_eq(secret_reveal(c->cr_password), "a=b#c \"d");
    cr_expect_str_eq(conf_lookup(c, "MY_OWN"), "kept");
}

static void
expect_file_refused(const char *content, const char *says)
{
    auto_free char *file = file_of(content);

    expect_refused(file, none, NULL, says);
    unlink(file);
}

Test(conf, a_bad_line_is_named)
{
    expect_file_refused("A=1\n\nnonsense\n", ":3: NAME=value");
    expect_file_refused("=x\n", ":1: NAME=value");
    expect_file_refused("9A=x\n", ":1: NAME=value");
    expect_file_refused("A=1\nA=2\n", ":2: A is given twice");
    expect_file_refused("SNYK_PORT=x\n", "SNYK_PORT: x: a whole number");
}

Test(conf, a_named_file_must_be_there)
{
    struct err err;

    cr_expect_null(load("/nonexistent/crab.conf", none, NULL, &err));
    cr_expect_eq(err.kind, ERR_ABSENT);
}

Test(conf, unknown_names_of_ours_are_told_the_nearest)
{
    const char *const env[] = { "CRAB_STATEDIR=/x", NULL };
    const char *const file_env[] = { "CRAB_STATE_DIR_FILE=/x", NULL };
    const char *const others[] = { "CRAB=/usr/bin/crab", "CRABBY_X=1",
                                   "SNYK_WHATEVER=1", NULL };

    expect_refused(NO_FILE, env, NULL, "nearest is CRAB_STATE_DIR)");
    /* Only secrets and the like may come from a file. */
    expect_refused(NO_FILE, file_env, NULL, "CRAB_STATE_DIR_FILE");
    expect_file_refused("CRAB_LOGFORMAT=json\n", "CRAB_LOG_FORMAT");

    auto_conf struct conf *c = load(NO_FILE, others, NULL, NULL);
    cr_expect_not_null(c);
}

Test(conf, the_links_of_a_kubernetes_service_are_not_ours)
{
    const char *const env[] = {
        "CRAB_SERVICE_HOST=10.0.0.1",
        "CRAB_SERVICE_PORT=80",
        "CRAB_SERVICE_PORT_HTTP=80",
        "CRAB_PORT=tcp://10.0.0.1:80",
        "CRAB_PORT_80_TCP=tcp://10.0.0.1:80",
        "CRAB_PORT_80_TCP_PROTO=tcp",
        "CRAB_PORT_80_TCP_ADDR=10.0.0.1",
        "SNYK_PORT=tcp://10.0.0.1:80",
        "CRAB_SERVER_PORT=tcp://10.0.0.1:80",
        NULL,
    };
    struct err err = { 0 };
    auto_conf struct conf *c = load(NO_FILE, env, NULL, &err);

    cr_assert_not_null(c, "%s", err.text);
    cr_expect_eq(c->agent_port, 17500);
    cr_expect_eq(c->server_port, 7342);
}

Test(conf, flags_are_known_or_refused)
{
    const char *const unknown[] = { "--nonsense", "1", NULL };
    const char *const bare[] = { "--log-level", NULL };

    expect_refused(NO_FILE, none, unknown, "--nonsense");
    expect_refused(NO_FILE, none, bare, "--log-level wants a value");
    cr_expect(conf_is_flag("--state-dir"));
    cr_expect_not(conf_is_flag("state-dir"));
    cr_expect_not(conf_is_flag("--config"));
}

Test(conf, secrets_may_lie_in_a_file_and_lose_one_line_end)
{
    auto_free char *secret = file_of("s3 cret\n\n");
    auto_free char *setting = xasprintf("BROKER_TOKEN_FILE=%s", secret);
    auto_free char *user = xasprintf("CR_USERNAME_FILE=%s", secret);
    const char *const env[] = { setting, user, NULL };
    const char *const both[] = { setting, "BROKER_TOKEN=x", NULL };
    const char *const gone[] = { "CR_PASSWORD_FILE=/nonexistent", NULL };
    auto_conf struct conf *c = load(NO_FILE, env, NULL, NULL);
    struct err err;

    cr_assert_not_null(c);
    cr_expect_str_eq(secret_reveal(c->broker_token), "s3 cret\n");
    cr_expect_str_eq(conf_lookup(c, "BROKER_TOKEN"), "s3 cret\n");
    cr_expect_str_eq(c->cr_username, "s3 cret\n");
    expect_refused(NO_FILE, both, NULL,
                   "BROKER_TOKEN and BROKER_TOKEN_FILE are both given");
    cr_expect_null(load(NO_FILE, gone, NULL, &err));
    cr_expect_not_null(strstr(err.text, "CR_PASSWORD_FILE"));
    unlink(secret);
}

Test(conf, a_stronger_layer_wins_over_a_weaker_ones_file)
{
    auto_free char *file = file_of("BROKER_TOKEN_FILE=/nonexistent\n");
    const char *const env[] = { "BROKER_TOKEN=env", NULL };
    auto_conf struct conf *c = load(file, env, NULL, NULL);

    unlink(file);
    cr_assert_not_null(c);
    cr_expect_str_eq(secret_reveal(c->broker_token), "env");
}

Test(conf, synonyms_count_and_the_first_wins)
{
    const char *const a[] = { "CA_CERT=/b.pem", NULL };
    const char *const b[] = { "CA_CERT=/b.pem", "NODE_EXTRA_CA_CERTS=/a.pem",
                              "http_proxy=proxy:3128", NULL };
    auto_conf struct conf *one = load(NO_FILE, a, NULL, NULL);
    auto_conf struct conf *two = load(NO_FILE, b, NULL, NULL);

    cr_assert(one != NULL && two != NULL);
    cr_expect_str_eq(one->ca_file, "/b.pem");
    cr_expect(conf_is_given(one, "NODE_EXTRA_CA_CERTS"));
    cr_expect_str_eq(two->ca_file, "/a.pem");
    cr_expect_str_eq(two->http_proxy, "http://proxy:3128");
    /* One proxy serves both schemes. */
    cr_expect_str_eq(two->https_proxy, "http://proxy:3128");
}

Test(conf, with_both_roles_the_two_find_each_other)
{
    const char *const env[] = { "PORT=8000", "SNYK_PORT=8081", NULL };
    const char *const listen[] = { "CRAB_LISTEN=::1", NULL };
    const char *const given[] = { "CR_AGENT_URL=http://agent:1///", NULL };
    const char *const one_role[] = { "CRAB_ROLE=client", NULL };
    auto_conf struct conf *c = load(NO_FILE, env, NULL, NULL);
    auto_conf struct conf *v6 = load(NO_FILE, listen, NULL, NULL);
    auto_conf struct conf *own = load(NO_FILE, given, NULL, NULL);
    auto_conf struct conf *client = load(NO_FILE, one_role, NULL, NULL);

    cr_assert(c != NULL && v6 != NULL && own != NULL && client != NULL);
    cr_expect_str_eq(c->cr_agent_url, "http://127.0.0.1:8081");
    cr_expect_str_eq(c->broker_client_url, "http://127.0.0.1:8000");
    cr_expect_str_eq(conf_lookup(c, "CR_AGENT_URL"), "http://127.0.0.1:8081");
    cr_expect_str_eq(v6->cr_agent_url, "http://[::1]:17500");
    cr_expect_str_eq(own->cr_agent_url, "http://agent:1");
    cr_expect_str_eq(conf_lookup(own, "CR_AGENT_URL"), "http://agent:1");
    cr_expect_null(client->cr_agent_url);

    /* A free port is not known before it is bound. */
    const char *const any_port[] = { "SNYK_PORT=0", NULL };
    auto_conf struct conf *any = load(NO_FILE, any_port, NULL, NULL);
    cr_expect_null(any->cr_agent_url);
}

Test(conf, a_server_alone_takes_the_clients_names)
{
    const char *const env[] = { "CRAB_ROLE=server", "PORT=8000",
                                "ACCEPT=/rules.json", NULL };
    const char *const both[] = { "CRAB_ROLE=server,client", "PORT=8000", NULL };
    auto_conf struct conf *alone = load(NO_FILE, env, NULL, NULL);
    auto_conf struct conf *with = load(NO_FILE, both, NULL, NULL);

    cr_assert(alone != NULL && with != NULL);
    cr_expect_eq(alone->server_port, 8000);
    cr_expect_str_eq(alone->server_accept, "/rules.json");
    cr_expect_eq(with->server_port, 7342);
    cr_expect_null(with->server_accept);
}

Test(conf, variables_in_values_are_replaced_but_never_in_secrets)
{
    const char *const env[] = {
        "HOST_A=agent.example", "CR_AGENT_URL=http://$HOST_A:1",
        "CR_BASE=$NOWHERE/x",   "CR_PASSWORD=a$HOST_A",
        "CR_USERNAME=robot$HOST_A", "CR_TYPE=a$", NULL,
    };
    auto_conf struct conf *c = load(NO_FILE, env, NULL, NULL);

    cr_assert_not_null(c);
    cr_expect_str_eq(c->cr_agent_url, "http://agent.example:1");
    cr_expect_str_eq(c->cr_base, "$NOWHERE/x");
    cr_expect_str_eq(secret_reveal(c->cr_password), "a$HOST_A");
    cr_expect_str_eq(c->cr_username, "robot$HOST_A");
    cr_expect_str_eq(c->cr_type, "a$");
}

Test(conf, lookup_finds_settings_presets_and_plain_variables)
{
    const char *const env[] = { "CR_USERNAME=robot", "FREE=text",
                                "CR_PASSWORD=pw", "EMPTY=", NULL };
    auto_conf struct conf *c = load(NO_FILE, env, NULL, NULL);

    cr_assert_not_null(c);
    cr_expect_str_eq(conf_lookup(c, "CR_USERNAME"), "robot");
    cr_expect_str_eq(conf_lookup(c, "crUsername"), "robot");
    cr_expect_str_eq(conf_lookup(c, "CR_PASSWORD"), "pw");
    cr_expect_str_eq(conf_lookup(c, "PORT"), "7341");
    cr_expect_str_eq(conf_lookup(c, "FREE"), "text");
    cr_expect_null(conf_lookup(c, "NOWHERE"));
    cr_expect_null(conf_lookup(c, "CR_BASE"));
    cr_expect_null(conf_lookup(c, ""));
}

static void
collect(const char *name, const char *value, void *arg)
{
    buf_addf(arg, "%s=%s;", name, value);
}

Test(conf, what_must_not_be_logged_is_listed)
{
    const char *const env[] = {
        "BROKER_TOKEN=tok",
        "CR_BASE=reg.example",
        "CR_PASSWORD_POOL=one, two",
        "BROKER_CLIENT_VALIDATION_BASIC_AUTH=u:p",
        "HTTPS_PROXY=http://user:pw@proxy:3128/",
        "AWS_SECRET_ACCESS_KEY=aws",
        "CR_TYPE=ecr",
        NULL,
    };
    auto_conf struct conf *c = load(NO_FILE, env, NULL, NULL);
    auto_buf struct buf got = BUF_INIT(4096);

    cr_assert_not_null(c);
    conf_each_secret(c, collect, &got);
    buf_cstr(&got);
    for (size_t i = 0; env[i] != NULL; i++) {
        const char *const want[] = {
            "BROKER_TOKEN=tok;", "CR_BASE=reg.example;",
            "CR_PASSWORD_POOL=one;CR_PASSWORD_POOL=two;",
            "BROKER_CLIENT_VALIDATION_BASIC_AUTH=u:p;",
            "HTTPS_PROXY=user:pw;", "AWS_SECRET_ACCESS_KEY=aws;",
        };

        if (i < N_ELEMENTS(want))
            cr_expect_not_null(strstr((char *)got.p, want[i]), "%s in %s",
                               want[i], (char *)got.p);
    }
    cr_expect_null(strstr((char *)got.p, "CR_TYPE"));
    /* Only preset, so there is nothing to hide. */
    cr_expect_null(strstr((char *)got.p, "CR_AGENT_URL"));
}
