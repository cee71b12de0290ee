/* .NET programs: what their project asks for, and what that asks for
 * (scan-facts.md §15). Packages nobody asks for are not reported. */
#include "worker/graph/reporters.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/walk.h"
#include "worker/image/path.h"

struct program {
    struct map *by_name; /* owns: lower-case name to its package */
    struct depgraph *graph; /* owns */
    struct walk walk;
};

static const struct jx *
find(const struct program *p, const char *name)
{
    auto_free char *key = str_lower(xstrdup(name));

    return map_get_str(p->by_name, key);
}

static void
index_packages(struct program *p, const struct jx *pkgs)
{
    for (size_t i = 0; i < jx_count(pkgs); i++) {
        struct jx *pkg = jx_at(pkgs, i);
        const char *name = jx_str(pkg, "n");

        if (name == NULL || jx_str(pkg, "v") == NULL)
            continue;
        auto_free char *key = str_lower(xstrdup(name));
        map_put_str(p->by_name, key, pkg);
    }
}

/* An edge, and the package's own edges if it is new. */
static void
follow(struct program *p, const char *from, const struct jx *pkg)
{
    const struct depgraph_pkg info = { jx_str(pkg, "n"), jx_str(pkg, "v"),
                                       NULL };
    auto_free char *id = xasprintf("%s@%s", info.name, info.version);

    if (depgraph_has(p->graph, id)) {
        depgraph_connect(p->graph, from, id);
        return;
    }
    depgraph_add(p->graph, &info, id, NULL);
    depgraph_connect(p->graph, from, id);
    walk_enter(&p->walk, &(struct walk_frame){ .id = id,
                                               .wanted = jx_arr(pkg, "d") });
}

static void
build(struct program *p, const struct jx *project)
{
    const char *version = jx_str(project, "v");
    const struct depgraph_pkg root = { jx_str(project, "n"),
                                       version != NULL ? version : "0.0.0",
                                       NULL };
    char root_id[] = DEPGRAPH_ROOT;
    struct walk_frame *node;
    struct jx *wanted;

    index_packages(p, jx_arr(project, "pkgs"));
    p->graph = depgraph_new("nuget", NULL, &root);
    walk_enter(&p->walk, &(struct walk_frame){
                             .id = root_id, .wanted = jx_arr(project, "d") });
    while (walk_next(&p->walk, &node, &wanted)) {
        const char *name = jx_str_value(wanted);
        const struct jx *pkg = name != NULL ? find(p, name) : NULL;

        if (pkg != NULL)
            follow(p, node->id, pkg);
    }
}

static int
report_program(struct report *out, const char *path, struct depgraph *graph,
               struct err *err)
{
    struct jw *jw = report_begin(out, "nuget", path);

    report_fact(jw, "depGraph");
    depgraph_write(graph, jw);
    report_fact_end(jw);
    report_fact(jw, "testedFiles");
    jw_arr(jw);
    jw_bytes(jw, path_base(bytes_str(path)));
    jw_end(jw);
    report_fact_end(jw);
    return report_end(out, err);
}

int
dotnet_report(const struct image *image, struct report *out, struct err *err)
{
    struct merged m;
    size_t at = 0;

    while (merge_next(image->files, "depsjson", &at, &m)) {
        struct program p = { 0 };
        auto_free char *path = bytes_dup(m.path);
        int rc;

        /* The peer takes a byte order mark for a fault. */
        if (jx_str(m.data, "n") == NULL ||
            (image->compat && jx_has(m.data, "bom")))
            continue;
        p.by_name = map_new();
        build(&p, m.data);
        rc = report_program(out, path, p.graph, err);
        depgraph_free(p.graph);
        walk_clear(&p.walk);
        map_free(p.by_name);
        if (rc < 0)
            return -1;
    }
    return 0;
}
