/* What the image's Dockerfile adds to its results. */
#include "image-rig.h"

static void
dpkg_record(struct buf *record)
{
    auto_buf struct buf tar = RIG_BUF;

    rig_file(&tar, "var/lib/dpkg/status",
             "Package: a\nVersion: 1\n\nPackage: b\nVersion: 2\n");
    rig_record(&tar, record);
}

Test(image, a_dockerfile_tells_base_and_commands_and_labels_packages)
{
    auto_buf struct buf record = RIG_BUF, lines = RIG_BUF;
    const char *text;

    dpkg_record(&record);
    cr_assert_str_eq(assemble("\"dockerfile\":\"FROM x\\nRUN apk add a\","
                              "\"options\":{\"file\":\"/no/such/file\"},",
                              &record, 1, &lines), "");
    text = buf_cstr(&lines);
    cr_expect_not_null(strstr(text, "{\"type\":\"dockerfileAnalysis\",\"data\":{"
                                    "\"baseImage\":\"x\","
                                    "\"dockerfileLayers\":{"), "%s", text);
    cr_expect_not_null(strstr(text, "\"dockerfilePackages\":{\"a\":{"
                                    "\"instruction\":\"RUN apk add a\","
                                    "\"installCommand\":\"apk add a\"}}"));
    cr_expect_not_null(strstr(text, "\"dockerLayerId\":\"UlVOIGFwayBhZGQgYQ==\""));
}

Test(image, excluding_the_base_image_goes_by_the_dockerfile)
{
    auto_buf struct buf record = RIG_BUF, lines = RIG_BUF;

    dpkg_record(&record);
    cr_assert_str_eq(assemble("\"dockerfile\":\"FROM $X\\nRUN apk add a\","
                              "\"options\":{\"exclude-base-image-vulns\":true},",
                              &record, 1, &lines), "");
    cr_expect_not_null(strstr(buf_cstr(&lines), "\"a@1\""));
    cr_expect_null(strstr(buf_cstr(&lines), "\"b@2\""));
    cr_expect_not_null(strstr(buf_cstr(&lines),
                              "\"error\":{\"code\":\"BASE_IMAGE_NON_"
                              "RESOLVABLE\"}"));
}

Test(image, an_image_from_scratch_is_called_so)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF, lines = RIG_BUF;

    rig_file(&tar, "x", "y");
    rig_record(&tar, &record);
    cr_assert_str_eq(assemble("\"dockerfile\":\"FROM scratch\",", &record, 1,
                              &lines), "");
    cr_expect_not_null(strstr(buf_cstr(&lines), "\"scratch:0.0\""));
}

Test(image, option_file_without_the_text_is_an_error)
{
    auto_buf struct buf record = RIG_BUF, lines = RIG_BUF;

    dpkg_record(&record);
    cr_expect_neq(*assemble("\"options\":{\"file\":\"/etc/passwd\"},", &record,
                            1, &lines), '\0');
    cr_expect_eq(lines.n, 0);
}
