#include <criterion/criterion.h>
#include <string.h>

#include "base/oci/manifest.h"
#include "base/str.h"

#define DIGEST(c) \
    "sha256:" c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c
#define A DIGEST("aa")
#define B DIGEST("bb")
#define C DIGEST("cc")
#define OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define OCI_LAYER  "application/vnd.oci.image.layer.v1.tar+gzip"
#define OCI_IMAGE  "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX  "application/vnd.oci.image.index.v1+json"
#define DOCKER_IMAGE "application/vnd.docker.distribution.manifest.v2+json"
#define FOREIGN "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"

#define DESC(type, digest, size, more) \
    "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":" size more \
    "}"
#define IMAGE(head, layers) \
    "{" head "\"config\":" DESC(OCI_CONFIG, A, "7", "") ",\"layers\":[" layers \
    "]}"

static struct manifest *
parse(const char *body, const char *type, struct err *err)
{
    struct manifest *m = NULL;

    if (manifest_parse(&m, bytes_str(body), type, err) < 0)
        cr_assert_null(m);
    return m;
}

static void
expect_refused(const char *body, const char *type, enum err_kind kind,
               const char *says)
{
    struct err err = { 0 };

    cr_assert_null(parse(body, type, &err), "%s", body);
    cr_expect_eq(err.kind, kind, "%s: %s", body, err.text);
    cr_expect_not_null(strstr(err.text, says), "%s", err.text);
    if (kind == ERR_UNSUPPORTED && strstr(says, "sha256") == NULL)
        cr_expect_str_eq(err_code(&err), "UNSUPPORTED_MANIFEST");
}

Test(manifest, an_image_keeps_its_layers_in_order)
{
    auto_manifest struct manifest *m = parse(
        IMAGE("\"mediaType\":\"" OCI_IMAGE "\",",
              DESC(OCI_LAYER, B, "100", "") "," DESC(OCI_LAYER, C, "5", "")),
        OCI_IMAGE "; charset=utf-8", NULL);
    uint64_t size;

    cr_assert_not_null(m);
    cr_expect_eq(m->kind, MANIFEST_IMAGE);
    cr_expect_not(m->is_docker);
    cr_expect_str_eq(m->config.digest.text, A);
    cr_assert_eq(m->n_layers, 2);
    cr_expect_str_eq(m->layers[0].digest.text, B);
    cr_expect_eq(m->layers[0].size, 100);
    cr_expect_str_eq(m->layers[1].digest.text, C);
    cr_expect(manifest_size(m, &size));
    cr_expect_eq(size, 105);
}

Test(manifest, a_generic_content_type_gives_way_to_the_body)
{
    const char *docker = IMAGE("\"mediaType\":\"" DOCKER_IMAGE "\",", "");
    auto_manifest struct manifest *a = parse(docker, "application/json", NULL);
    auto_manifest struct manifest *b = parse(docker, NULL, NULL);
    auto_manifest struct manifest *c = parse(IMAGE("", ""), "text/plain", NULL);
    auto_manifest struct manifest *d = parse("{\"manifests\":[]}", "", NULL);

    cr_assert(a != NULL && b != NULL && c != NULL && d != NULL);
    cr_expect(a->is_docker && b->is_docker);
    cr_expect_not(c->is_docker);
    cr_expect_null(c->media_type);
    cr_expect_eq(d->kind, MANIFEST_INDEX);
}

Test(manifest, header_and_body_must_not_contradict)
{
    expect_refused(IMAGE("\"mediaType\":\"" OCI_IMAGE "\",", ""), DOCKER_IMAGE,
                   ERR_INPUT, "mediaType is " OCI_IMAGE);
}

Test(manifest, what_is_no_image_is_unsupported)
{
    expect_refused("{\"schemaVersion\":1,\"fsLayers\":[]}", NULL,
                   ERR_UNSUPPORTED, "schema 1");
    expect_refused("{}", "application/vnd.docker.distribution.manifest.v1+"
                         "prettyjws",
                   ERR_UNSUPPORTED, "schema 1");
    expect_refused("{}", "application/vnd.oci.artifact.manifest.v1+json",
                   ERR_UNSUPPORTED, "artifact");
    expect_refused("{}", NULL, ERR_UNSUPPORTED, "neither");
    expect_refused("{\"config\":" DESC("application/vnd.cncf.helm.config.v1+"
                                       "json",
                                       A, "1", "") ",\"layers\":[]}",
                   OCI_IMAGE, ERR_UNSUPPORTED, "helm");
    expect_refused(IMAGE("", DESC("application/vnd.in-toto+json", B, "1", "")),
                   OCI_IMAGE, ERR_UNSUPPORTED, "attestation");
    expect_refused(IMAGE("", DESC(OCI_LAYER "+encrypted", B, "1", "")),
                   OCI_IMAGE, ERR_UNSUPPORTED, "encrypted");
}

Test(manifest, damage_is_named_with_its_place)
{
    expect_refused("[]", OCI_IMAGE, ERR_INPUT, "not a JSON object");
    expect_refused("{\"layers\":[]}", OCI_IMAGE, ERR_INPUT, "config");
    expect_refused("{\"config\":{}}", OCI_IMAGE, ERR_INPUT, "layers");
    expect_refused("{}", OCI_INDEX, ERR_INPUT, "manifests");
    expect_refused(IMAGE("", DESC(OCI_LAYER, B, "1", "") "," DESC(
                                 OCI_LAYER, "sha256:1", "1", "")),
                   OCI_IMAGE, ERR_INPUT, "layer 1: not a sha256 digest");
    expect_refused(IMAGE("", DESC(OCI_LAYER, B, "-1", "")), OCI_IMAGE,
                   ERR_INPUT, "layer 0: its size");
    expect_refused(IMAGE("", DESC(OCI_LAYER, B, "1.5", "")), OCI_IMAGE,
                   ERR_INPUT, "layer 0: its size");
    expect_refused(IMAGE("", "null"), OCI_IMAGE, ERR_INPUT, "layer 0");
    expect_refused(IMAGE("", DESC(OCI_LAYER, "sha512:12", "1", "")), OCI_IMAGE,
                   ERR_UNSUPPORTED, "sha256");
    expect_refused("{\"config\":" DESC(OCI_CONFIG, A, "16777217", "") ","
                   "\"layers\":[]}",
                   OCI_IMAGE, ERR_LIMIT, "config of 16777217");
}

static char *
image_of(size_t n_layers)
{
    struct buf b = BUF_INIT(1 << 20);

    buf_add_str(&b, "{\"config\":" DESC(OCI_CONFIG, A, "7", "") ",\"layers\":[");
    for (size_t i = 0; i < n_layers; i++)
        buf_addf(&b, "%s" DESC(OCI_LAYER, B, "9223372036854775807", ""),
                 i > 0 ? "," : "");
    buf_add_str(&b, "]}");
    return buf_steal(&b);
}

Test(manifest, layers_are_counted_and_their_sum_cannot_overflow)
{
    auto_free char *most = image_of(MANIFEST_MAX_LAYERS);
    auto_free char *more = image_of(MANIFEST_MAX_LAYERS + 1);
    auto_manifest struct manifest *m = parse(most, OCI_IMAGE, NULL);
    uint64_t size;

    cr_assert_not_null(m);
    cr_expect_eq(m->n_layers, MANIFEST_MAX_LAYERS);
    cr_expect_not(manifest_size(m, &size));
    expect_refused(more, OCI_IMAGE, ERR_LIMIT, "513 layers");
}

Test(manifest, foreign_layers_are_marked_and_not_counted)
{
    auto_manifest struct manifest *m =
        parse(IMAGE("", DESC(FOREIGN, B, "1000", "") "," DESC(
                            "application/vnd.oci.image.layer."
                            "nondistributable.v1.tar+gzip",
                            B, "1000", "") "," DESC(OCI_LAYER, C, "5", "")),
              OCI_IMAGE, NULL);
    uint64_t size;

    cr_assert_not_null(m);
    cr_expect(m->layers[0].is_foreign && m->layers[1].is_foreign);
    cr_expect_not(m->layers[2].is_foreign);
    cr_expect(manifest_size(m, &size));
    cr_expect_eq(size, 5);
}

#define ENTRY(digest, os, arch, variant) \
    DESC(OCI_IMAGE, digest, "1", \
         ",\"platform\":{\"os\":\"" os "\",\"architecture\":\"" arch \
         "\"" variant "}")

/* The digest's first hex digit of what is chosen; '-' when none is. */
static char
choose(const char *entries, const char *platform, struct err *err)
{
    auto_free char *body = xasprintf("{\"manifests\":[%s]}", entries);
    auto_manifest struct manifest *m = parse(body, OCI_INDEX, err);
    const struct descriptor *d;
    struct platform wanted;

    cr_assert_not_null(m);
    cr_assert_eq(platform_parse(&wanted, platform, NULL), 0);
    d = manifest_choose(m, &wanted, err);
    return d != NULL ? d->digest.text[7] : '-';
}

Test(manifest, an_exact_platform_wins_over_one_that_is_alike)
{
    const char *arms = ENTRY(A, "linux", "arm", ",\"variant\":\"v6\"") ","
                       ENTRY(B, "linux", "arm", ",\"variant\":\"v7\"") ","
                       ENTRY(C, "linux", "arm64", ",\"variant\":\"v8\"");

    cr_expect_eq(choose(arms, "linux/arm", NULL), 'b');
    cr_expect_eq(choose(arms, "linux/arm/v6", NULL), 'a');
    cr_expect_eq(choose(arms, "linux/arm/v5", NULL), 'a');
    cr_expect_eq(choose(arms, "linux/aarch64", NULL), 'c');
}

Test(manifest, attestations_are_never_chosen)
{
    const char *two = ENTRY(A, "unknown", "unknown", "") ","
                      ENTRY(B, "linux", "s390x", "");
    const char *annotated =
        DESC(OCI_IMAGE, A, "1",
             ",\"annotations\":{\"vnd.docker.reference.type\":"
             "\"attestation-manifest\"}") ","
        DESC(OCI_IMAGE, C, "1", "");

    /* The only one left is taken, whatever its platform. */
    cr_expect_eq(choose(two, "linux/amd64", NULL), 'b');
    cr_expect_eq(choose(annotated, "linux/amd64", NULL), 'c');
}

Test(manifest, a_platform_that_is_not_there_is_told_with_what_is)
{
    struct err err;

    cr_expect_eq(choose(ENTRY(A, "linux", "amd64", "") ","
                        ENTRY(B, "linux", "arm64", ",\"variant\":\"v8\""),
                        "linux/s390x", &err),
                 '-');
    cr_expect_eq(err.kind, ERR_UNSUPPORTED);
    cr_expect_str_eq(err_code(&err), "PLATFORM_NOT_FOUND");
    cr_expect_not_null(strstr(err.text, "linux/s390x"));
    cr_expect_not_null(strstr(err.text, "linux/amd64, linux/arm64"));
    cr_expect_eq(choose("", "linux/amd64", &err), '-');
    cr_expect_not_null(strstr(err.text, "nothing"));
}

Test(manifest, the_first_of_equal_platforms_is_taken)
{
    cr_expect_eq(choose(ENTRY(B, "windows", "amd64", "") ","
                        ENTRY(A, "windows", "amd64", ""),
                        "windows/amd64", NULL),
                 'b');
}
