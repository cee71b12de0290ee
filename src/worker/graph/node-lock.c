/*
 * Projects with a lock file: which folder has one, which of several counts,
 * and the result. What a lock says lives with its kind.
 */
#include "worker/graph/node-lock.h"

#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/node.h"
#include "worker/image/path.h"

#define MANIFEST "package.json"

/* One folder's try. */
struct attempt {
    const struct image *image;
    struct report *out;
    const struct node_lock *how;
    struct node_project project;
};

bool
node_is_lock(const char *kind, struct bytes base, bool compat)
{
    for (size_t i = 0; node_locks[i]->base != NULL; i++) {
        if (strcmp(kind, node_locks[i]->kind) == 0 &&
            bytes_is(base, node_locks[i]->base))
            return !compat || !node_locks[i]->right_only;
    }
    return false;
}

/* Data of the file `base` in that folder; NULL: absent, or empty. */
static const struct jx *
file_in(const struct image *image, struct bytes folder, const char *base,
        const char *kind)
{
    auto_free char *path = xasprintf("%.*s/%s", (int)folder.n,
                                     (const char *)folder.p, base);
    struct merged m;

    return merge_find(image->files, path, kind, &m) ? m.data : NULL;
}

/* The folder's lock file; false: it has none. */
static bool
choose_lock(struct attempt *a, struct bytes folder)
{
    for (size_t i = 0; node_locks[i]->base != NULL; i++) {
        a->how = node_locks[i];
        if (a->how->right_only && a->image->compat)
            continue;
        a->project.lock = file_in(a->image, folder, a->how->base,
                                  a->how->kind);
        if (a->project.lock != NULL)
            return true;
    }
    return false;
}

/*
 * What is wanted both to run and to develop is wanted to run. The peer leaves
 * it out, and so do the builders, who never see such a name here.
 */
static struct jx *
manifest_to_run(const struct jx *manifest)
{
    static const char *const to_run[] = { "dependencies",
                                          "optionalDependencies" };
    struct jx *copy = jx_copy(manifest);
    struct jx *dev = jx_obj(copy, "devDependencies");
    const char *name;
    struct jx *range;

    for (size_t i = 0; dev != NULL && i < N_ELEMENTS(to_run); i++) {
        void *at = NULL;

        while (jx_next(jx_obj(copy, to_run[i]), &at, &name, &range))
            jx_unset(dev, name);
    }
    return copy;
}

static int
write_result(struct attempt *a, const struct depgraph *g, struct err *err)
{
    struct jw *jw = report_begin(a->out, a->how->type,
                                 a->project.manifest_path);

    report_fact(jw, "depGraph");
    depgraph_write(g, jw);
    report_fact_end(jw);
    report_fact(jw, "testedFiles");
    jw_arr(jw);
    jw_str(jw, MANIFEST);
    jw_str(jw, a->how->base);
    jw_end(jw);
    report_fact_end(jw);
    return report_end(a->out, err);
}

static int
build(struct attempt *a, struct depgraph **out, struct err *err)
{
    auto_jx struct jx *to_run = NULL;
    const struct jx *manifest = a->project.manifest, *lock = a->project.lock;

    if (jx_bool(manifest, "bad", false))
        return err_set(err, ERR_INPUT, MANIFEST " was not understood");
    if (jx_bool(lock, "bad", false))
        return err_set(err, ERR_INPUT, "%s was not understood", a->how->base);
    if (a->image->compat &&
        (jx_bool(manifest, "bom", false) || jx_bool(lock, "bom", false)))
        return err_set(err, ERR_INPUT, "a byte order mark");
    if (!a->image->compat)
        a->project.manifest = to_run = manifest_to_run(manifest);
    return a->how->build(&a->project, out, err);
}

/* 0 also for a project that is left out. */
static int
try_folder(struct attempt *a, struct bytes folder, struct map *locked,
           struct err *err)
{
    auto_free char *path = xasprintf("%.*s/" MANIFEST, (int)folder.n,
                                     (const char *)folder.p);
    auto_depgraph struct depgraph *g = NULL;
    struct err why;

    a->project = (struct node_project){ .compat = a->image->compat,
                                        .manifest_path = path };
    a->project.manifest = file_in(a->image, folder, MANIFEST, "nodepkg");
    if (a->project.manifest == NULL || !choose_lock(a, folder))
        return 0;
    if (build(a, &g, &why) == 0) {
        map_put(locked, folder, locked);
        return write_result(a, g, err);
    }
    log_warn("node project left out", LOG_STR("path", path), LOG_ERR(&why));
    if (a->image->compat)
        map_put(locked, folder, locked);
    else
        report_warn(a->out, "%s: %s", path, why.text);
    return 0;
}

/* "/app/package.json" gives "/app", and "/package.json" "". */
static struct bytes
folder_of(struct bytes path)
{
    return bytes_to(path, path.n - path_base(path).n - 1);
}

int
node_lock_report(const struct image *image, struct report *out,
                 struct map *locked, struct err *err)
{
    struct attempt a = { .image = image, .out = out };
    auto_map struct map *seen = map_new();
    struct merged m;
    size_t at = 0;

    while (merge_next(image->files, NULL, &at, &m)) {
        struct bytes folder;

        if (m.data == NULL ||
            (strcmp(m.kind, "nodepkg") != 0 &&
             !node_is_lock(m.kind, path_base(m.path), image->compat)))
            continue;
        folder = folder_of(m.path);
        if (bytes_find_str(folder, "node_modules") < folder.n ||
            map_put(seen, folder, seen) != NULL)
            continue;
        if (try_folder(&a, folder, locked, err) < 0)
            return -1;
    }
    return 0;
}
