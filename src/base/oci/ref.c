/* Image references: taking them apart and putting them together. */
#include "base/oci/ref.h"

#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/str.h"

#define REF_MAX_BYTES  1024 /* all of it */
#define REPO_MAX_BYTES 512
#define TAG_MAX_BYTES  128

static bool
is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

/* Length of one separator at p: ".", "_", "__" or any number of "-"; else 0. */
static size_t
separator_at(struct bytes p)
{
    size_t n = 0;

    if (p.n == 0)
        return 0;
    switch (p.p[0]) {
    case '.':
        return 1;
    case '_':
        return p.n > 1 && p.p[1] == '_' ? 2 : 1;
    case '-':
        while (n < p.n && p.p[n] == '-')
            n++;
        return n;
    default:
        return 0;
    }
}

/* [a-zA-Z0-9]+ (separator [a-zA-Z0-9]+)* */
static bool
component_valid(struct bytes c)
{
    for (;;) {
        size_t n = 0;

        while (n < c.n && is_alnum(c.p[n]))
            n++;
        if (n == 0)
            return false;
        c = bytes_from(c, n);
        if (c.n == 0)
            return true;
        n = separator_at(c);
        if (n == 0)
            return false;
        c = bytes_from(c, n);
    }
}

static bool
repo_bytes_valid(struct bytes repo)
{
    struct bytes piece;

    if (repo.n == 0 || repo.n > REPO_MAX_BYTES || repo.p[repo.n - 1] == '/')
        return false;
    while (bytes_next(&repo, '/', &piece)) {
        if (!component_valid(piece))
            return false;
    }
    return true;
}

bool
ref_repo_valid(const char *repo)
{
    return repo != NULL && repo_bytes_valid(bytes_str(repo));
}

static bool
tag_bytes_valid(struct bytes tag)
{
    if (tag.n == 0 || tag.n > TAG_MAX_BYTES || tag.p[0] == '.' ||
        tag.p[0] == '-')
        return false;
    for (size_t i = 0; i < tag.n; i++) {
        if (!is_alnum(tag.p[i]) && strchr("._-", tag.p[i]) == NULL)
            return false;
    }
    return true;
}

bool
ref_tag_valid(const char *tag)
{
    return tag != NULL && tag_bytes_valid(bytes_str(tag));
}

/* host, host:port, [v6], [v6]:port: by its characters, not by DNS's rules. */
static bool
host_valid(struct bytes host)
{
    struct bytes port = BYTES_NONE;
    const char *also = ".-_";
    size_t at;

    if (host.n > 0 && host.p[0] == '[') {
        at = bytes_find(host, ']');
        if (at == host.n)
            return false;
        port = bytes_from(host, at + 1);
        host = bytes_to(bytes_from(host, 1), at - 1);
        also = ":.";
    } else {
        at = bytes_find(host, ':');
        port = bytes_from(host, at);
        host = bytes_to(host, at);
    }
    for (size_t i = 0; i < host.n; i++) {
        if (!is_alnum(host.p[i]) && strchr(also, host.p[i]) == NULL)
            return false;
    }
    if (port.n > 0) {
        uint64_t v;

        if (port.p[0] != ':' || !bytes_to_u64(bytes_from(port, 1), &v) ||
            v == 0 || v > 65535)
            return false;
    }
    return host.n > 0;
}

static int
invalid(struct err *err, const char *text, const char *what)
{
    return err_set_code(err, ERR_INPUT, "INVALID_NAME",
                        "not an image reference: %.200s: %s", text, what);
}

/* repository[:tag][@digest] of `rest`; `text` is what messages show. */
static int
parse_rest(struct ref *out, const char *text, struct bytes rest,
           struct err *err)
{
    size_t at = bytes_find(rest, '@'), colon;

    if (at < rest.n) {
        out->digest = bytes_dup(bytes_from(rest, at + 1));
        if (!digest_is_valid(out->digest))
            return invalid(err, text, "the digest must be sha256: and 64 "
                                      "lower-case hex digits");
        rest = bytes_to(rest, at);
    }
    colon = bytes_find(rest, ':');
    if (colon < rest.n) {
        struct bytes tag = bytes_from(rest, colon + 1);

        if (!tag_bytes_valid(tag))
            return invalid(err, text, "the tag is malformed");
        out->tag = bytes_dup(tag);
        rest = bytes_to(rest, colon);
    }
    if (!repo_bytes_valid(rest))
        return invalid(err, text, "the repository name is malformed");
    out->repo = bytes_dup(rest);
    if (out->tag == NULL && out->digest == NULL)
        out->tag = xstrdup("latest");
    return 0;
}

static bool
looks_like_host(struct bytes first)
{
    return bytes_find(first, '.') < first.n ||
           bytes_find(first, ':') < first.n || bytes_is(first, "localhost");
}

/* Outside text: no NUL can be in it, but it may be too long. */
static int
check_text(const char *text, struct err *err)
{
    if (str_is_empty(text))
        return err_set_code(err, ERR_INPUT, "INVALID_NAME",
                            "an image reference is missing");
    if (strnlen(text, REF_MAX_BYTES + 1) > REF_MAX_BYTES)
        return invalid(err, text, "it is too long");
    return 0;
}

int
ref_parse(struct ref *out, const char *text, struct err *err)
{
    struct bytes rest = bytes_str(text), first;
    size_t slash = bytes_find(rest, '/');

    *out = (struct ref){ 0 };
    if (check_text(text, err) < 0)
        return -1;
    first = bytes_to(rest, slash);
    if (slash < rest.n && looks_like_host(first)) {
        if (!host_valid(first))
            return invalid(err, text, "the host is malformed");
        out->host = bytes_dup(first);
        rest = bytes_from(rest, slash + 1);
    }
    if (parse_rest(out, text, rest, err) < 0) {
        ref_clear(out);
        return -1;
    }
    return 0;
}

/* What is left of text behind "<base>/", else text itself. */
static const char *
without_base(const char *text, const char *base)
{
    struct bytes b = bytes_str(base);

    if (bytes_starts(b, "https://"))
        b = bytes_from(b, 8);
    else if (bytes_starts(b, "http://"))
        b = bytes_from(b, 7);
    while (b.n > 0 && b.p[b.n - 1] == '/')
        b.n--;
    if (b.n == 0 || strlen(text) <= b.n || text[b.n] != '/')
        return text;
    if (strncasecmp(text, (const char *)b.p, b.n) != 0)
        return text;
    return text + b.n + 1;
}

int
ref_parse_in(struct ref *out, const char *text, const char *registry_base,
             struct err *err)
{
    *out = (struct ref){ 0 };
    if (check_text(text, err) < 0)
        return -1;
    if (parse_rest(out, text, bytes_str(without_base(text, registry_base)),
                   err) < 0) {
        ref_clear(out);
        return -1;
    }
    return 0;
}

void
ref_clear(struct ref *r)
{
    free(r->host);
    free(r->repo);
    free(r->tag);
    free(r->digest);
    *r = (struct ref){ 0 };
}

const char *
ref_selector(const struct ref *r)
{
    if (r->digest != NULL)
        return r->digest;
    return r->tag != NULL ? r->tag : "latest";
}

char *
ref_format(const struct ref *r)
{
    return xasprintf("%s%s%s%s%s%s%s", r->host != NULL ? r->host : "",
                     r->host != NULL ? "/" : "", r->repo,
                     r->tag != NULL ? ":" : "", r->tag != NULL ? r->tag : "",
                     r->digest != NULL ? "@" : "",
                     r->digest != NULL ? r->digest : "");
}
