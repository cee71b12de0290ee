/*
 * The right way to packages. A file is a module's where a whole part of its
 * path begins with the module's name and version, or with its name below a
 * vendor folder that is not the toolchain's own. Replaced modules go by the
 * old name when paths are trimmed or vendored, by the new one otherwise;
 * capitals may be written as the module cache writes them.
 */
#include "worker/analyze/go-match.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "worker/analyze/go-found.h"

#define VENDOR  "vendor/"
#define RUNTIME "runtime/proc.go" /* in every program */

struct matcher {
    struct go_prefixes *by_version, *by_name; /* own; keys end in a slash */
    const struct go_files *files;
    struct bytes toolchain; /* where the standard library's folders lie */
    bool has_toolchain;
};

/* "github.com/Azure/x" is "github.com/!azure/x" in the module cache. */
static bool
escape(struct bytes name, struct buf *out)
{
    bool differs = false;

    buf_reset(out);
    for (size_t i = 0; i < name.n; i++) {
        if (isupper(name.p[i])) {
            differs = true;
            buf_add_char(out, '!');
        }
        buf_add_char(out, (char)tolower(name.p[i]));
    }
    return differs;
}

static void
add_version(struct matcher *m, struct bytes name, struct bytes version,
            size_t owner)
{
    auto_buf struct buf n = BUF_INIT(SIZE_MAX / 4);
    auto_buf struct buf v = BUF_INIT(SIZE_MAX / 4);
    bool differs;

    if (name.n == 0 || version.n == 0)
        return;
    go_prefixes_add(m->by_version, name, version, "/", owner);
    differs = escape(name, &n);
    if (escape(version, &v) || differs)
        go_prefixes_add(m->by_version, buf_bytes(&n), buf_bytes(&v), "/",
                        owner);
}

static void
find_toolchain(struct matcher *m)
{
    for (size_t i = 0; i < m->files->n && !m->has_toolchain; i++) {
        struct bytes file = m->files->names[i];
        size_t at = file.n - strlen(RUNTIME);

        if (!bytes_ends(file, RUNTIME) || (at > 0 && file.p[at - 1] != '/'))
            continue;
        m->toolchain = bytes_to(file, at);
        m->has_toolchain = true;
    }
}

static void
matcher_init(struct matcher *m, const struct go_modules *modules,
             const struct go_files *files)
{
    *m = (struct matcher){ go_prefixes_new(), go_prefixes_new(), files,
                           BYTES_NONE, false };
    for (size_t i = 0; i < modules->n; i++) {
        const struct go_module *x = &modules->list[i];

        add_version(m, x->name, x->version, i);
        add_version(m, x->new_name, x->new_version, i);
        go_prefixes_add(m->by_name, x->name, BYTES_NONE, "/", i);
    }
    go_prefixes_seal(m->by_version);
    go_prefixes_seal(m->by_name);
    find_toolchain(m);
}

static void
matcher_clear(struct matcher *m)
{
    go_prefixes_free(m->by_version);
    go_prefixes_free(m->by_name);
}

static const struct go_prefix *
find_version(struct matcher *m, struct bytes file, struct bytes *rest)
{
    const uint8_t *last = memrchr(file.p, '@', file.n);
    size_t end = last != NULL ? (size_t)(last - file.p) : 0;

    for (size_t i = 0; i < end; i++) {
        const struct go_prefix *x;

        if (i > 0 && file.p[i - 1] != '/')
            continue;
        *rest = bytes_from(file, i);
        x = go_prefixes_find(m->by_version, *rest);
        if (x != NULL)
            return x;
    }
    return NULL;
}

/* The standard library has modules in its own vendor folder: they are its. */
static bool
is_of_toolchain(const struct matcher *m, struct bytes file, size_t n)
{
    return m->has_toolchain && bytes_equal(bytes_to(file, n), m->toolchain);
}

static const struct go_prefix *
find_vendored(struct matcher *m, struct bytes file, struct bytes *rest)
{
    size_t from = 0;

    for (;;) {
        size_t at = from + bytes_find_str(bytes_from(file, from), VENDOR);
        const struct go_prefix *x;

        if (at >= file.n)
            return NULL;
        from = at + strlen(VENDOR);
        if ((at > 0 && file.p[at - 1] != '/') || is_of_toolchain(m, file, at))
            continue;
        *rest = bytes_from(file, from);
        x = go_prefixes_find(m->by_name, *rest);
        if (x != NULL)
            return x;
    }
}

int
go_match(const struct go_modules *modules, const struct go_files *files,
         struct go_packages **out, struct err *err)
{
    auto_go_found struct go_found *found = go_found_new(modules->n);
    struct matcher m;
    int r = 0;

    matcher_init(&m, modules, files);
    for (size_t i = 0; r == 0 && i < files->n; i++) {
        struct bytes rest;
        const struct go_prefix *x = find_version(&m, files->names[i], &rest);

        if (x == NULL)
            x = find_vendored(&m, files->names[i], &rest);
        /* The slash at the key's end belongs to the rest. */
        if (x != NULL)
            r = go_found_add(found, x->owner, bytes_from(rest, x->key.n - 1),
                             err);
        if (r == 0)
            r = go_check_work(go_prefixes_work(m.by_version) +
                                  go_prefixes_work(m.by_name), err);
    }
    matcher_clear(&m);
    if (r < 0)
        return -1;
    *out = go_found_finish(steal(found));
    return 0;
}
