/* What is known of an image, and who writes results of it in which order. */
#include "worker/graph/facts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "worker/graph/configfacts.h"
#include "worker/graph/facts-private.h"

/* One result of one image: graphs of everything in it. */
#define RESULT_MAX_BYTES (1u << 30)

/* ---- what is true of the whole image ----------------------------------- */

const char *
image_reference(const struct image *image)
{
    const char *option = image->options->image_name_and_tag;

    return !image->pulled && option != NULL ? option : image->target;
}

/* Names that come with digests are looked at before the image is. */
static int
find_names_with_digests(struct facts *f, struct err *err)
{
    const struct image *im = &f->image;
    const struct image_options *o = im->options;

    if (im->pulled)
        return names_add(&f->names, im->target, im->manifest_digest,
                         im->index_digest, err);
    if (o->image_name_and_tag == NULL || (str_is_empty(o->manifest_digest) &&
                                          str_is_empty(o->index_digest)))
        return 0;
    return names_add(&f->names, o->image_name_and_tag, o->manifest_digest,
                     o->index_digest, err);
}

static int
find_plain_names(struct facts *f, struct err *err)
{
    const char *tag = f->image.options->image_name_and_tag;
    const char *by_digest = f->image.options->image_name_and_digest;

    if (f->names.n > 0)
        return 0;
    if (tag != NULL && names_add(&f->names, tag, NULL, NULL, err) < 0)
        return -1;
    if (by_digest == NULL || str_eq(by_digest, tag))
        return 0;
    return names_add(&f->names, by_digest, NULL, NULL, err);
}

/* A Dockerfile knows better than the history. */
static void
attribute(struct facts *f)
{
    struct instructions *by = f->runs != NULL ? f->runs : f->history;

    ostree_expand(f->tree, by);
    if (f->image.options->exclude_base_image)
        ostree_exclude_base(f->tree, by);
    ostree_label(f->tree, by);
}

static void
read_instructions(struct facts *f)
{
    const char *const *runs;
    size_t n;

    f->history = instructions_new(f->image.config);
    if (f->image.dockerfile.p == NULL)
        return;
    f->dockerfile = dockerfile_new(f->image.dockerfile, f->image.compat);
    runs = dockerfile_runs(f->dockerfile, &n);
    f->runs = instructions_of_runs(runs, n);
}

static void
tell_what_is_left_out(struct facts *f)
{
    if (instructions_full(f->history) ||
        (f->runs != NULL && instructions_full(f->runs)))
        facts_warn(f, bytes_str("the instructions that brought packages are "
                                "too long: some packages are without theirs"));
    if (f->dockerfile != NULL && dockerfile_full(f->dockerfile))
        facts_warn(f, bytes_str("Dockerfile: its commands or variables are "
                                "too much: some are left out"));
}

static bool
base_is_scratch(const struct facts *f)
{
    return f->dockerfile != NULL &&
           str_eq(dockerfile_base(f->dockerfile), "scratch");
}

static int
work_out(struct facts *f, struct err *err)
{
    const struct image *im = &f->image;
    const struct image_options *o = im->options;

    read_instructions(f);
    f->named = namedfiles_new(o->document, err);
    if (f->named == NULL || find_names_with_digests(f, err) < 0 ||
        configfacts_check(im->config, im->compat, err) < 0 ||
        os_detect(&f->os, im->files, im->compat, base_is_scratch(f),
                  err) < 0 ||
        ospkgs_select(&f->pkgs, im->files, &f->os, im->compat, err) < 0 ||
        find_plain_names(f, err) < 0)
        return -1;
    f->distribution = o->image_name_and_tag != NULL &&
                      !str_is_empty(o->manifest_digest) &&
                      names_distribution_ok(o->image_name_and_tag,
                                            o->manifest_digest,
                                            o->index_digest);
    f->tree = ostree_new(image_reference(im), im->compat, &f->pkgs);
    attribute(f);
    tell_what_is_left_out(f);
    return 0;
}

struct facts *
facts_new(const struct image *image, struct err *err)
{
    struct facts *f = xnew(struct facts);

    f->image = *image;
    f->truncated = jx_new_obj();
    f->app_warnings = jx_new_arr();
    if (work_out(f, err) == 0)
        return f;
    facts_free(f);
    return NULL;
}

void
facts_free(struct facts *f)
{
    if (f == NULL)
        return;
    os_clear(&f->os);
    ostree_free(f->tree);
    ospkgs_clear(&f->pkgs);
    instructions_free(f->history);
    instructions_free(f->runs);
    dockerfile_free(f->dockerfile);
    names_clear(&f->names);
    namedfiles_free(f->named);
    jx_free(f->truncated);
    jx_free(f->app_warnings);
    free(f);
}

/* ---- results ----------------------------------------------------------- */

static int
write_os(struct facts *f, struct report *out, struct err *err)
{
    auto_free char *platform = configfacts_platform(f->image.config);
    struct jw *jw = report_open(out);

    report_identity(jw, f->pkgs.manager, NULL, platform);
    jw_key(jw, "facts");
    jw_arr(jw);
    facts_of_system(f, jw);
    jw_end(jw);
    report_target(f, jw);
    return report_close(out, err);
}

static int
write_apps(struct facts *f, struct report *out, struct err *err)
{
    int rc = 0;

    if (f->image.options->exclude_app_vulns)
        return 0;
    for (size_t i = 0; rc == 0 && reporters[i].name != NULL; i++)
        rc = reporters[i].report(&f->image, out, err);
    return rc;
}

static int
hold_line(struct bytes line, void *arg, struct err *err)
{
    struct buf *held = arg;

    buf_add_bytes(held, line);
    return buf_check(held, "scan results", err);
}

static int
hand_on_lines(struct bytes lines, facts_sink sink, void *arg, struct err *err)
{
    while (lines.n > 0) {
        struct bytes line = bytes_to(lines, bytes_find(lines, '\n') + 1);

        if (sink(line, arg, err) < 0)
            return -1;
        lines = bytes_from(lines, line.n);
    }
    return 0;
}

/* The system's result comes first, and tells what went wrong with the
 * applications: theirs are made before and held back. */
static int
write_right(struct facts *f, struct report *out, struct err *err)
{
    auto_buf struct buf held = BUF_INIT(RESULT_MAX_BYTES);
    facts_sink sink = out->sink;
    void *arg = out->arg;

    out->sink = hold_line;
    out->arg = &held;
    if (write_apps(f, out, err) < 0)
        return -1;
    out->sink = sink;
    out->arg = arg;
    if (write_os(f, out, err) < 0)
        return -1;
    return hand_on_lines(buf_bytes(&held), sink, arg, err);
}

/* The peer's results are what they are, whatever becomes of the rest. */
static int
write_compat(struct facts *f, struct report *out, struct err *err)
{
    return write_os(f, out, err) < 0 ? -1 : write_apps(f, out, err);
}

int
facts_write(struct facts *f, facts_sink sink, void *arg, struct err *err)
{
    struct report out = { .f = f, .line = BUF_INIT(RESULT_MAX_BYTES),
                          .sink = sink, .arg = arg };
    int rc = f->image.compat ? write_compat(f, &out, err)
                             : write_right(f, &out, err);

    buf_clear(&out.line);
    if (f->n_untold > 0)
        log_warn("further applications not understood",
                 LOG_INT("count", f->n_untold));
    return rc;
}
