#include <criterion/criterion.h>
#include <zstd.h>

#include "layer-rig.h"

static struct jx *
manifest(const char *text)
{
    char packed[4096];
    size_t n = ZSTD_compress(packed, sizeof(packed), text, strlen(text), 3);

    cr_assert_not(ZSTD_isError(n));
    return rig_one("var/lib/chisel/manifest.wall", bytes_of(packed, n),
                   "chisel");
}

#define PKG(name) \
    "{\"kind\":\"package\",\"name\":\"" name "\",\"version\":\"1\"," \
    "\"sha256\":\"x\",\"arch\":\"amd64\"}\n"

Test(chisel, complete_packages_count_whatever_lines_are_between)
{
    auto_jx struct jx *line =
        manifest("{\"jsonwall\":\"1.0\"}\n" PKG("b") "not json\n{\"kind\":"
                 "\"package\",\"name\":\"half\",\"version\":\"1\"}\n"
                 "{\"kind\":\"slice\",\"name\":\"b_libs\"}\n" PKG("a"));

    rig_expect_json(jx_arr(jx_get(line, "d"), "pkgs"),
                    "[{\"n\":\"b\",\"v\":\"1\",\"a\":\"amd64\"},"
                    "{\"n\":\"a\",\"v\":\"1\",\"a\":\"amd64\"}]");
}

Test(chisel, a_manifest_that_is_no_zstd_still_says_chisel_was_here)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL, *warnings = NULL;

    rig_file(&tar, "var/lib/chisel/manifest.wall", PKG("a"));
    rig_record(&tar, &record);
    lines = rig_lines(&record, "chisel");
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(lines), 1);
    cr_expect_eq(jx_count(jx_arr(jx_get(jx_at(lines, 0), "d"), "pkgs")), 0);
    cr_expect_eq(jx_count(warnings), 1);
}

Test(chisel, what_follows_too_many_packages_is_left_out)
{
    enum { N = 50001 };
    size_t n_text = N * strlen(PKG("a")), n_room = ZSTD_compressBound(n_text);
    auto_free char *text = xalloc(n_text + 1), *packed = xalloc(n_room);
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *lines = NULL, *warnings = NULL;

    for (size_t i = 0; i < N; i++)
        memcpy(text + i * strlen(PKG("a")), PKG("a"), strlen(PKG("a")) + 1);
    n_room = ZSTD_compress(packed, n_room, text, n_text, 1);
    rig_bytes(&tar, "var/lib/chisel/manifest.wall", bytes_of(packed, n_room));
    rig_record(&tar, &record);
    lines = rig_lines(&record, "chisel");
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(lines), 1);
    cr_expect_eq(jx_count(jx_arr(jx_get(jx_at(lines, 0), "d"), "pkgs")), N - 1);
    cr_expect_eq(jx_count(warnings), 1);
}
