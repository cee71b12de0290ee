/* The `release` file of a Java runtime (scan-facts.md §9.2). */
#include "worker/analyze/analyzer.h"

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"

static bool
is_release_path(struct bytes path)
{
    return bytes_is(path, "/opt/java/openjdk/release") ||
           bytes_starts(path, "/usr/local/openjdk-") ||
           bytes_starts(path, "/usr/lib/jvm/") ||
           bytes_starts(path, "/usr/java/");
}

static size_t
skip_space(struct bytes text, size_t i)
{
    for (size_t k; (k = js_space(bytes_from(text, i))) > 0;)
        i += k;
    return i;
}

/* The closing quote of the same kind on this line, or text.n. */
static size_t
find_quote(struct bytes text, size_t i, uint8_t quote)
{
    for (; i < text.n && js_terminator(bytes_from(text, i)) == 0; i++) {
        if (text.p[i] == quote)
            return i;
    }
    return text.n;
}

static size_t
find_plain_end(struct bytes text, size_t i)
{
    while (i < text.n && text.p[i] != '#' && text.p[i] != '\r' &&
           text.p[i] != '\n')
        i++;
    return i;
}

/* Blanks between the "=" and a comment are a value too, an empty one. */
static bool
blank_value(struct bytes text, size_t from, size_t to)
{
    while (to > from) {
        to--;
        if (text.p[to] != '\r' && text.p[to] != '\n')
            return true;
    }
    return false;
}

/*
 * One assignment at `i`, the start of a line: blanks (line ends too),
 * JAVA_VERSION, "=", a value in quotes or up to "#". False: none here, nor at
 * any start of a line before *end, for those are followed by the same.
 */
static bool
match_at(struct bytes text, size_t i, struct bytes *value, size_t *end)
{
    static const char key[] = "JAVA_VERSION";
    size_t from, close;

    i = skip_space(text, i);
    *end = i;
    if (!bytes_starts(bytes_from(text, i), key))
        return false;
    i = skip_space(text, i + strlen(key));
    if (i >= text.n || text.p[i] != '=')
        return false;
    from = i + 1;
    i = skip_space(text, from);
    if (i < text.n && (text.p[i] == '"' || text.p[i] == '\'') &&
        (close = find_quote(text, i + 1, text.p[i])) < text.n) {
        *value = bytes_of(text.p + i + 1, close - i - 1);
        *end = close + 1;
        return true;
    }
    *end = find_plain_end(text, i);
    *value = bytes_of(text.p + i, *end - i);
    return *end > i || blank_value(text, from, i);
}

/* [0-9]([._+a-zA-Z0-9-]*[a-zA-Z0-9])? without ".." */
static bool
is_version(struct bytes v)
{
    if (v.n == 0 || v.p[0] < '0' || v.p[0] > '9' ||
        bytes_find_str(v, "..") < v.n)
        return false;
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                    (c >= 'A' && c <= 'Z');

        if (!word && (i + 1 == v.n || c == 0 || strchr("._+-", c) == NULL))
            return false;
    }
    return true;
}

/* The value of the only assignment; two make none. */
static bool
find_version(struct bytes text, struct bytes *version)
{
    size_t n_matches = 0, i = 0;

    while (i < text.n) {
        size_t end = i;

        if ((i == 0 || js_terminator(bytes_of(text.p + i - 1, 1)) > 0 ||
             (i >= 3 && js_terminator(bytes_of(text.p + i - 3, 3)) == 3)) &&
            match_at(text, i, version, &end))
            n_matches++;
        i = end > i ? end : i + 1;
    }
    *version = n_matches == 1 ? js_trim(*version) : BYTES_NONE;
    return is_version(*version);
}

static void
write_version(struct jw *jw, void *arg)
{
    const struct bytes *version = arg;

    jw_obj(jw);
    if (version != NULL) {
        jw_key(jw, "version");
        jw_bytes(jw, *version);
    }
    jw_end(jw);
}

static int
javarelease_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct bytes version;
    bool found;

    utf8_add_lossy(&text, body);
    found = find_version(buf_bytes(&text), &version);
    return an_item(out, "javarelease", write_version, found ? &version : NULL,
                   err);
}

const struct analyzer analyzer_javarelease = {
    .name = "javarelease",
    .wants = (const char *const[]){ "release", NULL },
    .also = is_release_path,
    .read = javarelease_read,
};
