/* Names of application files, one result for each language (§17.2). */
#include "worker/graph/reporters.h"

#include "base/str.h"
#include "worker/image/path.h"

static bool
next_file(const struct image *image, const char *kind, size_t *at,
          struct merged *out)
{
    while (merge_next(image->files, kind, at, out)) {
        if (out->data != NULL)
            return true;
    }
    return false;
}

static bool
is_below(struct bytes path, struct bytes folder)
{
    return folder.n == 1 || (path.n > folder.n && path.p[folder.n] == '/' &&
                             bytes_equal(bytes_to(path, folder.n), folder));
}

/* The deepest folder that all of them are below; "" when there are none. */
static struct bytes
common_folder(const struct image *image, const char *kind)
{
    struct bytes folder = BYTES_NONE;
    struct merged file;
    size_t at = 0;

    while (next_file(image, kind, &at, &file)) {
        if (folder.n == 0) {
            folder = file.path;
            path_up(&folder);
        }
        while (!is_below(file.path, folder))
            path_up(&folder);
    }
    return folder;
}

static void
write_files(const struct image *image, const char *kind, const char *language,
            size_t n_root, struct jw *jw)
{
    struct merged file;
    size_t at = 0;

    report_fact(jw, "applicationFiles");
    jw_arr(jw);
    jw_obj(jw);
    jw_key_str(jw, "language", language);
    jw_key(jw, "fileHierarchy");
    jw_arr(jw);
    while (next_file(image, kind, &at, &file)) {
        jw_obj(jw);
        jw_key(jw, "path");
        jw_bytes(jw, bytes_from(file.path, n_root));
        jw_end(jw);
    }
    jw_end(jw);
    jw_end(jw);
    jw_end(jw);
    report_fact_end(jw);
}

static int
report_files(const struct image *image, const char *kind, const char *type,
             const char *language, struct report *out, struct err *err)
{
    struct bytes root = common_folder(image, kind);
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct jw *jw;

    if (!image->options->collect_application_files || root.n == 0)
        return 0;
    utf8_add_lossy(&text, root);
    jw = report_begin(out, type, buf_cstr(&text));
    write_files(image, kind, language, root.n == 1 ? 1 : root.n + 1, jw);
    return report_end(out, err);
}

int
node_files_report(const struct image *image, struct report *out,
                  struct err *err)
{
    return report_files(image, "nodefile", "npm", "node", out, err);
}

int
python_files_report(const struct image *image, struct report *out,
                    struct err *err)
{
    return report_files(image, "pyfile", "python", "python", out, err);
}
