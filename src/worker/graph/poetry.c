/* Poetry's projects (scan-facts.md §13.2): what the manifest asks for, found
 * in the lock file. A node is named after its package. */
#include "worker/graph/reporters.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/pair.h"
#include "worker/graph/pymarker.h"
#include "worker/graph/walk.h"

struct project {
    bool compat;
    const struct pair *files; /* borrows */
    struct map *by_name;      /* owns: name in its plain form to package */
    const char *stumbles;     /* borrows: at the first package without name */
    struct map *before;       /* owns: names in front of that */
    struct depgraph *graph;   /* owns */
    struct walk walk;
};

/* How names are compared. */
static char *
plain_name(const struct project *p, const char *name)
{
    char *plain;

    if (!p->compat)
        return py_normal_name(name);
    plain = str_lower(xstrdup(name));
    for (char *c = plain; *c != '\0'; c++) {
        if (*c == '_')
            *c = '-';
    }
    return plain;
}

/* Of packages with equal names the first counts. */
static void
index_packages(struct project *p, const struct jx *pkgs)
{
    for (size_t i = 0; i < jx_count(pkgs); i++) {
        struct jx *pkg = jx_at(pkgs, i);
        const char *name = jx_str(pkg, "n");

        if (jx_has(pkg, "e") || name == NULL) {
            if (p->stumbles == NULL)
                p->stumbles = jx_str(pkg, "e");
            continue;
        }
        auto_free char *plain = plain_name(p, name);
        if (map_get_str(p->by_name, plain) == NULL)
            map_put_str(p->by_name, plain, pkg);
        if (p->stumbles == NULL)
            map_put_str(p->before, plain, pkg);
    }
}

static bool
is_ignored(const char *name)
{
    static const char *const ignored[] = { "setuptools", "distribute", "pip",
                                           "wheel" };

    for (size_t i = 0; i < N_ELEMENTS(ignored); i++) {
        if (strcmp(ignored[i], name) == 0)
            return true;
    }
    return false;
}

/* NULL without an error: nothing of that name is locked. */
static struct jx *
find(const struct project *p, const char *name, struct err *err)
{
    auto_free char *plain = plain_name(p, name);

    err_clear(err);
    if (p->compat && p->stumbles != NULL &&
        map_get_str(p->before, plain) == NULL) {
        err_set_code(err, ERR_INPUT, "TypeError", "%s", p->stumbles);
        return NULL;
    }
    return map_get_str(p->by_name, plain);
}

static void
add_node(struct project *p, const char *wanted, const struct jx *pkg)
{
    const char *version = jx_str(pkg, "v");
    const struct depgraph_pkg info = { jx_str(pkg, "n"), version, NULL };
    auto_free char *spelling = xasprintf("%s@%s", wanted,
                                         version != NULL ? version
                                                         : "undefined");
    const struct label labels[] = {
        { "scope", "prod" },
        { strcmp(wanted, info.name) != 0 ? "pkgIdProvenance" : NULL,
          spelling },
        { NULL, NULL },
    };
    auto_free char *id = xstrdup(info.name);

    depgraph_add(p->graph, &info, id, labels);
    walk_enter(&p->walk, &(struct walk_frame){
                             .id = id, .wanted = jx_arr(pkg, "d") });
}

static int
follow(struct project *p, const char *from, const char *wanted,
       struct err *err)
{
    const struct jx *pkg;
    auto_free char *parent = xstrdup(from);

    if (wanted == NULL || is_ignored(wanted))
        return 0;
    pkg = find(p, wanted, err);
    if (pkg == NULL)
        return err->kind == ERR_NONE ? 0 : -1;
    /* Ids are names, and this one is the root's. */
    if (str_eq(jx_str(pkg, "n"), DEPGRAPH_ROOT))
        return p->compat ? err_set_code(err, ERR_INPUT, "Error",
                                        "DepGraphBuilder.addPkgNode() cant "
                                        "override root node")
                         : 0;
    if (!depgraph_has(p->graph, jx_str(pkg, "n")))
        add_node(p, wanted, pkg);
    depgraph_connect(p->graph, parent, jx_str(pkg, "n"));
    return 0;
}

static int
build(struct project *p, struct err *err)
{
    const struct jx *manifest = p->files->manifest;
    const char *name = jx_str(manifest, "n"), *version = jx_str(manifest, "v");
    const struct depgraph_pkg root = { name != NULL ? name : "_root",
                                       version != NULL ? version : "0.0.0",
                                       NULL };
    bool ours = !p->compat && jx_has(manifest, "rd");
    char root_id[] = DEPGRAPH_ROOT;
    struct walk_frame *node;
    struct jx *wanted;

    index_packages(p, jx_arr(p->files->lock, "pkgs"));
    p->graph = depgraph_new("poetry", NULL, &root);
    walk_enter(&p->walk,
               &(struct walk_frame){
                   .id = root_id,
                   .wanted = jx_arr(manifest, ours ? "rd" : "d") });
    while (walk_next(&p->walk, &node, &wanted)) {
        if (follow(p, node->id, jx_str_value(wanted), err) < 0)
            return -1;
    }
    return 0;
}

static int
write_project(struct report *out, const struct project *p, struct err *err)
{
    struct jw *jw = report_begin(out, "poetry", p->files->manifest_path);

    report_fact(jw, "depGraph");
    depgraph_write(p->graph, jw);
    report_fact_end(jw);
    report_fact(jw, "testedFiles");
    jw_arr(jw);
    jw_str(jw, "pyproject.toml");
    jw_str(jw, "poetry.lock");
    jw_end(jw);
    report_fact_end(jw);
    return report_end(out, err);
}

/* What ends the peer's scan before it looks for any package. */
static int
check(const struct pair *f, struct err *err)
{
    const char *why = jx_str(f->manifest, "e");

    if (jx_has(f->manifest, "bad") || jx_has(f->manifest, "foreign") ||
        jx_has(f->manifest, "refused"))
        return err_set_code(err, ERR_INPUT, "UnparseableManifestError",
                            "Unable to parse manifest file");
    if (jx_has(f->lock, "bad") || jx_has(f->lock, "refused") ||
        (!jx_has(f->lock, "pkgs") && !jx_has(f->lock, "e")))
        return err_set_code(err, ERR_INPUT, "UnparseableLockFileError",
                            "Unable to parse lock file");
    if (why == NULL)
        why = jx_str(f->lock, "e");
    return why == NULL ? 0 : err_set_code(err, ERR_INPUT, "TypeError", "%s",
                                          why);
}

/* Whether there is anything to report; else why not has been said, by the
 * analyzer or here. */
static bool
is_usable(const struct pair *f, struct report *out)
{
    if (jx_has(f->manifest, "bad") || jx_has(f->lock, "bad"))
        return false;
    if (jx_has(f->manifest, "foreign")) {
        report_warn(out, "%s: not a project of Poetry, but beside %s",
                    f->manifest_path, f->lock_path);
        return false;
    }
    if (!jx_has(f->lock, "pkgs"))
        report_warn(out, "%s: no packages", f->lock_path);
    return jx_has(f->lock, "pkgs");
}

static int
report_project(struct project *p, struct report *out, struct err *err)
{
    /* The analyzer has warned. */
    if (jx_has(p->files->manifest, "big") || jx_has(p->files->lock, "big"))
        return 0;
    if (p->compat) {
        if (check(p->files, err) < 0)
            return -1;
    } else if (!is_usable(p->files, out)) {
        return 0;
    }
    p->by_name = map_new();
    p->before = map_new();
    return build(p, err) == 0 ? write_project(out, p, err) : -1;
}

int
poetry_report(const struct image *image, struct report *out, struct err *err)
{
    auto_pairs struct pairs projects = { 0 };

    pairs_find(&projects, image->files, "poetry", "poetrylock");
    for (size_t i = 0; i < projects.n; i++) {
        struct project p = { .compat = image->compat,
                             .files = &projects.at[i] };
        int rc = report_project(&p, out, err);

        depgraph_free(p.graph);
        walk_clear(&p.walk);
        map_free(p.by_name);
        map_free(p.before);
        if (rc < 0)
            return -1;
    }
    return 0;
}
