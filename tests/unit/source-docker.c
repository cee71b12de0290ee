#include "source-index.h"

#include <string.h>

#include "engine/source/source-private.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MANIFEST(config, layers) \
    "[{\"Config\":\"" config "\",\"Layers\":[" layers "]}]"

static struct got
read_lines(const char *lines, bool kaniko, bool compat)
{
    auto_archive_index struct archive_index *x = index_of(lines);
    struct source_spec spec = { .compat = compat };
    struct got g = { 0 };

    g.rc = (kaniko ? kaniko_archive_form : docker_archive_form)(
        &g.image, &g.places, x, &spec, &g.err);
    return g;
}

/* manifest, config HEX.json, a.tar at 100, and a link b.tar to it. */
static char *
ordinary(const char *manifest)
{
    struct buf b = BUF_INIT(10000);

    add_file(&b, "manifest.json", 1, 2, manifest);
    add_file(&b, HEX ".json", 50, 2, "{}");
    add_file(&b, "a.tar", 100, 10, NULL);
    buf_add_str(&b, "{\"n\":\"b.tar\",\"t\":\"symlink\",\"l\":\"a.tar\"}\n");
    return buf_steal(&b);
}

Test(docker_archive, layers_come_in_the_manifests_order)
{
    auto_free char *lines =
        ordinary(MANIFEST(HEX ".json", "\"./a.tar\",\"a.tar\""));
    auto_got struct got g = read_lines(lines, false, false);

    cr_assert_eq(g.rc, 0, "%s", g.err.text);
    cr_expect_str_eq(g.image.image_id, "sha256:" HEX);
    cr_expect_str_eq(g.image.config, "{}");
    cr_assert_eq(g.image.n_layers, 2);
    cr_expect_str_eq(g.image.layers[0].name, "a.tar");
    cr_expect_eq(g.image.layers[1].size, 10);
    cr_expect_eq(g.places[1].offset, 100);
    cr_expect_str_eq(g.image.layers[0].digest.text, "");
}

Test(docker_archive, links_for_repeated_layers_are_followed_or_skipped)
{
    auto_free char *lines =
        ordinary(MANIFEST(HEX ".json", "\"a.tar\",\"b.tar\""));
    auto_got struct got right = read_lines(lines, false, false);
    auto_got struct got compat = read_lines(lines, false, true);

    cr_assert(right.rc == 0 && compat.rc == 0);
    cr_expect_not(right.image.layers[1].foreign);
    cr_expect_eq(right.places[1].offset, 100);
    /* The peer skips what is no regular file, but shows its name. */
    cr_expect(compat.image.layers[1].foreign);
    cr_expect_str_eq(compat.image.layers[1].name, "b.tar");
}

static void
expect_invalid(const char *manifest, bool compat, const char *says)
{
    auto_free char *lines = ordinary(manifest);
    auto_got struct got g = read_lines(lines, false, compat);

    cr_assert_eq(g.rc, -1, "%s", manifest);
    cr_expect_str_eq(g.err.code, "INVALID_ARCHIVE");
    cr_expect_not_null(strstr(g.err.text, says), "%s", g.err.text);
}

Test(docker_archive, what_is_no_docker_archive_is_told)
{
    auto_got struct got none = read_lines("", false, false);

    cr_expect_eq(none.rc, -1);
    cr_expect_str_eq(none.err.code, "INVALID_ARCHIVE");
    expect_invalid("[", false, "malformed");
    expect_invalid("[]", false, "names no config");
    expect_invalid(MANIFEST(HEX ".json", "\"c.tar\""), false, "c.tar is not");
    expect_invalid(MANIFEST(HEX ".json", "\"c.tar\""), true, "none of its");
    expect_invalid(MANIFEST(HEX ".json", "7"), false, "malformed");
    /* Blobs of a newer Docker: the OCI form will read them. */
    expect_invalid(MANIFEST(HEX ".json", "\"blobs/sha256/" HEX "\""), false,
                   "is not in it");
}

Test(docker_archive, an_image_without_layers_is_one)
{
    auto_free char *lines = ordinary(MANIFEST(HEX ".json", ""));
    auto_got struct got right = read_lines(lines, false, false);
    auto_got struct got compat = read_lines(lines, false, true);

    cr_expect_eq(right.rc, 0);
    cr_expect_eq(compat.rc, -1);
}

Test(docker_archive, too_many_layers_are_refused)
{
    struct buf b = BUF_INIT(100000);

    buf_add_str(&b, "[{\"Config\":\"" HEX ".json\",\"Layers\":[\"a.tar\"");
    for (int i = 1; i <= MANIFEST_MAX_LAYERS; i++)
        buf_add_str(&b, ",\"a.tar\"");
    buf_add_str(&b, "]}]");

    auto_free char *manifest = buf_steal(&b);
    auto_free char *lines = ordinary(manifest);
    auto_got struct got g = read_lines(lines, false, false);

    cr_expect_eq(g.rc, -1);
    cr_expect_eq(g.err.kind, ERR_LIMIT);
}

Test(docker_archive, the_named_config_is_taken_and_the_peer_takes_the_last)
{
    auto_buf struct buf b = BUF_INIT(10000);

    add_file(&b, "manifest.json", 1, 2, MANIFEST("mine.json", "\"a.tar\""));
    add_file(&b, "mine.json", 1, 2, "{\"a\":1}");
    add_file(&b, HEX ".json", 1, 2, "{\"b\":1}");
    add_file(&b, "a.tar", 1, 2, NULL);

    auto_got struct got right = read_lines(buf_cstr(&b), false, false);
    auto_got struct got compat = read_lines(buf_cstr(&b), false, true);

    cr_assert(right.rc == 0 && compat.rc == 0);
    cr_expect_str_eq(right.image.config, "{\"a\":1}");
    cr_expect_str_eq(compat.image.config, "{\"b\":1}");
    cr_expect_str_eq(right.image.image_id, "sha256:mine");
}

Test(kaniko_archive, has_its_own_names)
{
    auto_buf struct buf b = BUF_INIT(10000);

    add_file(&b, "manifest.json", 1, 2,
             MANIFEST("sha256:" HEX, "\"a.tar.gz\""));
    add_file(&b, "sha256:" HEX, 1, 2, "{}");
    add_file(&b, "a.tar.gz", 7, 2, NULL);

    auto_got struct got kaniko = read_lines(buf_cstr(&b), true, false);
    auto_got struct got docker = read_lines(buf_cstr(&b), false, false);

    cr_assert_eq(kaniko.rc, 0, "%s", kaniko.err.text);
    cr_expect_str_eq(kaniko.image.image_id, "sha256:" HEX);
    cr_expect_str_eq(kaniko.image.layers[0].name, "a.tar.gz");
    cr_expect_eq(docker.rc, -1);
}
