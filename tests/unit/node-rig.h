/*
 * A node project in memory, from its two files to the graph, and the graph as
 * text: a line for each node,
 *
 *     a@1.0.0 (real 1.0.0) {alias=a=>real@1.0.0}: b@2.0.0 c@^3
 *
 * The package's name and version where they are not the id's, labels without
 * "scope=prod", and what it depends on.
 */
#ifndef TESTS_UNIT_NODE_RIG_H
#define TESTS_UNIT_NODE_RIG_H

#include <criterion/criterion.h>

#include "base/map.h"
#include "layer-rig.h"
#include "worker/graph/depgraph.h"
#include "worker/graph/node-lock.h"

/* Packages by their ids. */
static inline struct map *
rig_pkgs(const struct jx *doc)
{
    const struct jx *pkgs = jx_arr(doc, "pkgs");
    struct map *by_id = map_new();

    for (size_t i = 0; i < jx_count(pkgs); i++)
        map_put(by_id, jx_bytes_value(jx_get(jx_at(pkgs, i), "id")),
                jx_at(pkgs, i));
    return by_id;
}

static inline void
rig_node_pkg(const struct map *pkgs, const struct jx *node, struct buf *out)
{
    const char *id = jx_str(node, "pkgId");
    const struct jx *pkg = map_get_str(pkgs, id);
    const struct jx *info = jx_obj(pkg, "info");

    cr_assert_not_null(pkg, "no package %s", id);
    if (!str_starts(jx_str(node, "nodeId"), id) || !jx_has(info, "version"))
        buf_addf(out, " (%s %s)", jx_str(info, "name"),
                 jx_has(info, "version") ? jx_str(info, "version") : "-");
}

static inline void
rig_node_labels(const struct jx *node, struct buf *out)
{
    const struct jx *labels = jx_obj(jx_obj(node, "info"), "labels");
    const char *key;
    struct jx *value;
    void *at = NULL;

    while (jx_next(labels, &at, &key, &value)) {
        if (!str_eq(key, "scope") || !str_eq(jx_str_value(value), "prod"))
            buf_addf(out, " {%s=%s}", key, jx_str_value(value));
    }
}

static inline void
rig_graph_text(const struct depgraph *g, struct buf *out)
{
    auto_buf struct buf json = RIG_BUF;
    struct jw jw;

    jw_init(&jw, &json);
    depgraph_write(g, &jw);
    auto_jx struct jx *doc = jx_parse(buf_bytes(&json), SIZE_MAX, NULL);
    const struct jx *nodes = jx_arr(jx_obj(doc, "graph"), "nodes");
    auto_map struct map *pkgs = rig_pkgs(doc);

    for (size_t i = 0; i < jx_count(nodes); i++) {
        const struct jx *node = jx_at(nodes, i);
        const struct jx *deps = jx_arr(node, "deps");

        buf_add_str(out, jx_str(node, "nodeId"));
        rig_node_pkg(pkgs, node, out);
        rig_node_labels(node, out);
        buf_add_char(out, ':');
        for (size_t k = 0; k < jx_count(deps); k++)
            buf_addf(out, " %s", jx_str(jx_at(deps, k), "nodeId"));
        buf_add_char(out, '\n');
    }
}

/* -1 and *err as the builder says it. */
static inline int
rig_build(const struct node_lock *how, bool compat, const char *manifest,
          const char *lock, struct buf *out, struct err *err)
{
    auto_jx struct jx *m = rig_one("app/package.json", bytes_str(manifest),
                                   "nodepkg");
    auto_free char *path = xasprintf("app/%s", how->base);
    auto_jx struct jx *l = rig_one(path, bytes_str(lock), how->kind);
    const struct node_project project = {
        .compat = compat, .manifest_path = "/app/package.json",
        .manifest = jx_get(m, "d"), .lock = jx_get(l, "d"),
    };
    auto_depgraph struct depgraph *g = NULL;

    cr_assert(!jx_has(project.lock, "bad"), "%s", lock);
    if (how->build(&project, &g, err) < 0)
        return -1;
    rig_graph_text(g, out);
    return 0;
}

static inline void
rig_expect_graph(const struct node_lock *how, bool compat,
                 const char *manifest, const char *lock, const char *want)
{
    auto_buf struct buf text = RIG_BUF;
    struct err err;

    cr_assert_eq(rig_build(how, compat, manifest, lock, &text, &err), 0, "%s",
                 err.text);
    cr_expect_str_eq(buf_cstr(&text), want, "%s", buf_cstr(&text));
}

/* A file that is there and says nothing, with a warning that has `why`. */
static inline void
rig_expect_bad(const char *path, struct bytes body, const char *kind,
               const char *why)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_bytes(&tar, path, body);
    rig_record(&tar, &record);
    auto_jx struct jx *lines = rig_lines(&record, kind);
    auto_jx struct jx *warnings = rig_lines(&record, NULL);
    const char *text = jx_str(jx_at(warnings, 0), "warning");

    cr_assert_eq(jx_count(lines), 1, "%.*s", BYTES_FMT(body));
    rig_expect_json(jx_get(jx_at(lines, 0), "d"), "{\"bad\":true}");
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_not_null(strstr(text, why), "%s", text);
}

/* Every beginning of a specimen is read, or there is a warning. */
static inline void
rig_expect_truncation_is_survived(const char *path, const char *body,
                                  const char *kind)
{
    for (size_t n = 1; n <= strlen(body); n++) {
        auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

        rig_bytes(&tar, path, bytes_of(body, n));
        rig_record(&tar, &record);
        auto_jx struct jx *lines = rig_lines(&record, kind);
        auto_jx struct jx *warnings = rig_lines(&record, NULL);
        bool bad = jx_has(jx_get(jx_at(lines, 0), "d"), "bad");

        cr_assert_eq(jx_count(lines), 1, "%zu", n);
        cr_expect_eq(jx_count(warnings), bad ? 1 : 0, "%zu", n);
    }
}

#endif
