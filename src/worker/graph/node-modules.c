/*
 * Installed packages: files are grouped by the folder whose node_modules they
 * lie in; each group is one result (scan-facts.md §11.2).
 */
#include "worker/graph/node.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/node-lock.h"
#include "worker/graph/node-phys.h"
#include "worker/graph/node-tree.h"
#include "worker/image/path.h"

#define MANIFEST "/package.json"
#define STORE    "/node_modules/.pnpm/"

struct group {
    struct bytes folder;     /* borrows; "" is the root of the image */
    struct phys_file *files; /* owns: manifests, in the image's order */
    size_t n;
    const struct jx *manifest; /* the folder's own; NULL: there is none */
    bool locked;             /* has a lock file beside it */
};

/* ---- grouping ---------------------------------------------------------- */

/* Not installed, but kept by a package manager for later. */
static bool
is_cached(struct bytes path)
{
    static const char *const marks[] = {
        ".npm/",        "\\npm-cache",  ".yarn/cache",  ".cache/yarn",
        "yarn\\cache",  "cache\\yarn",  "Cache\\Yarn",  "Yarn\\Cache",
        "pnpm-store",   "pnpm/store",   "pnpm\\store",
    };

    for (size_t i = 0; i < N_ELEMENTS(marks); i++) {
        if (bytes_find_str(path, marks[i]) < path.n)
            return true;
    }
    return false;
}

static struct bytes
folder_of(struct bytes path)
{
    size_t at = bytes_find_str(path, "/node_modules");

    return bytes_to(path, at < path.n ? at
                                      : path.n - path_base(path).n - 1);
}

static struct group *
group_for(struct map *groups, struct bytes folder)
{
    struct group *g = map_get(groups, folder);

    if (g != NULL)
        return g;
    g = xnew(struct group);
    g->folder = folder;
    map_put(groups, folder, g);
    return g;
}

static void
add_file(struct group *g, const struct merged *m, bool is_lock)
{
    bool own = m->path.n == g->folder.n + 1 + path_base(m->path).n;

    if (is_lock) {
        g->locked = g->locked || own;
        return;
    }
    if (own)
        g->manifest = m->data;
    if ((g->n & (g->n - 1)) == 0)
        g->files = xrealloc(g->files, (g->n > 0 ? g->n * 2 : 1) *
                                          sizeof(*g->files));
    g->files[g->n++] = (struct phys_file){ m->path, m->data };
}

static struct map *
group_files(const struct image *image)
{
    struct map *groups = map_new();
    struct merged m;
    size_t at = 0;

    while (merge_next(image->files, NULL, &at, &m)) {
        bool lock = node_is_lock(m.kind, path_base(m.path), image->compat);

        if (m.data == NULL || is_cached(m.path) ||
            (!lock && strcmp(m.kind, "nodepkg") != 0 &&
             strcmp(m.kind, "nodemod") != 0))
            continue;
        add_file(group_for(groups, folder_of(m.path)), &m, lock);
    }
    return groups;
}

/* ---- results ----------------------------------------------------------- */

static int
write_result(struct report *out, const char *type, const char *target,
             const struct depgraph *g, struct err *err)
{
    struct jw *jw = report_begin(out, type, target);

    report_fact(jw, "depGraph");
    depgraph_write(g, jw);
    report_fact_end(jw);
    report_fact(jw, "testedFiles");
    jw_str(jw, target);
    report_fact_end(jw);
    return report_end(out, err);
}

static char *
path_in(struct bytes folder, const char *rest)
{
    return xasprintf("%.*s%s", (int)folder.n, (const char *)folder.p, rest);
}

/* ---- pnpm's store ------------------------------------------------------ */

static const struct phys_file *
file_at(const struct group *g, const char *path)
{
    for (size_t i = 0; path != NULL && i < g->n; i++) {
        if (bytes_is(g->files[i].path, path))
            return &g->files[i];
    }
    return NULL;
}

/* The manifest of what the store was filled for; NULL: there is no store. */
static char *
store_owner(const struct group *g)
{
    for (size_t i = 0; i < g->n; i++) {
        struct bytes path = g->files[i].path;
        size_t at = bytes_find_str(path, STORE);

        if (at < path.n)
            return path_in(bytes_to(path, at), MANIFEST);
    }
    return NULL;
}

static void
add_stored(struct depgraph *graph, const struct phys_file *f)
{
    const struct depgraph_pkg pkg = {
        .name = phys_file_name(f),
        .version = phys_file_version(f),
    };
    auto_free char *id = NULL;

    if (bytes_find_str(f->path, STORE) == f->path.n ||
        str_is_empty(pkg.name) || str_is_empty(pkg.version))
        return;
    id = xasprintf("%s@%s", pkg.name, pkg.version);
    if (!depgraph_has(graph, id))
        depgraph_add(graph, &pkg, id, NULL);
    depgraph_connect(graph, DEPGRAPH_ROOT, id);
}

/* 1: reported; 0: there is no store, it is empty, or nobody's. */
static int
report_store(const struct group *g, struct report *out, struct err *err)
{
    auto_free char *owner = store_owner(g);
    const struct phys_file *f = file_at(g, owner);
    const char *version = f != NULL ? phys_file_version(f) : NULL;
    const struct depgraph_pkg root = {
        .name = f != NULL ? phys_file_name(f) : NULL,
        .version = str_is_empty(version) ? "0.0.0" : version,
    };
    auto_depgraph struct depgraph *graph = NULL;

    if (str_is_empty(root.name))
        return 0;
    graph = depgraph_new("pnpm", NULL, &root);
    for (size_t i = 0; i < g->n; i++)
        add_stored(graph, &g->files[i]);
    if (depgraph_count(graph) == 1)
        return 0;
    return write_result(out, "pnpm", owner, graph, err) < 0 ? -1 : 1;
}

/* ---- npm's tree -------------------------------------------------------- */

static int
report_tree(const struct group *g, struct node_tree *tree,
            struct report *out, struct err *err)
{
    struct deptree *root = node_tree_root(tree);
    const struct depgraph_pkg pkg = {
        .name = root->name,
        .version = str_is_empty(root->version) ? NULL : root->version,
    };
    auto_free char *target = path_in(
        g->folder, g->manifest != NULL ? MANIFEST : "/node_modules");
    auto_depgraph struct depgraph *graph = NULL;

    if (root->n_kids == 0)
        return 0;
    graph = depgraph_new("npm", NULL, &pkg);
    depgraph_add_tree(graph, root);
    return write_result(out, "npm", target, graph, err);
}

/* A group left out is no error of the scan. */
static void
leave_out(const struct group *g, struct report *out, const char *why)
{
    report_warn(out, "%.*s/node_modules: %s", BYTES_FMT(g->folder), why);
}

static int
report_installed(const struct image *image, const struct group *g,
                 struct report *out, struct err *err)
{
    auto_phys_tree struct phys_tree *phys = NULL;
    auto_node_tree struct node_tree *tree = NULL;
    auto_free char *offence = NULL;
    struct err why;

    if (jx_bool(g->manifest, "bad", false)) {
        leave_out(g, out, "package.json was not understood");
        return 0;
    }
    phys = phys_tree_new(g->folder, g->manifest, g->files, g->n,
                         image->compat, &why);
    if (phys == NULL) {
        leave_out(g, out, why.text);
        return 0;
    }
    if (image->compat && (offence = phys_tree_offence(phys)) != NULL) {
        leave_out(g, out, offence);
        return 0;
    }
    tree = node_tree_new(phys, false, &why);
    if (tree == NULL && !image->compat)
        tree = node_tree_new(phys, true, &why);
    if (tree == NULL) {
        leave_out(g, out, why.text);
        return 0;
    }
    return report_tree(g, tree, out, err);
}

static int
report_group(const struct image *image, const struct group *g,
             const struct map *locked, struct report *out, struct err *err)
{
    int rc;

    if (image->compat ? g->locked && g->manifest != NULL
                      : map_get(locked, g->folder) != NULL)
        return 0;
    rc = report_store(g, out, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    return report_installed(image, g, out, err);
}

int
node_modules_report(const struct image *image, struct report *out,
                    const struct map *locked, struct err *err)
{
    auto_map struct map *groups = group_files(image);
    size_t at = 0;
    void *value;
    int rc = 0;

    while (map_next(groups, &at, NULL, &value)) {
        struct group *g = value;

        rc = rc < 0 ? rc : report_group(image, g, locked, out, err);
        free(g->files);
        free(g);
    }
    return rc;
}
