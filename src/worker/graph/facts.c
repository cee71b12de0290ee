/* The result of the system, and the frame around those of applications. */
#include "worker/graph/facts.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/configfacts.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/dockerfile.h"
#include "worker/graph/factversion.h"
#include "worker/graph/instructions.h"
#include "worker/graph/namedfiles.h"
#include "worker/graph/names.h"
#include "worker/graph/osdetect.h"
#include "worker/graph/ospkgs.h"
#include "worker/graph/ostree.h"
#include "worker/graph/report.h"
#include "worker/image/path.h"

/* One result of one image: graphs of everything in it. */
#define RESULT_MAX_BYTES (1u << 30)

struct facts {
    struct image image;        /* borrows what it points to */
    struct os os;
    struct ospkgs pkgs;
    struct instructions *history; /* owns: what it tells was installed */
    struct dockerfile *dockerfile; /* owns; NULL without one */
    struct instructions *runs;     /* owns: what the Dockerfile installs */
    struct ostree *tree;               /* owns */
    struct namedfiles *named;          /* owns */
    struct names names;
    bool distribution;         /* ociDistributionMetadata is complete */
    struct jx *truncated;      /* owns: an object, what was cut */
    struct jx *app_warnings;   /* owns: an array of texts */
};

struct report {
    struct facts *f;       /* borrows */
    struct buf line;       /* owns */
    struct jw jw;
    facts_sink sink;
    void *arg;
};

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

/* ---- facts ------------------------------------------------------------- */

void
report_fact(struct jw *jw, const char *type)
{
    jw_obj(jw);
    jw_key_str(jw, "type", type);
    jw_key(jw, "data");
}

void
report_fact_end(struct jw *jw)
{
    jw_end(jw);
}

static void
text_fact(struct jw *jw, const char *type, const char *text)
{
    if (str_is_empty(text))
        return;
    report_fact(jw, type);
    jw_str(jw, text);
    report_fact_end(jw);
}

static void
json_fact(struct jw *jw, const char *type, const struct jx *data)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);

    if (data == NULL)
        return;
    jx_write(data, &text);
    report_fact(jw, type);
    jw_raw(jw, buf_bytes(&text));
    report_fact_end(jw);
}

static void
graph_fact(struct facts *f, struct jw *jw)
{
    struct deptree *root = ostree_root(f->tree);
    const struct depgraph_pkg pkg = { root->name, root->version, NULL };
    auto_free char *alias = xasprintf("%s:%s", f->os.name, f->os.version);
    auto_depgraph struct depgraph *g = depgraph_new(f->pkgs.manager, alias,
                                                    &pkg);

    depgraph_add_tree(g, root);
    report_fact(jw, "depGraph");
    depgraph_write(g, jw);
    report_fact_end(jw);
}

/* Right: a program of just that name. */
static bool
is_key_binary(const struct facts *f, const struct merged *m)
{
    struct bytes base = path_base(m->path);

    return f->image.compat ||
           (jx_bool(m->data, "elf", false) &&
            (bytes_is(base, "node") || bytes_is(base, "java")));
}

static void
binaries_fact(const struct facts *f, struct jw *jw)
{
    auto_map struct map *seen = map_new();
    struct merged m;
    struct bytes hash;
    size_t at = 0;

    while (merge_next(f->image.files, "keybinary", &at, &m)) {
        hash = jx_bytes_value(jx_get(m.data, "sha256"));
        if (hash.n > 0 && is_key_binary(f, &m))
            map_put(seen, hash, seen);
    }
    if (map_count(seen) == 0)
        return;
    report_fact(jw, "keyBinariesHashes");
    jw_arr(jw);
    for (at = 0; map_next(seen, &at, &hash, NULL);)
        jw_bytes(jw, hash);
    jw_end(jw);
    report_fact_end(jw);
}

/* Only the first release file counts, whether it tells anything or not. */
static void
runtimes_fact(const struct facts *f, struct jw *jw)
{
    struct merged m;
    const char *version = NULL;
    size_t at = 0;

    while (merge_next(f->image.files, "javarelease", &at, &m)) {
        if (m.data == NULL)
            continue;
        version = jx_str(m.data, "version");
        break;
    }
    if (version == NULL)
        return;
    report_fact(jw, "baseRuntimes");
    jw_arr(jw);
    jw_obj(jw);
    jw_key_str(jw, "type", "java");
    jw_key_str(jw, "version", version);
    jw_end(jw);
    jw_end(jw);
    report_fact_end(jw);
}

static void
instructions_fact(const struct facts *f, struct jw *jw)
{
    if (!instructions_any(f->history))
        return;
    report_fact(jw, "autoDetectedUserInstructions");
    jw_obj(jw);
    instructions_write(f->history, jw);
    jw_end(jw);
    report_fact_end(jw);
}

static void
dockerfile_fact(const struct facts *f, struct jw *jw)
{
    if (f->dockerfile == NULL)
        return;
    report_fact(jw, "dockerfileAnalysis");
    jw_obj(jw);
    jw_key_opt(jw, "baseImage", dockerfile_base(f->dockerfile));
    instructions_write(f->runs, jw);
    if (dockerfile_error(f->dockerfile) != NULL) {
        jw_key(jw, "error");
        jw_obj(jw);
        jw_key_str(jw, "code", dockerfile_error(f->dockerfile));
        jw_end(jw);
    }
    jw_end(jw);
    report_fact_end(jw);
}

static void
names_facts(const struct facts *f, struct jw *jw)
{
    const struct image_options *o = f->image.options;

    if (f->names.n > 0) {
        report_fact(jw, "imageNames");
        jw_obj(jw);
        jw_key(jw, "names");
        jw_arr(jw);
        for (size_t i = 0; i < f->names.n; i++)
            jw_str(jw, f->names.at[i]);
        jw_end(jw);
        jw_end(jw);
        report_fact_end(jw);
    }
    if (f->distribution) {
        report_fact(jw, "ociDistributionMetadata");
        names_write_distribution(jw, o->image_name_and_tag, o->manifest_digest,
                                 o->index_digest);
        report_fact_end(jw);
    }
}

static void
write_texts(struct jw *jw, const struct jx *texts)
{
    for (size_t i = 0; i < jx_count(texts); i++)
        jw_str(jw, jx_str_value(jx_at(texts, i)));
}

static size_t
count_warnings(const struct facts *f)
{
    return jx_count(f->image.warnings) + jx_count(f->app_warnings);
}

static void
warnings_fact(const struct facts *f, struct jw *jw)
{
    const struct image_options *o = f->image.options;
    auto_buf struct buf cut = BUF_INIT(SIZE_MAX / 4);
    size_t n_files = f->image.compat ? 0 : count_warnings(f);

    if (o->n_warnings == 0 && n_files == 0 && jx_count(f->truncated) == 0)
        return;
    report_fact(jw, "pluginWarnings");
    jw_obj(jw);
    if (o->n_warnings > 0) {
        jw_key(jw, "parameterChecks");
        jw_arr(jw);
        for (size_t i = 0; i < o->n_warnings; i++)
            jw_str(jw, o->warnings[i]);
        jw_end(jw);
    }
    if (n_files > 0) {
        jw_key(jw, "fileWarnings");
        jw_arr(jw);
        write_texts(jw, f->image.warnings);
        write_texts(jw, f->app_warnings);
        jw_end(jw);
    }
    if (jx_count(f->truncated) > 0) {
        jx_write(f->truncated, &cut);
        jw_key(jw, "truncatedFacts");
        jw_raw(jw, buf_bytes(&cut));
    }
    jw_end(jw);
    report_fact_end(jw);
}

static void
config_facts(struct facts *f, struct jw *jw)
{
    const struct jx *config = f->image.config;
    auto_jx struct jx *container = configfacts_container(config, f->truncated);
    auto_jx struct jx *history = configfacts_history(config, f->truncated);

    text_fact(jw, "imageId", f->image.image_id);
    if (jx_count(f->image.layer_names) > 0)
        json_fact(jw, "imageLayers", f->image.layer_names);
    json_fact(jw, "imageLabels", configfacts_labels(config));
    json_fact(jw, "containerConfig", container);
    json_fact(jw, "history", history);
    text_fact(jw, "imageCreationTime", jx_str(config, "created"));
    json_fact(jw, "rootFs", configfacts_diff_ids(config));
}

static void
os_facts(struct facts *f, struct jw *jw)
{
    auto_free char *platform = configfacts_platform(f->image.config);

    graph_fact(f, jw);
    binaries_fact(f, jw);
    runtimes_fact(f, jw);
    dockerfile_fact(f, jw);
    config_facts(f, jw);
    text_fact(jw, "imageOsReleasePrettyName", f->os.pretty);
    namedfiles_fact(f->named, f->image.files, jw);
    instructions_fact(f, jw);
    names_facts(f, jw);
    text_fact(jw, "platform", platform);
    text_fact(jw, "pluginVersion", FACT_VERSION);
    warnings_fact(f, jw);
}

/* ---- results ----------------------------------------------------------- */

static struct jw *
open_result(struct report *out)
{
    buf_reset(&out->line);
    jw_init(&out->jw, &out->line);
    jw_obj(&out->jw);
    return &out->jw;
}

static void
write_identity(struct jw *jw, const char *type, const char *target_file,
               const char *platform)
{
    jw_key(jw, "identity");
    jw_obj(jw);
    jw_key_str(jw, "type", type);
    jw_key_opt(jw, "targetFile", target_file);
    if (platform != NULL) {
        jw_key(jw, "args");
        jw_obj(jw);
        jw_key_str(jw, "platform", platform);
        jw_end(jw);
    }
    jw_end(jw);
}

static void
write_target(const struct facts *f, struct jw *jw)
{
    jw_key(jw, "target");
    jw_obj(jw);
    jw_key_str(jw, "image", ostree_root(f->tree)->name);
    jw_end(jw);
    jw_key_opt(jw, "targetReference", f->image.options->target_reference);
}

static int
hand_on(struct report *out, struct err *err)
{
    jw_end(&out->jw);
    buf_add_char(&out->line, '\n');
    if (buf_check(&out->line, "scan result", err) < 0)
        return -1;
    return out->sink(buf_bytes(&out->line), out->arg, err);
}

struct jw *
report_begin(struct report *out, const char *type, const char *target_file)
{
    struct jw *jw = open_result(out);

    write_identity(jw, type, target_file, NULL);
    jw_key(jw, "facts");
    jw_arr(jw);
    return jw;
}

int
report_end(struct report *out, struct err *err)
{
    struct jw *jw = &out->jw;

    text_fact(jw, "imageId", out->f->image.image_id);
    names_facts(out->f, jw);
    text_fact(jw, "pluginVersion", FACT_VERSION);
    jw_end(jw);
    write_target(out->f, jw);
    return hand_on(out, err);
}

void
report_warn(struct report *out, const char *fmt, ...)
{
    auto_buf struct buf text = BUF_INIT(SIZE_MAX / 4);
    struct facts *f = out->f;
    va_list ap;

    va_start(ap, fmt);
    buf_addv(&text, fmt, ap);
    va_end(ap);
    log_warn("application not understood", LOG_STR("text", buf_cstr(&text)));
    if (count_warnings(f) < FACTS_MAX_WARNINGS)
        jx_append(f->app_warnings, jx_new_str(buf_bytes(&text)));
}

static int
write_os(struct facts *f, struct report *out, struct err *err)
{
    auto_free char *platform = configfacts_platform(f->image.config);
    struct jw *jw = open_result(out);

    write_identity(jw, f->pkgs.manager, NULL, platform);
    jw_key(jw, "facts");
    jw_arr(jw);
    os_facts(f, jw);
    jw_end(jw);
    write_target(f, jw);
    return hand_on(out, err);
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
    return rc;
}
