/* Scan results as a table: facts of the image, then a line for each project
 * with the number of its packages, then the packages themselves. */
#include "cli/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json/jx.h"
#include "base/str.h"

#define RESULT_MAX_BYTES ((size_t)512 << 20)

struct table {
    struct jx **results; /* owns */
    size_t n, cap;
};

struct package {
    const char *name, *version;
};

struct table *
table_new(void)
{
    return xnew(struct table);
}

void
table_free(struct table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n; i++)
        jx_free(t->results[i]);
    free(t->results);
    free(t);
}

int
table_add(struct table *t, struct bytes json, struct err *err)
{
    struct jx *doc = jx_parse(json, RESULT_MAX_BYTES, err);

    if (doc == NULL)
        return err_wrap(err, "scan result");
    if (t->n == t->cap) {
        t->cap = t->cap > 0 ? t->cap * 2 : 8;
        t->results = xrealloc(t->results, t->cap * sizeof(*t->results));
    }
    t->results[t->n++] = doc;
    return 0;
}

static const struct jx *
fact(const struct jx *result, const char *type)
{
    const struct jx *facts = jx_arr(result, "facts");

    for (size_t i = 0; i < jx_count(facts); i++) {
        if (str_eq(jx_str(jx_at(facts, i), "type"), type))
            return jx_get(jx_at(facts, i), "data");
    }
    return NULL;
}

/* Text of strangers on a terminal: nothing that moves the cursor. */
static void
add_text(struct buf *out, const char *s)
{
    for (; *s != '\0'; s++) {
        uint8_t c = (uint8_t)*s;

        buf_add_char(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
    }
}

static void
add_row(struct buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_addf(out, "%-12s ", name);
    add_text(out, value);
    buf_add_char(out, '\n');
}

/* ---- packages ------------------------------------------------------------ */

static int
compare(const void *a, const void *b)
{
    const struct package *x = a, *y = b;
    int c = strcmp(x->name, y->name);

    return c != 0 ? c : strcmp(x->version, y->version);
}

static void
add_package(struct package *list, size_t *n, const struct jx *info)
{
    const char *name = jx_str(info, "name"), *version = jx_str(info, "version");

    if (name != NULL)
        list[(*n)++] =
            (struct package){ name, version != NULL ? version : "" };
}

/* The graph's packages without its root, which is the image or project. */
static size_t
graph_packages(struct package *list, const struct jx *graph)
{
    const struct jx *pkgs = jx_arr(graph, "pkgs");
    const struct jx *nodes = jx_arr(jx_obj(graph, "graph"), "nodes");
    const char *root_id = jx_str(jx_obj(graph, "graph"), "rootNodeId");
    const char *root_pkg = NULL;
    size_t n = 0;

    for (size_t i = 0; i < jx_count(nodes) && root_pkg == NULL; i++) {
        if (str_eq(jx_str(jx_at(nodes, i), "nodeId"), root_id))
            root_pkg = jx_str(jx_at(nodes, i), "pkgId");
    }
    for (size_t i = 0; i < jx_count(pkgs); i++) {
        const struct jx *p = jx_at(pkgs, i);

        if (!str_eq(jx_str(p, "id"), root_pkg))
            add_package(list, &n, jx_obj(p, "info"));
    }
    return n;
}

/* A jar we know the coordinates of, or its file name. */
static void
add_jar(struct package *list, size_t *n, const struct jx *jar)
{
    const char *name = jx_str(jar, "artifactId");
    const char *version = jx_str(jar, "version");
    const char *location = jx_str(jar, "location"), *slash;

    if (name == NULL && location != NULL) {
        slash = strrchr(location, '/');
        name = slash != NULL ? slash + 1 : location;
    }
    if (name != NULL)
        list[(*n)++] =
            (struct package){ name, version != NULL ? version : "" };
}

static size_t
jar_packages(struct package *list, const struct jx *jars)
{
    size_t n = 0;

    for (size_t i = 0; i < jx_count(jars); i++)
        add_jar(list, &n, jx_at(jars, i));
    return n;
}

/* What a result reports; *list is owned by the caller. */
static size_t
packages_of(struct package **list, const struct jx *result)
{
    const struct jx *graph = fact(result, "depGraph");
    const struct jx *jars =
        jx_arr(fact(result, "jarFingerprints"), "fingerprints");
    size_t n;

    *list = xcalloc(jx_count(jx_arr(graph, "pkgs")) + jx_count(jars),
                    sizeof(**list));
    n = graph != NULL ? graph_packages(*list, graph)
                      : jar_packages(*list, jars);
    qsort(*list, n, sizeof(**list), compare);
    return n;
}

/* ---- writing ------------------------------------------------------------- */

/* "docker-image|app" -> "app" */
static const char *
image_name(const struct jx *result)
{
    const char *name = jx_str(jx_obj(result, "target"), "image");

    if (name != NULL && str_starts(name, "docker-image|"))
        name += strlen("docker-image|");
    return name;
}

static void
write_image(struct buf *out, const struct jx *os)
{
    const struct jx *names = jx_arr(fact(os, "imageNames"), "names");
    char layers[32];

    add_row(out, "image", image_name(os));
    for (size_t i = 0; i < jx_count(names); i++)
        add_row(out, i == 0 ? "names" : "", jx_str_value(jx_at(names, i)));
    add_row(out, "id", jx_str_value(fact(os, "imageId")));
    add_row(out, "platform", jx_str_value(fact(os, "platform")));
    add_row(out, "created", jx_str_value(fact(os, "imageCreationTime")));
    add_row(out, "system",
            jx_str_value(fact(os, "imageOsReleasePrettyName")));
    snprintf(layers, sizeof(layers), "%zu", jx_count(fact(os, "imageLayers")));
    add_row(out, "layers", layers);
}

static void
write_project(struct buf *out, const struct jx *result)
{
    const struct jx *identity = jx_obj(result, "identity");
    const char *type = jx_str(identity, "type"),
               *file = jx_str(identity, "targetFile");
    auto_free struct package *list = NULL;
    size_t n = packages_of(&list, result);

    buf_add_char(out, '\n');
    add_text(out, type != NULL ? type : "unknown");
    if (file != NULL) {
        buf_add_str(out, "  ");
        add_text(out, file);
    }
    buf_addf(out, ": %zu package%s\n", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        buf_add_str(out, "  ");
        add_text(out, list[i].name);
        if (list[i].version[0] != '\0') {
            buf_add_char(out, ' ');
            add_text(out, list[i].version);
        }
        buf_add_char(out, '\n');
    }
}

/* A project of files only (applicationFiles) has no packages to show. */
static bool
has_packages(const struct jx *result)
{
    return fact(result, "depGraph") != NULL ||
           fact(result, "jarFingerprints") != NULL;
}

int
table_write(const struct table *t, struct buf *out)
{
    size_t total = 0, n_projects = 0;

    if (t->n > 0)
        write_image(out, t->results[0]);
    for (size_t i = 0; i < t->n; i++) {
        auto_free struct package *list = NULL;

        if (!has_packages(t->results[i]))
            continue;
        total += packages_of(&list, t->results[i]);
        n_projects++;
        write_project(out, t->results[i]);
    }
    buf_addf(out, "\n%zu package%s in %zu project%s\n", total,
             total == 1 ? "" : "s", n_projects, n_projects == 1 ? "" : "s");
    return out->full ? -1 : 0;
}
