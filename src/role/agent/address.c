/* The rule for callback addresses, applied when they come and when used. */
#include "role/agent/address.h"

#include <string.h>

#include "base/str.h"
#include "engine/net/url.h"

#define ADDRESS_MAX_BYTES 2048

static bool
is_brokers_host(const struct conf *conf, const struct url *u)
{
    auto_url struct url own = { 0 };

    return conf->broker_client_url != NULL &&
           url_parse(&own, conf->broker_client_url, NULL) == 0 &&
           str_eq(own.host, u->host);
}

static bool
host_allowed(const struct conf *conf, const struct url *u)
{
    if (is_brokers_host(conf, u))
        return true;
    if (!str_is_empty(conf->callback_hosts))
        return conf_host_listed(conf->callback_hosts, u->host, u->port);
    return conf->broker_client_url == NULL && !host_is_link_local(u->host);
}

int
address_check(const struct conf *conf, const char *url, struct err *err)
{
    auto_url struct url u = { 0 };

    if (strstr(url, "${") != NULL)
        return err_set(err, ERR_INPUT,
                       "the callback address still reads ${...}: the broker "
                       "client has no such variable");
    if (strlen(url) > ADDRESS_MAX_BYTES)
        return err_set(err, ERR_INPUT,
                       "the callback address is longer than %d bytes",
                       ADDRESS_MAX_BYTES);
    if (url_parse(&u, url, err) < 0)
        return err_wrap(err, "callback address");
    if (!str_eq(u.scheme, "http") && !str_eq(u.scheme, "https"))
        return err_set(err, ERR_INPUT,
                       "callback address: http or https, not %s", u.scheme);
    if (u.userinfo != NULL)
        return err_set(err, ERR_INPUT,
                       "callback address: user and password are not allowed");
    if (!host_allowed(conf, &u))
        return err_set_code(err, ERR_INPUT, "CALLBACK_REFUSED",
                            "callbacks to %s are not allowed "
                            "(CRAB_CALLBACK_HOSTS, BROKER_CLIENT_URL)",
                            u.host);
    return 0;
}
