#include <criterion/criterion.h>
#include <string.h>

#include "base/conf/conf-private.h"
#include "base/str.h"

/* Load one setting; NULL and err when it is refused. */
static struct conf *
load_one(const char *setting, struct err *err)
{
    const char *const env[] = { setting, NULL };
    struct conf *conf = NULL;

    conf_load(&conf, "", (char *const *)(uintptr_t)env, NULL, err);
    return conf;
}

#define EXPECT_VALUE(setting, member, want) \
    do { \
        struct err err_ = { 0 }; \
        auto_conf struct conf *c_ = load_one(setting, &err_); \
        cr_assert_not_null(c_, "%s: %s", setting, err_.text); \
        cr_expect_eq(c_->member, want, "%s", setting); \
    } while (0)

static void
expect_refused(const char *setting)
{
    struct bytes name = bytes_to(bytes_str(setting),
                                 bytes_find(bytes_str(setting), '='));
    struct err err = { 0 };
    auto_free char *want = xasprintf("%.*s: %s", BYTES_FMT(name),
                                     setting + name.n + 1);

    cr_assert_null(load_one(setting, &err), "%s", setting);
    cr_expect_eq(err.kind, ERR_INPUT);
    cr_expect(str_starts(err.text, want), "%s", err.text);
}

Test(conf_value, sizes_and_durations_take_units)
{
    EXPECT_VALUE("SNYK_MAX_IMAGE_SIZE_IN_BYTES=2147483648", max_image_bytes,
                 2147483648u);
    EXPECT_VALUE("CRAB_LAYER_CACHE_SIZE=1.5MiB", layer_cache_bytes, 1572864);
    EXPECT_VALUE("CRAB_DRAIN_TIMEOUT=2m", drain_ms, 120000);
    EXPECT_VALUE("SOCKET_PING_INTERVAL=25000", ping_interval_ms, 25000);
    EXPECT_VALUE("CRAB_WORKER_CPU=90", worker_cpu_s, 90);
    EXPECT_VALUE("CRAB_WORKER_CPU=2m", worker_cpu_s, 120);
}

Test(conf_value, numbers_out_of_range_name_the_setting_and_the_value)
{
    expect_refused("SNYK_PORT=65536");
    expect_refused("SNYK_PORT=-1");
    expect_refused("MAX_ACTIVE_OPERATIONS=0");
    expect_refused("MAX_ACTIVE_OPERATIONS=5000");
    expect_refused("MAX_ACTIVE_OPERATIONS=2.5");
    expect_refused("CRAB_LAYER_CACHE_SIZE=much");
    expect_refused("CRAB_LAYER_CACHE_SIZE=99999999999999999999");
    expect_refused("CRAB_DRAIN_TIMEOUT=5 fortnights");
    expect_refused("SOCKET_PING_INTERVAL=0");
    expect_refused("CRAB_NESTING_LIMIT=1k");
    EXPECT_VALUE("SNYK_PORT=0", agent_port, 0);
    EXPECT_VALUE("MAX_ACTIVE_OPERATIONS=7", max_active, 7);
    EXPECT_VALUE("MAX_ACTIVE_OPERATIONS=auto", max_active, conf_usable_cpus());
}

Test(conf_value, words_are_checked)
{
    EXPECT_VALUE("CRAB_COMPAT=TRUE", compat, true);
    EXPECT_VALUE("CRAB_COMPAT=off", compat, false);
    expect_refused("CRAB_COMPAT=maybe");
    EXPECT_VALUE("NODE_TLS_REJECT_UNAUTHORIZED=0", tls_insecure, true);
    EXPECT_VALUE("NODE_TLS_REJECT_UNAUTHORIZED=1", tls_insecure, false);
    expect_refused("NODE_TLS_REJECT_UNAUTHORIZED=false");
    EXPECT_VALUE("LOG_LEVEL=DEBUG", log_level, LOG_LEVEL_DEBUG);
    expect_refused("LOG_LEVEL=loud");
    expect_refused("CRAB_LOG_FORMAT=xml");
    EXPECT_VALUE("CRAB_ROLE=server, agent", roles, ROLE_SERVER | ROLE_AGENT);
    expect_refused("CRAB_ROLE=client,cook");
    expect_refused("CRAB_ALLOW_HTTP=http://reg.example");
    expect_refused("CRAB_ALLOW_HTTP=a,,b");
}

Test(conf_value, urls_have_a_scheme_and_no_final_slash)
{
    auto_conf struct conf *a =
        load_one("BROKER_SERVER_URL=HTTPS://b.example/base//", NULL);
    auto_conf struct conf *b = load_one("CR_AGENT_URL=agent:17500", NULL);
    struct err err;

    cr_assert(a != NULL && b != NULL);
    cr_expect_str_eq(a->broker_server_url, "HTTPS://b.example/base");
    /* The original puts https:// in front of what has no scheme. */
    cr_expect_str_eq(b->cr_agent_url, "https://agent:17500");
    cr_expect_null(load_one("BROKER_SERVER_URL=ftp://x", &err));
    cr_expect_null(load_one("BROKER_SERVER_URL=http://", &err));
    cr_expect_null(load_one("BROKER_SERVER_URL=http://a b", &err));
    /* It may hold a password. */
    cr_expect_null(load_one("HTTP_PROXY=x://u:secret@h", &err));
    cr_expect_null(strstr(err.text, "secret"));
}

Test(conf_value, certificate_and_key_come_together)
{
    struct err err;

    cr_expect_null(load_one("HTTPS_CERT=/c.pem", &err));
    cr_expect_not_null(strstr(err.text, "HTTPS_KEY"));
}

Test(conf_value, a_cpu_quota_is_rounded_up)
{
    cr_expect_eq(conf_cpus_of_quota(bytes_str("max 100000\n")), 0);
    cr_expect_eq(conf_cpus_of_quota(bytes_str("150000 100000\n")), 2);
    cr_expect_eq(conf_cpus_of_quota(bytes_str("200000 100000\n")), 2);
    cr_expect_eq(conf_cpus_of_quota(bytes_str("10000 100000\n")), 1);
    cr_expect_eq(conf_cpus_of_quota(bytes_str("-1 100000")), 0);
    cr_expect_eq(conf_cpus_of_quota(bytes_str("100000 0")), 0);
    cr_expect_eq(conf_cpus_of_quota(bytes_str("")), 0);
    cr_expect_eq(conf_cpus_of_quota(bytes_str("18446744073709551615 1")),
                 4096);
    cr_expect_geq(conf_usable_cpus(), 1);
}
