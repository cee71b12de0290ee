/*
 * Jars: one result for each folder, with what tells the jars in it apart:
 * coordinates, or the SHA-1 of a jar that names none (scan-facts.md §12).
 * Which archives of a file count is judged here; whose the coordinates in
 * them are is jarowner.c's.
 */
#include "worker/graph/reporters.h"

#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/graph/jarowner.h"

/* Text that may be said of the archives in one file: paths of archives in
 * archives grow faster than what they are made of. */
#define MAX_TEXT_BYTES (32u << 20)
/* More than any worker opens; a record may claim anything. */
#define MAX_STEPS 64

/* One archive of a record's list. */
struct archive {
    const struct jx *d;     /* borrows */
    struct bytes name;      /* borrows: of the file, or of the entry */
    size_t up;              /* the one it is in; itself: the outermost */
    unsigned level;         /* 1: the outermost */
    unsigned n_steps;       /* down to it; 0: the outermost */
    bool is_jar;            /* others are only looked into */
    bool taken;
    size_t n_location;      /* bytes of its path */
    const struct jx *fault; /* borrows: first one that ends the peer's scan */
};

struct jar_file {
    struct merged file;
    struct archive *at;     /* owns */
    size_t n;
    size_t n_closed;        /* the worker did not open them */
    size_t n_too_long;      /* their paths are */
};

/* Files that are reported together. */
struct folder {
    char *path;             /* owns; UTF-8 */
    struct merged *files;   /* owns */
    size_t n;
};

/* ---- which files ------------------------------------------------------- */

static struct bytes
folder_of(struct bytes path)
{
    size_t n = path.n;

    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return bytes_to(path, n > 1 ? n - 1 : 1);
}

static bool
contains(struct bytes text, const char *s)
{
    return bytes_find_str(text, s) < text.n;
}

/* The peer finds "/usr/lib" anywhere in a folder's name. */
static bool
is_system(struct bytes path, bool compat)
{
    return compat ? contains(folder_of(path), "/usr/lib")
                  : bytes_starts(path, "/usr/lib/");
}

/* Of archives in archives, other spellings are not the peer's. */
static bool
ends_as(struct bytes name, const char *ending, bool compat)
{
    size_t n = strlen(ending);

    if (compat)
        return bytes_ends(name, ending);
    return name.n >= n && strncasecmp((const char *)name.p + name.n - n,
                                      ending, n) == 0;
}

static bool
is_peers(struct bytes path)
{
    return bytes_ends(path, ".jar") || bytes_ends(path, ".war");
}

static bool
is_reported(const struct image *image, const struct merged *m)
{
    if (m->data == NULL || (image->compat && !is_peers(m->path)))
        return false;
    if (is_system(m->path, image->compat))
        return image->options->include_system_jars;
    return !contains(folder_of(m->path), "gradle/cache");
}

/* ---- which archives ---------------------------------------------------- */

static bool
is_mild(const struct jx *fault)
{
    return jx_bool(fault, "mild", false);
}

/* What the peer stumbles over first, in the order of the directory. */
static void
blame(struct archive *a, const struct jx *fault)
{
    if (fault == NULL || str_eq(jx_str(fault, "f"), "refused") ||
        (a->fault != NULL &&
         jx_int(a->fault, "i", 0) <= jx_int(fault, "i", 0)))
        return;
    a->fault = fault;
}

/* Does somebody who looks as deep as he was told see it in `parent`? */
static bool
is_seen(const struct image *image, const struct archive *parent,
        const struct archive *a)
{
    double depth = image->options->nested_jars_depth;

    if (!parent->taken || parent->n_steps >= MAX_STEPS || depth <= 0 ||
        parent->level >= depth + 1)
        return false;
    return !image->compat ||
           (a->is_jar && !jx_bool(a->d, "late", false) &&
            !jx_bool(parent->d, "blind", false));
}

static void
judge_nested(const struct image *image, struct jar_file *f, struct archive *a)
{
    struct archive *parent = &f->at[a->up];
    const struct jx *bad = jx_obj(a->d, "bad");

    if (!is_seen(image, parent, a))
        return;
    /* A web archive in an application's archive is no step downwards. */
    a->level = parent->level + (a->is_jar ? 1 : 0);
    a->n_steps = parent->n_steps + 1;
    a->taken = !jx_bool(a->d, "closed", false) &&
               (bad == NULL || is_mild(bad));
    blame(parent, bad);
    f->n_closed += jx_bool(a->d, "closed", false);
}

/* Paths are long where names are, and grow with each level: at some point
 * the rest is left out. */
static void
limit_text(struct jar_file *f)
{
    size_t n_left = MAX_TEXT_BYTES;

    for (size_t i = 0; i < f->n; i++) {
        struct archive *a = &f->at[i];

        a->n_location = a->name.n + (i > 0 ? f->at[a->up].n_location + 1 : 0);
        if (!a->taken || !a->is_jar)
            continue;
        if (a->n_location > n_left) {
            a->taken = false;
            f->n_too_long++;
        } else {
            n_left -= a->n_location;
        }
    }
}

static void
judge(const struct image *image, const struct merged *file,
      struct jar_file *f)
{
    const struct jx *list = jx_arr(file->data, "archives");

    *f = (struct jar_file){ .file = *file, .n = jx_count(list) };
    f->at = xcalloc(f->n, sizeof(*f->at));
    for (size_t i = 0; i < f->n; i++) {
        struct archive *a = &f->at[i];
        int64_t up;

        a->d = jx_at(list, i);
        up = jx_int(a->d, "up", -1);
        a->name = i == 0 ? file->path : jx_bytes_value(jx_get(a->d, "n"));
        a->is_jar = ends_as(a->name, ".jar", image->compat);
        if (i == 0) {
            a->level = 1;
            a->taken = true;
        } else if (up >= 0 && (uint64_t)up < i) {
            a->up = (size_t)up;
            judge_nested(image, f, a);
        }
        if (a->taken && !jx_bool(a->d, "blind", false))
            blame(a, jx_obj(a->d, "fault"));
    }
    limit_text(f);
}

static void
warn_of_missing(const struct jar_file *f, struct report *out)
{
    struct bytes path = f->file.path;

    if (f->n_closed > 0)
        report_warn(out, "%.*s: archives nested too deeply, not opened: %zu",
                    BYTES_FMT(path), f->n_closed);
    if (f->n_too_long > 0)
        report_warn(out, "%.*s: archives with too long a path, left out: %zu",
                    BYTES_FMT(path), f->n_too_long);
}

/* ---- where the peer's scan ends ---------------------------------------- */

static const struct {
    const char *fault, *message;
} messages[] = {
    { "noDescriptor", "ADM-ZIP: No descriptor present" },
    { "oddDescriptor", "ADM-ZIP: Unknown descriptor format" },
    { "wrongDescriptor", "ADM-ZIP: Descriptor data is malformed" },
    { "noHeader", "ADM-ZIP: Invalid LOC header (bad signature)" },
    { "encrypted", "ADM-ZIP: Incompatible password parameter" },
    { "method", "ADM-ZIP: Invalid/unsupported compression method" },
    { "truncated", "unexpected end of file" },
};

/* The template is filled in for what was deflated only. */
static int
end_by_checksum(const struct archive *a, struct err *err)
{
    static const char words[] = "ADM-ZIP: CRC32 checksum failed";

    return jx_bool(a->fault, "stored", false)
               ? err_set(err, ERR_INPUT, "%s {0}", words)
               : err_set(err, ERR_INPUT, "%s \"%.*s\"", words,
                         BYTES_FMT(jx_bytes_value(jx_get(a->fault, "n"))));
}

static int
end_as_peer(const struct archive *a, struct err *err)
{
    const char *fault = jx_str(a->fault, "f"), *why = jx_str(a->fault, "why");
    int64_t size = jx_int(a->fault, "size", 0);

    if (why != NULL)
        return err_set(err, ERR_INPUT, "%s", why);
    if (str_eq(fault, "long") && size > 0)
        return err_set_code(err, ERR_INPUT, "RangeError",
                            "Cannot create a Buffer larger than %lld bytes",
                            (long long)size);
    if (str_eq(fault, "outside"))
        return err_set_code(err, ERR_INPUT, "RangeError",
                            "Attempt to access memory outside buffer bounds");
    for (size_t i = 0; i < N_ELEMENTS(messages); i++) {
        if (str_eq(messages[i].fault, fault))
            return err_set(err, ERR_INPUT, "%s", messages[i].message);
    }
    return end_by_checksum(a, err);
}

static int
check_as_peer(const struct jar_file *f, struct err *err)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->at[i].taken && f->at[i].fault != NULL)
            return end_as_peer(&f->at[i], err);
    }
    return 0;
}

/* ---- fingerprints ------------------------------------------------------ */

/* The path of the file, then the names of the entries down to this one. */
static void
add_location(const struct jar_file *f, size_t i, struct buf *out)
{
    const struct archive *a = &f->at[i];

    if (i > 0) {
        add_location(f, a->up, out);
        buf_add_char(out, '/');
    }
    utf8_add_lossy(out, a->name);
}

static void
write_coordinates(struct jw *jw, const struct jar_pom *p)
{
    jw_key(jw, "groupId");
    jw_bytes(jw, p->group);
    jw_key(jw, "artifactId");
    jw_bytes(jw, p->artifact);
    jw_key(jw, "version");
    jw_bytes(jw, p->version);
}

static void
write_fingerprint(struct jw *jw, const struct archive *a,
                  struct bytes location, bool compat)
{
    auto_jar_poms struct jar_poms poms = { 0 };

    jar_poms_read(&poms, a->d, location, a->name, compat);
    jw_obj(jw);
    jw_key(jw, "location");
    jw_bytes(jw, location);
    jw_key_str(jw, "digest", poms.own == NULL ? jx_str(a->d, "sha1") : NULL);
    jw_key(jw, "dependencies");
    jw_arr(jw);
    for (size_t i = 0; i < poms.n; i++) {
        if (poms.at[i].is_own)
            continue;
        jw_obj(jw);
        write_coordinates(jw, &poms.at[i]);
        jw_end(jw);
    }
    jw_end(jw);
    if (poms.own != NULL)
        write_coordinates(jw, poms.own);
    jw_end(jw);
}

static void
write_file(struct jw *jw, const struct jar_file *f, bool compat)
{
    auto_buf struct buf location = BUF_INIT(SIZE_MAX / 4);

    for (size_t i = 0; i < f->n; i++) {
        const struct archive *a = &f->at[i];

        if (!a->taken || !a->is_jar)
            continue;
        buf_reset(&location);
        add_location(f, i, &location);
        write_fingerprint(jw, a, buf_bytes(&location), compat);
    }
}

/* ---- folders ----------------------------------------------------------- */

static void
folder_free(struct folder *d)
{
    free(d->path);
    free(d->files);
    free(d);
}

static void
add_file(struct map *folders, const struct merged *m)
{
    struct bytes name = folder_of(m->path);
    struct folder *d = map_get(folders, name);

    if (d == NULL) {
        auto_buf struct buf path = BUF_INIT(SIZE_MAX / 4);

        d = xnew(struct folder);
        utf8_add_lossy(&path, name);
        d->path = buf_steal(&path);
        map_put(folders, name, d);
    }
    d->files = xgrown(d->files, d->n, sizeof(*d->files));
    d->files[d->n++] = *m;
}

/* ---- results ----------------------------------------------------------- */

/* What ends the peer's scan ends ours; else what is missing is told of. */
static int
judge_folder(const struct image *image, const struct folder *d,
             struct jar_file *files, struct report *out, struct err *err)
{
    for (size_t i = 0; i < d->n; i++) {
        judge(image, &d->files[i], &files[i]);
        if (image->compat && check_as_peer(&files[i], err) < 0)
            return -1;
        warn_of_missing(&files[i], out);
    }
    return 0;
}

/* The peer's kinds of files are told of even if nothing is in them. */
static bool
has_anything(const struct folder *d, const struct jar_file *files)
{
    for (size_t i = 0; i < d->n; i++) {
        if (is_peers(d->files[i].path))
            return true;
        for (size_t k = 0; k < files[i].n; k++) {
            if (files[i].at[k].taken && files[i].at[k].is_jar)
                return true;
        }
    }
    return false;
}

static int
write_folder(const struct image *image, const struct folder *d,
             const struct jar_file *files, struct report *out,
             struct err *err)
{
    struct jw *jw = report_begin(out, "maven", d->path);

    report_fact(jw, "jarFingerprints");
    jw_obj(jw);
    jw_key_str(jw, "path", d->path);
    jw_key_str(jw, "origin", image_reference(image));
    jw_key(jw, "fingerprints");
    jw_arr(jw);
    for (size_t i = 0; i < d->n; i++)
        write_file(jw, &files[i], image->compat);
    jw_end(jw);
    jw_end(jw);
    report_fact_end(jw);
    return report_end(out, err);
}

static int
report_folder(const struct image *image, const struct folder *d,
              struct report *out, struct err *err)
{
    struct jar_file *files = xcalloc(d->n, sizeof(*files));
    int rc = judge_folder(image, d, files, out, err);

    if (rc == 0 && has_anything(d, files))
        rc = write_folder(image, d, files, out, err);
    for (size_t i = 0; i < d->n; i++)
        free(files[i].at);
    free(files);
    return rc;
}

int
jars_report(const struct image *image, struct report *out, struct err *err)
{
    auto_map struct map *folders = map_new();
    struct merged m;
    void *d;
    size_t at = 0;
    int rc = 0;

    while (merge_next(image->files, "jar", &at, &m)) {
        if (is_reported(image, &m))
            add_file(folders, &m);
    }
    for (at = 0; map_next(folders, &at, NULL, &d);) {
        if (rc == 0)
            rc = report_folder(image, d, out, err);
        folder_free(d);
    }
    return rc;
}
