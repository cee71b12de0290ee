/* Files that are reported for their names: by patterns, of applications. */
#include "image-rig.h"

/* ---- files that patterns name -------------------------------------------- */

static const char *const include[] = { "**/*.lock" };
static const char *const exclude[] = { "/tmp/**" };
static const struct analyzer_variant locks = { include, 1, exclude, 1 };

#define LOCKS \
    "\"options\":{\"globsToFind\":{\"include\":[\"**/*.lock\"]," \
    "\"exclude\":[\"/tmp/**\"]}},"

/* The fact imageManifestFiles of these layers, "" without; each gets its end
 * here. Owned by the caller. */
static char *
named_files(const char *extra, struct buf *tars, size_t n)
{
    static const char fact[] = "{\"type\":\"imageManifestFiles\",\"data\":";
    struct buf records[4];
    auto_buf struct buf lines = RIG_BUF;
    const char *at;

    for (size_t i = 0; i < n; i++) {
        rig_end(&tars[i]);
        records[i] = (struct buf)RIG_BUF;
        variant_record(buf_bytes(&tars[i]), &locks, &records[i]);
    }
    cr_assert_str_eq(assemble(extra, records, n, &lines), "");
    for (size_t i = 0; i < n; i++)
        buf_clear(&records[i]);
    at = strstr(buf_cstr(&lines), fact);
    if (at == NULL)
        return xstrdup("");
    at += sizeof(fact) - 1;
    return xstrndup(at, strcspn(at, "]") + 1);
}

#define FILE_X(name, path) \
    "{\"name\":\"" name "\",\"path\":\"" path "\",\"contents\":\"eA==\"}"

Test(image, files_that_patterns_name_are_reported_as_they_are)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "app/b.lock", "x");
    rig_file(&tar, "a.lock", "x");
    rig_file(&tar, "tmp/c.lock", "x");
    rig_file(&tar, "app/d.txt", "x");
    rig_file(&tar, "app/empty.lock", "");
    fact = named_files(LOCKS, &tar, 1);
    cr_expect_str_eq(fact, "[" FILE_X("b.lock", "/app") ","
                               FILE_X("a.lock", "/") "]");
}

Test(image, named_files_are_the_systems_and_no_applications)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "a.lock", "x");
    fact = named_files("\"options\":{\"exclude-app-vulns\":true,"
                       "\"globsToFind\":{\"include\":[\"**\"]}},",
                       &tar, 1);
    cr_expect_str_eq(fact, "[" FILE_X("a.lock", "/") "]");
}

Test(image, what_a_record_holds_and_no_option_names_is_not_reported)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "a.lock", "x");
    fact = named_files("", &tar, 1);
    cr_expect_str_eq(fact, "");
}

Test(image, a_hard_link_is_a_named_file_when_its_own_name_says_so)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *fact = NULL;

    rig_file(&tar, "store/1.lock", "x");
    rig_hardlink(&tar, "app/yarn.lock", "store/1.lock");
    rig_hardlink(&tar, "app/package.json", "store/1.lock");
    fact = named_files(LOCKS, &tar, 1);
    cr_expect_str_eq(fact, "[" FILE_X("1.lock", "/store") ","
                               FILE_X("yarn.lock", "/app") "]");
}

Test(image, an_empty_file_hides_a_named_one_unless_compatible)
{
    struct buf tars[2] = { RIG_BUF, RIG_BUF };
    auto_free char *right = NULL, *compat = NULL;

    rig_file(&tars[0], "a.lock", "x");
    rig_file(&tars[1], "a.lock", "");
    right = named_files(LOCKS, tars, 2);
    compat = named_files("\"compat\":true," LOCKS, tars, 2);
    cr_expect_str_eq(right, "");
    cr_expect_str_eq(compat, "[" FILE_X("a.lock", "/") "]");
    buf_clear(&tars[0]);
    buf_clear(&tars[1]);
}

Test(image, a_named_file_that_is_too_large_is_a_warning)
{
    static char large[5000];
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;
    auto_jx struct jx *warnings = NULL;

    memset(large, 'x', sizeof(large) - 1);
    rig_file(&tar, "a.lock", large);
    rig_file(&tar, "b.lock", "x");
    rig_end(&tar);
    variant_record(buf_bytes(&tar), &locks, &record);
    warnings = rig_lines(&record, NULL);
    cr_assert_eq(jx_count(warnings), 1);
    cr_expect_str_eq(jx_str(jx_at(warnings, 0), "p"), "/a.lock");
}

/* ---- names of application files ------------------------------------------ */

/* Identities and facts of the results behind the system's. */
static char *
app_files(const char *extra, struct buf *tars, size_t n)
{
    struct buf records[4];
    auto_buf struct buf lines = RIG_BUF;
    const char *rest;

    for (size_t i = 0; i < n; i++) {
        records[i] = (struct buf)RIG_BUF;
        rig_record(&tars[i], &records[i]);
    }
    cr_assert_str_eq(assemble(extra, records, n, &lines), "");
    for (size_t i = 0; i < n; i++)
        buf_clear(&records[i]);
    rest = strchr(buf_cstr(&lines), '\n');
    return xstrdup(rest + 1);
}

#define COLLECT "\"options\":{\"collect-application-files\":\"true\"},"

Test(image, application_files_are_named_below_their_common_folder)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *results = NULL;

    rig_file(&tar, "srv/app/src/a.js", "x");
    rig_file(&tar, "srv/app/src/types.d.ts", "x");
    rig_file(&tar, "srv/app/node_modules/b/b.js", "x");
    rig_file(&tar, "srv/app/empty.js", "");
    rig_file(&tar, "srv/apps/b.ts", "x");
    rig_file(&tar, "usr/lib/c.js", "x");
    rig_file(&tar, "opt/tool/x.py", "x");
    rig_file(&tar, "opt/tool/lib/site-packages/y.py", "x");
    results = app_files(COLLECT, &tar, 1);
    cr_expect_not_null(
        strstr(results, "{\"identity\":{\"type\":\"npm\",\"targetFile\":\"/srv\"},"
                        "\"facts\":[{\"type\":\"applicationFiles\",\"data\":"
                        "[{\"language\":\"node\",\"fileHierarchy\":["
                        "{\"path\":\"app/src/a.js\"},"
                        "{\"path\":\"apps/b.ts\"}]}]},"),
        "%s", results);
    cr_expect_not_null(
        strstr(results, "\n{\"identity\":{\"type\":\"python\",\"targetFile\":"
                        "\"/opt/tool\"},\"facts\":[{\"type\":"
                        "\"applicationFiles\",\"data\":[{\"language\":\"python\","
                        "\"fileHierarchy\":[{\"path\":\"x.py\"}]}]},"),
        "%s", results);
}

Test(image, application_files_are_nobodys_business_unless_asked_for)
{
    auto_buf struct buf tar = RIG_BUF;
    auto_free char *results = NULL, *excluded = NULL;

    rig_file(&tar, "app/a.js", "x");
    results = app_files("", &tar, 1);
    cr_expect_str_eq(results, "");
    excluded = app_files("\"options\":{\"collect-application-files\":true,"
                         "\"exclude-app-vulns\":true},", &tar, 1);
    cr_expect_str_eq(excluded, "");
}

Test(image, files_that_a_layer_removes_are_no_application_files)
{
    struct buf tars[2] = { RIG_BUF, RIG_BUF };
    auto_free char *results = NULL;

    rig_file(&tars[0], "app/a.py", "x");
    rig_file(&tars[0], "app/b/b.py", "x");
    rig_file(&tars[1], "app/.wh.a.py", "");
    results = app_files(COLLECT, tars, 2);
    cr_expect_not_null(strstr(results, "\"targetFile\":\"/app/b\""), "%s",
                       results);
    cr_expect_null(strstr(results, "a.py"));
    buf_clear(&tars[0]);
    buf_clear(&tars[1]);
}

Test(image, the_body_of_an_application_file_is_not_in_the_record)
{
    auto_buf struct buf tar = RIG_BUF, record = RIG_BUF;

    rig_file(&tar, "app/a.py", "secret");
    rig_record(&tar, &record);
    cr_expect_lt(bytes_find_str(buf_bytes(&record), "/app/a.py"), record.n);
    cr_expect_eq(bytes_find_str(buf_bytes(&record), "secret"), record.n);
}
