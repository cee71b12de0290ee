/*
 * Applications with a requirements.txt, resolved against what is installed
 * (scan-facts.md §13.1). In right mode what no such file leads to is reported
 * too, by the folder it is installed in: the peer says nothing of it.
 */
#include "worker/graph/reporters.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/pydist.h"
#include "worker/graph/walk.h"

/* Requirements followed in one image, long ids counting more: an extra makes a
 * node of its own, so few lines may ask for very many. */
#define MAX_WORK (1u << 20)

struct pip {
    struct pydists dists;
    struct report *out;     /* borrows */
    struct depgraph *graph; /* owns: of the result at hand */
    struct walk walk;
    size_t work;            /* so far, see MAX_WORK */
};

/* "requests@2.31.0:socks" */
static char *
node_id(const struct pydist *dist, const struct jx *asked)
{
    struct buf id = BUF_INIT(SIZE_MAX / 4);
    char sep = ':';

    buf_addf(&id, "%s@%s", dist->name, dist->version);
    for (size_t i = 0; i < jx_count(asked); i++) {
        const char *extra = jx_str_value(jx_at(asked, i));

        if (str_is_empty(extra))
            continue;
        buf_add_char(&id, sep);
        buf_add_str(&id, extra);
        sep = ',';
    }
    return buf_steal(&id);
}

/* An edge, and the node's own edges if it is new. */
static void
lead_to(struct pip *p, const char *from, struct pydist *dist,
        const struct jx *asked)
{
    const struct depgraph_pkg pkg = { dist->name, dist->version, NULL };
    auto_free char *id = node_id(dist, asked);

    p->work += strlen(id) / 16;
    if (depgraph_has(p->graph, id)) {
        depgraph_connect(p->graph, from, id);
        return;
    }
    dist->reached = true;
    depgraph_add(p->graph, &pkg, id, NULL);
    depgraph_connect(p->graph, from, id);
    walk_enter(&p->walk, &(struct walk_frame){
                             .id = id, .wanted = jx_arr(dist->data, "r"),
                             .of = dist, .because = asked });
}

/* Everything below the nodes entered. */
static void
walk_down(struct pip *p)
{
    struct walk_frame *node;
    struct jx *req;

    while (walk_next(&p->walk, &node, &req)) {
        struct pydist *dist;

        if (++p->work > MAX_WORK) {
            report_warn(p->out, "pip: more than %u requirements, the rest is "
                        "left out", MAX_WORK);
            walk_clear(&p->walk);
            return;
        }
        if (!pydist_wants(&p->dists, node->of, req, node->because))
            continue;
        dist = pydists_choose(&p->dists, node->of, req);
        if (dist != NULL)
            lead_to(p, node->id, dist, pydist_asked(&p->dists, req));
    }
}

static void
begin(struct pip *p, const char *name)
{
    const struct depgraph_pkg root = { name, NULL, NULL };

    p->graph = depgraph_new("pip", NULL, &root);
}

static int
finish(struct pip *p, const char *target, struct err *err)
{
    struct jw *jw = report_begin(p->out, "pip", target);

    report_fact(jw, "depGraph");
    depgraph_write(p->graph, jw);
    report_fact_end(jw);
    depgraph_free(steal(p->graph));
    return report_end(p->out, err);
}

/* ---- requirements.txt -------------------------------------------------- */

static bool
asks_for_anything(const struct pip *p, const struct jx *reqs)
{
    const char *other = p->dists.compat ? "right" : "peer";

    for (size_t i = 0; i < jx_count(reqs); i++) {
        if (!str_eq(jx_str(jx_at(reqs, i), "only"), other))
            return true;
    }
    return false;
}

static int
report_file(struct pip *p, const struct merged *m, struct err *err)
{
    auto_free char *path = bytes_dup(m->path);
    const struct jx *reqs = jx_arr(m->data, "r");
    char root[] = DEPGRAPH_ROOT;

    if (!asks_for_anything(p, reqs))
        return 0;
    begin(p, path);
    walk_enter(&p->walk, &(struct walk_frame){ .id = root, .wanted = reqs });
    walk_down(p);
    return finish(p, path, err);
}

static int
report_files(struct pip *p, const struct image *image, struct err *err)
{
    struct merged m;
    size_t at = 0;

    while (merge_next(image->files, "requirements", &at, &m)) {
        if (report_file(p, &m, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- what no file leads to --------------------------------------------- */

/* Distributions which others of that folder ask for. */
static void
mark_needed(struct pip *p, const struct pyfolder *folder)
{
    for (size_t i = 0; i < folder->n; i++) {
        const struct pydist *dist = folder->at[i];
        const struct jx *reqs = jx_arr(dist->data, "r");

        for (size_t k = 0; k < jx_count(reqs); k++) {
            const struct jx *req = jx_at(reqs, k);
            struct pydist *other = NULL;

            if (pydist_wants(&p->dists, dist, req, NULL))
                other = pydists_choose(&p->dists, dist, req);
            if (other != NULL && other != dist)
                other->needed = true;
        }
    }
}

static bool
is_all_reached(const struct pyfolder *folder)
{
    for (size_t i = 0; i < folder->n; i++) {
        if (!folder->at[i]->reached)
            return false;
    }
    return true;
}

/* Those nobody needs are the root's; then circles nobody leads into. */
static int
report_folder(struct pip *p, const struct pyfolder *folder, struct err *err)
{
    begin(p, folder->path);
    mark_needed(p, folder);
    for (int circles = 0; circles < 2; circles++) {
        for (size_t i = 0; i < folder->n; i++) {
            struct pydist *dist = folder->at[i];

            if (dist->reached || (dist->needed && !circles))
                continue;
            lead_to(p, DEPGRAPH_ROOT, dist, NULL);
            walk_down(p);
        }
    }
    return finish(p, folder->path, err);
}

static int
report_rest(struct pip *p, struct err *err)
{
    void *folder;
    size_t at = 0;

    while (map_next(p->dists.by_folder, &at, NULL, &folder)) {
        if (!is_all_reached(folder) && report_folder(p, folder, err) < 0)
            return -1;
    }
    return 0;
}

int
pip_report(const struct image *image, struct report *out, struct err *err)
{
    struct pip p = { .out = out };
    int rc = 0;

    pydists_find(&p.dists, image->files, image->compat);
    if (p.dists.n > 0)
        rc = report_files(&p, image, err);
    if (rc == 0 && !image->compat)
        rc = report_rest(&p, err);
    depgraph_free(p.graph);
    walk_clear(&p.walk);
    pydists_clear(&p.dists);
    return rc;
}
