/*
 * dpkg's databases: the status file, the files below status.d (distroless)
 * and apt's list of automatically installed packages. Fields are split as the
 * peer splits them (scan-facts.md §7.2), which loses text after a second
 * ": " and never joins continuation lines; nothing we report needs those.
 */
#include "worker/analyze/analyzer.h"
#include "worker/analyze/pkglist.h"

#include "base/jstext.h"
#include "base/map.h"
#include "base/str.h"

struct field {
    struct bytes key;
    struct bytes value;
    bool has_value; /* "Key" alone has none */
};

static struct field
split_field(struct bytes line)
{
    struct js_split it = { .rest = line };
    struct field f = { 0 };

    js_split_next(&it, ": ", &f.key);
    f.has_value = js_split_next(&it, ": ", &f.value);
    return f;
}

/* Bytes that are there, be they none: a NULL pointer means "not stated". */
static struct bytes
stated(struct bytes b)
{
    return b.n > 0 ? b : bytes_str("");
}

static char *
without_first(const char *s, char c)
{
    const char *at = strchr(s, c);

    return at == NULL ? xstrdup(s)
                      : xasprintf("%.*s%s", (int)(at - s), s, at + 1);
}

/* "gcc-12 (12.2.0-14)": the first bracket of each kind goes. */
static void
read_source(struct pkg_entry *p, struct bytes value)
{
    struct js_split it = { .rest = value };
    struct bytes word;

    js_split_next(&it, " ", &p->source);
    p->source = stated(p->source);
    p->source_version = BYTES_NONE;
    if (!js_split_next(&it, " ", &word))
        return;
    auto_free char *whole = bytes_dup(js_trim(word));
    auto_free char *opened = without_first(whole, '(');

    free(p->cleaned);
    p->cleaned = without_first(opened, ')');
    p->source_version = bytes_str(p->cleaned);
}

static struct bytes
first_word(struct bytes piece)
{
    struct js_split it = { .rest = js_trim(piece) };
    struct bytes word = BYTES_NONE;

    js_split_next(&it, " ", &word);
    return word;
}

static void
read_provides(struct pkg_entry *p, struct bytes value)
{
    struct js_split it = { .rest = value };
    struct bytes piece;

    while (js_split_next(&it, ",", &piece))
        pkg_add_provide(p, first_word(piece));
}

/* Every alternative counts as a dependency. */
static void
read_depends(struct pkg_entry *p, struct bytes value)
{
    struct js_split groups = { .rest = value };
    struct bytes group, name;

    while (js_split_next(&groups, ",", &group)) {
        struct js_split names = { .rest = group };

        while (js_split_next(&names, "|", &name))
            pkg_add_dep(p, first_word(name));
    }
}

/* Of the fields the peer does not read. */
static void
read_extra(struct pkg_entry *p, const struct field *f)
{
    if (bytes_is(f->key, "Status"))
        p->status = stated(js_trim(f->value));
    else if (bytes_is(f->key, "Architecture"))
        p->arch = stated(js_trim(f->value));
}

enum known { K_NONE, K_PACKAGE, K_VERSION, K_SOURCE, K_PROVIDES, K_DEPENDS };

static enum known
known_key(struct bytes key)
{
    static const struct {
        const char *name;
        enum known what;
    } keys[] = {
        { "Package", K_PACKAGE },   { "Version", K_VERSION },
        { "Source", K_SOURCE },     { "Provides", K_PROVIDES },
        { "Depends", K_DEPENDS },   { "Pre-Depends", K_DEPENDS },
    };

    for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
        if (bytes_is(key, keys[i].name))
            return keys[i].what;
    }
    return K_NONE;
}

/* One line; `p` is the current package or NULL. Returns the one after it. */
static struct pkg_entry *
read_line(struct pkg_list *l, struct pkg_entry *p, struct bytes line)
{
    struct field f = split_field(line);
    enum known what = known_key(f.key);

    if (what == K_PACKAGE) {
        p = pkg_list_add(l);
        p->name = f.value;
        p->no_name = !f.has_value;
        return p;
    }
    if (what == K_NONE) {
        if (p != NULL && f.has_value)
            read_extra(p, &f);
        return p;
    }
    if (p == NULL || (!f.has_value && what != K_VERSION)) {
        l->broken = true;
        return p;
    }
    switch (what) {
    case K_VERSION:
        p->version = f.value;
        p->no_version = !f.has_value;
        break;
    case K_SOURCE:
        read_source(p, f.value);
        break;
    case K_PROVIDES:
        read_provides(p, f.value);
        break;
    default:
        read_depends(p, f.value);
        break;
    }
    return p;
}

static int
dpkg_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_pkg_list struct pkg_list list = { 0 };
    struct js_split it = { .rest = body };
    struct pkg_entry *p = NULL;
    struct bytes line;

    while (js_split_next(&it, "\n", &line))
        p = read_line(&list, p, line);
    if (list.broken && an_warn(out, err, "dpkg: fields outside a package") < 0)
        return -1;
    return pkg_list_write(&list, out, "dpkg", err);
}

/* ---- extended_states --------------------------------------------------- */

/* parseInt(value, 10) === 1 */
static bool
is_one(struct bytes value)
{
    size_t i = 0;

    value = js_trim_start(value);
    if (value.n > 0 && value.p[0] == '+')
        i++;
    while (i < value.n && value.p[i] == '0')
        i++;
    if (i >= value.n || value.p[i] != '1')
        return false;
    return i + 1 == value.n || value.p[i + 1] < '0' || value.p[i + 1] > '9';
}

static void
write_auto(struct jw *jw, void *arg)
{
    struct bytes name;
    size_t at = 0;

    jw_obj(jw);
    jw_key(jw, "auto");
    jw_arr(jw);
    while (map_next(arg, &at, &name, NULL))
        jw_bytes(jw, name);
    jw_end(jw);
    jw_end(jw);
}

static int
autoinst_read(struct bytes body, struct an_out *out, struct err *err)
{
    auto_map struct map *marked = map_new();
    struct js_split it = { .rest = body };
    struct bytes line, name = BYTES_NONE;
    bool named = false;

    while (js_split_next(&it, "\n", &line)) {
        struct field f = split_field(line);

        if (bytes_is(f.key, "Package")) {
            name = f.value;
            named = f.has_value;
        } else if (bytes_is(f.key, "Auto-Installed") && named &&
                   f.has_value && is_one(f.value)) {
            map_put(marked, name, marked);
        }
    }
    return an_item(out, "autoinst", write_auto, marked, err);
}

const struct analyzer analyzer_dpkg = {
    .name = "dpkg",
    .wants = (const char *const[]){ "/var/lib/dpkg/status",
                                    "/var/lib/dpkg/status.d/*", NULL },
    .read = dpkg_read,
};

const struct analyzer analyzer_autoinst = {
    .name = "autoinst",
    .wants = (const char *const[]){ "/var/lib/apt/extended_states", NULL },
    .read = autoinst_read,
};
