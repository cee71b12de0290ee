/*
 * Manifests of jars: lines "Name: value", a blank at the beginning of a line
 * continues the one before (after 72 bytes, even inside of a character), an
 * empty line ends the main section. What follows it is about single classes.
 */
#include "worker/analyze/manifestmf.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define MAX_VALUE_BYTES 1024

/* Of those for one member the first that is stated counts. */
static const struct {
    const char *name, *member;
} attributes[] = {
    { "Implementation-Title", "title" },
    { "Bundle-SymbolicName", "symbol" },
    { "Automatic-Module-Name", "module" },
    { "Implementation-Version", "version" },
    { "Bundle-Version", "version" },
    { "Implementation-Vendor-Id", "vendorId" },
    { "Bundle-License", "l" },
};

/* Where the line that begins at `at` ends; *next: where the next begins. */
static size_t
end_of_line(struct bytes text, size_t at, size_t *next)
{
    size_t end = at;

    while (end < text.n && text.p[end] != '\n' && text.p[end] != '\r')
        end++;
    *next = end;
    if (end < text.n)
        *next += text.p[end] == '\r' && end + 1 < text.n &&
                         text.p[end + 1] == '\n'
                     ? 2
                     : 1;
    return end;
}

static bool
is_empty_line(const uint8_t *p)
{
    return (p[0] == '\n' && (p[1] == '\n' || p[1] == '\r')) ||
           (p[0] == '\r' && p[1] == '\r');
}

bool
manifestmf_feed(struct buf *text, struct bytes chunk)
{
    size_t from = text->n;

    buf_add_bytes(text, bytes_to(chunk, MANIFESTMF_MAX_BYTES - text->n));
    /* The end may lie across the border. */
    for (size_t i = from > 0 ? from - 1 : 0; i + 1 < text->n; i++) {
        if (is_empty_line(text->p + i))
            return true;
    }
    return text->n >= MANIFESTMF_MAX_BYTES;
}

/* Lines that continue others are drawn up to them. */
static struct bytes
unfold(struct buf *text)
{
    size_t to = 0, next;

    for (size_t at = 0; at < text->n; at = next) {
        size_t end = end_of_line(buf_bytes(text), at, &next);

        if (end == at && to > 0)
            break;
        if (text->p[at] == ' ' && to > 0) {
            at++;
            to--; /* over the line feed */
        }
        memmove(text->p + to, text->p + at, end - at);
        to += end - at;
        if (to < text->n)
            text->p[to++] = '\n';
    }
    return bytes_of(text->p, to);
}

/* The value of the first attribute of that name, as long as it is sensible. */
static struct bytes
value_of(struct bytes text, const char *name)
{
    size_t n = strlen(name);
    struct bytes line;

    while (bytes_next(&text, '\n', &line)) {
        if (line.n > n && line.p[n] == ':' &&
            strncasecmp((const char *)line.p, name, n) == 0) {
            struct bytes value = bytes_trim(bytes_from(line, n + 1));

            return value.n <= MAX_VALUE_BYTES ? value : BYTES_NONE;
        }
    }
    return BYTES_NONE;
}

void
manifestmf_write(struct buf *text, struct jw *jw)
{
    struct bytes lines = unfold(text);
    const char *written = "";

    jw_obj(jw);
    for (size_t i = 0; i < N_ELEMENTS(attributes); i++) {
        struct bytes value = value_of(lines, attributes[i].name);

        if (str_eq(attributes[i].member, "symbol"))
            value = bytes_trim(bytes_to(value, bytes_find(value, ';')));
        if (value.n == 0 || str_eq(attributes[i].member, written))
            continue;
        written = attributes[i].member;
        jw_key(jw, written);
        jw_bytes(jw, value);
    }
    jw_end(jw);
}
