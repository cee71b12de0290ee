/* "name@protocol:source#selector::parameters", with %XX in all but the name. */
#include "worker/graph/berry-descriptor.h"

#include "base/buf.h"
#include "base/str.h"

struct descriptor {
    struct bytes name;     /* borrows */
    struct bytes protocol; /* borrows; with its colon; p NULL: none */
    char *source;          /* owns; NULL: no '#' */
    char *selector;        /* owns */
};

static void
descriptor_clear(struct descriptor *d)
{
    free(d->source);
    free(d->selector);
}

/* Bytes of the name "a" or "@s/a" the text begins with; 0: of none. */
static size_t
name_length(struct bytes s)
{
    size_t from = 0, n;

    if (bytes_starts(s, "@")) {
        from = bytes_find(s, '/') + 1;
        if (from <= 2 || from > s.n)
            return 0;
    }
    for (n = from; n < s.n && s.p[n] != '@' && s.p[n] != '/'; n++)
        ;
    return n > from && (n == s.n || s.p[n] == '@') ? n : 0;
}

static char *
decode(struct bytes s)
{
    auto_buf struct buf b = BUF_INIT(SIZE_MAX / 4);

    if (percent_decode(s, &b) < 0 || !utf8_valid(buf_bytes(&b)))
        return NULL;
    return xstrdup(buf_cstr(&b));
}

static struct bytes
eat_protocol(struct bytes *range)
{
    for (size_t i = 0; i < range->n && range->p[i] != '#'; i++) {
        if (range->p[i] == ':') {
            struct bytes protocol = bytes_to(*range, i + 1);

            *range = bytes_from(*range, i + 1);
            return protocol;
        }
    }
    return BYTES_NONE;
}

static int
parse_range(struct descriptor *d, struct bytes range)
{
    size_t hash;

    d->protocol = eat_protocol(&range);
    range = bytes_to(range, bytes_find_str(range, "::"));
    hash = bytes_find(range, '#');
    if (hash < range.n) {
        d->source = decode(bytes_to(range, hash));
        if (d->source == NULL)
            return -1;
        range = bytes_from(range, hash + 1);
    }
    d->selector = decode(range);
    return d->selector != NULL ? 0 : -1;
}

static int
parse(struct descriptor *d, struct bytes text)
{
    size_t n = name_length(text);

    *d = (struct descriptor){ .name = bytes_to(text, n) };
    if (n == 0 || n + 1 == text.n)
        return -1;
    if (n == text.n) {
        d->selector = xstrdup("unknown");
        return 0;
    }
    if (parse_range(d, bytes_from(text, n + 1)) == 0)
        return 0;
    descriptor_clear(d);
    return -1;
}

static bool
protocol_is(const struct descriptor *d, const char *const *protocols)
{
    while (*protocols != NULL && !bytes_is(d->protocol, *protocols))
        protocols++;
    return *protocols != NULL;
}

static void
tell(struct buf *key, void (*each)(const char *key, void *arg), void *arg)
{
    each(buf_cstr(key), arg);
    buf_reset(key);
}

/* What it may be asked for by, besides its own text. */
static void
tell_ways(const struct descriptor *d, void (*each)(const char *key, void *arg),
          void *arg)
{
    static const char *const plain[] = { "npm:", "file:", NULL };
    static const char *const git[] = { "git:", "git+ssh:", "git+http:",
                                       "git+https:", "github:", NULL };
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);
    bool patch = bytes_is(d->protocol, "patch:");

    if (patch && str_starts(d->selector, "builtin<")) {
        /* Its source is a descriptor of its own. */
        buf_add_str(&key, d->source != NULL ? d->source : "");
        tell(&key, each, arg);
        return;
    }
    buf_add_bytes(&key, d->name);
    buf_add_char(&key, '@');
    if (protocol_is(d, plain)) {
        buf_add_str(&key, d->selector);
        tell(&key, each, arg);
        buf_add_bytes(&key, d->name);
        buf_add_char(&key, '@');
    }
    buf_add_bytes(&key, d->protocol);
    if (d->source != NULL && (patch || d->protocol.p == NULL ||
                              protocol_is(d, git))) {
        buf_add_str(&key, d->source);
        buf_add_char(&key, '#');
    }
    buf_add_str(&key, d->selector);
    tell(&key, each, arg);
}

int
berry_descriptors(struct bytes keys, void (*each)(const char *key, void *arg),
                  void *arg, struct err *err)
{
    struct bytes text;

    while (bytes_next(&keys, ',', &text)) {
        auto_free char *own = bytes_dup(bytes_trim(text));
        struct descriptor d;

        if (parse(&d, bytes_str(own)) < 0)
            return err_set(err, ERR_INPUT, "no descriptor: %.100s", own);
        each(own, arg);
        tell_ways(&d, each, arg);
        descriptor_clear(&d);
    }
    return 0;
}
