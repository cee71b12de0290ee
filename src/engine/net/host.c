/* What kind of address a host is, and whether a request target is what it
 * looks like. Both keep doors shut, so both are strict. */
#include "engine/net/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/str.h"

/* The IPv4 address of a literal, also of "::ffff:1.2.3.4"; host order. */
static bool
host_v4(const char *host, uint32_t *out)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, host, &v4) == 1) {
        *out = ntohl(v4.s_addr);
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_V4MAPPED(&v6)) {
        memcpy(&v4, v6.s6_addr + 12, sizeof(v4));
        *out = ntohl(v4.s_addr);
        return true;
    }
    return false;
}

bool
host_is_ip(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;

    return inet_pton(AF_INET, host, &v4) == 1 ||
           inet_pton(AF_INET6, host, &v6) == 1;
}

bool
host_is_link_local(const char *host)
{
    struct in6_addr v6;
    uint32_t v4;

    if (host_v4(host, &v4))
        return v4 >> 16 == 0xa9fe; /* 169.254/16 */
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LINKLOCAL(&v6);
}

bool
host_is_loopback(const char *host)
{
    struct in6_addr v6;
    uint32_t v4;

    if (str_ieq(host, "localhost") || str_ieq(host, "localhost."))
        return true;
    if (host_v4(host, &v4))
        return v4 >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* The byte at *at, with "%2e" "%2f" "%5c" undone; *at moves behind it. */
static uint8_t
next_byte(struct bytes t, size_t *at)
{
    uint8_t c = t.p[(*at)++], decoded;

    if (c == '%' && t.n - *at >= 2 &&
        hex_decode(bytes_of(t.p + *at, 2), &decoded) == 0 &&
        (decoded == '.' || decoded == '/' || decoded == '\\')) {
        *at += 2;
        return decoded;
    }
    return c;
}

/* Is there a "." or ".." between slashes (or backslashes, once decoded)? */
static bool
has_dot_segment(struct bytes t)
{
    size_t at = 0, length = 0, dots = 0;

    while (at < t.n) {
        uint8_t c = next_byte(t, &at);

        if (c == '/' || c == '\\') {
            if (length > 0 && length == dots && dots <= 2)
                return true;
            length = dots = 0;
        } else {
            length++;
            dots += c == '.';
        }
    }
    return length > 0 && length == dots && dots <= 2;
}

static bool
has_byte_out_of_place(struct bytes t)
{
    for (size_t i = 0; i < t.n; i++) {
        uint8_t c = t.p[i];

        if (c <= 0x20 || c == 0x7f || c == '\\' || c == '#')
            return true;
    }
    return false;
}

bool
url_target_is_normal(const char *target)
{
    struct bytes t = bytes_str(target);

    if (!bytes_starts(t, "/") || has_byte_out_of_place(t) ||
        bytes_find_str(t, "//") < t.n)
        return false;
    /* The path alone too: "/a/..?b" ends in a dot segment. */
    return !has_dot_segment(t) &&
           !has_dot_segment(bytes_to(t, bytes_find(t, '?')));
}
