#include <criterion/criterion.h>
#include <string.h>

#include "cli/table.h"

#define OS \
    "{\"target\":{\"image\":\"docker-image|reg/app\"}," \
    "\"identity\":{\"type\":\"deb\"},\"facts\":[" \
    "{\"type\":\"depGraph\",\"data\":{\"pkgs\":[" \
    "{\"id\":\"docker-image|reg/app@1\",\"info\":{\"name\":\"docker-image|reg/" \
    "app\",\"version\":\"1\"}}," \
    "{\"id\":\"b@2\",\"info\":{\"name\":\"b\",\"version\":\"2\"}}," \
    "{\"id\":\"a@1\",\"info\":{\"name\":\"a\"}}]," \
    "\"graph\":{\"rootNodeId\":\"root-node\",\"nodes\":[{\"nodeId\":\"root-" \
    "node\",\"pkgId\":\"docker-image|reg/app@1\"}]}}}," \
    "{\"type\":\"imageId\",\"data\":\"sha256:1\"}," \
    "{\"type\":\"imageLayers\",\"data\":[\"x\",\"y\"]}," \
    "{\"type\":\"imageNames\",\"data\":{\"names\":[\"reg/app:1\",\"n2\"]}}," \
    "{\"type\":\"platform\",\"data\":\"linux/amd64\"}]}"
#define JARS \
    "{\"identity\":{\"type\":\"maven\",\"targetFile\":\"/app\"},\"facts\":[" \
    "{\"type\":\"jarFingerprints\",\"data\":{\"fingerprints\":[" \
    "{\"artifactId\":\"guava\",\"version\":\"30\"}," \
    "{\"location\":\"/app/lib/own.jar\"}]}}]}"
#define FILES \
    "{\"identity\":{\"type\":\"npm\",\"targetFile\":\"/f\"},\"facts\":[" \
    "{\"type\":\"applicationFiles\",\"data\":[]}]}"

static char *
table_of(const char *const *results, size_t n)
{
    struct table *t = table_new();
    struct buf out = BUF_INIT(100000);

    for (size_t i = 0; i < n; i++)
        cr_assert_eq(table_add(t, bytes_str(results[i]), NULL), 0);
    table_write(t, &out);
    table_free(t);
    return buf_steal(&out);
}

Test(table, shows_the_image_and_sorted_packages_without_the_root)
{
    static const char *const results[] = { OS, JARS, FILES };
    auto_free char *got = table_of(results, 3);

    cr_expect_str_eq(got, "image        reg/app\n"
                          "names        reg/app:1\n"
                          "             n2\n"
                          "id           sha256:1\n"
                          "platform     linux/amd64\n"
                          "layers       2\n"
                          "\n"
                          "deb: 2 packages\n"
                          "  a\n"
                          "  b 2\n"
                          "\n"
                          "maven  /app: 2 packages\n"
                          "  guava 30\n"
                          "  own.jar\n"
                          "\n"
                          "4 packages in 2 projects\n");
}

Test(table, nothing_from_an_image_moves_the_cursor)
{
    static const char *const results[] = {
        "{\"target\":{\"image\":\"a\\u001b[2Jb\\nc\"},\"facts\":[]}"
    };
    auto_free char *got = table_of(results, 1);

    cr_expect_not_null(strstr(got, "a?[2Jb?c\n"));
    cr_expect_null(strchr(got, '\x1b'));
}

Test(table, what_is_no_result_is_an_error)
{
    struct table *t = table_new();

    cr_expect_eq(table_add(t, bytes_str("nonsense"), NULL), -1);
    table_free(t);
}

Test(table, oddities_do_not_hurt)
{
    static const char *const results[] = { "{}", "[]", "{\"facts\":[1,null]}" };
    auto_free char *got = table_of(results, 3);

    cr_expect_not_null(strstr(got, "0 packages in 0 projects"));
}
