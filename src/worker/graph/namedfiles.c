/* Patterns are asked once more here: a hard link has the content of a file
 * that they named, but a name of its own. */
#include "worker/graph/namedfiles.h"

#include "base/json/globlist.h"
#include "base/str.h"
#include "worker/glob/glob.h"
#include "worker/graph/report.h"
#include "worker/image/path.h"

struct namedfiles {
    struct globs *include, *exclude; /* own */
};

struct namedfiles *
namedfiles_new(const struct jx *options, struct err *err)
{
    auto_globlist struct globlist list = { .variant = { .n_include = 0 } };
    auto_namedfiles struct namedfiles *n = xnew(struct namedfiles);
    const struct analyzer_variant *v = &list.variant;

    if (globlist_read(&list, options, err) < 0)
        return NULL;
    n->include = globs_of(v->include, v->n_include, err);
    n->exclude = globs_of(v->exclude, v->n_exclude, err);
    return n->include != NULL && n->exclude != NULL ? steal(n) : NULL;
}

void
namedfiles_free(struct namedfiles *n)
{
    if (n == NULL)
        return;
    globs_free(n->include);
    globs_free(n->exclude);
    free(n);
}

static bool
next_file(const struct namedfiles *n, const struct merge *files, size_t *at,
          struct merged *out)
{
    while (merge_next(files, "glob", at, out)) {
        if (jx_str(out->data, "b") != NULL &&
            globs_match(n->include, out->path) &&
            !globs_match(n->exclude, out->path))
            return true;
    }
    return false;
}

static void
write_file(const struct merged *file, struct jw *jw)
{
    struct bytes folder = file->path;

    path_up(&folder);
    jw_obj(jw);
    jw_key(jw, "name");
    jw_bytes(jw, path_base(file->path));
    jw_key(jw, "path");
    jw_bytes(jw, folder);
    jw_key_str(jw, "contents", jx_str(file->data, "b"));
    jw_end(jw);
}

void
namedfiles_fact(const struct namedfiles *n, const struct merge *files,
                struct jw *jw)
{
    struct merged file;
    size_t at = 0;

    if (!next_file(n, files, &at, &file))
        return;
    report_fact(jw, "imageManifestFiles");
    jw_arr(jw);
    do {
        write_file(&file, jw);
    } while (next_file(n, files, &at, &file));
    jw_end(jw);
    report_fact_end(jw);
}
