/* The facts of the system's result, one after the other. */
#include "worker/graph/facts-private.h"

#include "base/map.h"
#include "base/str.h"
#include "worker/graph/configfacts.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/factversion.h"
#include "worker/image/path.h"

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
write_texts(struct jw *jw, const struct jx *texts)
{
    for (size_t i = 0; i < jx_count(texts); i++)
        jw_str(jw, jx_str_value(jx_at(texts, i)));
}

static void
warnings_fact(const struct facts *f, struct jw *jw)
{
    const struct image_options *o = f->image.options;
    auto_buf struct buf cut = BUF_INIT(SIZE_MAX / 4);
    size_t n_files = f->image.compat ? 0 : facts_count_warnings(f);

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

    fact_text(jw, "imageId", f->image.image_id);
    if (jx_count(f->image.layer_names) > 0)
        fact_json(jw, "imageLayers", f->image.layer_names);
    fact_json(jw, "imageLabels", configfacts_labels(config));
    fact_json(jw, "containerConfig", container);
    fact_json(jw, "history", history);
    fact_text(jw, "imageCreationTime", jx_str(config, "created"));
    fact_json(jw, "rootFs", configfacts_diff_ids(config));
}

void
facts_of_system(struct facts *f, struct jw *jw)
{
    auto_free char *platform = configfacts_platform(f->image.config);

    graph_fact(f, jw);
    binaries_fact(f, jw);
    runtimes_fact(f, jw);
    dockerfile_fact(f, jw);
    config_facts(f, jw);
    fact_text(jw, "imageOsReleasePrettyName", f->os.pretty);
    namedfiles_fact(f->named, f->image.files, jw);
    instructions_fact(f, jw);
    facts_names(f, jw);
    fact_text(jw, "platform", platform);
    fact_text(jw, "pluginVersion", FACT_VERSION);
    warnings_fact(f, jw);
}
