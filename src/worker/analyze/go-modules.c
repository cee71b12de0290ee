/* Modules of a program, and what its builder wrote down beside them. */
#include "worker/analyze/go-modules.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/jstext.h"
#include "base/str.h"

#define MAX_FIELDS 3

void
go_modules_clear(struct go_modules *m)
{
    free(m->list);
    m->list = NULL;
    m->n = 0;
}

/* The first three fields; those that are not there are empty. Their number. */
static size_t
split_fields(struct bytes line, struct bytes fields[MAX_FIELDS])
{
    struct js_split it = { .rest = line };
    struct bytes field;
    size_t n = 0;

    for (size_t i = 0; i < MAX_FIELDS; i++)
        fields[i] = BYTES_NONE;
    while (n < MAX_FIELDS && js_split_next(&it, "\t", &field))
        fields[n++] = field;
    return n;
}

/* ---- what the builder wrote --------------------------------------------- */

/* "v1.2.3", "1.2.3-rc1": at least two dots between digits. */
static size_t
version_length(struct bytes b)
{
    size_t i = b.n > 0 && b.p[0] == 'v', dots = 0;

    if (i == b.n || !isdigit(b.p[i]))
        return 0;
    for (; i < b.n; i++) {
        if (b.p[i] == '.' && dots < 2 && i + 1 < b.n && isdigit(b.p[i + 1]))
            dots++;
        else if (dots < 2 && !isdigit(b.p[i]))
            return 0;
        else if (!isalnum(b.p[i]) && b.p[i] != '.' && b.p[i] != '-' &&
                 b.p[i] != '+')
            break;
    }
    return dots == 2 ? i : 0;
}

static bool
ends_like_version(struct bytes variable)
{
    static const char *const ends[] = { "version", "ver", "release", "tag" };

    for (size_t i = 0; i < N_ELEMENTS(ends); i++) {
        size_t n = strlen(ends[i]);

        if (variable.n >= n &&
            strncasecmp((const char *)variable.p + variable.n - n, ends[i],
                        n) == 0)
            return true;
    }
    return false;
}

static bool
is_own_package(const struct go_modules *m, struct bytes package)
{
    return bytes_is(package, "main") ||
           (m->main_name.n > 0 && package.n >= m->main_name.n &&
            memcmp(package.p, m->main_name.p, m->main_name.n) == 0 &&
            (package.n == m->main_name.n || package.p[m->main_name.n] == '/'));
}

/* "main.version=v1.2.3", what follows -X in the linker's flags. */
static struct bytes
linked_version(const struct go_modules *m, struct bytes setting)
{
    size_t equals = bytes_find(setting, '=');
    struct bytes value = bytes_from(setting, equals + 1);
    size_t dot = equals;

    while (dot > 0 && setting.p[dot - 1] != '.')
        dot--;
    if (dot == 0 || equals == setting.n ||
        !is_own_package(m, bytes_to(setting, dot - 1)) ||
        !ends_like_version(bytes_of(setting.p + dot, equals - dot)))
        return BYTES_NONE;
    return bytes_to(value, version_length(value));
}

/* The first of -X package.Variable=version. The text may be quoted. */
static void
read_linker_flags(struct go_modules *m, struct bytes flags)
{
    struct bytes word;
    bool is_setting = false;

    while (m->linked.n == 0 && bytes_next(&flags, ' ', &word)) {
        while (word.n > 0 && (word.p[0] == '"' || word.p[0] == '\'' ||
                              word.p[0] == '\\'))
            word = bytes_from(word, 1);
        if (bytes_starts(word, "-X=")) {
            word = bytes_from(word, 3);
            is_setting = true;
        }
        if (is_setting)
            m->linked = linked_version(m, word);
        is_setting = bytes_is(word, "-X");
    }
}

static void
read_setting(struct go_modules *m, struct bytes setting)
{
    size_t equals = bytes_find(setting, '=');
    struct bytes key = bytes_to(setting, equals);
    struct bytes value = bytes_from(setting, equals + 1);

    if (bytes_is(key, "vcs.revision"))
        m->revision = value;
    else if (bytes_is(key, "vcs.time"))
        m->time = value;
    else if (bytes_is(key, "-ldflags"))
        read_linker_flags(m, value);
}

/* ---- modules ------------------------------------------------------------- */

static int
add_module(struct go_modules *m, const struct bytes f[MAX_FIELDS],
           bool peer_sees, struct err *err)
{
    if (f[1].n == 0 || f[2].n == 0)
        return 0;
    if (m->n == GO_MODULES_MAX)
        return err_set(err, ERR_LIMIT, "more than %u modules", GO_MODULES_MAX);
    m->list = xgrown(m->list, m->n, sizeof(*m->list));
    m->list[m->n++] = (struct go_module){ .name = f[1], .version = f[2],
                                          .peer_sees = peer_sees };
    return 0;
}

static void
replace_module(struct go_modules *m, const struct bytes f[MAX_FIELDS])
{
    if (f[1].n == 0 || f[2].n == 0)
        return;
    /* Nothing to replace is more than the peer bears. */
    if (m->n == 0 || !m->list[m->n - 1].peer_sees)
        m->peer_sees = false;
    if (m->n == 0)
        return;
    m->list[m->n - 1].new_name = f[1];
    m->list[m->n - 1].new_version = f[2];
}

static int
read_line(struct go_modules *m, struct bytes line, size_t i, struct err *err)
{
    struct bytes f[MAX_FIELDS];
    size_t n = split_fields(line, f);

    if (i == 0) {
        m->path = f[1];
    } else if (i == 1 && bytes_is(f[0], "mod") && n > 1) {
        m->has_main = true;
        m->main_name = f[1];
        m->main_version = f[2];
    } else if (bytes_is(f[0], "dep")) {
        /* The peer takes the second line for the main module, always. */
        return add_module(m, f, i > 1, err);
    } else if (bytes_is(f[0], "=>") && i > 1) {
        replace_module(m, f);
    } else if (bytes_is(f[0], "build")) {
        read_setting(m, bytes_from(line, f[0].n + 1));
    }
    return 0;
}

int
go_modules_parse(struct go_modules *out, struct bytes text, struct err *err)
{
    struct js_split it = { .rest = text };
    struct bytes line;
    size_t i = 0;

    *out = (struct go_modules){ .peer_sees = true };
    for (; js_split_next(&it, "\n", &line); i++) {
        if (read_line(out, line, i, err) < 0)
            return -1;
    }
    if (i < 2)
        out->peer_sees = false;
    return 0;
}
