/* Go programs: one result each, packages of modules below the main module
 * (scan-facts.md §16.4). */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/gotext.h"
#include "worker/graph/reporters.h"
#include "worker/image/path.h"

/* A program of the image, and the graph it becomes. */
struct program {
    bool compat;
    const char *path;
    const struct jx *data;  /* of kind `gobinary` */
    struct depgraph *graph; /* owns */
};

/* ---- which files --------------------------------------------------------- */

/* The peer takes names without extension, and skips folders by how their
 * names begin: /runtime is in /run to it. */
static bool
peer_takes(struct bytes path)
{
    static const char *const skipped[] = {
        "/boot", "/dev", "/etc", "/home", "/media", "/mnt", "/proc",
        "/root", "/run", "/sbin", "/sys",  "/tmp",   "/var",
    };
    struct bytes base = path_base(path);
    struct bytes folder = bytes_to(path, path.n - base.n);
    struct bytes behind_first = bytes_from(base, 1);

    if (bytes_find(behind_first, '.') < behind_first.n)
        return false;
    for (size_t i = 0; i < N_ELEMENTS(skipped); i++) {
        if (bytes_starts(folder, skipped[i]))
            return false;
    }
    return true;
}

static bool
is_wanted(const struct merged *m, bool compat)
{
    if (m->data == NULL)
        return false;
    return !compat ||
           (jx_bool(m->data, "peer", true) && peer_takes(m->path));
}

/* ---- the graph ----------------------------------------------------------- */

static void
add_package(struct program *p, const char *name, const char *version)
{
    const struct depgraph_pkg pkg = { name, version, NULL };
    auto_free char *id = xasprintf("%s@%s", name, version);

    depgraph_add(p->graph, &pkg, id, NULL);
    depgraph_connect(p->graph, DEPGRAPH_ROOT, id);
}

static void
add_packages(struct program *p, const char *name, const char *version,
             const struct jx *packages)
{
    for (size_t i = 0; i < jx_count(packages); i++) {
        auto_free char *package =
            xasprintf("%s%s", name, jx_str_value(jx_at(packages, i)));

        add_package(p, package, version);
    }
}

/* Whatever replaces it; the text as the peer decodes it. */
static void
add_module_as_peer(struct program *p, const struct jx *m)
{
    bool replaced = jx_has(m, "rn");
    auto_free char *name = gotext_latin1(jx_str(m, replaced ? "rn" : "n"));
    auto_free char *version = gotext_latin1(jx_str(m, replaced ? "rv" : "v"));

    if (!jx_bool(m, "peer", true))
        return;
    if (!jx_bool(p->data, "table", false))
        add_package(p, name, version);
    else
        add_packages(p, name, version,
                     jx_arr(m, jx_has(m, "peerPk") ? "peerPk" : "pk"));
}

/* The code of a module replaced by a folder has no better name than the old
 * one. A module without a file is linked all the same. */
static void
add_module(struct program *p, const struct jx *m)
{
    const char *new_name = jx_str(m, "rn");
    bool replaced = new_name != NULL && !gotext_is_folder(new_name);
    const char *name = replaced ? new_name : jx_str(m, "n");
    const char *version = jx_str(m, replaced ? "rv" : "v");

    if (jx_count(jx_arr(m, "pk")) > 0)
        add_packages(p, name, version, jx_arr(m, "pk"));
    else
        add_package(p, name, version);
}

static void
add_modules(struct program *p)
{
    const struct jx *mods = jx_arr(p->data, "mods");

    for (size_t i = 0; i < jx_count(mods); i++) {
        const struct jx *m = jx_at(mods, i);

        /* A record may say anything. */
        if (jx_str(m, "n") == NULL || jx_str(m, "v") == NULL ||
            (jx_str(m, "rn") == NULL) != (jx_str(m, "rv") == NULL))
            continue;
        if (p->compat)
            add_module_as_peer(p, m);
        else
            add_module(p, m);
    }
}

static void
add_library(struct program *p)
{
    const char *go = jx_str(p->data, "go");
    auto_free char *version =
        go == NULL ? NULL
                   : (p->compat ? gotext_plain_version(go)
                                : gotext_version(go));

    if (version != NULL)
        add_package(p, "stdlib", version);
}

/* ---- the main module ----------------------------------------------------- */

static char *
root_name_as_peer(const struct program *p)
{
    const struct jx *module = jx_obj(p->data, "main");
    const char *name = jx_str(module, "n"), *path = jx_str(p->data, "path");
    auto_free char *text = NULL;

    if (name != NULL)
        return gotext_latin1(name);
    text = path != NULL ? gotext_latin1(path) : xstrdup("undefined");
    return xasprintf("go-distribution@%s", text);
}

/* A program built without modules may not even know its package. */
static char *
root_name(const struct program *p)
{
    const char *name = jx_str(jx_obj(p->data, "main"), "n");
    const char *path = jx_str(p->data, "path");

    if (!str_is_empty(name))
        return xstrdup(name);
    return xasprintf("go-distribution@%s",
                     path != NULL ? path : strrchr(p->path, '/') + 1);
}

/* What the module says, what the linker was told, or the commit. */
static char *
root_version(const struct program *p)
{
    const struct jx *module = jx_obj(p->data, "main");
    const char *version = jx_str(module, "v");

    if (module == NULL)
        return NULL;
    if (!str_is_empty(version) && !str_eq(version, "(devel)"))
        return xstrdup(version);
    if (jx_str(p->data, "linked") != NULL)
        return xstrdup(jx_str(p->data, "linked"));
    return gotext_pseudo_version(jx_str(module, "n"),
                                 jx_str(p->data, "revision"),
                                 jx_str(p->data, "time"));
}

static int
report_program(struct program *p, struct report *out, struct err *err)
{
    auto_free char *name = p->compat ? root_name_as_peer(p) : root_name(p);
    auto_free char *version = p->compat ? NULL : root_version(p);
    const struct depgraph_pkg root = { name, version, NULL };
    struct jw *jw;

    p->graph = depgraph_new("gomodules", NULL, &root);
    add_modules(p);
    add_library(p);
    jw = report_begin(out, "gomodules", p->path);
    report_fact(jw, "depGraph");
    depgraph_write(p->graph, jw);
    report_fact_end(jw);
    depgraph_free(p->graph);
    return report_end(out, err);
}

int
gomodules_report(const struct image *image, struct report *out,
                 struct err *err)
{
    struct merged m;
    size_t at = 0;

    while (merge_next(image->files, "gobinary", &at, &m)) {
        auto_free char *path = NULL;
        struct program p = { .compat = image->compat, .data = m.data };

        if (!is_wanted(&m, image->compat))
            continue;
        path = bytes_dup(m.path);
        p.path = path;
        if (report_program(&p, out, err) < 0)
            return -1;
    }
    return 0;
}
