/* Where a password may go. The built-in suffix rule is a small part of the
 * public suffix list, made to err on the side of refusing. */
#include "engine/registry/realm.h"

#include <string.h>

#include "base/conf/conf.h"
#include "base/str.h"

/* Second labels that countries sell below their own ("example.co.uk"). */
static const char *const second_level[] = {
    "ac", "co",  "com", "edu", "go",  "gob", "gouv", "gov", "govt", "gv",
    "id", "ltd", "me",  "mil", "ne",  "net", "nhs",  "nom", "or",   "org",
    "plc", "sch",
};

/* Domains below which strangers live side by side. */
static const char *const shared[] = {
    "amazonaws.com",    "amazonaws.com.cn", "appspot.com",
    "azurecr.cn",       "azurecr.io",       "azurecr.us",
    "azurecontainer.io", "azurewebsites.net", "cloudapp.azure.com",
    "cloudfront.net",   "core.windows.net", "duckdns.org",
    "dyndns.org",       "elb.amazonaws.com", "fly.dev",
    "github.io",        "gitlab.io",        "herokuapp.com",
    "netlify.app",      "ngrok.io",         "ngrok.app",
    "ngrok-free.app",   "nip.io",           "ondigitalocean.app",
    "onrender.com",     "pages.dev",        "pkg.dev",
    "run.app",          "sslip.io",         "svc.cluster.local",
    "trycloudflare.com", "vercel.app",      "web.app",
    "workers.dev",
};

/* `host` with one label more than `suffix`, seen from the right; NULL when
 * there is no such label. */
static const char *
one_label_more(const char *host, const char *suffix)
{
    const char *p = suffix;

    if (p == host)
        return NULL;
    for (p--; p > host && p[-1] != '.'; p--)
        ;
    return p < suffix - 1 ? p : NULL;
}

static bool
is_second_level(const char *label, const char *tld)
{
    if (strlen(tld) != 2)
        return false;
    for (size_t i = 0; i < N_ELEMENTS(second_level); i++) {
        size_t n = strlen(second_level[i]);

        if (strncmp(label, second_level[i], n) == 0 && label[n] == '.')
            return true;
    }
    return false;
}

/* Where the longest shared domain begins that `host` ends with, or NULL. */
static const char *
shared_suffix(const char *host)
{
    const char *best = NULL;

    for (size_t i = 0; i < N_ELEMENTS(shared); i++) {
        const char *at;

        if (!str_ends(host, shared[i]))
            continue;
        at = host + strlen(host) - strlen(shared[i]);
        if ((at == host || at[-1] == '.') && (best == NULL || at < best))
            best = at;
    }
    return best;
}

const char *
realm_registrable(const char *host)
{
    const char *suffix = shared_suffix(host);
    const char *tld = strrchr(host, '.'), *second;

    if (host_is_ip(host) || tld == NULL || tld[1] == '\0')
        return NULL;
    if (suffix != NULL)
        return one_label_more(host, suffix);
    second = one_label_more(host, ++tld);
    if (second != NULL && is_second_level(second, tld))
        return one_label_more(host, second);
    return second;
}

static bool
same_owner(const char *a, const char *b)
{
    if (str_eq(a, b))
        return true;
    a = realm_registrable(a);
    b = realm_registrable(b);
    return a != NULL && str_eq(a, b);
}

static bool
is_paired(const char *const *pairs, const char *host)
{
    for (size_t i = 0; pairs != NULL && pairs[i] != NULL; i++) {
        if (str_eq(pairs[i], host))
            return true;
    }
    return false;
}

static int
refuse(const struct url *registry, const struct url *realm, const char *why,
       struct err *err)
{
    auto_free char *text = url_text(realm);

    return err_set_code(err, ERR_DENIED, "REALM_REFUSED",
                        "registry %s announces the token realm \"%.300s\" in "
                        "its WWW-Authenticate header: %s",
                        registry->host, text, why);
}

int
realm_check(const struct url *registry, const struct url *realm,
            const char *const *pairs, const char *listed, struct err *err)
{
    if (!str_eq(realm->scheme, "http") && !str_eq(realm->scheme, "https"))
        return refuse(registry, realm, "it is not an http address", err);
    if (!url_is_tls(realm) && url_is_tls(registry))
        return refuse(registry, realm,
                      "credentials are not sent without TLS (is there a proxy "
                      "that does not set X-Forwarded-Proto?)", err);
    if (same_owner(registry->host, realm->host) ||
        is_paired(pairs, realm->host) ||
        conf_host_listed(listed, realm->host, realm->port))
        return 0;
    return refuse(registry, realm,
                  "credentials are not sent to a foreign host; if it is to be "
                  "trusted, name it in CRAB_REALM_HOSTS", err);
}
