/*
 * The peer's way to packages. One folder is taken for the cache of modules,
 * one for the vendor folder, by the first module that has a file in such a
 * place; files elsewhere count for nothing, and the name of a module need not
 * end where it ends.
 */
#include "worker/analyze/go-match.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "worker/analyze/go-found.h"
#include "worker/analyze/go-path.h"

#define VENDOR "vendor/"
#define ADDING_WORK 64 /* of one package, in bytes compared */

/* Of a file, what stands before a module's name; file NULL: none yet. */
struct before {
    const struct bytes *file;
    size_t n;
};

struct peer {
    const struct go_modules *modules;
    const struct go_files *files;
    struct go_prefixes *by_name, *by_version; /* own */
    struct go_prefixes *by_vendored; /* owns; its keys by vendored_name() */
    bool has_odd;            /* some of those do not begin with VENDOR */
    struct bytes cache;      /* with its slash; none: not known */
    struct buf vendor;       /* owns; as above */
    uint64_t work;
};

static struct bytes
name_of(const struct go_module *m)
{
    return m->new_name.n > 0 ? m->new_name : m->name;
}

static struct bytes
version_of(const struct go_module *m)
{
    return m->new_name.n > 0 ? m->new_version : m->version;
}

/* "vendor/name/", as paths are joined: of a module replaced by a folder "../x"
 * it is "x/". */
static struct bytes
vendored_name(const struct go_module *m, struct buf *out)
{
    auto_buf struct buf joined = BUF_INIT(SIZE_MAX / 4);

    buf_add_str(&joined, VENDOR);
    buf_add_bytes(&joined, name_of(m));
    buf_reset(out);
    go_path_add(out, buf_bytes(&joined));
    buf_add_char(out, '/');
    return buf_bytes(out);
}

static void
peer_init(struct peer *p, const struct go_modules *modules,
          const struct go_files *files)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    *p = (struct peer){ .modules = modules, .files = files,
                        .by_name = go_prefixes_new(),
                        .by_version = go_prefixes_new(),
                        .by_vendored = go_prefixes_new(),
                        .vendor = BUF_INIT(SIZE_MAX / 4) };
    for (size_t i = 0; i < modules->n; i++) {
        const struct go_module *m = &modules->list[i];

        if (!m->peer_sees)
            continue;
        go_prefixes_add(p->by_name, name_of(m), BYTES_NONE, "", i);
        go_prefixes_add(p->by_version, name_of(m), version_of(m), "", i);
        go_prefixes_add(p->by_vendored, vendored_name(m, &text), BYTES_NONE,
                        "", i);
        p->has_odd |= !bytes_starts(buf_bytes(&text), VENDOR);
    }
    go_prefixes_seal(p->by_name);
    go_prefixes_seal(p->by_vendored);
    go_prefixes_seal(p->by_version);
}

static void
peer_clear(struct peer *p)
{
    go_prefixes_free(p->by_name);
    go_prefixes_free(p->by_version);
    go_prefixes_free(p->by_vendored);
    buf_clear(&p->vendor);
}

static int
check_work(const struct peer *p, struct err *err)
{
    return go_check_work(p->work + go_prefixes_work(p->by_name) +
                             go_prefixes_work(p->by_version) +
                             go_prefixes_work(p->by_vendored), err);
}

static bool
begins_with(struct bytes text, struct bytes start)
{
    return text.n >= start.n &&
           (start.n == 0 || memcmp(text.p, start.p, start.n) == 0);
}

static bool
is_trimmed(const struct go_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        if (bytes_starts(files->names[i], "/"))
            return false;
    }
    return true;
}

/* ---- the two folders ----------------------------------------------------- */

static void
note(struct before *found, const struct bytes *file, size_t n)
{
    if (found->file == NULL)
        *found = (struct before){ file, n };
}

static size_t
first_place(struct peer *p, struct bytes file, struct bytes key)
{
    const uint8_t *at = memmem(file.p, file.n, key.p, key.n);

    p->work += file.n;
    return (size_t)(at - file.p);
}

/* Modules whose "/name@version" is in the file. The folder is what stands
 * before the first "name@version", with a slash or without. */
static void
look_for_versions(struct peer *p, const struct bytes *file,
                  struct before *found)
{
    const uint8_t *last = memrchr(file->p, '@', file->n);
    size_t end = last != NULL ? (size_t)(last - file->p) : 0;

    for (size_t i = 0; i < end; i++) {
        if (file->p[i] != '/')
            continue;
        for (const struct go_prefix *x =
                 go_prefixes_find(p->by_version, bytes_from(*file, i + 1));
             x != NULL; x = x->next) {
            if (found[x->owner].file == NULL)
                note(&found[x->owner], file, first_place(p, *file, x->key));
            p->work++;
        }
    }
}

/* Modules whose "vendor/name/" is in the file. */
static void
look_for_vendored(struct peer *p, const struct bytes *file,
                  struct before *found)
{
    for (size_t at = 0; at < file->n; at++) {
        if (!p->has_odd)
            at += bytes_find_str(bytes_from(*file, at), VENDOR);
        for (const struct go_prefix *x =
                 go_prefixes_find(p->by_vendored, bytes_from(*file, at));
             x != NULL; x = x->next) {
            note(&found[x->owner], file, at);
            p->work++;
        }
    }
}

static bool
contains(struct peer *p, struct bytes file, struct bytes text)
{
    p->work += file.n + 1;
    return text.n == 0 || memmem(file.p, file.n, text.p, text.n) != NULL;
}

/* Whether a file of somebody else lies where the vendor folder does, or
 * somewhere else below a folder of that path. */
static bool
has_neighbour(struct peer *p, struct bytes folder, struct bytes name)
{
    for (size_t i = 0; i < p->files->n; i++) {
        if (contains(p, p->files->names[i], folder) &&
            !contains(p, p->files->names[i], name))
            return true;
    }
    return false;
}

static void
choose_cache(struct peer *p, const struct before *versions)
{
    for (size_t i = 0; i < p->modules->n; i++) {
        if (versions[i].file == NULL)
            continue;
        p->cache = bytes_to(*versions[i].file, versions[i].n);
        return;
    }
}

static int
choose_vendor(struct peer *p, const struct before *vendored, struct err *err)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    for (size_t i = 0; i < p->modules->n; i++) {
        struct bytes folder;

        if (vendored[i].file == NULL)
            continue;
        folder = bytes_to(*vendored[i].file, vendored[i].n);
        if (check_work(p, err) < 0)
            return -1;
        if (!has_neighbour(p, folder,
                           vendored_name(&p->modules->list[i], &text)))
            continue;
        buf_reset(&text);
        buf_add_bytes(&text, folder);
        buf_add_str(&text, folder.n > 0 ? "/" VENDOR : VENDOR);
        go_path_add(&p->vendor, buf_bytes(&text));
        return 0;
    }
    return 0;
}

static int
find_folders(struct peer *p, struct err *err)
{
    auto_free struct before *versions = NULL;
    auto_free struct before *vendored = NULL;

    if (is_trimmed(p->files))
        return 0;
    versions = xcalloc(p->modules->n + 1, sizeof(*versions));
    vendored = xcalloc(p->modules->n + 1, sizeof(*vendored));
    for (size_t i = 0; i < p->files->n; i++) {
        look_for_versions(p, &p->files->names[i], versions);
        look_for_vendored(p, &p->files->names[i], vendored);
        if (check_work(p, err) < 0)
            return -1;
    }
    choose_cache(p, versions);
    return choose_vendor(p, vendored, err);
}

/* ---- files to modules ---------------------------------------------------- */

/* What of a file's name begins with the name of its module; *set tells how
 * modules are named there. False: it is nobody's. */
static bool
rest_of(const struct peer *p, struct bytes file, struct bytes *rest,
        struct go_prefixes **set)
{
    *set = p->by_version;
    if (p->vendor.n > 0 && begins_with(file, buf_bytes(&p->vendor))) {
        *set = p->by_name;
        *rest = bytes_from(file, p->vendor.n);
    } else if (p->cache.n > 0 && begins_with(file, p->cache)) {
        *rest = bytes_from(file, p->cache.n);
    } else if (p->vendor.n == 0 && p->cache.n == 0) {
        *rest = file;
    } else {
        return false;
    }
    return true;
}

/* Whether the key, which `rest` begins with, is in it once more. */
static bool
comes_again(struct peer *p, struct bytes rest, struct bytes key)
{
    struct bytes behind = bytes_from(rest, key.n);

    p->work += behind.n;
    return behind.n >= key.n &&
           memmem(behind.p, behind.n, key.p, key.n) != NULL;
}

/* Modules from this one on get nothing of the file: the peer stops at it. */
static size_t
stops_at(struct peer *p, const struct go_prefix *x, struct bytes rest)
{
    size_t first = SIZE_MAX;

    for (; x != NULL; x = x->next) {
        p->work++;
        if (x->owner < first && comes_again(p, rest, x->key))
            first = x->owner;
    }
    return first;
}

/* 0, 1 to stop, or -1. */
static int
match_file(struct peer *p, struct bytes file, struct go_found *found,
           struct err *err)
{
    const struct go_prefix *first;
    struct go_prefixes *set;
    struct bytes rest;
    size_t stop;

    if (bytes_is(file, "<autogenerated>") || !rest_of(p, file, &rest, &set))
        return 0;
    first = go_prefixes_find(set, rest);
    stop = stops_at(p, first, rest);
    for (const struct go_prefix *x = first; x != NULL; x = x->next) {
        p->work += ADDING_WORK;
        if (x->owner < stop &&
            go_found_add(found, x->owner, bytes_from(rest, x->key.n), err) < 0)
            return -1;
    }
    if (check_work(p, err) < 0)
        return -1;
    return stop < SIZE_MAX;
}

int
go_match_as_peer(const struct go_modules *modules,
                 const struct go_files *files, struct go_packages **out,
                 struct err *err)
{
    auto_go_found struct go_found *found = go_found_new(modules->n);
    struct peer p;
    int r;

    peer_init(&p, modules, files);
    r = find_folders(&p, err);
    for (size_t i = 0; r == 0 && i < files->n; i++)
        r = match_file(&p, files->names[i], found, err);
    peer_clear(&p);
    if (r < 0)
        return -1;
    *out = go_found_finish(steal(found));
    return 0;
}
