/*
 * PHP projects (scan-facts.md §14): the tree of what is required, where a
 * package that is above itself, or came up too often, has nothing below it.
 * Equal sub-trees are one object at once, so the tree costs the memory of its
 * graph; visits are bounded by the rule itself and by a ceiling.
 */
#include "worker/graph/reporters.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/deptree.h"
#include "worker/graph/pair.h"

#define MAX_EXPANSIONS 150
#define MAX_VISITS     (8u << 20)

static const struct label labels[] = { { "scope", "prod" }, { NULL, NULL } };

/* A name someone requires. */
struct name {
    const struct jx *locked; /* borrows: the package; NULL: not in the lock */
    bool found_first;        /* before the search stumbles */
    size_t n_visits;
    bool on_path;
};

/* One that is being expanded. */
struct frame {
    struct name *name;      /* borrows */
    const char *text;       /* borrows: the name */
    const char *version;
    const struct jx *required;
    void *at;               /* of jx_next() */
    struct deptree **kids;  /* owns the array */
    size_t n_kids;
};

struct grower {
    bool compat;
    const char *stumbles; /* borrows: why a search in the lock fails, or NULL */
    struct map *names; /* owns the values: text to struct name */
    struct map *nodes; /* owns the values: content to struct deptree */
    struct frame *stack; /* owns */
    size_t depth, cap;
    size_t n_visits;
};

static struct name *
name_of(struct grower *g, const char *text)
{
    struct name *name = map_get_str(g->names, text);

    if (name == NULL) {
        name = xnew(struct name);
        map_put_str(g->names, text, name);
    }
    return name;
}

/* Of packages with equal names the first counts. */
static void
index_packages(struct grower *g, const struct jx *pkgs)
{
    for (size_t i = 0; i < jx_count(pkgs); i++) {
        const struct jx *pkg = jx_at(pkgs, i);
        const char *text = jx_str(pkg, "n");
        struct name *name = text != NULL ? name_of(g, text) : NULL;

        if (name == NULL && g->stumbles == NULL)
            g->stumbles = jx_str(pkg, "e");
        if (name != NULL && name->locked == NULL) {
            name->locked = pkg;
            name->found_first = g->stumbles == NULL;
        }
    }
}

/* ---- nodes ------------------------------------------------------------- */

static void
push(struct grower *g, const struct frame *f)
{
    if (g->depth == g->cap) {
        g->cap = g->cap > 0 ? g->cap * 2 : 16;
        g->stack = xrealloc(g->stack, g->cap * sizeof(*g->stack));
    }
    g->stack[g->depth++] = *f;
}

/* The one node of that content; takes the kids of the frame. */
static struct deptree *
node_of(struct grower *g, struct frame *f)
{
    auto_buf struct buf key = BUF_INIT(SIZE_MAX / 4);
    struct deptree *node;

    buf_add(&key, f->text, strlen(f->text) + 1);
    buf_add(&key, f->version, strlen(f->version) + 1);
    buf_add(&key, f->kids, f->n_kids * sizeof(*f->kids));
    node = map_get(g->nodes, buf_bytes(&key));
    if (node != NULL) {
        free(steal(f->kids));
        return node;
    }
    node = xnew(struct deptree);
    *node = (struct deptree){ .name = f->text, .version = f->version,
                              .labels = labels, .kids = steal(f->kids),
                              .n_kids = f->n_kids };
    map_put(g->nodes, buf_bytes(&key), node);
    return node;
}

static void
add_kid(struct frame *f, struct deptree *kid)
{
    f->kids = xgrown(f->kids, f->n_kids, sizeof(*f->kids));
    f->kids[f->n_kids++] = kid;
}

/* ---- growing ----------------------------------------------------------- */

/* The version that is reported, or why the peer stumbles here. */
static int
find_version(const struct grower *g, const struct name *name,
             const struct jx *range, const char **version, struct err *err)
{
    const char *why = g->stumbles;

    if (g->compat && why != NULL && !name->found_first)
        return err_set_code(err, ERR_INPUT, "TypeError", "%s", why);
    *version = name->locked != NULL ? jx_str(name->locked, "v")
                                    : jx_str_value(range);
    if (*version != NULL)
        return 0;
    *version = "";
    if (!g->compat)
        return 0;
    if (name->locked != NULL)
        why = jx_str(name->locked, "e");
    else
        why = range == NULL ? "Cannot read properties of null (reading "
                              "'replace')"
                            : "version.replace is not a function";
    return err_set_code(err, ERR_INPUT, "TypeError", "%s",
                        why != NULL ? why
                                    : "Cannot read properties of undefined "
                                      "(reading 'replace')");
}

/* A requirement of the top frame: a leaf at once, or a frame of its own. */
static int
visit(struct grower *g, const char *text, const struct jx *range,
      struct err *err)
{
    struct name *name = name_of(g, text);
    struct frame f = { .name = name, .text = text };

    if (++g->n_visits > MAX_VISITS)
        return err_set(err, ERR_LIMIT, "more than %u requirements",
                       MAX_VISITS);
    if (find_version(g, name, range, &f.version, err) < 0)
        return -1;
    if (++name->n_visits < MAX_EXPANSIONS && !name->on_path)
        f.required = jx_obj(name->locked, "r");
    if (jx_count(f.required) == 0) {
        add_kid(&g->stack[g->depth - 1], node_of(g, &f));
        return 0;
    }
    name->on_path = true;
    push(g, &f);
    return 0;
}

/* The root's frame is at the bottom; its kids are what is wanted. */
static int
grow(struct grower *g, struct err *err)
{
    while (true) {
        struct frame *f = &g->stack[g->depth - 1];
        struct jx *range;
        const char *text;

        if (jx_next(f->required, &f->at, &text, &range)) {
            if (visit(g, text, range, err) < 0)
                return -1;
            continue;
        }
        if (g->depth == 1)
            return 0;
        f->name->on_path = false;
        add_kid(&g->stack[g->depth - 2], node_of(g, f));
        g->depth--;
    }
}

static void
grower_clear(struct grower *g)
{
    size_t at = 0;
    void *value;

    while (g->depth > 0)
        free(g->stack[--g->depth].kids);
    free(g->stack);
    while (map_next(g->nodes, &at, NULL, &value)) {
        free(((struct deptree *)value)->kids);
        free(value);
    }
    at = 0;
    while (map_next(g->names, &at, NULL, &value))
        free(value);
    map_free(g->nodes);
    map_free(g->names);
}

/* ---- projects ---------------------------------------------------------- */

static int
build(struct grower *g, const struct pair *p, struct depgraph **out,
      struct err *err)
{
    const char *name = jx_str(p->manifest, "n");
    const char *version = jx_str(p->manifest, "v");
    struct deptree root = { .name = name != NULL ? name : p->manifest_path };
    struct frame top = { .text = root.name,
                         .required = jx_obj(p->manifest, "r") };

    root.version = str_is_empty(version) ? "0.0.0" : version;
    index_packages(g, jx_arr(p->lock, "pkgs"));
    top.name = name_of(g, root.name);
    top.name->on_path = true;
    push(g, &top);
    if (grow(g, err) < 0)
        return -1;
    root.kids = g->stack[0].kids;
    root.n_kids = g->stack[0].n_kids;
    *out = depgraph_new("composer", NULL,
                        &(struct depgraph_pkg){ root.name, root.version,
                                                NULL });
    depgraph_add_tree(*out, &root);
    return 0;
}

/* What ends the peer's scan before it has looked at any requirement. */
static int
check(const struct pair *p, struct err *err)
{
    const char *lock = jx_str(p->lock, "refused");
    const char *why = lock != NULL ? lock : jx_str(p->manifest, "refused");

    if (why != NULL)
        return err_set_code(err, ERR_INPUT, "ParseError",
                            "Failed to parse %s file. Error: %s",
                            lock != NULL ? "lock" : "manifest", why);
    why = jx_str(p->lock, "e");
    if (why == NULL && jx_arr(p->lock, "pkgs") != NULL)
        why = jx_str(p->manifest, "e");
    return why == NULL ? 0 : err_set_code(err, ERR_INPUT, "TypeError", "%s",
                                          why);
}

static int
write_project(struct report *out, const struct pair *p,
              const struct depgraph *graph, struct err *err)
{
    struct jw *jw = report_begin(out, "composer", p->lock_path);

    report_fact(jw, "depGraph");
    depgraph_write(graph, jw);
    report_fact_end(jw);
    report_fact(jw, "testedFiles");
    jw_arr(jw);
    jw_str(jw, "composer.json");
    jw_str(jw, "composer.lock");
    jw_end(jw);
    report_fact_end(jw);
    return report_end(out, err);
}

static int
report_project(bool compat, struct report *out, const struct pair *p,
               struct err *err)
{
    struct grower g = { .compat = compat };
    auto_depgraph struct depgraph *graph = NULL;
    struct err why;
    int rc = 0;

    if (compat && check(p, err) < 0)
        return -1;
    /* The analyzer has warned of what is malformed. */
    if (jx_arr(p->lock, "pkgs") == NULL || jx_has(p->manifest, "bad"))
        return 0;
    g.names = map_new();
    g.nodes = map_new();
    if (build(&g, p, &graph, &why) == 0)
        rc = write_project(out, p, graph, err);
    else if (compat && why.kind == ERR_INPUT)
        rc = (*err = why, -1);
    else
        report_warn(out, "%s: %s", p->lock_path, why.text);
    grower_clear(&g);
    return rc;
}

int
composer_report(const struct image *image, struct report *out, struct err *err)
{
    auto_pairs struct pairs projects = { 0 };

    pairs_find(&projects, image->files, "composer", "composerlock");
    for (size_t i = 0; i < projects.n; i++) {
        if (report_project(image->compat, out, &projects.at[i], err) < 0)
            return -1;
    }
    return 0;
}
