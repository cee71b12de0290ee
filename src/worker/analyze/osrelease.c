/*
 * Which system it is: eight small files, each with its own idea of a format
 * (scan-facts.md §6). A file that says nothing usable goes into the record
 * without a name: it was there.
 */
#include "worker/analyze/analyzer.h"

#include "base/buf.h"
#include "base/jstext.h"
#include "base/str.h"

/* It is repeated in the purl of every package; none comes near. */
#define TEXT_MAX_BYTES 1024

struct release {
    struct buf name, version, pretty; /* own */
};

/* Value of the first line "KEY=..." with something behind it. */
static bool
find_key(struct bytes text, const char *key, struct bytes *value)
{
    struct bytes line;

    while (js_next_line(&text, &line)) {
        if (bytes_starts(line, key) && line.n > strlen(key)) {
            *value = bytes_from(line, strlen(key));
            return true;
        }
    }
    return false;
}

/* All double quotes go, single ones stay. */
static void
add_unquoted(struct buf *out, struct bytes value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] != '"')
            buf_add(out, value.p + i, 1);
    }
}

static void
lower(struct buf *b)
{
    for (size_t i = 0; i < b->n; i++) {
        if (b->p[i] >= 'A' && b->p[i] <= 'Z')
            b->p[i] = (uint8_t)(b->p[i] - 'A' + 'a');
    }
}

static bool
parse_os_release(struct bytes text, struct release *r)
{
    struct bytes value;

    if (!find_key(text, "ID=", &value))
        return false;
    add_unquoted(&r->name, value);
    if (find_key(text, "VERSION_ID=", &value))
        add_unquoted(&r->version, value);
    else
        buf_add_str(&r->version, "unstable");
    if (bytes_is(buf_bytes(&r->name), "ol"))
        r->version.n = bytes_find(buf_bytes(&r->version), '.');
    if (find_key(text, "PRETTY_NAME=", &value))
        add_unquoted(&r->pretty, value);
    return true;
}

static bool
parse_lsb(struct bytes text, struct release *r)
{
    struct bytes id, version;

    if (!find_key(text, "DISTRIB_ID=", &id) ||
        !find_key(text, "DISTRIB_RELEASE=", &version))
        return false;
    add_unquoted(&r->name, id);
    lower(&r->name);
    add_unquoted(&r->version, version);
    return true;
}

static bool
parse_debian(struct bytes text, struct release *r)
{
    text = js_trim(text);
    if (utf16_length(text) < 2)
        return false;
    buf_add_str(&r->name, "debian");
    buf_add_bytes(&r->version, bytes_to(text, bytes_find(text, '.')));
    return true;
}

static bool
parse_alpine(struct bytes text, struct release *r)
{
    text = js_trim(text);
    if (utf16_length(text) < 2)
        return false;
    buf_add_str(&r->name, "alpine");
    buf_add_bytes(&r->version, text);
    return true;
}

/* First word of the first line that begins with one. */
static bool
find_word(struct bytes text, struct bytes *word)
{
    struct bytes line;

    while (js_next_line(&text, &line)) {
        size_t i = 0;

        while (i < line.n && js_space(bytes_from(line, i)) == 0)
            i++;
        *word = bytes_to(line, i);
        if (i > 0)
            return true;
    }
    return false;
}

static bool
is_digit(struct bytes text, size_t i)
{
    return i < text.n && text.p[i] >= '0' && text.p[i] <= '9';
}

/* The first run of digits before a dot (and, if asked, a digit behind it). */
static bool
find_number(struct bytes text, bool digit_behind, struct bytes *number)
{
    for (size_t i = 0; i < text.n; i++) {
        size_t from = i;

        while (is_digit(text, i))
            i++;
        if (i > from && i < text.n && text.p[i] == '.' &&
            (!digit_behind || is_digit(text, i + 1))) {
            *number = bytes_of(text.p + from, i - from);
            return true;
        }
    }
    return false;
}

static bool
parse_word_and_number(struct bytes text, bool digit_behind, struct release *r)
{
    struct bytes word, number;

    if (!find_word(text, &word) || !find_number(text, digit_behind, &number))
        return false;
    add_unquoted(&r->name, word);
    lower(&r->name);
    buf_add_bytes(&r->version, number);
    return true;
}

static bool
parse_oracle(struct bytes text, struct release *r)
{
    return parse_word_and_number(text, true, r);
}

static bool
parse_centos(struct bytes text, struct release *r)
{
    return parse_word_and_number(text, false, r);
}

static bool
parse_redhat(struct bytes text, struct release *r)
{
    if (!parse_word_and_number(text, false, r))
        return false;
    if (bytes_find_str(text, "Red Hat") < text.n) {
        buf_reset(&r->name);
        buf_add_str(&r->name, "rhel");
    }
    return true;
}

static const struct {
    const char *path;
    bool (*parse)(struct bytes text, struct release *r);
} files[] = {
    { "/etc/os-release", parse_os_release },
    { "/usr/lib/os-release", parse_os_release },
    { "/etc/lsb-release", parse_lsb },
    { "/etc/debian_version", parse_debian },
    { "/etc/alpine-release", parse_alpine },
    { "/etc/oracle-release", parse_oracle },
    { "/etc/redhat-release", parse_redhat },
    { "/etc/centos-release", parse_centos },
};

static void
write_release(struct jw *jw, void *arg)
{
    struct release *r = arg;

    jw_obj(jw);
    if (r != NULL) {
        jw_key_str(jw, "name", buf_cstr(&r->name));
        jw_key_str(jw, "version", buf_cstr(&r->version));
        if (r->pretty.n > 0)
            jw_key_str(jw, "pretty", buf_cstr(&r->pretty));
    }
    jw_end(jw);
}

static int
osrelease_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct release r = { BUF_INIT(TEXT_MAX_BYTES), BUF_INIT(TEXT_MAX_BYTES),
                         BUF_INIT(TEXT_MAX_BYTES) };
    bool parsed = false;
    int rc = 0;

    utf8_add_lossy(&text, body);
    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        if (bytes_is(an_entry(out)->path, files[i].path))
            parsed = files[i].parse(buf_bytes(&text), &r) && !r.name.full &&
                     !r.version.full && !r.pretty.full;
    }
    if (!parsed)
        rc = an_warn(out, err, "osrelease: names no system");
    if (rc == 0)
        rc = an_item(out, "osrelease", write_release, parsed ? &r : NULL, err);
    buf_clear(&r.name);
    buf_clear(&r.version);
    buf_clear(&r.pretty);
    return rc;
}

const struct analyzer analyzer_osrelease = {
    .name = "osrelease",
    .wants = (const char *const[]){ "/etc/os-release", "/usr/lib/os-release",
                                    "/etc/lsb-release", "/etc/debian_version",
                                    "/etc/alpine-release",
                                    "/etc/oracle-release",
                                    "/etc/redhat-release",
                                    "/etc/centos-release", NULL },
    .read = osrelease_read,
};
