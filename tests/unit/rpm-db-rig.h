/* A database of rpm in memory, and what the record says of it. */
#ifndef TESTS_UNIT_RPM_DB_RIG_H
#define TESTS_UNIT_RPM_DB_RIG_H

#include <criterion/criterion.h>

#include "layer-rig.h"
#include "rpm-rig.h"

static struct buf db = RIG_BUF, blobs[300];
static size_t n_blobs;

static inline void
add(const char *name, const char *version)
{
    buf_init(&blobs[n_blobs], 1 << 20);
    rpm_rig_package(&blobs[n_blobs++], name, version);
}

/* The record's line of that file; *warnings (may be NULL) how many there are.
 * Owned by the caller. */
static inline struct jx *
line_of(const char *path, size_t *n_warnings)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL, *warnings = NULL;

    rig_bytes(&tar, path, buf_bytes(&db));
    rig_record(&tar, &record);
    lines = rig_lines(&record, "rpm");
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(lines), 1);
    if (n_warnings != NULL)
        *n_warnings = jx_count(warnings);
    return jx_copy(jx_get(jx_at(lines, 0), "d"));
}

/* "a-1-1 b-1-1", of one reading ("right", "compat"). */
static inline const char *
packages(const struct jx *d, const char *reading)
{
    static struct buf out = RIG_BUF;
    const struct jx *list = jx_arr(d, "pkgs");

    buf_reset(&out);
    for (size_t i = 0; i < jx_count(list); i++) {
        const struct jx *p = jx_at(list, i);

        if (jx_has(p, "only") && !str_eq(jx_str(p, "only"), reading))
            continue;
        buf_addf(&out, "%s%s-%s", out.n > 0 ? " " : "", jx_str(p, "n"),
                 jx_str(p, "v"));
    }
    return buf_cstr(&out);
}

#define expect_both(path, names) \
    do { \
        size_t n_; \
        auto_jx struct jx *d_ = line_of(path, &n_); \
        cr_expect_str_eq(packages(d_, "right"), names); \
        cr_expect_str_eq(packages(d_, "compat"), names); \
        cr_expect_eq(n_, 0); \
        cr_expect_not(jx_has(d_, "lost") || jx_has(d_, "broken")); \
    } while (0)

/* What each reading has, "" when the peer gives the file up; warnings. */
#define expect_readings(path, right, compat, warnings) \
    do { \
        size_t n_; \
        auto_jx struct jx *d_ = line_of(path, &n_); \
        cr_expect_str_eq(packages(d_, "right"), right); \
        cr_expect_str_eq(jx_has(d_, "lost") ? "" : packages(d_, "compat"), \
                         compat); \
        cr_expect_eq(n_, (size_t)(warnings), "%zu warnings", n_); \
    } while (0)

#endif
