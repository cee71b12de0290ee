/*
 * References as the peer's two parsers split them: one for the names (any
 * case), one, Docker's own, for where the image is distributed. base/oci/ref
 * is stricter and for talking to registries; here the words of the errors and
 * the oddities count.
 */
#include "worker/graph/names.h"

#include <string.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/str.h"

#define NAME_MAX_CHARS   255
#define HOST_MAX_BYTES   255
#define REPO_MAX_BYTES   2048
#define TAG_MAX_CHARS    128
#define DIGEST_MIN_HEX   32

static bool
is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static bool
is_alpha(uint8_t c)
{
    return is_alnum(c) && !(c >= '0' && c <= '9');
}

/* alnum+ ( (. | _ | __ | -*) alnum+ )* */
static bool
is_component(struct bytes s)
{
    size_t i = 0;

    if (s.n == 0 || !is_alnum(s.p[0]) || !is_alnum(s.p[s.n - 1]))
        return false;
    while (i < s.n) {
        size_t run = 0;

        if (is_alnum(s.p[i])) {
            i++;
            continue;
        }
        while (i + run < s.n && s.p[i + run] == s.p[i])
            run++;
        if (!(s.p[i] == '-' || (s.p[i] == '.' && run == 1) ||
              (s.p[i] == '_' && run <= 2)) ||
            !is_alnum(s.p[i + run]))
            return false;
        i += run;
    }
    return true;
}

/* "a-b.example", each label beginning and ending with a letter or digit. */
static bool
is_host_name(struct bytes s)
{
    if (s.n == 0 || s.p[s.n - 1] == '.')
        return false;
    for (struct bytes label; bytes_next(&s, '.', &label);) {
        if (label.n == 0 || !is_alnum(label.p[0]) ||
            !is_alnum(label.p[label.n - 1]))
            return false;
        for (size_t i = 0; i < label.n; i++) {
            if (!is_alnum(label.p[i]) && label.p[i] != '-')
                return false;
        }
    }
    return true;
}

static bool
is_host(struct bytes s)
{
    size_t colon = bytes_find(s, ':');
    struct bytes port = bytes_from(s, colon + 1);

    if (colon < s.n && port.n == 0)
        return false;
    for (size_t i = 0; i < port.n; i++) {
        if (port.p[i] < '0' || port.p[i] > '9')
            return false;
    }
    return is_host_name(bytes_to(s, colon));
}

static bool
is_path(struct bytes s)
{
    if (s.n == 0 || s.p[s.n - 1] == '/')
        return false;
    for (struct bytes part; bytes_next(&s, '/', &part);) {
        if (!is_component(part))
            return false;
    }
    return true;
}

static bool
is_name(struct bytes s)
{
    size_t slash = bytes_find(s, '/');

    if (slash < s.n && is_host(bytes_to(s, slash)) &&
        is_path(bytes_from(s, slash + 1)))
        return true;
    return is_path(s);
}

static bool
is_tag(struct bytes s)
{
    if (s.n == 0 || s.n > TAG_MAX_CHARS ||
        !(is_alnum(s.p[0]) || s.p[0] == '_'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_alnum(s.p[i]) && strchr("_.-", s.p[i]) == NULL)
            return false;
    }
    return true;
}

static bool
is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F');
}

/* algorithm ( [-_+.] component )* : 32 or more hex digits */
static bool
is_digest_like(struct bytes s)
{
    size_t colon = bytes_find(s, ':');
    struct bytes hex = bytes_from(s, colon + 1);
    bool begins = true;

    if (colon == 0 || hex.n < DIGEST_MIN_HEX)
        return false;
    for (size_t i = 0; i < colon; i++) {
        bool sep = s.p[i] != 0 && strchr("-_+.", s.p[i]) != NULL;

        if (begins ? !is_alpha(s.p[i]) : !sep && !is_alnum(s.p[i]))
            return false;
        begins = sep;
    }
    for (size_t i = 0; i < hex.n; i++) {
        if (!is_hex(hex.p[i]))
            return false;
    }
    return !begins;
}

struct split {
    struct bytes name, tag, digest; /* p NULL: none */
};

static bool
split_reference(struct bytes s, struct split *out)
{
    size_t at = bytes_find(s, '@'), colon;

    *out = (struct split){ 0 };
    if (at < s.n) {
        out->digest = bytes_from(s, at + 1);
        if (!is_digest_like(out->digest))
            return false;
    }
    s = bytes_to(s, at);
    colon = s.n;
    while (colon > 0 && s.p[colon - 1] != ':' && s.p[colon - 1] != '/')
        colon--;
    if (colon > 0 && s.p[colon - 1] == ':') {
        out->tag = bytes_from(s, colon);
        if (!is_tag(out->tag))
            return false;
        s = bytes_to(s, colon - 1);
    }
    out->name = s;
    return is_name(s);
}

/* ---- imageNames -------------------------------------------------------- */

static int
check_digest(struct bytes d, struct err *err)
{
    static const struct {
        const char *name;
        size_t n_hex;
    } algorithms[] = { { "sha256", 64 }, { "sha384", 96 }, { "sha512", 128 } };
    size_t colon = bytes_find(d, ':'), n_hex = 0;
    struct bytes algo = bytes_to(d, colon), hex = bytes_from(d, colon + 1);

    if (colon == 0 || colon >= d.n || hex.n == 0)
        return err_set(err, ERR_INPUT, "invalid digest format");
    for (size_t i = 0; i < N_ELEMENTS(algorithms); i++) {
        if (bytes_is(algo, algorithms[i].name))
            n_hex = algorithms[i].n_hex;
    }
    if (n_hex == 0)
        return err_set(err, ERR_INPUT, "unsupported digest algorithm: %.*s",
                       BYTES_FMT(algo));
    if (hex.n != n_hex)
        return err_set(err, ERR_INPUT,
                       "digest algorithm %.*s suggested length %zu, but got "
                       "digest with length %zu",
                       BYTES_FMT(algo), n_hex, utf16_length(hex));
    for (size_t i = 0; i < hex.n; i++) {
        if (!is_hex(hex.p[i]) || (hex.p[i] >= 'A' && hex.p[i] <= 'F'))
            return err_set(err, ERR_INPUT,
                           "digest contains invalid characters");
    }
    return 0;
}

static void
put(struct names *names, struct bytes name, char sep, struct bytes rest)
{
    if (rest.n > 0 && names->n < NAMES_MAX)
        names->at[names->n++] =
            xasprintf("%.*s%c%.*s", BYTES_FMT(name), sep, BYTES_FMT(rest));
}

int
names_add(struct names *names, const char *reference,
          const char *manifest_digest, const char *index_digest,
          struct err *err)
{
    struct bytes manifest = bytes_str(manifest_digest);
    struct bytes index = bytes_str(index_digest);
    struct split s;

    if (!split_reference(bytes_str(reference), &s))
        return err_set(err, ERR_INPUT, "invalid image reference format");
    if (s.name.n > NAME_MAX_CHARS)
        return err_set(err, ERR_INPUT,
                       "image repository name is more than 255 characters");
    if (s.tag.n == 0 && s.digest.n == 0)
        s.tag = bytes_str("latest");
    if ((index.n > 0 && check_digest(index, err) < 0) ||
        (manifest.n > 0 && check_digest(manifest, err) < 0) ||
        (s.digest.n > 0 && check_digest(s.digest, err) < 0))
        return -1;
    put(names, s.name, ':', s.tag);
    put(names, s.name, '@', manifest);
    put(names, s.name, '@', index);
    put(names, s.name, '@', s.digest);
    return 0;
}

void
names_clear(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->at[i]);
    names->n = 0;
}

/* ---- ociDistributionMetadata ------------------------------------------- */

struct place {
    char *host, *repo, *tag; /* own; tag may be NULL */
};

static void
place_clear(struct place *p)
{
    free(p->host);
    free(p->repo);
    free(p->tag);
}

static bool
is_lower(struct bytes s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            return false;
    }
    return true;
}

/* Docker's normal form: a host is told by ".", ":" or "localhost". */
static bool
find_place(const char *reference, struct place *out)
{
    struct bytes text = bytes_str(reference), host, repo;
    size_t slash = bytes_find(text, '/');
    struct split s;

    if (!split_reference(text, &s))
        return false;
    host = bytes_to(s.name, slash);
    repo = bytes_from(s.name, slash + 1);
    if (slash >= s.name.n ||
        (bytes_find(host, '.') == host.n && bytes_find(host, ':') == host.n &&
         !bytes_is(host, "localhost"))) {
        host = bytes_str("docker.io");
        repo = s.name;
    }
    if (bytes_is(host, "index.docker.io"))
        host = bytes_str("docker.io");
    if (!is_path(repo) || !is_lower(repo))
        return false;
    out->host = bytes_dup(host);
    out->repo = bytes_is(host, "docker.io") && bytes_find(repo, '/') == repo.n
                    ? xasprintf("library/%.*s", BYTES_FMT(repo))
                    : bytes_dup(repo);
    out->tag = s.tag.n > 0 ? bytes_dup(s.tag) : NULL;
    return true;
}

bool
names_distribution_ok(const char *reference, const char *manifest_digest,
                      const char *index_digest)
{
    __attribute__((cleanup(place_clear))) struct place p = { 0 };

    return find_place(reference, &p) && strlen(p.host) <= HOST_MAX_BYTES &&
           strlen(p.repo) <= REPO_MAX_BYTES &&
           digest_is_valid(manifest_digest) &&
           (str_is_empty(index_digest) || digest_is_valid(index_digest));
}

void
names_write_distribution(struct jw *jw, const char *reference,
                         const char *manifest_digest, const char *index_digest)
{
    __attribute__((cleanup(place_clear))) struct place p = { 0 };

    if (!find_place(reference, &p)) {
        jw_null(jw);
        return;
    }
    jw_obj(jw);
    jw_key_str(jw, "registryHost", p.host);
    jw_key_str(jw, "repository", p.repo);
    jw_key_str(jw, "manifestDigest", manifest_digest);
    if (!str_is_empty(index_digest))
        jw_key_str(jw, "indexDigest", index_digest);
    jw_key_opt(jw, "imageTag", p.tag);
    jw_end(jw);
}
