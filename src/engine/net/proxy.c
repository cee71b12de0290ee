/* Which way a request goes: HTTP_PROXY, HTTPS_PROXY and NO_PROXY as the
 * configuration has them. The process's environment is not looked at. */
#include "engine/net/proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"

struct proxy {
    char *url;     /* owns; NULL: none. May hold a password. */
    bool loopback; /* it lives on this machine */
};

struct proxies {
    struct proxy http, https;
    char *exceptions; /* NO_PROXY; owns */
};

/* "proxy:3128" is meant as "http://proxy:3128". */
static int
proxy_init(struct proxy *p, const char *name, const char *text,
           struct err *err)
{
    auto_url struct url u = { 0 };

    if (str_is_empty(text))
        return 0;
    p->url = strstr(text, "://") != NULL ? xstrdup(text)
                                         : xasprintf("http://%s", text);
    if (url_parse(&u, p->url, err) < 0)
        return err_wrap(err, "%s", name);
    if (!str_eq(u.scheme, "http") && !str_eq(u.scheme, "https"))
        return err_set(err, ERR_INPUT, "%s: a proxy is http:// or https://",
                       name);
    p->loopback = host_is_loopback(u.host);
    return 0;
}

static void
proxy_clear(struct proxy *p)
{
    if (p->url != NULL)
        wipe(p->url, strlen(p->url));
    free(p->url);
}

struct proxies *
proxies_new(const char *http_proxy, const char *https_proxy,
            const char *no_proxy, struct err *err)
{
    struct proxies *p = xnew(struct proxies);

    p->exceptions = xstrdup(no_proxy != NULL ? no_proxy : "");
    if (proxy_init(&p->http, "HTTP_PROXY", http_proxy, err) < 0 ||
        proxy_init(&p->https, "HTTPS_PROXY", https_proxy, err) < 0) {
        proxies_free(p);
        return NULL;
    }
    return p;
}

void
proxies_free(struct proxies *p)
{
    if (p == NULL)
        return;
    proxy_clear(&p->http);
    proxy_clear(&p->https);
    free(p->exceptions);
    free(p);
}

struct address {
    int family;
    uint8_t byte[16];
    unsigned bits; /* of the family: 32 or 128 */
};

static bool
address_parse(struct address *a, const char *text)
{
    *a = (struct address){ .family = AF_INET, .bits = 32 };
    if (inet_pton(AF_INET, text, a->byte) == 1)
        return true;
    *a = (struct address){ .family = AF_INET6, .bits = 128 };
    return inet_pton(AF_INET6, text, a->byte) == 1;
}

static bool
same_bits(const struct address *a, const struct address *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (a->family != b->family || memcmp(a->byte, b->byte, whole) != 0)
        return false;
    return rest == 0 ||
           (a->byte[whole] ^ b->byte[whole]) >> (8 - rest) == 0;
}

/* "10.0.0.0/8", "fd00::/8", or an address alone; *known: it is of this kind */
static bool
network_has(const char *entry, const char *host, bool *known)
{
    const char *slash = strchr(entry, '/');
    auto_free char *net = slash != NULL
                              ? xstrndup(entry, (size_t)(slash - entry))
                              : xstrdup(entry);
    struct address a, h;
    uint64_t bits;

    *known = address_parse(&a, net);
    bits = a.bits;
    if (!*known || !address_parse(&h, host))
        return false;
    if (slash != NULL && (!str_to_u64(slash + 1, &bits) || bits > a.bits))
        return false;
    return same_bits(&a, &h, (unsigned)bits);
}

/* A name is meant with all below it; ".name" and "*.name" only those below. */
static bool
name_covers(const char *name, const char *host)
{
    size_t n = strlen(name), h = strlen(host);
    bool below_only = false;

    if (name[0] == '*' && name[1] == '.') {
        name++;
        n--;
    }
    if (name[0] == '.') {
        below_only = true;
        name++;
        n--;
    }
    if (n == 0 || n > h || !str_ieq(host + h - n, name))
        return false;
    return n == h ? !below_only : host[h - n - 1] == '.';
}

/* Cut ":port" off `entry`; false when it names another port than ours. */
static bool
port_fits(char *entry, uint16_t port)
{
    char *colon = strrchr(entry, ':');
    char *bracket = strchr(entry, ']');
    uint64_t want;

    if (entry[0] == '[' && bracket != NULL) {
        colon = bracket[1] == ':' ? bracket + 1 : NULL;
        *bracket = '\0';
        memmove(entry, entry + 1, strlen(entry));
        if (colon == NULL)
            return true;
        return str_to_u64(colon + 1, &want) && want == port;
    }
    /* Two colons without brackets: an IPv6 address. */
    if (colon == NULL || strchr(entry, ':') != colon)
        return true;
    *colon = '\0';
    return str_to_u64(colon + 1, &want) && want == port;
}

static bool
entry_covers(struct bytes text, const struct url *u)
{
    auto_free char *entry = bytes_dup(text);
    bool known, inside;

    if (str_eq(entry, "*"))
        return true;
    if (!port_fits(entry, u->port))
        return false;
    inside = network_has(entry, u->host, &known);
    return known ? inside : name_covers(entry, u->host);
}

static bool
is_excepted(const struct proxies *p, const struct url *u)
{
    struct bytes rest = bytes_str(p->exceptions), entry;

    while (bytes_next(&rest, ',', &entry)) {
        struct bytes word;

        entry = bytes_trim(entry);
        while (bytes_next(&entry, ' ', &word)) {
            if (word.n > 0 && entry_covers(word, u))
                return true;
        }
    }
    return false;
}

const char *
proxies_for(const struct proxies *p, const struct url *u)
{
    const struct proxy *own = url_is_tls(u) ? &p->https : &p->http;
    const struct proxy *other = url_is_tls(u) ? &p->http : &p->https;
    const struct proxy *proxy = own->url != NULL ? own : other;

    if (proxy->url == NULL || is_excepted(p, u))
        return NULL;
    /* A proxy elsewhere would look for this host on its own machine. */
    if (host_is_loopback(u->host) && !proxy->loopback)
        return NULL;
    return proxy->url;
}
