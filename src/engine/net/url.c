/* Addresses taken apart, put together and compared. What kind of address a
 * host is (literal, loopback, link-local) lives in host.c. */
#include "engine/net/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/secret.h"
#include "base/str.h"

/* Longer than any signed URL of an object store. */
#define URL_MAX_BYTES 65536

static const struct scheme {
    const char *name;
    uint16_t port;
    bool tls;
} schemes[] = {
    { "http", 80, false },
    { "https", 443, true },
    { "ws", 80, false },
    { "wss", 443, true },
};

static const struct scheme *
scheme_find(const char *name)
{
    for (size_t i = 0; i < N_ELEMENTS(schemes); i++) {
        if (str_eq(schemes[i].name, name))
            return &schemes[i];
    }
    return NULL;
}

static uint16_t
own_port(const struct url *u)
{
    const struct scheme *s = scheme_find(u->scheme);

    return s != NULL ? s->port : 0;
}

/* Texts of errors name the place, never the text: it may hold a password. */
static int
check_bytes(struct bytes text, struct err *err)
{
    if (text.n > URL_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "url: more than %d bytes",
                       URL_MAX_BYTES);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= 0x20 || text.p[i] == 0x7f)
            return err_set(err, ERR_INPUT,
                           "url: byte 0x%02x at %zu must be percent-encoded",
                           text.p[i], i);
    }
    return 0;
}

static bool
is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Length of "scheme:" without the colon; 0 when `text` does not begin so. */
static size_t
scheme_length(struct bytes text)
{
    size_t n = bytes_find(text, ':');

    if (n == text.n || n == 0 || !is_alnum(text.p[0]) || text.p[0] <= '9')
        return 0;
    for (size_t i = 1; i < n; i++) {
        if (!is_alnum(text.p[i]) && strchr("+-.", text.p[i]) == NULL)
            return 0;
    }
    return n;
}

static int
parse_scheme(struct url *u, struct bytes *rest, struct err *err)
{
    size_t n = scheme_length(*rest);

    if (n == 0)
        return err_set(err, ERR_INPUT, "url: it does not begin with a scheme "
                                       "such as https://");
    u->scheme = str_lower(xstrndup((const char *)rest->p, n));
    if (scheme_find(u->scheme) == NULL)
        return err_set(err, ERR_INPUT, "url: scheme %.32s is not supported",
                       u->scheme);
    *rest = bytes_from(*rest, n + 1);
    if (!bytes_starts(*rest, "//"))
        return err_set(err, ERR_INPUT, "url: no // behind %s:", u->scheme);
    *rest = bytes_from(*rest, 2);
    return 0;
}

/*
 * A name that ends in a number is read as an IPv4 address by resolvers
 * ("0x7f.1", "2130706433"): only the plain dotted form may pass, or the
 * checks below and the resolver would speak of different hosts.
 */
static bool
ends_in_number(const char *host)
{
    size_t n = strlen(host), start;

    if (n > 0 && host[n - 1] == '.')
        n--;
    for (start = n; start > 0 && host[start - 1] != '.'; start--)
        ;
    if (start == n)
        return false;
    if (strncmp(host + start, "0x", 2) == 0)
        return strspn(host + start + 2, "0123456789abcdef") + start + 2 >= n;
    return strspn(host + start, "0123456789") + start >= n;
}

static bool
is_reg_name(const char *host)
{
    struct in_addr v4;

    for (const char *p = host; *p != '\0'; p++) {
        if (!is_alnum((uint8_t)*p) && *p != '-' && *p != '_' && *p != '.')
            return false;
        if (*p == '.' && (p == host || p[1] == '.'))
            return false;
    }
    if (ends_in_number(host))
        return inet_pton(AF_INET, host, &v4) == 1;
    return true;
}

/* Sets u->host; *rest is what follows it: nothing, or ":port". */
static int
parse_host(struct url *u, struct bytes *rest, struct err *err)
{
    struct in6_addr v6;
    size_t n;

    if (rest->n > 0 && rest->p[0] == '[') {
        n = bytes_find(*rest, ']');
        if (n == rest->n)
            return err_set(err, ERR_INPUT, "url: host: [ without ]");
        u->host = str_lower(xstrndup((const char *)rest->p + 1, n - 1));
        *rest = bytes_from(*rest, n + 1);
        if (inet_pton(AF_INET6, u->host, &v6) != 1)
            return err_set(err, ERR_INPUT, "url: host: not an IPv6 address");
        return 0;
    }
    n = bytes_find(*rest, ':');
    if (n == 0)
        return err_set(err, ERR_INPUT, "url: no host");
    if (n > 253)
        return err_set(err, ERR_INPUT, "url: host: more than 253 bytes");
    u->host = str_lower(xstrndup((const char *)rest->p, n));
    *rest = bytes_from(*rest, n);
    if (!is_reg_name(u->host))
        return err_set(err, ERR_INPUT, "url: host: neither a name in ASCII "
                                       "nor a plain IP address");
    return 0;
}

static int
parse_port(struct url *u, struct bytes rest, struct err *err)
{
    uint64_t port;

    u->port = own_port(u);
    if (rest.n == 0 || bytes_is(rest, ":"))
        return 0;
    if (rest.p[0] != ':' || !bytes_to_u64(bytes_from(rest, 1), &port) ||
        port == 0 || port > UINT16_MAX)
        return err_set(err, ERR_INPUT, "url: port is not 1 to 65535");
    u->port = (uint16_t)port;
    return 0;
}

/* [userinfo@]host[:port] */
static int
parse_authority(struct url *u, struct bytes a, struct err *err)
{
    for (size_t i = a.n; i > 0; i--) {
        if (a.p[i - 1] != '@')
            continue;
        u->userinfo = bytes_dup(bytes_to(a, i - 1));
        a = bytes_from(a, i);
        break;
    }
    if (parse_host(u, &a, err) < 0)
        return -1;
    return parse_port(u, a, err);
}

static struct bytes
without_fragment(struct bytes text)
{
    return bytes_to(text, bytes_find(text, '#'));
}

static void
take_query(struct url *u, struct bytes *rest)
{
    size_t n = bytes_find(*rest, '?');

    if (n < rest->n)
        u->query = bytes_dup(bytes_from(*rest, n + 1));
    *rest = bytes_to(*rest, n);
}

/* What comes behind "//": authority, path, query. */
static int
parse_hierarchy(struct url *u, struct bytes rest, struct err *err)
{
    size_t n = 0;

    while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
        n++;
    if (parse_authority(u, bytes_to(rest, n), err) < 0)
        return -1;
    rest = bytes_from(rest, n);
    take_query(u, &rest);
    u->path = rest.n > 0 ? bytes_dup(rest) : xstrdup("/");
    return 0;
}

int
url_parse(struct url *out, const char *text, struct err *err)
{
    auto_url struct url u = { 0 };
    struct bytes rest = bytes_str(text);

    *out = (struct url){ 0 };
    if (check_bytes(rest, err) < 0)
        return -1;
    rest = without_fragment(rest);
    if (parse_scheme(&u, &rest, err) < 0 || parse_hierarchy(&u, rest, err) < 0)
        return -1;
    *out = u;
    u = (struct url){ 0 };
    return 0;
}

void
url_clear(struct url *u)
{
    free(u->scheme);
    if (u->userinfo != NULL)
        wipe(u->userinfo, strlen(u->userinfo));
    free(u->userinfo);
    free(u->host);
    free(u->path);
    free(u->query);
    *u = (struct url){ 0 };
}

/* RFC 3986 5.2.4, on segments: `path` begins with a slash. */
static char *
without_dot_segments(struct bytes path)
{
    auto_buf struct buf out = BUF_INIT(SIZE_MAX);
    struct bytes rest = bytes_from(path, 1);

    for (;;) {
        size_t n = bytes_find(rest, '/');
        struct bytes segment = bytes_to(rest, n);
        bool last = n == rest.n;

        if (bytes_is(segment, "..")) {
            while (out.n > 0 && out.p[--out.n] != '/')
                ;
        } else if (!bytes_is(segment, ".")) {
            buf_add_char(&out, '/');
            buf_add_bytes(&out, segment);
        }
        /* "a/.." names the folder: its slash stays. */
        if (last && (bytes_is(segment, "..") || bytes_is(segment, ".")))
            buf_add_char(&out, '/');
        if (last)
            return buf_steal(&out);
        rest = bytes_from(rest, n + 1);
    }
}

/* RFC 3986 5.2.3: the base's folder and the relative path behind it. */
static char *
merge_path(const char *base, struct bytes ref)
{
    auto_buf struct buf joined = BUF_INIT(SIZE_MAX);

    if (ref.n == 0 || ref.p[0] != '/')
        buf_add(&joined, base, (size_t)(strrchr(base, '/') - base) + 1);
    buf_add_bytes(&joined, ref);
    return without_dot_segments(buf_bytes(&joined));
}

/* A reference without scheme and authority. */
static void
resolve_path(struct url *u, const struct url *base, struct bytes ref)
{
    u->scheme = xstrdup(base->scheme);
    u->userinfo = xstrdup(base->userinfo);
    u->host = xstrdup(base->host);
    u->port = base->port;
    take_query(u, &ref);
    if (ref.n > 0) {
        u->path = merge_path(base->path, ref);
        return;
    }
    u->path = xstrdup(base->path);
    if (u->query == NULL)
        u->query = xstrdup(base->query);
}

/* A reference with its own authority, with or without a scheme. */
static int
resolve_authority(struct url *u, const struct url *base, struct bytes ref,
                  struct err *err)
{
    auto_free char *path = NULL;

    if (scheme_length(ref) > 0) {
        if (parse_scheme(u, &ref, err) < 0)
            return -1;
    } else {
        u->scheme = xstrdup(base->scheme);
        ref = bytes_from(ref, 2);
    }
    if (parse_hierarchy(u, ref, err) < 0)
        return -1;
    path = steal(u->path);
    u->path = without_dot_segments(bytes_str(path));
    return 0;
}

int
url_resolve(struct url *out, const struct url *base, const char *ref,
            struct err *err)
{
    auto_url struct url u = { 0 };
    struct bytes rest = bytes_str(ref);

    *out = (struct url){ 0 };
    if (check_bytes(rest, err) < 0)
        return -1;
    rest = without_fragment(rest);
    if (scheme_length(rest) == 0 && !bytes_starts(rest, "//"))
        resolve_path(&u, base, rest);
    else if (resolve_authority(&u, base, rest, err) < 0)
        return -1;
    *out = u;
    u = (struct url){ 0 };
    return 0;
}

static void
add_host(const struct url *u, struct buf *out)
{
    bool v6 = strchr(u->host, ':') != NULL;

    buf_addf(out, v6 ? "[%s]" : "%s", u->host);
}

int
url_write(const struct url *u, bool with_userinfo, struct buf *out)
{
    buf_addf(out, "%s://", u->scheme);
    if (with_userinfo && u->userinfo != NULL)
        buf_addf(out, "%s@", u->userinfo);
    add_host(u, out);
    if (u->port != own_port(u))
        buf_addf(out, ":%u", u->port);
    buf_add_str(out, u->path);
    if (u->query != NULL)
        buf_addf(out, "?%s", u->query);
    return out->full ? -1 : 0;
}

char *
url_text(const struct url *u)
{
    struct buf out = BUF_INIT(SIZE_MAX);

    url_write(u, false, &out);
    return buf_steal(&out);
}

char *
url_origin(const struct url *u)
{
    struct buf out = BUF_INIT(SIZE_MAX);

    buf_addf(&out, "%s://", u->scheme);
    add_host(u, &out);
    buf_addf(&out, ":%u", u->port);
    return buf_steal(&out);
}

bool
url_same_origin(const struct url *a, const struct url *b)
{
    return str_eq(a->scheme, b->scheme) && str_eq(a->host, b->host) &&
           a->port == b->port;
}

bool
url_is_tls(const struct url *u)
{
    const struct scheme *s = scheme_find(u->scheme);

    return s != NULL && s->tls;
}

char *
url_host_header(const struct url *u)
{
    struct buf out = BUF_INIT(SIZE_MAX);

    add_host(u, &out);
    if (u->port != own_port(u))
        buf_addf(&out, ":%u", u->port);
    return buf_steal(&out);
}
