/*
 * Files of an application made in memory, and what a scan says of them: for
 * tests of reporters.
 */
#ifndef TESTS_UNIT_APP_RIG_H
#define TESTS_UNIT_APP_RIG_H

#include "layer-rig.h"
#include "worker/graph/facts.h"

struct app_file {
    const char *path, *text;
};

static inline int
app_collect(struct bytes line, void *arg, struct err *why)
{
    (void)why;
    jx_append(arg, jx_parse(line, SIZE_MAX, NULL));
    return 0;
}

/* All results, the system's first; NULL when the scan fails. The caller's. */
static inline struct jx *
app_results(const struct app_file *files, size_t n, bool compat,
            struct err *err)
{
    struct image_options options = { .nested_jars_depth = 1 };
    auto_jx struct jx *config = jx_parse(bytes_str("{\"rootfs\":{}}"), 99, NULL);
    auto_jx struct jx *results = jx_new_arr();
    auto_buf struct buf tar = RIG_BUF;
    auto_merge struct merge *merged = NULL;
    struct image image = { .compat = compat, .options = &options,
                           .config = config, .target = "reg/app:1" };
    int rc;

    for (size_t i = 0; i < n; i++)
        rig_bytes(&tar, files[i].path, bytes_str(files[i].text));
    merged = rig_merge(compat, &tar, 1);
    image.files = merged;
    auto_facts struct facts *facts = facts_new(&image, err);
    cr_assert_not_null(facts);
    rc = facts_write(facts, app_collect, results, err);
    return rc == 0 ? steal(results) : NULL;
}

static inline const struct jx *
app_fact(const struct jx *result, const char *type)
{
    const struct jx *facts = jx_arr(result, "facts");

    for (size_t i = 0; i < jx_count(facts); i++) {
        if (str_eq(jx_str(jx_at(facts, i), "type"), type))
            return jx_get(jx_at(facts, i), "data");
    }
    return NULL;
}

/* "/app/x: root-node>a@1,b@2 a@1 b@2;" for each result of an application. */
static inline const char *
app_graphs(const struct jx *results, struct buf *out)
{
    buf_reset(out);
    for (size_t i = 1; i < jx_count(results); i++) {
        const struct jx *result = jx_at(results, i);
        const struct jx *graph = app_fact(result, "depGraph");
        const struct jx *nodes = jx_arr(jx_get(graph, "graph"), "nodes");

        buf_addf(out, "%s%s:", i > 1 ? "; " : "",
                 jx_str(jx_get(result, "identity"), "targetFile"));
        for (size_t k = 0; k < jx_count(nodes); k++) {
            const struct jx *deps = jx_arr(jx_at(nodes, k), "deps");

            buf_addf(out, " %s", jx_str(jx_at(nodes, k), "nodeId"));
            for (size_t d = 0; d < jx_count(deps); d++)
                buf_addf(out, "%c%s", d > 0 ? ',' : '>',
                         jx_str(jx_at(deps, d), "nodeId"));
        }
    }
    return buf_cstr(out);
}

#define expect_apps(files, compat, want) \
    do { \
        struct err err_; \
        auto_buf struct buf text_ = RIG_BUF; \
        auto_jx struct jx *results_ = \
            app_results((files), N_ELEMENTS(files), (compat), &err_); \
        cr_assert_not_null(results_, "%s", err_.text); \
        cr_expect_str_eq(app_graphs(results_, &text_), (want)); \
    } while (0)

#define expect_scan_fails(files, code_, want) \
    do { \
        struct err err_; \
        auto_jx struct jx *results_ = \
            app_results((files), N_ELEMENTS(files), true, &err_); \
        cr_assert_null(results_); \
        cr_expect_str_eq(err_.text, (want)); \
        cr_expect_str_eq(err_code(&err_), (code_)); \
    } while (0)

/* Cut short at every byte: nothing breaks, and the system is still reported. */
static inline void
app_cut_everywhere(const struct app_file *files, size_t n, size_t which)
{
    struct app_file cut[4];
    size_t whole = strlen(files[which].text);

    cr_assert_leq(n, N_ELEMENTS(cut));
    memcpy(cut, files, n * sizeof(*files));
    for (size_t i = 0; i <= whole; i++) {
        auto_free char *text = xstrndup(files[which].text, i);
        struct err err;

        cut[which].text = text;
        auto_jx struct jx *results = app_results(cut, n, false, &err);
        cr_assert_not_null(results, "%zu: %s", i, err.text);
        auto_jx struct jx *same = app_results(cut, n, true, &err);
        cr_expect(same != NULL || err.text[0] != '\0', "%zu", i);
    }
}

#endif
