/* Lists of hosts: "host" any port, "host:port" that one, "*" all. */
#include "base/conf/conf.h"

#include <strings.h>

#include "base/bytes.h"
#include "base/str.h"

static struct bytes
without_brackets(struct bytes host)
{
    if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        return bytes_of(host.p + 1, host.n - 2);
    return host;
}

/* Where the port's colon is; entry.n without a port. More than one colon and
 * no brackets: an IPv6 address. */
static size_t
colon_of(struct bytes entry)
{
    size_t from = entry.n > 0 && entry.p[0] == '['
                      ? bytes_find(entry, ']')
                      : 0;
    size_t colon = from + bytes_find(bytes_from(entry, from), ':');

    if (from == 0 && colon < entry.n) {
        struct bytes more = bytes_from(entry, colon + 1);

        if (bytes_find(more, ':') < more.n)
            return entry.n;
    }
    return colon;
}

static bool
entry_matches(struct bytes entry, struct bytes host, uint16_t port)
{
    size_t colon = colon_of(entry);
    struct bytes name = without_brackets(bytes_to(entry, colon));
    uint64_t wanted;

    if (bytes_is(entry, "*"))
        return true;
    if (name.n == 0 || name.n != host.n ||
        strncasecmp((const char *)name.p, (const char *)host.p, name.n) != 0)
        return false;
    if (colon >= entry.n)
        return true;
    return bytes_to_u64(bytes_from(entry, colon + 1), &wanted) &&
           wanted == port;
}

bool
conf_host_listed(const char *list, const char *host, uint16_t port)
{
    struct bytes rest = bytes_str(list), entry;

    while (bytes_next(&rest, ',', &entry)) {
        if (entry_matches(bytes_trim(entry),
                          without_brackets(bytes_str(host)), port))
            return true;
    }
    return false;
}

bool
conf_http_allowed(const struct conf *conf, const char *host, uint16_t port)
{
    return conf_host_listed(conf->allow_http, host, port);
}
