#include "source-index.h"

#include <string.h>

#include "base/digest.h"
#include "engine/source/source-private.h"

#define OCI_IMAGE "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define OCI_CONFIG "application/vnd.oci.image.config.v1+json"

/* An archive in the making: lines of its index, entries of its index.json. */
struct layout {
    struct buf lines, entries;
    char last[DIGEST_TEXT + 1]; /* digest of the blob added last */
};

#define LAYOUT_INIT { BUF_INIT(1 << 20), BUF_INIT(1 << 20), "" }

static void
layout_clear(struct layout *l)
{
    buf_clear(&l->lines);
    buf_clear(&l->entries);
}
#define auto_layout __attribute__((cleanup(layout_clear)))

static void
add_blob(struct layout *l, const char *body)
{
    struct digest d = digest_of(bytes_str(body));
    auto_free char *path = oci_blob_path(&d);

    strcpy(l->last, d.text);
    add_file(&l->lines, path, 0, strlen(body), body);
}

/* A layer's bytes are never looked at here: any digest will do. */
static void
add_layer(struct layout *l, const char *text, uint64_t offset)
{
    struct digest d = digest_of(bytes_str(text));
    auto_free char *path = oci_blob_path(&d);

    strcpy(l->last, d.text);
    add_file(&l->lines, path, offset, strlen(text), NULL);
}

static void
add_entry(struct buf *list, const char *type, const char *digest,
          const char *more)
{
    buf_addf(list, "%s{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1%s}",
             list->n > 0 ? "," : "", type, digest, more);
}

/* An image of one layer, whose config says os/arch; listed with `more`. */
static void
add_image(struct layout *l, const char *arch, uint64_t offset,
          const char *more, struct buf *list)
{
    auto_free char *config = xasprintf(
        "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{}}", arch);
    auto_free char *layer = xasprintf("layer of %s", arch);
    auto_free char *manifest = NULL, *config_digest = NULL;

    add_blob(l, config);
    config_digest = xstrdup(l->last);
    add_layer(l, layer, offset);
    manifest = xasprintf("{\"schemaVersion\":2,\"config\":{\"mediaType\":\""
                         OCI_CONFIG "\",\"digest\":\"%s\",\"size\":1},"
                         "\"layers\":[{\"digest\":\"%s\",\"size\":1}]}",
                         config_digest, l->last);
    add_blob(l, manifest);
    add_entry(list, OCI_IMAGE, l->last, more);
}

static struct got
read_layout(struct layout *l, const char *platform, bool compat,
            const char *ref)
{
    struct source_spec spec = { .compat = compat,
                                .ref = (char *)(uintptr_t)ref };
    auto_free char *index = xasprintf("{\"manifests\":[%s]}",
                                      buf_cstr(&l->entries));
    auto_buf struct buf all = BUF_INIT(1 << 20);
    struct got g = { 0 };

    buf_add_bytes(&all, buf_bytes(&l->lines));
    add_file(&all, "index.json", 0, 1, index);
    if (platform != NULL) {
        spec.has_platform = true;
        cr_assert_eq(platform_parse(&spec.platform, platform, NULL), 0);
    }

    auto_archive_index struct archive_index *x = index_of(buf_cstr(&all));
    g.rc = (compat ? oci_compat_form : oci_archive_form)(&g.image, &g.places, x,
                                                         &spec, &g.err);
    return g;
}

static void
expect_layer(struct layout *l, const char *platform, uint64_t offset)
{
    for (int compat = 0; compat < 2; compat++) {
        auto_got struct got g = read_layout(l, platform, compat, NULL);

        cr_assert_eq(g.rc, 0, "%d: %s", compat, g.err.text);
        cr_assert_eq(g.image.n_layers, 1);
        cr_expect_eq(g.places[0].offset, offset, "compat %d", compat);
        cr_expect_str_eq(g.image.layers[0].name,
                         g.image.layers[0].digest.text);
        cr_expect_eq(g.image.drop_broken, compat);
    }
}

Test(oci_archive, a_single_image_needs_no_platform)
{
    auto_layout struct layout l = LAYOUT_INIT;

    add_image(&l, "s390x", 77, "", &l.entries);
    expect_layer(&l, NULL, 77);
}

#define PLATFORM(arch) \
    ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" arch "\"}"

Test(oci_archive, the_platform_chooses_and_amd64_is_the_preset)
{
    auto_layout struct layout l = LAYOUT_INIT;

    add_image(&l, "arm64", 1, PLATFORM("arm64"), &l.entries);
    add_image(&l, "amd64", 2, PLATFORM("amd64"), &l.entries);
    expect_layer(&l, NULL, 2);
    expect_layer(&l, "linux/arm64", 1);

    auto_got struct got right = read_layout(&l, "linux/s390x", false, NULL);
    auto_got struct got compat = read_layout(&l, "linux/s390x", true, NULL);
    cr_expect_str_eq(right.err.code, "PLATFORM_NOT_FOUND");
    cr_expect_not_null(strstr(right.err.text, "linux/arm64, linux/amd64"));
    cr_expect_str_eq(compat.err.text,
                     "Image does not support the requested CPU architecture "
                     "or operating system");
}

Test(oci_archive, indexes_may_be_nested)
{
    auto_layout struct layout l = LAYOUT_INIT;
    auto_buf struct buf inner = BUF_INIT(10000);
    auto_free char *index = NULL;

    add_image(&l, "arm64", 1, PLATFORM("arm64"), &inner);
    add_image(&l, "amd64", 2, PLATFORM("amd64"), &inner);
    index = xasprintf("{\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[%s]}",
                      buf_cstr(&inner));
    add_blob(&l, index);
    add_entry(&l.entries, OCI_INDEX, l.last, "");
    expect_layer(&l, "linux/arm64", 1);
}

/* `docker save` of one platform keeps the index that names them all. */
Test(oci_archive, platforms_that_were_not_saved_are_not_chosen)
{
    auto_layout struct layout l = LAYOUT_INIT;
    struct digest absent = digest_of(bytes_str("absent"));

    add_entry(&l.entries, OCI_IMAGE, absent.text, PLATFORM("amd64"));
    add_image(&l, "arm64", 5, PLATFORM("arm64"), &l.entries);

    auto_got struct got g = read_layout(&l, NULL, false, NULL);
    cr_assert_eq(g.rc, 0, "%s", g.err.text);
    cr_expect_eq(g.places[0].offset, 5);
}

Test(oci_archive, the_config_tells_the_platform_where_the_index_does_not)
{
    auto_layout struct layout l = LAYOUT_INIT;

    add_image(&l, "arm64", 1, "", &l.entries);
    add_image(&l, "amd64", 2, "", &l.entries);

    auto_got struct got g = read_layout(&l, "linux/arm64", false, NULL);
    cr_assert_eq(g.rc, 0, "%s", g.err.text);
    cr_expect_eq(g.places[0].offset, 1);
}

Test(oci_archive, an_image_can_be_named)
{
    auto_layout struct layout l = LAYOUT_INIT;

    add_image(&l, "amd64", 1,
              ",\"annotations\":{\"org.opencontainers.image.ref.name\":"
              "\"one\"}",
              &l.entries);
    add_image(&l, "arm64", 2,
              ",\"annotations\":{\"org.opencontainers.image.ref.name\":"
              "\"two\"}",
              &l.entries);

    auto_got struct got two = read_layout(&l, NULL, false, "two");
    auto_got struct got three = read_layout(&l, NULL, false, "three");
    cr_assert_eq(two.rc, 0, "%s", two.err.text);
    cr_expect_eq(two.places[0].offset, 2);
    cr_expect_eq(three.rc, -1);
    cr_expect_eq(three.err.kind, ERR_ABSENT);
}

Test(oci_archive, json_that_does_not_hash_to_its_name_is_refused)
{
    auto_layout struct layout l = LAYOUT_INIT;
    char *at;

    add_image(&l, "amd64", 1, "", &l.entries);
    /* Another config under the same name. */
    at = strstr((char *)buf_cstr(&l.lines), "linux");
    memcpy(at, "Linux", 5);

    auto_got struct got g = read_layout(&l, NULL, false, NULL);
    cr_expect_eq(g.rc, -1);
    cr_expect_str_eq(g.err.code, "DIGEST_MISMATCH");
}

Test(oci_archive, a_missing_layer_is_an_error_or_left_out)
{
    auto_layout struct layout l = LAYOUT_INIT;
    char *at;

    add_image(&l, "amd64", 1, "", &l.entries);
    /* The layer's line is the second: give it another name. */
    at = strstr((char *)buf_cstr(&l.lines), "\n") + 1;
    memcpy(strstr(at, "blobs"), "blabs", 5);

    auto_got struct got right = read_layout(&l, NULL, false, NULL);
    auto_got struct got compat = read_layout(&l, NULL, true, NULL);
    cr_expect_eq(right.rc, -1);
    cr_expect_not_null(strstr(right.err.text, "is not in it"));
    /* All of them missing is no archive to the peer either. */
    cr_expect_eq(compat.rc, -1);
    cr_expect_str_eq(compat.err.code, "INVALID_ARCHIVE");
}

Test(oci_archive, attestations_are_no_images)
{
    auto_layout struct layout l = LAYOUT_INIT;
    const char *unknown = ",\"platform\":{\"os\":\"unknown\","
                          "\"architecture\":\"unknown\"}";

    add_image(&l, "amd64", 1, PLATFORM("amd64"), &l.entries);
    add_image(&l, "fake", 2, unknown, &l.entries);

    auto_got struct got g = read_layout(&l, "linux/riscv64", false, NULL);
    /* The only one left, whatever its platform. */
    cr_assert_eq(g.rc, 0, "%s", g.err.text);
    cr_expect_eq(g.places[0].offset, 1);
}

Test(oci_archive, an_index_that_holds_itself_ends)
{
    auto_layout struct layout l = LAYOUT_INIT;
    const char *deep = "{\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[]}";

    /* Ten indexes, one in the other. */
    add_blob(&l, deep);
    for (int i = 0; i < 10; i++) {
        auto_free char *index =
            xasprintf("{\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[{"
                      "\"mediaType\":\"" OCI_INDEX "\",\"digest\":\"%s\","
                      "\"size\":1}]}",
                      l.last);

        add_blob(&l, index);
    }
    add_entry(&l.entries, OCI_INDEX, l.last, "");

    auto_got struct got right = read_layout(&l, NULL, false, NULL);
    auto_got struct got compat = read_layout(&l, NULL, true, NULL);
    cr_expect_eq(right.err.kind, ERR_LIMIT);
    cr_expect_eq(compat.rc, -1);
}

Test(oci_archive, without_an_index_the_peer_takes_the_first_manifest)
{
    auto_layout struct layout l = LAYOUT_INIT;
    struct source_spec spec = { .compat = true };
    struct got g = { 0 };

    add_image(&l, "amd64", 9, "", &l.entries);

    auto_archive_index struct archive_index *x = index_of(buf_cstr(&l.lines));
    g.rc = oci_compat_form(&g.image, &g.places, x, &spec, &g.err);
    cr_assert_eq(g.rc, 0, "%s", g.err.text);
    cr_expect_eq(g.places[0].offset, 9);
    got_clear(&g);
    cr_expect_eq(oci_archive_form(&g.image, &g.places, x, &spec, &g.err), -1);
    cr_expect_str_eq(g.err.code, "INVALID_ARCHIVE");
}
